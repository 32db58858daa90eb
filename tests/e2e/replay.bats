#!/usr/bin/env bats
# smtptalk replay: session files against the practice internet and against played servers.

# shellcheck disable=SC2016 # ${…} is for the session files
load ../lib

setup() {
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	stop_servers
}

replay() { # replay STATUS ARGUMENT…: output and errors are kept apart in out and err
	local want=$1 got=0
	shift
	timeout 20 "$SMTPTALK" replay "$@" >out 2>err </dev/null || got=$?
	[ "$got" = "$want" ] || {
		echo "exit status $got, not $want"
		cat out err
		return 1
	}
}

practice() { # practice STATUS ARGUMENT…
	local want=$1
	shift
	replay "$want" --practice --host school.test "$@"
}

timeless() {
	sed -E 's/, [0-9.]+ m?s(\)|$)/, TIME\1/'
}

out_is() {
	diff - <(timeless <out)
}

err_is() {
	diff - err
}

says() { # says out|err TEXT
	grep -qF -- "$2" "$1" || {
		echo "not in $1: $2"
		cat out err
		return 1
	}
}

silent() {
	if grep -F -- "$1" out err; then
		echo "must not be there: $1"
		return 1
	fi
}

session() { # session NAME LINE…
	local name=$1
	shift
	printf '%s\n' "$@" >"$name"
}

# played SESSION [OPTION…]: its server side on $PORT, once
played() {
	local log=$BATS_TEST_TMPDIR/$1.log
	"$SMTPTALK" serve --once --listen 127.0.0.1:0 "$@" >"$log" 2>&1 3>&- &
	SERVERS+=($!)
	wait_until 10 grep -q '^# serving' "$log"
	PORT=$(sed -nE 's/^# serving .*:([0-9]+) .*/\1/p' "$log")
}

good() { # the file good.smtp; bad.smtp differs from it in one recipient
	session good.smtp 'S: 220 x' 'C: EHLO me.example' 'S: 250-x' 'S: 250 PIPELINING' 'C: MAIL FROM:<a@b.example>' \
		'C: RCPT TO:<bob@school.test>' 'S: 250 2.1.0 Ok' 'S: 250 2.1.5 Ok' 'C: QUIT' 'S: 221 2.0.0 Bye'
	sed s/bob@/bbo@/ good.smtp >bad.smtp
}

@test "a file that passes is one line, and several end with a summary" {
	good
	practice 0 good.smtp
	out_is <<<'# good.smtp: passed (5 replies, TIME)'
	err_is </dev/null
	cp good.smtp other.smtp
	practice 0 good.smtp other.smtp
	out_is <<-'E'
		# good.smtp: passed (5 replies, TIME)
		# other.smtp: passed (5 replies, TIME)
		# 2 files: 2 passed; 10 replies, TIME
	E
}

@test "a mismatch shows the exchange, what it means, and the difference at its place" {
	good
	practice 4 bad.smtp good.smtp
	out_is <<-'E'
		C: MAIL FROM:<a@b.example>
		C: RCPT TO:<bbo@school.test>
		S: 550 5.1.1 <bbo@school.test>: Recipient address rejected: User unknown in local recipient table
		# 550 5.1.1: there is no such user here: <bbo@school.test>. The domain is right
		#      for this server; the part before the @ is not known.
		# bad.smtp: not as expected (4 replies, TIME)
		# good.smtp: passed (5 replies, TIME)
		# 2 files: 1 passed, 1 not as expected; 9 replies, TIME
	E
	err_is <<-'E'
		smtptalk: bad.smtp:8:1: another code
		  expected: 250 2.1.5 Ok
		       got: 550 5.1.1 <bbo@school.test>: Recipient address rejected: User unknown in local recipient table
		            ^
	E
}

@test "--explain off leaves the meaning out, full shows every exchange, --quiet only errors" {
	good
	practice 4 --explain off bad.smtp
	[ "$(grep -c '^#' out)" = 1 ]
	practice 0 --explain full good.smtp
	says out '# connected to mail.school.test[2001:db8:25::25]:25'
	says out 'S: 250 CHUNKING'
	says out 'C: QUIT'
	says out '# 221 2.0.0: goodbye.'
	[ "$(grep -c '^C: MAIL' out)" = 1 ]
	practice 4 --quiet bad.smtp
	out_is </dev/null
	says err 'bad.smtp:8:1: another code'
}

