#!/usr/bin/env bats
# smtptalk at a real terminal: what a person types and sees, and how the terminal is left.

load ../lib
load terminal

setup() {
	S=$SMTPTALK
}

teardown() {
	term_stop
	stop_servers
}

practice() { # practice COLUMNS TARGET [OPTION…]
	local columns=$1
	shift
	term_start "$columns" 24 "$S" --practice "$@"
	term_see "S: 220"
	term_see_prompt
}

@test "the first dialogue, typed, against a server that takes an empty HELO" {
	practice 80 gmail.test
	term_line "HELO"
	term_see "S: 250 mx.google.test at your service"
	term_line "MAIL FROM:<username@yourhostname>"
	term_see "S: 250 2.1.0 OK"
	term_line "RCPT TO:<username@gmail.com>"
	term_see "S: 250 2.1.5 OK"
	term_line "DATA"
	term_see "S: 354"
	term_line "Subject: xxx"
	term_line "From: yyy"
	term_line "To: zzz"
	term_line ""
	term_line "."
	term_see "S: 250 2.0.0 OK"
	term_line "QUIT"
	term_see "S: 221"
	term_line "/mailbox username@gmail.com"
	term_see "Subject: xxx"
	term_see "Return-Path: <username@yourhostname>"
	term_line "/quit"
	term_ended 0
}

@test "the second dialogue, typed in lower case and without angle brackets" {
	practice 80 recipient.test
	term_line "helo mail.side-7w.org"
	term_see_times 1 "S: 250"
	term_line "mail from:sender@sender.org"
	term_see "S: 250 2.1.0 Ok"
	term_line "rcpt to:recipient@recipient.com"
	term_see "S: 250 2.1.5 Ok"
	term_line "data"
	term_see "S: 354"
	for line in "From: Sender <sender@sender.org>" "To: recipient@recipient.com" "Subject:Test" "" "Test Mail" "."; do
		term_line "$line"
	done
	term_see "S: 250 2.0.0 Ok: queued as"
	term_line "quit"
	term_see "S: 221 2.0.0 Bye"
	term_key C-d
	term_ended 0
}

@test "the reply is explained with this conversation's own names, and the next line suggested" {
	practice 80 bob@school.test
	term_see "# next:"
	term_line "EHLO laptop.example"
	term_see "PIPELINING"
	term_line "MAIL FROM:<alice@school.test>"
	term_see "RCPT TO:<bob@school.test>"
	term_line "RCPT TO:<nobody@school.test>"
	term_see "S: 550 5.1.1"
	term_see "nobody@school.test"
	term_line "/quit"
	term_ended 4
}

@test "TAB on an empty line types the suggestion, elsewhere it completes what is legal now" {
	practice 80 bob@school.test
	term_key Tab
	term_see "C: HELO "
	term_key Enter
	term_see "S: 250 mail.school.test"
	term_type "mai"
	term_key Tab
	term_see "C: MAIL FROM:<"
	term_key C-c
	term_type "/st"
	term_key Tab
	term_see "C: /state"
	term_key Enter
	term_see_prompt
	term_line "/quit"
	term_ended 0
}

@test "TAB in message text is a TAB, and a line that looks like a command goes into the message" {
	practice 80 bob@school.test
	for line in "HELO me.example" "MAIL FROM:<a@school.test>" "RCPT TO:<bob@school.test>"; do
		term_line "$line"
	done
	term_see "S: 250 2.1.5 Ok"
	term_line "DATA"
	term_see "S: 354"
	term_line "Subject: tabs"
	term_line ""
	term_type "a"
	term_key Tab
	term_type "b"
	term_key Enter
	term_line "QUIT"
	term_see "went into the message"
	term_line "/state"
	term_see_times 2 "went into the message"
	term_line "."
	term_see "queued as"
	term_line "/mailbox bob@school.test"
	term_see "Subject: tabs"
	term_see "QUIT"
	term_line "/quit"
	term_ended 0
}

