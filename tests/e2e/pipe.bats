#!/usr/bin/env bats
# smtptalk in a script: lines from a pipe, one reply awaited after each, the exit status right.

load ../lib
load terminal

setup() {
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
}

teardown() {
	stop_servers
}

talk() { # talk STATUS OPTIONS… <input: output and errors are kept apart in out and err
	local want=$1 got=0
	shift
	timeout 20 "$SMTPTALK" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
	[ "$got" = "$want" ] || {
		echo "exit status $got, not $want"
		cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

out_has() {
	grep -qF -- "$1" "$BATS_TEST_TMPDIR/out" || {
		echo "not on standard output: $1"
		cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

err_has() {
	grep -qF -- "$1" "$BATS_TEST_TMPDIR/err" || {
		echo "not on standard error: $1"
		cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

one_sentence() { # exactly one line on standard error, and it names the program
	[ "$(wc -l <"$BATS_TEST_TMPDIR/err")" = 1 ] && grep -q '^smtptalk: ' "$BATS_TEST_TMPDIR/err" || {
		echo "not one sentence:"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

out_is() {
	diff - <(sed -E 's/queued as [0-9A-Za-z]+/queued as ID/; s/OK [0-9A-F]{8,} /OK /; s/ [^ ]+ - gsmtp$/ ID - gsmtp/' "$BATS_TEST_TMPDIR/out")
}

@test "the first dialogue of the notes, through a pipe" {
	printf '%s\n' HELO 'MAIL FROM:<username@yourhostname>' 'RCPT TO:<username@gmail.com>' DATA \
		'Subject: xxx' 'From: yyy' 'To: zzz' '' . QUIT |
		talk 0 --practice gmail.test
	out_is <<-'E'
		S: 220 mx.google.test ESMTP ID - gsmtp
		C: HELO
		S: 250 mx.google.test at your service
		C: MAIL FROM:<username@yourhostname>
		S: 250 2.1.0 OK ID - gsmtp
		C: RCPT TO:<username@gmail.com>
		S: 250 2.1.5 OK ID - gsmtp
		C: DATA
		S: 354  Go ahead ID - gsmtp
		C: Subject: xxx
		C: From: yyy
		C: To: zzz
		C: 
		C: .
		S: 250 2.0.0 OK ID - gsmtp
		C: QUIT
		S: 221 2.0.0 closing connection ID - gsmtp
	E
	[ ! -s "$BATS_TEST_TMPDIR/err" ]
}

@test "the second dialogue of the notes, through a pipe" {
	printf '%s\n' 'helo mail.side-7w.org' 'mail from:sender@sender.org' \
		'rcpt to:recipient@recipient.com' data 'From: Sender <sender@sender.org>' \
		'To: recipient@recipient.com' 'Subject:Test' '' 'Test Mail' . quit |
		talk 0 --practice recipient.test
	out_is <<-'E'
		S: 220 mail.recipient.test ESMTP Postfix
		C: helo mail.side-7w.org
		S: 250 mail.recipient.test
		C: mail from:sender@sender.org
		S: 250 2.1.0 Ok
		C: rcpt to:recipient@recipient.com
		S: 250 2.1.5 Ok
		C: data
		S: 354 End data with <CR><LF>.<CR><LF>
		C: From: Sender <sender@sender.org>
		C: To: recipient@recipient.com
		C: Subject:Test
		C: 
		C: Test Mail
		C: .
		S: 250 2.0.0 Ok: queued as ID
		C: quit
		S: 221 2.0.0 Bye
	E
}

@test "the wire carries what was given: CRLF input, no final newline, blanks kept" {
	serve_session <<-'E'
		S: 220 wire.example ESMTP
		C: HELO  two blanks 
		S: 250 wire.example
		C: QUIT
		S: 221 Bye
	E
	printf 'HELO  two blanks \r\nQUIT' | talk 0 127.0.0.1 "$PORT"
	out_has "C: QUIT"
	! grep -q mismatch "$BATS_TEST_TMPDIR/server.log"
}

@test "each line waits for the reply to the one before" {
	serve_session <<-'E'
		S: 220 slow.example ESMTP
		C: HELO a
		C: <nothing 300ms>
		S: 250 slow.example
		C: NOOP
		C: <nothing 300ms>
		S: 250 Ok
		C: QUIT
		S: 221 Bye
	E
	printf 'HELO a\nNOOP\nQUIT\n' | talk 0 127.0.0.1 "$PORT"
	! grep -qi 'expected' "$BATS_TEST_TMPDIR/server.log"
}

@test "a refused command gives status 4, and the rest is still sent" {
	printf 'HELO a.example\nMAIL FROM:<a@school.test>\nRCPT TO:<nobody@school.test>\nNOOP\nQUIT\n' |
		talk 4 --practice bob@school.test
	out_has "S: 550 5.1.1 <nobody@school.test>"
	out_has "C: NOOP"
	err_has "RCPT"
	one_sentence
}

@test "when DATA is refused the message is not sent as commands" {
	printf 'HELO a.example\nMAIL FROM:<a@school.test>\nDATA\nSubject: QUIT\n\nRSET\n.\nQUIT\n' |
		talk 4 --practice bob@school.test
	! grep -q 'C: Subject' "$BATS_TEST_TMPDIR/out"
	! grep -q 'C: RSET' "$BATS_TEST_TMPDIR/out"
	out_has "C: QUIT"
	err_has "message"
}

@test "the end of the input without QUIT waits for the reply that is out, and hangs up" {
	printf 'HELO a.example\n' | talk 0 --practice bob@school.test
	out_has "S: 250 mail.school.test"
}

@test "four ways of not being connected, four sentences, status 3" {
	talk 3 127.0.0.1 "$(free_port)" </dev/null
	err_has "refused"
	one_sentence
	serve_session <<-'E'
		S: <reset>
	E
	talk 3 127.0.0.1 "$PORT" </dev/null
	err_has "reset"
	talk 3 --timeout 1 --practice user@silent.test </dev/null
	err_has "no answer"
	local got=0
	unshare -rn "$SMTPTALK" 192.0.2.1 25 </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
	[ "$got" = 3 ]
	err_has "unreachable"
	one_sentence
}

@test "when port 25 of every host times out, the usual reason and ways to go on are said" {
	talk 3 --timeout 1 --practice user@silent.test </dev/null
	err_has "587"
	err_has "--practice"
}

@test "null MX stops, a missing domain is told from a missing record" {
	talk 3 --practice user@nullmx.test </dev/null
	err_has "RFC 7505"
	talk 3 --practice user@nowhere.test </dev/null
	err_has "does not exist"
	printf 'QUIT\n' | talk 0 --practice --explain short user@nomx.test
	out_has "no MX"
}

@test "a private MX is not connected to from a script unless asked" {
	talk 3 --practice user@private.test </dev/null
	err_has "loopback"
	err_has "--yes"
}

@test "usage faults: one sentence, status 1" {
	for args in "--frobnicate" "127.0.0.1 99999" "--timeout soon x.example" "--explain loud x.example" "-p" "a b c d"; do
		# shellcheck disable=SC2086
		talk 1 $args </dev/null
		one_sentence
	done
}

@test "a session file that cannot be read: file, line and column, status 2" {
	printf 'S: 220 x\nX: what\n' >"$BATS_TEST_TMPDIR/bad.smtp"
	talk 2 serve "$BATS_TEST_TMPDIR/bad.smtp" </dev/null
	err_has "bad.smtp:2:1"
	talk 2 serve /nonexistent.smtp </dev/null
	one_sentence
}

# The port of the last server, as it says.
serving() {
	PORT=$(sed -n 's/.* on 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$BATS_TEST_TMPDIR/server.log")
	[ -n "$PORT" ]
}

@test "serve --session: values from outside, and each connection plays the next part" {
	cat >"$BATS_TEST_TMPDIR/two.smtp" <<-'E'
		@smtptalk 1
		C: <open mx.example>
		S: 220 ${name} ${env:PART}
		C* HELO {who}
		S: 250 ${secret:word}
		C: <reset>
		C: <open mx.example>
		S: 220 ${who}
		C: QUIT
		S: 221 bye
	E
	echo word=hush >"$BATS_TEST_TMPDIR/values"
	PART=one start_server "$SMTPTALK" serve --session "$BATS_TEST_TMPDIR/two.smtp" --once \
		--listen 127.0.0.1:0 --set name=mx.example --set-file "$BATS_TEST_TMPDIR/values"
	wait_until 10 serving
	talk 0 127.0.0.1 "$PORT" <<<'HELO tester'
	out_has 'S: 220 mx.example one'
	out_has 'S: 250 hush'
	talk 0 127.0.0.1 "$PORT" <<<'QUIT'
	out_has 'S: 220 tester'
	wait_until 10 grep -q 'part 2 of 2 played to the end, 0 lines differed' "$BATS_TEST_TMPDIR/server.log"
	! grep -q hush "$BATS_TEST_TMPDIR/server.log"
	talk 1 serve --session a.smtp b.smtp </dev/null
	one_sentence
}

@test "help that cannot be written is no success" {
	local got=0
	"$SMTPTALK" --help >/dev/full 2>"$BATS_TEST_TMPDIR/err" || got=$?
	[ "$got" = 2 ]
	err_has "standard output"
	got=0
	"$SMTPTALK" --version >/dev/full 2>"$BATS_TEST_TMPDIR/err" || got=$?
	[ "$got" = 2 ]
}

@test "--tls off and TLS from the start do not go together" {
	talk 1 --tls off --tls-on-connect 127.0.0.1 9 </dev/null
	err_has "--tls-on-connect begins with TLS, and --tls off forbids it"
	talk 1 --tls off smtps://127.0.0.1:9 </dev/null
	err_has "smtps:// begins with TLS"
}

@test "no line of help is wider than 79 columns" {
	local command
	for command in '' talk learn replay send check explain serve; do
		# shellcheck disable=SC2086
		"$SMTPTALK" $command --help >"$BATS_TEST_TMPDIR/out"
		[ "$(wc -L <"$BATS_TEST_TMPDIR/out")" -le 79 ]
	done
}

@test "brackets without an end are called that, not a wrong port" {
	talk 1 '[::1' </dev/null
	err_has '[::1: has no closing bracket'
	talk 1 '[::1]25' </dev/null
	err_has '[::1]25: goes on behind its bracket'
}

@test "a NUL, and a line without an end, are named and stop the script" {
	printf 'HELO a\0b\nQUIT\n' | talk 2 --practice bob@school.test
	err_has "NUL"
	head -c 3000000 /dev/zero | tr '\0' x | talk 2 --practice bob@school.test
	err_has "longer than"
}

@test "a full disk and a closed pipe are said, not ignored and not spun on" {
	local got=0
	printf 'HELO a.example\nQUIT\n' | "$SMTPTALK" --practice bob@school.test >/dev/full 2>"$BATS_TEST_TMPDIR/err" || got=$?
	[ "$got" != 0 ]
	err_has "standard output"
	printf 'HELO a.example\nQUIT\n' | timeout 10 "$SMTPTALK" --practice bob@school.test | head -n 1 | grep -q 220
}

@test "input that cannot be read is told from its end" {
	talk 2 --practice bob@school.test </
	err_has "standard input"
	err_has "directory"
	talk 2 explain </
	err_has "directory"
}

@test "a writer that never ends does not keep us when the server has left" {
	local got=0
	yes NOOP | timeout 15 "$SMTPTALK" --practice bob@school.test >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" || got=$?
	[ "$got" = 3 ]
	out_has "S: 421"
	err_has "at least"
}

@test "explain keeps no more of a line than a topic has" {
	head -c 3000000 /dev/zero | tr '\0' x | talk 1 explain
	err_has "nothing is known"
	[ "$(wc -c <"$BATS_TEST_TMPDIR/out")" -lt 5000 ]
}

@test "in a pipe there are no colours and no notes, unless notes are asked for" {
	printf 'EHLO a.example\nQUIT\n' | talk 0 --practice bob@school.test
	! grep -q $'\033' "$BATS_TEST_TMPDIR/out"
	! grep -q '^#' "$BATS_TEST_TMPDIR/out"
	printf 'EHLO a.example\nQUIT\n' | talk 0 --practice --explain full bob@school.test
	out_has "# "
	out_has "RFC 5321"
	printf 'EHLO a.example\nQUIT\n' | talk 0 --practice --color always bob@school.test
	grep -q $'\033\\[' "$BATS_TEST_TMPDIR/out"
}

@test "options come from the command line, else the environment, else the config file" {
	mkdir -p "$XDG_CONFIG_HOME/smtptalk"
	printf 'explain: short\n' >"$XDG_CONFIG_HOME/smtptalk/config"
	printf 'QUIT\n' | talk 0 --practice bob@school.test
	out_has "# "
	printf 'QUIT\n' | SMTPTALK_EXPLAIN=off talk 0 --practice bob@school.test
	! grep -q '^#' "$BATS_TEST_TMPDIR/out"
	printf 'QUIT\n' | SMTPTALK_EXPLAIN=off talk 0 --practice --explain short bob@school.test
	out_has "# "
	printf 'explain: loud\n' >"$XDG_CONFIG_HOME/smtptalk/config"
	talk 2 --practice bob@school.test </dev/null
	err_has "config:1:"
}

@test "explain works on a topic, a reply and standard input" {
	talk 0 explain RCPT
	out_has "RFC 5321"
	talk 0 explain '550 5.7.1 <x@y>: Relay access denied'
	out_has "relay"
	printf '452 4.2.2 mailbox full\n' | talk 0 explain
	out_has "452"
	talk 1 explain frobnicate
	one_sentence
}

@test "what could be typed next is the last remark beside each reply" {
	printf '%s\n' 'EHLO me.example' 'MAIL FROM: <a@me.example>' 'RCPT TO:<nobody@gmail.test>' NONSENSE QUIT |
		talk 4 --practice --explain full gmail.test
	out_has '# next: '
	out_has '# PIPELINING: '
	next_is_last <"$BATS_TEST_TMPDIR/out"
}
