#!/usr/bin/env bats
# smtptalk send beside swaks, to a private Postfix, and to an LMTP server on a socket in the file system.

setup_file()
{
	load ../lib
	load postfix
	postfix_start
}

teardown_file()
{
	load ../lib
	load postfix
	postfix_stop
}

setup()
{
	load ../lib
	load postfix
	export HOME=$BATS_TEST_TMPDIR
}

teardown()
{
	stop_servers
}

send() # send STATUS OPTION…
{
	local want=$1
	shift
	run timeout 30 "$SMTPTALK" send --helo me.example --from sender@sender.org --to recipient@recipient.com "$@"
	echo "$output"
	[ "$status" -eq "$want" ]
}

@test "130 command lines and more send the same bytes as swaks, with the same exit status" {
	need swaks openssl perl
	run "$ROOT/tests/e2e/send_compare.sh" "$BATS_TEST_TMPDIR"
	echo "$output"
	[[ ${lines[-1]} =~ ^([0-9]+)\ lines,\ 0\ different$ ]]
	[ "${BASH_REMATCH[1]}" -ge 130 ]
}

@test "Postfix takes the message, and it lies in the mailbox as it was sent" {
	send 0 --server "127.0.0.1:$POSTFIX_PORT" --h-Subject 'from smtptalk send' --body '.a dot\n.\nand the end' --pipeline
	has 'S: 250 2.0.0 Ok: queued as'
	mail=$(postfix_mail 'Subject: from smtptalk send')
	grep -qxF 'Return-Path: <sender@sender.org>' "$mail"
	grep -qxF 'Delivered-To: recipient@recipient.com' "$mail"
	grep -qxF '.a dot' "$mail"
	grep -qxF . "$mail"
	grep -qxF 'and the end' "$mail"
}

@test "an attachment arrives byte for byte, by DATA and by BDAT" {
	head -c 200000 /dev/urandom >"$BATS_TEST_TMPDIR/random.bin"
	for how in --pipeline --bdat; do
		send 0 --server "127.0.0.1:$POSTFIX_PORT" -n --h-Subject "attached $how" --attach "@$BATS_TEST_TMPDIR/random.bin"
		mail=$(postfix_mail "Subject: attached $how")
		sed -n '/filename="random.bin"/,/^--/p' "$mail" | sed -n '/^$/,/^--/p' | grep -v '^--' | base64 -d -i |
			cmp - "$BATS_TEST_TMPDIR/random.bin"
	done
}

@test "an LMTP server on a socket answers for each recipient" {
	need smtp-sink
	[ "$(id -u)" -ne 0 ] || as=(-u nobody)
	mkdir -m 777 "$BATS_TEST_TMPDIR/socket"
	start_server smtp-sink "${as[@]}" -L "unix:$BATS_TEST_TMPDIR/socket/lmtp" 5
	wait_until 10 test -S "$BATS_TEST_TMPDIR/socket/lmtp"
	send 0 --socket "$BATS_TEST_TMPDIR/socket/lmtp" --protocol LMTP --to one@x.example,two@x.example
	has 'C: LHLO me.example'
	[ "$(grep -c '^S: 250 2.2.0 Ok$' <<<"$output")" -ge 2 ]
}