@test "^] opens a local prompt inside message text, and ^D does not abort the message" {
	practice 80 bob@school.test
	for line in "HELO me.example" "MAIL FROM:<a@school.test>" "RCPT TO:<bob@school.test>"; do
		term_line "$line"
	done
	term_see "S: 250 2.1.5 Ok"
	term_line "DATA"
	term_see "S: 354"
	term_line "Subject: x"
	term_key C-d
	term_key C-]
	term_see_prompt "local>"
	term_line "/state"
	term_see "message"
	term_see_prompt
	term_line "."
	term_see "queued as"
	term_line "QUIT"
	term_see "S: 221"
	term_key C-d
	term_ended 0
}

@test "a paste of many lines is sent line by line, each after the reply to the one before" {
	practice 80 bob@school.test
	printf 'HELO me.example\nMAIL FROM:<a@school.test>\nRCPT TO:<bob@school.test>\nDATA\nSubject: pasted\n\nhello\n.\nQUIT\n' \
		>"$BATS_TEST_TMPDIR/paste"
	tmux -S "$TERM_SOCKET" load-buffer "$BATS_TEST_TMPDIR/paste"
	tmux -S "$TERM_SOCKET" paste-buffer -p
	term_key Enter
	term_see "S: 221 2.0.0 Bye"
	term_screen | grep -E '^(C|S): ' | cut -c 1-6 >"$BATS_TEST_TMPDIR/order"
	diff - "$BATS_TEST_TMPDIR/order" <<-'E'
		S: 220
		C: HEL
		S: 250
		C: MAI
		S: 250
		C: RCP
		S: 250
		C: DAT
		S: 354
		C: Sub
		C: 
		C: hel
		C: .
		S: 250
		C: QUI
		S: 221
		C: 
	E
	term_line "/mailbox bob@school.test"
	term_see "Subject: pasted"
	term_line "/quit"
	term_ended 0
}

@test "a paste into a terminal without bracketed paste loses nothing either" {
	term_start 80 24 env TERM=dumb "$S" --practice bob@school.test
	term_see "S: 220"
	printf 'HELO me.example\nMAIL FROM:<a@school.test>\nRCPT TO:<bob@school.test>\nDATA\nSubject: dumb\n\nhello\n.\n' \
		>"$BATS_TEST_TMPDIR/paste"
	tmux -S "$TERM_SOCKET" load-buffer "$BATS_TEST_TMPDIR/paste"
	tmux -S "$TERM_SOCKET" paste-buffer
	term_see "queued as"
	term_line "/mailbox bob@school.test"
	term_see "Subject: dumb"
	term_line "/quit"
	term_ended 0
}

@test "a late 421 is shown at once, above the line that is being typed" {
	serve_session <<-'E'
		S: 220 late.example ESMTP
		S: <sleep 2s>
		S: 421 4.4.2 late.example Error: timeout exceeded
		S: <close>
	E
	term_start 80 24 "$S" 127.0.0.1 "$PORT"
	term_see "S: 220 late.example"
	term_see_prompt
	term_type "HELO half a li"
	term_see "S: 421 4.4.2"
	term_see "C: HELO half a li"
	term_key C-c
	term_line "/quit"
	term_ended 3
}

# What was typed before is gone: no HELO was answered.
only_noop_was_sent() {
	term_line "NOOP"
	term_see "S: 250 2.0.0 Ok"
	! term_screen | grep -q "S: 250 mail.school.test"
	term_line "/quit"
	term_ended 0
}

@test "^C clears the line, and cancels a connecting at once" {
	practice 80 bob@school.test
	term_type "HELO wrong"
	term_key C-c
	only_noop_was_sent
}

@test "^C ends a paste whose end never comes" {
	practice 80 bob@school.test
	tmux -S "$TERM_SOCKET" send-keys -H 1b 5b 32 30 30 7e
	term_type "HELO lost"
	term_key C-c
	only_noop_was_sent
}

@test "^C while connecting cancels it" {
	term_start 80 24 "$S" --practice user@silent.test
	term_see "trying"
	term_key C-c
	term_see "cancelled"
	term_see_prompt
	term_line "/quit"
	term_ended 3
}

