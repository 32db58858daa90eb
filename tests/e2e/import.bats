#!/usr/bin/env bats
# Pastes become session files, and session files become what other programs run: these are run, and
# what they say to a server is what the session says.

load ../lib

setup() {
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	cd "$BATS_TEST_TMPDIR" || exit
	PASTES=$ROOT/tests/data/pastes
}

teardown() {
	stop_servers
}

serve() { # FILE: its server's side, which says in server.log whether all lines were as expected
	port=$(free_port)
	start_server "$SMTPTALK" serve --once --listen "127.0.0.1:$port" "$1"
	wait_until 10 grep -q '^# serving\|^serving\|serving' server.log
}

heard_all() {
	wait_until 10 grep -q 'played to the end, 0 lines differed' server.log || {
		cat server.log >&2
		return 1
	}
}

@test "a paste becomes a session file on standard output, what it lacks is told beside it" {
	"$SMTPTALK" replay --import "$PASTES/swaks-summary.txt" >out.smtp 2>lost
	diff out.smtp "$PASTES/swaks-summary.smtp"
	grep -q '^# read as a transcript of swaks' lost
	grep -q '^# line 18: the message is not in the paste' lost
	"$SMTPTALK" replay --import - --output two.smtp <"$PASTES/nc.txt"
	diff two.smtp "$PASTES/nc.smtp"
}

@test "an imported session is replayed and served" {
	"$SMTPTALK" replay --import --quiet "$PASTES/telnet.txt" -o session.smtp
	serve session.smtp
	"$SMTPTALK" replay --quiet --host "127.0.0.1:$port" session.smtp
	heard_all
}

@test "what is no paste is refused in one sentence" {
	run "$SMTPTALK" replay --import - </dev/null
	[ "$status" -eq 2 ]
	has 'there is nothing in it'
	run "$SMTPTALK" replay --import - <<<'Dear Bob, see you'
	[ "$status" -eq 2 ]
	has 'no SMTP dialogue of a known form was found'
	run "$SMTPTALK" replay --import - < <(printf '220 a\0b\n')
	[ "$status" -eq 2 ]
	has 'this is not text'
	run "$SMTPTALK" replay --export pdf "$PASTES/nc.smtp"
	[ "$status" -eq 1 ]
	has 'session, swaks, python, telnet, markdown, html'
}

@test "a paste that is replayed as it is gets the one sentence that helps" {
	run "$SMTPTALK" replay --host 127.0.0.1:1 "$PASTES/swaks.txt"
	[ "$status" -eq 2 ]
	has 'this is no session file but a transcript of swaks'
	has "smtptalk replay --import $PASTES/swaks.txt"
	[ "${#lines[@]}" -eq 1 ]
}

@test "the line for swaks says the same to a server" {
	need swaks || return 1
	grep -v nobody "$PASTES/nc.smtp" | grep -v 'no such user' >session.smtp
	serve session.smtp
	"$SMTPTALK" replay --export swaks --host "127.0.0.1:$port" session.smtp >run.sh
	sh run.sh
	heard_all
}

@test "the Python program says the same to a server, the secret comes from the environment" {
	need python3 || return 1
	printf '%s\n' '@smtptalk 1' 'S: 220 x' 'C: EHLO me' 'S: 250-x' 'S: 250 AUTH PLAIN' \
		'C: AUTH PLAIN AGFsaWNlAGh1c2gx' 'S: 235 ok' 'C: MAIL FROM:<a@b.example>' 'S: 250 ok' \
		'C: RCPT TO:<c@d.example>' 'S: 550 no' 'C: RCPT TO:<e@d.example>' 'S: 250 ok' 'C: DATA' \
		'S: 354 go' "C: Subject: it's \\ \"here\"" 'C:' 'C: ..dot' 'C: .' 'S: 250 ok' 'C: QUIT' \
		'S: 221 bye' >session.smtp
	serve session.smtp
	"$SMTPTALK" replay --export python --host "127.0.0.1:$port" session.smtp >run.py
	run grep -q 'hush1\|AGFsaWNlAGh1c2gx' run.py
	[ "$status" -eq 1 ]
	password=hush1 python3 run.py
	heard_all
}

@test "the Python program stops where a reply is not the expected one" {
	need python3 || return 1
	printf 'S: 220 x\nC: HELO me\nS: 250 x\n' >session.smtp
	printf 'S: 220 x\nC: HELO me\nS: 550 no\n' >other.smtp
	serve other.smtp
	"$SMTPTALK" replay --export python --host "127.0.0.1:$port" session.smtp >run.py
	run python3 run.py
	[ "$status" -ne 0 ]
	has '250 was expected, 550 came'
}

@test "the file for nc says the same to a server" {
	need nc || return 1
	serve "$PASTES/nc.smtp"
	"$SMTPTALK" replay --export telnet "$PASTES/nc.smtp" >lines 2>how
	grep -q 'nc HOST 25' how
	nc -w 5 127.0.0.1 "$port" <lines >answers
	heard_all
}

@test "what a form cannot express is named with its step" {
	run "$SMTPTALK" replay --export telnet "$PASTES/openssl-implicit.smtp"
	[ "$status" -eq 2 ]
	has 'nc speaks no TLS'
	run "$SMTPTALK" replay --export swaks "$PASTES/words.smtp"
	[ "$status" -eq 2 ]
	has 'words.smtp:4:1'
	has 'swaks cannot send this here'
}

@test "transcripts have notes and no markup of a peer" {
	printf 'S: 220 <script>alert(1)</script> `x` ```\nC: QUIT\nS: 221 &amp; \xe2\x80\xae\n' >session.smtp
	"$SMTPTALK" replay --export html session.smtp >page.html
	run grep -qi '<script' page.html
	[ "$status" -eq 1 ]
	grep -q '&lt;script&gt;' page.html
	run grep -q $'\xe2\x80\xae' page.html
	[ "$status" -eq 1 ]
	grep -q '<p>goodbye' page.html
	"$SMTPTALK" replay --export markdown session.smtp >page.md
	grep -q '^    S: 220 <script>alert(1)</script> `x` ```$' page.md
	grep -q '^> goodbye' page.md
}
