#!/usr/bin/env bats
# smtptalk send: the same as swaks, line by line; on the practice internet; session files that replay to
# the same.

# shellcheck disable=SC2016 # $ is for the session file
load ../lib

setup() {
	export HOME=$BATS_TEST_TMPDIR XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
	stop_servers
}

send() { # send STATUS OPTION…: output and errors together, in $output
	local want=$1
	shift
	run timeout 20 "$SMTPTALK" send --helo me.example --from a@me.example "$@"
	[ "$status" = "$want" ] || {
		echo "exit status $status, not $want: $output"
		return 1
	}
}

practice() {
	local want=$1
	shift
	send "$want" --practice "$@"
}

start_sink() { # a server of its own; its port is in port, what comes in sink/wire
	mkdir -p sink
	printf ok >sink/mode
	start_server "$ROOT/tests/e2e/send_server.pl" "$PWD/port" "$PWD/sink"
	wait_until 10 test -s port
	PORT=$(cat port)
}

@test "a message is taken on the practice internet, by the MX of its recipient" {
	practice 0 --to bob@school.test
	has 'C: MAIL FROM:<a@me.example>'
	has 'S: 250 2.0.0 Ok: queued as'
	has 'mail.school.test'
}

@test "a refusal is explained, and has the exit status of swaks" {
	practice 24 --to bbo@school.test
	has 'there is no such user here'
	practice 2 --to bob@no-such-domain.test
	practice 24 --to bbo@school.test --explain off
	[[ $output != *'there is no such user'* ]]
}

@test "the marks of swaks" {
	practice 24 --to bob@school.test,bbo@school.test --output swaks -q rcpt || practice 0 --to bob@school.test --output swaks
	has ' -> EHLO me.example'
	has '<-  250'
	has '=== Connected to mail.school.test.'
	practice 0 --to bob@school.test --output swaks -tls -n
	has ' ~> EHLO me.example'
	has '<~  250'
	has ' lines sent'
}

@test "what --print-session writes replays to the same bytes" {
	start_sink
	send 0 --server "127.0.0.1:$PORT" --to bob@x.example --body 'a $dollar ${sign}' --pipeline --print-session
	printf '%s\n' "$output" >one.smtp
	rm -f sink/wire
	timeout 20 "$SMTPTALK" replay one.smtp
	wait_until 5 test -e sink/wire
	grep -a '^[CS]' one.smtp | sed -n 's/^C: \{0,1\}//p' | grep -v '^<' >said
	sed 's/\r$//' sink/wire | diff - <(sed 's/\$\$/$/g' said)
}

@test "a login's password is in no output and in no session file" {
	start_sink
	export password=wonderland
	for form in session swaks; do
		send 0 --server "127.0.0.1:$PORT" --to bob@x.example --output $form -a PLAIN,LOGIN -au alice -ap wonderland -apt
		[[ $output != *wonderland* && $output != *d29uZGVybGFuZA* && $output != *AGFsaWNlAHdvbmRlcmxhbmQ* ]]
	done
	grep -aq AGFsaWNlAHdvbmRlcmxhbmQ sink/wire
	send 0 --server "127.0.0.1:$PORT" --to bob@x.example -a PLAIN -au alice -ap wonderland --print-session
	has "AUTH PLAIN \${plain:'alice',password}"
	[[ $output != *wonderland* ]]
	printf '%s\n' "$output" >login.smtp
	rm -f sink/wire
	timeout 20 "$SMTPTALK" replay login.smtp
	wait_until 5 test -e sink/wire
	grep -aq AGFsaWNlAHdvbmRlcmxhbmQ sink/wire
}

@test "--json is one object with what was said, and why it was refused" {
	practice 24 --to bbo@school.test --json
	[ "${#lines[@]}" = 1 ]
	has '"status":24'
	has '"code":550'
	has '"reason":"user-unknown"'
}

@test "several messages on one connection" {
	practice 0 --to bob@school.test --count 3 -n
	[ "$(grep -c '^C: DATA' <<<"$output")" = 3 ]
	[ "$(grep -c '^C: QUIT' <<<"$output")" = 1 ]
}

@test "BDAT, in chunks, and DSN where they are offered" {
	head -c 100000 /dev/urandom | base64 >large
	practice 0 --to bob@school.test --bdat --attach @large -n
	has 'C: BDAT 65536'
	has 'LAST'
	practice 0 --to bob@school.test --dsn-notify never --bdat
	has 'C: RCPT TO:<bob@school.test>'
}

@test "SMTPUTF8 is asked for where an address needs it" {
	practice 24 --to 'bøb@school.test'
	has 'SMTPUTF8'
	practice 0 --to bob@school.test
	[[ $output != *'>'*' SMTPUTF8'* ]]
}

@test "an option that is not carried over says what to use" {
	send 1 --pipe 'exim -bs'
	has 'socat'
	send 1 --nonsense
	has 'there is no such option'
	send 10 --to bob@x.example --server 127.0.0.1:1 -a NTLM -au a -ap b
}

@test "dump, dump-mail, support, help" {
	send 0 --to bob@x.example --server h.example:26 --dump transport
	has 'h.example'
	[[ $output != *'Protocol Info'* ]]
	send 0 --to bob@x.example --dump-mail --h-Subject hello
	has 'Subject: hello'
	run "$SMTPTALK" send --help
	[ "$status" = 0 ]
	has '--to'
	[ -z "$(awk 'length($0) > 79' <<<"$output")" ]
}

@test "a file and a variable of swaks are read" {
	start_sink
	printf -- '--to carol@x.example\nh-X-From-File yes\n' >.swaksrc
	run env SWAKS_OPT_from=dave@x.example timeout 20 "$SMTPTALK" send --server "127.0.0.1:$PORT"
	[ "$status" = 0 ]
	has 'RCPT TO:<carol@x.example>'
	has 'MAIL FROM:<dave@x.example>'
	has 'X-From-File: yes'
}

@test "a question is asked in a pipe, too" {
	run bash -c 'printf "bob@school.test\n" | timeout 20 "$SMTPTALK" send --practice --from a@me.example --helo me.example --to'
	[ "$status" = 0 ]
	has 'To: '
	has 'RCPT TO:<bob@school.test>'
}