@test "signals leave the terminal as it was: TERM, HUP, INT" {
	for signal in TERM HUP INT; do
		rm -f "$BATS_TEST_TMPDIR"/{status,before,after}
		practice 80 bob@school.test
		term_type "HELO half"
		kill -"$signal" "$(term_pid)"
		if [ "$signal" = INT ]; then # as ^C: clears the line
			term_see_prompt
			term_line "/quit"
			term_ended 0
		else
			term_wait 5 test -e "$BATS_TEST_TMPDIR/status"
			diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
		fi
		term_stop
	done
}

@test "stopping with ^Z and going on with fg gives the prompt back" {
	printf 'set -m\nstty -a >before\n%q --practice bob@school.test\nstty -a >stopped\nfg >/dev/null\necho "ended $?"\nstty -a >after\n' "$S" \
		>"$BATS_TEST_TMPDIR/job"
	term_start 80 24 bash -i "$BATS_TEST_TMPDIR/job"
	term_see "S: 220"
	term_see_prompt
	term_type "HELO me.exa"
	term_key C-z
	term_see_times 2 "C: HELO me.exa"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/stopped"
	term_type "mple"
	term_key Enter
	term_see "S: 250 mail.school.test"
	term_line "/quit"
	term_see "ended 0"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

has_columns() { # tmux passes a new size on a moment later
	stty -F "$(tmux -S "$TERM_SOCKET" display-message -p '#{pane_tty}')" size | grep -q " $1\$"
}

@test "a window that gets narrower while a line is typed keeps the line whole" {
	practice 80 bob@school.test
	term_type "HELO a-rather-long-name-for-a-machine.example"
	tmux -S "$TERM_SOCKET" resize-window -x 40 -y 24
	term_type ".org"
	term_key Enter
	term_see "S: 250 mail.school.test"
	tmux -S "$TERM_SOCKET" resize-window -x 80 -y 24
	term_wait 5 has_columns 80
	term_line "/quit"
	term_ended 0
}

@test "notes fit 40 columns and 80 columns" {
	for columns in 40 80; do
		rm -f "$BATS_TEST_TMPDIR"/{status,before,after}
		practice "$columns" bob@school.test
		term_line "EHLO me.example"
		term_see "S: 250 "
		term_line "MAIL FROM:<a@school.test>"
		term_see "S: 250 2.1.0"
		term_see_prompt
		tmux -S "$TERM_SOCKET" capture-pane -p -S - >"$BATS_TEST_TMPDIR/raw"
		# A note that was wrapped by the terminal would begin a screen line without "#".
		! grep -vE '^(#|C:|S:|$)' "$BATS_TEST_TMPDIR/raw" | grep -vE '^ *$' | grep -v '^[A-Z0-9 ]*$'
		term_line "/quit"
		term_ended 0
		term_stop
	done
}

@test "colour is used on a terminal, and not with NO_COLOR, TERM=dumb or --color never" {
	practice 80 bob@school.test
	tmux -S "$TERM_SOCKET" capture-pane -p -e -S - | grep -q $'\033\\['
	term_line "/quit"
	term_ended 0
	term_stop
	for plain in "env NO_COLOR=1" "env TERM=dumb" "env SMTPTALK_COLOR=never"; do
		rm -f "$BATS_TEST_TMPDIR"/{status,before,after}
		# shellcheck disable=SC2086
		term_start 80 24 $plain "$S" --practice bob@school.test
		term_see "S: 220"
		! tmux -S "$TERM_SOCKET" capture-pane -p -e -S - | grep -q $'\033\\[3'
		term_line "/quit"
		term_ended 0
		term_stop
	done
}

@test "under LC_ALL=C what is typed still reaches the wire as it is" {
	term_start 80 24 env LC_ALL=C "$S" --practice bob@school.test
	term_see "S: 220"
	for line in "HELO me.example" "MAIL FROM:<a@school.test>" "RCPT TO:<bob@school.test>"; do
		term_line "$line"
	done
	term_see "S: 250 2.1.5 Ok"
	term_line "DATA"
	term_see "S: 354"
	term_line "Subject: c"
	term_line ""
	term_line "日本語"
	term_line "."
	term_see "queued as"
	term_line "/quit"
	term_ended 0
}

@test "the history holds commands, not message text, and only its owner reads it" {
	practice 80 bob@school.test
	for line in "HELO me.example" "MAIL FROM:<a@school.test>" "RCPT TO:<bob@school.test>" "DATA"; do
		term_line "$line"
	done
	term_see "S: 354"
	term_line "Subject: secret plan"
	term_line "."
	term_see "queued as"
	term_line "AUTH PLAIN AGJvYgBzZWNyZXQ="
	term_see "S: 503"
	term_line "/quit"
	term_ended 4
	local file="$BATS_TEST_TMPDIR/state/smtptalk/history"
	[ "$(stat -c %a "$file")" = 600 ]
	grep -q "HELO me.example" "$file"
	! grep -q "secret plan" "$file"
	! grep -q "AGJvYgBzZWNyZXQ" "$file"
}

@test "// sends a line that begins with a slash" {
	practice 80 bob@school.test
	term_line "//etc"
	term_see "C: /etc"
	term_see "S: 221 2.7.0"
	term_line "/quit"
	term_ended 4
}

@test "/mx shows what the DNS says, and a private address is asked about first" {
	practice 80 bob@school.test
	term_line "/mx nullmx.test"
	term_see "RFC 7505"
	term_line "/mx nomx.test"
	term_see "no MX"
	term_line "/mx nowhere.test"
	term_see "does not exist"
	term_line "/close"
	term_see "closed"
	term_line "/connect user@private.test"
	term_see "loopback"
	term_line "n"
	term_see_prompt
	term_line "/quit"
	term_ended 0
}

@test "/mx while another is under way takes its place" {
	PORT=$(free_port)
	start_server perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => "udp",
		LocalAddr => shift) or die; $| = 1; print "silent\n"; sleep 60' "127.0.0.1:$PORT"
	wait_until 10 grep -q silent "$BATS_TEST_TMPDIR/server.log"
	term_start 80 24 "$S" --dns "127.0.0.1:$PORT"
	term_see_prompt
	term_line "/mx one.example"
	term_see "asking the DNS where mail for one.example goes"
	term_line "/mx two.example"
	term_see "asking the DNS where mail for two.example goes"
	term_key C-c
	term_see "cancelled"
	term_line "/quit"
	term_ended 0
}

