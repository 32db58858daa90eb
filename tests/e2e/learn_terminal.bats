#!/usr/bin/env bats
# The first five lessons as a person plays them at a terminal, mistakes included.

load ../lib
load terminal

teardown() {
	term_stop
}

enter() { # TYPED SEEN: waits for the prompt, types, waits for the words
	term_see_prompt
	term_line "$1"
	term_see "$2" 30
}

@test "lessons 1 to 5, with mistakes, hints, a skipped step and a break" {
	term_start 80 24 "$SMTPTALK" learn
	term_see 'SMTP by hand' 30
	term_see 'step 1 of 1'
	enter 'EXIT' 'the command for goodbye is QUIT'
	enter '/hint' 'hint 1 of 3'
	enter 'quit' 'done: You have had a whole conversation'

	enter '/lesson next' 'step 1 of 3: Your computer is called laptop.home.test'
	enter 'HELO' 'The server wants a name after the command'
	enter 'HELO laptop.home.test' 'step 2 of 3'
	enter 'HELO mx.uni.test' 'step 3 of 3'
	enter '/quit' 'the end'
	term_ended 0
	term_stop
	rm "$BATS_TEST_TMPDIR/status"

	term_start 80 24 "$SMTPTALK" learn
	term_see 'you were at step 3' 30
	term_see 'step 3 of 3: Say goodbye'
	enter 'QUIT' 'done: A name in HELO'

	enter '/lesson next' 'step 1 of 2: Say hello as in the last lesson'
	enter 'HELO laptop.home.test' 'S: 250 mail.school.test'
	enter 'MAIL FROM : <you@home.test>' 'There must be no blank before the colon'
	enter 'MAIL FROM:<you@home.test>' 'step 2 of 2'
	enter '/state' 'done: The envelope'

	enter '/lesson next' 'step 1 of 4: Say hello, open an envelope'
	enter '/skip' 'step 2 of 4'
	enter 'RCPT TO:<zoe@school.test>' 'step 3 of 4'
	enter 'RCPT TO:<alise@school.test>' 'The server has a list of its mailboxes'
	enter 'RCPT TO:<alice@school.test>' 'step 4 of 4'
	enter '/answer 3' 'lesson: You named three'
	enter '/answer two' 'done: Two mailboxes will get the mail'

	enter '/lesson next' 'step 1 of 6: Say who you are'
	enter 'HELO laptop.home.test' 'step 2 of 6'
	enter 'MAIL FROM:<you@home.test>' 'step 3 of 6'
	enter 'RCPT TO:<bob@school.test>' 'step 4 of 6'
	enter 'DATA' 'step 5 of 6'
	enter 'Subject: noon' 'C: Subject: noon'
	term_line ''
	term_line 'QUIT'
	term_see 'The server reads no commands now'
	term_line '.'
	term_see 'step 6 of 6'
	enter 'QUIT' ' lessons done'
	enter '/quit' 'the end'
	term_ended 0
}