@test "after a mismatch the server gets a QUIT" {
	session client.smtp 'S: 220 x' 'C: NOOP' 'S: 250 Ok' 'C: RSET' 'S: 250 Ok'
	session server.smtp 'S: 220 x' 'C: NOOP' 'S: 451 no' 'C: QUIT' 'S: 221 x'
	played server.smtp
	replay 4 --host "127.0.0.1:$PORT" client.smtp
	wait_until 5 grep -q 'played to the end, 0 lines differed' server.smtp.log
}

@test "usage: no file, no server, another command's option, nonsense" {
	good
	replay 1
	says err 'replay: needs a session file'
	replay 1 good.smtp
	says err 'good.smtp: no server is named to play it with; --host HOST[:PORT]'
	replay 1 --once good.smtp
	says err '--once: is an option of serve, not of replay; smtptalk replay --help lists those it has'
	replay 1 --jobs 0 good.smtp
	says err '--jobs: "0" is not what it takes: a number from 1 to 1000'
	practice 1 --set to good.smtp
	says err '--set: NAME=VALUE was expected'
	practice 1 --filter nothing good.smtp
	says err '--filter: no file has "nothing" in its path'
	replay 1 --host a:b good.smtp || replay 3 --host a:b good.smtp
}

@test "a file with a fault sends nothing at all, and every fault is told" {
	good
	session faulty.smtp 'S: 220 x' 'X: 1' 'C: <sleep>'
	session theirs.smtp 'S: 220 x' 'C* NOOP'
	: >empty.smtp
	replay 2 --host 127.0.0.1:1 good.smtp faulty.smtp theirs.smtp missing.smtp
	says err 'faulty.smtp:2:1'
	says err 'faulty.smtp:3:'
	says err 'theirs.smtp:2:'
	says err 'missing.smtp: No such file or directory'
	silent refused
	mkdir empty
	practice 2 empty
	says err 'empty: no *.smtp file is in this folder'
	practice 2 empty.smtp
}

@test "no connection, a closed one and a time-out are status 3; a certain mismatch outranks them" {
	session client.smtp 'S: 220 x' 'C: NOOP' 'S: 250 Ok'
	replay 3 --host 127.0.0.1:1 client.smtp
	says err 'client.smtp:1:1: refused: the machine answers'
	says out 'client.smtp: failed (0 replies'
	session closing.smtp 'S: 220 x' 'C: NOOP' 'S: <close>'
	played closing.smtp
	replay 3 --host "127.0.0.1:$PORT" client.smtp
	says err 'client.smtp:3:1: the server closed the connection'
	session silent.smtp 'S: 220 x' 'C: NOOP' 'S: <sleep 3s>'
	played silent.smtp
	replay 3 --timeout 1 --host "127.0.0.1:$PORT" client.smtp
	says err 'client.smtp:3:1: no whole reply came in time'
	good
	sed '1i C: <open 127.0.0.1:1>' good.smtp >nobody.smtp
	sed '1i C: <open school.test>' bad.smtp >known.smtp
	replay 3 --practice nobody.smtp
	replay 4 --practice nobody.smtp known.smtp
	replay 4 --practice known.smtp nobody.smtp
	session lost.smtp '@smtptalk 1' 'C: <open school.test>' 'S: 220 x' 'C: HELO ${nobody}' 'S: 250 x'
	replay 2 --practice known.smtp lost.smtp nobody.smtp
	says err 'lost.smtp:4:9: nobody: there is no variable of this name'
}

@test "variables from --set, a file and the environment; the command line wins; secrets stay hidden" {
	session v.smtp '@smtptalk 1' '@set domain = file.test' 'S* 220 {name} ESMTP*' 'C: EHLO ${env:MY_NAME}' 'S: 250 ${name}' \
		'C: MAIL FROM:<${from}>' 'S: 250 Ok' 'C: RCPT TO:<${to}@${domain}>' 'S: 250 2.1.5 Ok' '@echo ${name} takes ${to}, not ${secret:HUSH}' \
		'C: VRFY ${secret:HUSH}' 'S: 299 x'
	printf '# who\nfrom=a@b.example\r\n\nto=nobody\n' >values
	export MY_NAME=me.example HUSH=hush-7f3a
	practice 4 --set-file values --set to=bob --set domain=school.test --explain full v.smtp
	says out '# mail.school.test takes bob, not ${secret:HUSH}'
	says out 'C: RCPT TO:<bob@school.test>'
	says out 'C: VRFY ${secret:HUSH}'
	silent hush-7f3a
	printf 'from=1\nto\n' >values
	practice 2 --set-file values v.smtp
	says err 'values:2:1: NAME=VALUE was expected'
	practice 2 --set-file missing v.smtp
	says err 'missing: cannot read this file'
}