@test "a question about a private address ends with what it was about" {
	practice 80 bob@school.test
	term_line "/connect user@private.test"
	term_see_prompt "connect all the same? (y/n)"
	term_key C-]
	term_see_prompt "local>"
	term_line "close"
	term_see "cancelled"
	term_line "y"
	term_see "not connected; /connect opens again"
	term_line "/connect"
	term_see_prompt "connect all the same? (y/n)"
	term_key C-]
	term_see_prompt "local>"
	term_line "connect bob@school.test"
	term_see_times 2 "S: 220"
	term_line "y"
	term_see "C: y"
	term_see "S: 5"
	term_line "/quit"
	term_ended 4
}

@test "full-width letters are sent as typed, and explained with the answer in hand" {
	practice 80 bob@school.test
	term_line "ＨＥＬＯ me.example"
	term_see "S: 221 2.7.0"
	term_see "full-width"
	term_line "/quit"
	term_ended 4
}

@test "a hostile banner cannot touch the terminal" {
	serve_session <<-'E'
		S! 220 evil \x1b]0;owned\x07\x1b[2J\xc2\x9b31m \xe2\x80\xaegpj.exe \r\r\n
		C: *
		S: 221 2.0.0 Bye
	E
	term_start 80 24 "$S" 127.0.0.1 "$PORT"
	term_see '\x1b]0;owned\x07\x1b[2J\u{9B}31m \u{202E}gpj.exe \x0d'
	[ "$(tmux -S "$TERM_SOCKET" display-message -p '#{pane_title}')" != owned ]
	term_line "QUIT"
	term_see "S: 221"
	term_line "/quit"
	term_ended 0
}

@test "/help comes from the table, and help for SMTP is /explain" {
	practice 80 bob@school.test
	term_line "/help"
	for command in /mx /connect /close /next /explain /state /caps /raw /history /set /help /quit; do
		term_see "$command"
	done
	term_line "/explain RCPT"
	term_see "RFC 5321"
	term_line "/frobnicate"
	term_see "/help"
	term_line "/quit"
	term_ended 0
}
