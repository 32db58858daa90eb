#!/usr/bin/env bats
# Whole conversations with a real Postfix, and the mail they left in the mailbox.

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
	load ../e2e/terminal
	load postfix
}

teardown()
{
	stop_servers
	term_stop
}

# The two dialogues, as people have typed them for decades.
old_dialogue='HELO
MAIL FROM:<username@yourhostname>
RCPT TO:<username@gmail.com>
DATA
Subject: xxx
From: yyy
To: zzz

.
QUIT'

lower_case_dialogue='helo mail.side-7w.org
mail from:sender@sender.org
rcpt to:recipient@recipient.com
data
From:sender@sender.org
To:recipient@recipient.com
Subject:Test

Test Mail
.
quit'

talk()
{
	printf '%s\n' "$1" | timeout 30 "$SMTPTALK" 127.0.0.1 "$POSTFIX_PORT"
}

# is_from_to FILE SENDER RECIPIENT: the envelope, which Postfix writes above the message.
is_from_to()
{
	grep -qxF "Return-Path: <$2>" "$1" && grep -qxF "Delivered-To: $3" "$1"
}

@test "the lower-case dialogue without brackets, by pipe" {
	run talk "$lower_case_dialogue"
	echo "$output"
	[ "$status" -eq 0 ]
	has 'S: 220 mx.recipient.com ESMTP Postfix'
	has 'C: rcpt to:recipient@recipient.com'
	has 'S: 354 End data with <CR><LF>.<CR><LF>'
	has 'S: 221 2.0.0 Bye'
	mail=$(postfix_mail 'Test Mail')
	is_from_to "$mail" sender@sender.org recipient@recipient.com
	grep -qxF 'Subject:Test' "$mail"
	grep -qF 'from mail.side-7w.org' "$mail"
}

@test "an empty HELO: Postfix refuses it, and takes the mail all the same" {
	run talk "$old_dialogue"
	echo "$output"
	[ "$status" -eq 4 ]
	has 'S: 501 Syntax: HELO hostname'
	has 'S: 354 End data with <CR><LF>.<CR><LF>'
	has 'S: 221 2.0.0 Bye'
	mail=$(postfix_mail 'Subject: xxx')
	is_from_to "$mail" username@yourhostname username@gmail.com
}

@test "an empty HELO that the server accepts: the old dialogue completes" {
	need smtp-sink
	port=$(free_port)
	mkdir -m 777 "$BATS_TEST_TMPDIR/sink"
	[ "$(id -u)" -ne 0 ] || as=(-u nobody)
	start_server env -C "$BATS_TEST_TMPDIR/sink" smtp-sink "${as[@]}" -d dump. "127.0.0.1:$port" 5
	wait_for_port "$port"
	run timeout 30 "$SMTPTALK" 127.0.0.1 "$port" <<<"$old_dialogue"
	echo "$output"
	[ "$status" -eq 0 ]
	has 'C: MAIL FROM:<username@yourhostname>'
	has 'S: 250 smtp-sink'
	has 'S: 221'
	grep -qx 'X-Rcpt-Args: <username@gmail.com>' "$BATS_TEST_TMPDIR"/sink/dump.*
	grep -qx 'Subject: xxx' "$BATS_TEST_TMPDIR"/sink/dump.*
}

@test "the lower-case dialogue, typed at the prompt" {
	need tmux
	term_start 80 24 "$SMTPTALK" 127.0.0.1 "$POSTFIX_PORT"
	term_see 'S: 220 mx.recipient.com ESMTP Postfix'
	term_line 'helo mail.side-7w.org'
	term_see 'S: 250 mx.recipient.com'
	term_line 'mail from:sender@sender.org'
	term_see 'S: 250 2.1.0 Ok'
	term_line 'rcpt to:recipient@recipient.com'
	term_see 'S: 250 2.1.5 Ok'
	term_line 'data'
	term_see 'S: 354 '
	term_line 'Subject:typed by hand'
	term_line ''
	term_line '..two dots, one arrives'
	term_line '.'
	term_see 'S: 250 2.0.0 Ok: queued as'
	term_line 'quit'
	term_see 'S: 221 2.0.0 Bye'
	mail=$(postfix_mail 'typed by hand')
	is_from_to "$mail" sender@sender.org recipient@recipient.com
	grep -qxF '.two dots, one arrives' "$mail"
}

@test "addresses that Postfix refuses: the conversation goes on, the exit status tells" {
	run talk 'helo me.example
mail from:<a@b.example>
rcpt to:<no brackets
rcpt to:
quit'
	echo "$output"
	[ "$status" -eq 4 ]
	has 'S: 501 5.1.3 Bad recipient address syntax'
	has 'S: 501 5.5.4 Syntax: RCPT TO:<address>'
}