@test "folders are read in order, --filter chooses, --list tells, --dry-run connects nowhere" {
	good
	mkdir -p suite/b suite/a
	cp good.smtp suite/b/2.smtp
	cp good.smtp suite/a/9.smtp
	cp bad.smtp suite/1.smtp
	: >suite/readme.txt
	replay 0 --list suite
	printf '%s\n' suite/1.smtp suite/a/9.smtp suite/b/2.smtp | out_is
	replay 0 --list --filter 'suite/?/*' suite
	printf '%s\n' suite/a/9.smtp suite/b/2.smtp | out_is
	practice 0 --filter /b/ suite/
	out_is <<<'# suite/b/2.smtp: passed (5 replies, TIME)'
	replay 0 --dry-run --host 127.0.0.1:1 suite/a good.smtp
	out_is <<-'E'
		# suite/a/9.smtp: 4 lines to send, 5 replies to compare; with 127.0.0.1:1
		# good.smtp: 4 lines to send, 5 replies to compare; with 127.0.0.1:1
	E
	session m.smtp '@smtptalk 1' 'C: <open ${where}:25>' 'S* 220 {who} *' 'C: DATA' 'S: 354 x' 'C: <file none.eml>'
	replay 2 --dry-run m.smtp
	says err 'm.smtp:2:10: where: there is no variable'
	replay 2 --dry-run --set where=x m.smtp
	says err 'none.eml'
}

@test "--jobs plays side by side and keeps the order; --fail-fast begins no more" {
	good
	{ echo 'C: <sleep 0.3s>' && cat good.smtp; } >slow.smtp
	practice 4 -j 3 slow.smtp bad.smtp good.smtp
	grep -E '^# (slow|bad|good|3)' out | diff - <(printf '%s\n' "# slow.smtp: passed (5 replies, TIME)" \
		"# bad.smtp: not as expected (4 replies, TIME)" "# good.smtp: passed (5 replies, TIME)" \
		"# 3 files: 2 passed, 1 not as expected; 14 replies, TIME") <(timeless <out) >/dev/null ||
		diff <(grep -E '^# (slow|bad|good|3)' out | timeless) <(printf '%s\n' "# slow.smtp: passed (5 replies, TIME)" \
			"# bad.smtp: not as expected (4 replies, TIME)" "# good.smtp: passed (5 replies, TIME)" \
			"# 3 files: 2 passed, 1 not as expected; 14 replies, TIME")
	practice 4 --fail-fast bad.smtp good.smtp slow.smtp
	says out '# 3 files: 1 not as expected, 2 not played; 4 replies'
	practice 4 --fail-fast --report tap bad.smtp good.smtp slow.smtp
	grep -E '^(1|not )?(ok|\.\.)' out | diff - <(printf '%s\n' 1..3 'not ok 1 - bad.smtp' \
		'ok 2 # SKIP not played' 'ok 3 # SKIP not played')
}

@test "--accept rewrites what no longer holds, --diff shows it and writes nothing by itself" {
	good
	cp bad.smtp kept.smtp
	chmod 640 bad.smtp
	ln -s bad.smtp link.smtp
	practice 4 --diff link.smtp
	out_is <<-'E'
		--- link.smtp
		+++ link.smtp
		@@ -5,6 +5,6 @@
		 C: MAIL FROM:<a@b.example>
		 C: RCPT TO:<bbo@school.test>
		 S: 250 2.1.0 Ok
		-S: 250 2.1.5 Ok
		+S: 550 5.1.1 <bbo@school.test>: Recipient address rejected: User unknown in local recipient table
		 C: QUIT
		 S: 221 2.0.0 Bye
		# link.smtp: 1 reply differs; nothing was written, --accept does it
	E
	cmp bad.smtp kept.smtp
	practice 0 --accept link.smtp good.smtp
	says out '# link.smtp: 1 reply rewritten'
	[ -L link.smtp ]
	[ "$(stat -c %a bad.smtp)" = 640 ]
	practice 0 bad.smtp
	[ -z "$(find . -name '*.smtp.*')" ]
}

@test "--accept leaves a file alone that it cannot finish, and included ones" {
	session data.smtp 'S: 220 x' 'C: HELO me.example' 'S: 250 x' 'C: DATA' 'S: 354 go' 'C: secret text' 'C: .' 'S: 250 Ok'
	cp data.smtp kept.smtp
	practice 4 --accept data.smtp
	says err 'data.smtp:5:1: another code'
	says err 'the file is not rewritten; change it by hand'
	cmp data.smtp kept.smtp
	session part.smtp 'C: NOOP' 'S: 299 x'
	session whole.smtp '@smtptalk 1' 'S: 220 x' '@include part.smtp' 'C: QUIT' 'S: 221 x'
	practice 2 --accept whole.smtp
	says err 'part.smtp:2:1: this reply is in an included file'
	replay 3 --accept --host 127.0.0.1:1 data.smtp
	cmp data.smtp kept.smtp
	if [ "$(id -u)" != 0 ]; then
		session bad.smtp 'S: 221 x'
		chmod 500 .
		practice 2 --accept bad.smtp || { chmod 700 . && false; }
		chmod 700 .
	fi
}

tls_session() { # tls_session FILE STEP
	session "$1" 'S: 220 x' 'C: EHLO me.example' 'S: 250-x' 'S: 250 STARTTLS' 'C: STARTTLS' 'S: 220 2.0.0 go' "$2" \
		'C: EHLO me.example' 'S: 250 x' 'C: QUIT' 'S: 221 x'
}

@test "TLS: only a proven server will do, unless the file says verify=no" {
	local host
	tls_session strict.smtp 'C & S: <negotiate TLS>'
	tls_session lax.smtp 'C & S: <negotiate TLS verify=no>'
	replay 0 --practice --host submission.test:587 strict.smtp
	for host in expired notyet wrongname selfsigned chain; do
		replay 3 --practice --host $host.test strict.smtp
		says err 'strict.smtp:7:8: TLS: '
		replay 0 --practice --host $host.test lax.smtp
	done
	replay 4 --practice --host stripped.test lax.smtp
	replay 3 --practice --host inject.test lax.smtp
	says err 'bytes stood behind the answer to STARTTLS'
}

@test "TLS with a played server and a certificate of our own" {
	need openssl
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 \
		-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 2>openssl.log
	tls_session strict.smtp 'C & S: <negotiate TLS>'
	played strict.smtp --cert cert.pem --key key.pem
	replay 0 --host "127.0.0.1:$PORT" --ca-file cert.pem --explain full strict.smtp
	says out 'C & S: <negotiate TLS>'
	says out 'verified: the certificate is for 127.0.0.1'
	played strict.smtp --cert cert.pem --key key.pem
	replay 3 --host "127.0.0.1:$PORT" strict.smtp
	says err 'the certificate is signed by itself, by nobody we trust'
	replay 2 --host 127.0.0.1:1 --ca-file missing.pem strict.smtp
	says err missing.pem
}

@test "TLS before the greeting: smtps://, --tls-on-connect, or the file's own step" {
	session s.smtp 'S: 220 x' 'C: EHLO me.example' 'S: 250 x' 'C: QUIT' 'S: 221 x'
	{ echo 'C & S: <negotiate TLS>' && cat s.smtp; } >own.smtp
	replay 0 --practice --host smtps://submission.test s.smtp own.smtp
	replay 0 --practice --host submission.test:465 --tls-on-connect s.smtp
	replay 0 --practice --host submission.test:465 own.smtp
}

@test "logins: PLAIN, LOGIN and CRAM-MD5, and no password anywhere" {
	local start=('@smtptalk 1' 'S: 220 x' 'C: EHLO me.example' 'S: 250 x' 'C: STARTTLS' 'S: 220 2.0.0 go' 'C & S: <negotiate TLS>'
		'C: EHLO me.example' 'S: 250 AUTH')
	session plain.smtp "${start[@]}" 'C: AUTH PLAIN ${plain:user,PW}' 'S: 235 2.7.0 Ok'
	session login.smtp "${start[@]}" 'C: AUTH LOGIN' 'S: 334 x' 'C: ${login-user:user}' 'S: 334 x' 'C: ${login-pass:PW}' 'S: 235 2.7.0 Ok'
	session cram.smtp "${start[@]}" 'C: AUTH CRAM-MD5' 'S: 334 x' 'C: ${cram-md5:user,PW}' 'S: 235 2.7.0 Ok'
	PW=wonderland replay 0 --practice --host submission.test:587 --set user=alice --explain full plain.smtp login.smtp cram.smtp
	says out 'C: AUTH PLAIN ${plain:user,PW}'
	says out 'C: ${cram-md5:user,PW}'
	silent wonderland
	silent "$(printf '\0alice\0wonderland' | base64)"
	PW=wonder-7f3a replay 4 --practice --host submission.test:587 --set user=alice cram.smtp
	says err 'got: 535 5.7.8'
	silent wonder-7f3a
	session early.smtp '@smtptalk 1' 'S: 220 x' 'C: ${cram-md5:user,PW}' 'S: 235 2.7.0 Ok'
	PW=x replay 2 --practice --host submission.test:587 --set user=alice early.smtp
	says err 'early.smtp:3:4: cram-md5: there is no challenge to answer'
}

@test "@retry, @require, includes, and several connections in one file" {
	session server.smtp 'S: 220 x' 'C: MAIL FROM:<a@b.example>' 'S: 450 4.2.0 later' 'C: MAIL FROM:<a@b.example>' 'S: 250 2.1.0 Ok' 'C: QUIT' 'S: 221 x'
	session retry.smtp '@smtptalk 1' '@retry 450 3 0.1s' 'S: 220 x' 'C: MAIL FROM:<a@b.example>' 'S: 250 2.1.0 Ok'
	played server.smtp
	replay 0 --host "127.0.0.1:$PORT" retry.smtp
	out_is <<-'E'
		# retry.smtp:5:1: not yet as expected; once more in 100 ms
		# retry.smtp: passed (3 replies, 1 retry, TIME)
	E
	session hello.smtp 'S: 220 x' 'C: EHLO me.example' 'S: 250 x'
	session skip.smtp '@smtptalk 1' '@include hello.smtp' '@require FUTURERELEASE' 'C: NOOP' 'S: 299 x'
	practice 0 skip.smtp
	out_is <<<'# skip.smtp: skipped: the server does not offer FUTURERELEASE'
	session two.smtp 'C: <open school.test>' 'S: 220 x' 'C: QUIT' 'S: 221 x' 'C: <open submission.test:587>' 'S: 220 x' 'C: QUIT' 'S: 221 x'
	replay 0 --practice two.smtp
	out_is <<<'# two.smtp: passed (4 replies, TIME)'
}

@test "--host takes the place of what the file names" {
	good
	sed '1i C: <open 127.0.0.1:1>' good.smtp >named.smtp
	practice 0 named.smtp
}

@test "hostile replies are shown harmless" {
	session client.smtp 'S: 220 x' 'C: NOOP' 'S: 250 Ok'
	session server.smtp 'S: 220 x' 'C: NOOP' 'S! 500 \x1b[2J\x1b]0;x\x07\r\n' 'C: QUIT' 'S: 221 x'
	played server.smtp
	replay 4 --host "127.0.0.1:$PORT" client.smtp
	says out 'S: 500 \x1b[2J\x1b]0;x\x07'
	says err 'got: 500 \x1b[2J'
}

@test "^C ends it: what was not played is told, and the shell sees the signal" {
	session slow.smtp 'S: 220 x' 'C: <sleep 30s>'
	"$SMTPTALK" replay --practice --host school.test slow.smtp slow.smtp >out 2>err 3>&- &
	local pid=$!
	# It catches SIGTERM from then on.
	wait_until 20 grep -qE '^SigCgt:.*[4-7c-f][0-9a-f]{3}$' "/proc/$pid/status"
	kill -TERM "$pid"
	local got=0
	wait "$pid" || got=$?
	[ "$got" = 143 ]
	says out '# 2 files: 2 not played; 0 replies'
}

@test "a long run shows how far it has come on a terminal" {
	need script
	good
	{ echo 'C: <sleep 1.3s>' && cat good.smtp; } >slow.smtp
	run script -qec "$SMTPTALK replay --practice --host school.test good.smtp slow.smtp" /dev/null
	[ "$status" = 0 ]
	has '1 of 2 files, 1 s'
	has '2 files: 2 passed; 10 replies'
}

@test "--report: one to standard output is all that is there, others to files, all in one run" {
	good
	practice 4 --report tap --report junit=out.xml --report json=out.json --report html=out.html bad.smtp good.smtp
	says out 'not ok 1 - bad.smtp'
	says out 'ok 2 - good.smtp'
	if grep -q '^C: ' out; then false; fi
	says err 'bad.smtp:8:1: another code'
	grep -q '<testsuite name="good.smtp" tests="5" failures="0"' out.xml
	[ "$(grep -c '"type":"exchange"' out.json)" = 9 ]
	grep -q 'User unknown in local recipient table' out.html
	practice 1 --report nonsense good.smtp
	says err 'the forms are tap, junit, json and html'
	practice 1 --report tap --report json good.smtp
	says err 'two reports cannot both go to standard output'
	practice 2 --report tap=missing/x good.smtp
	says err 'missing/x: this report cannot be written'
}
