#!/usr/bin/env bats
# What happens after a practice host took a message: a bounce, the queue, the time that passes, the log.

load ../lib

setup() {
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config NO_COLOR=1
}

# Lines for a host that lets this client send to everybody.
relaying() {
	echo '/set host mynetworks = 192.0.2.77'
	echo '/set host smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination'
}

message() { # TO
	printf 'MAIL FROM:<alice@school.test>\nRCPT TO:<%s>\nDATA\n' "$1"
	printf 'Subject: hello\nMessage-ID: <1@me.test>\n\nhi\n.\n'
}

talk() {
	"$SMTPTALK" --practice --explain off school.test
}

@test "mail for a silent host waits in the queue, and comes back after five days" {
	{ echo 'EHLO me.test'; relaying; message bob@silent.test; echo /queue; echo '/queue wait 4h'; echo '/queue wait 5d'
	echo /queue; echo '/mailbox alice@school.test'; echo QUIT; } >"$BATS_TEST_TMPDIR/in"
	run talk <"$BATS_TEST_TMPDIR/in"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'(connect to mx.silent.test['*']:25: Connection timed out)'* ]]
	[[ $output == *'-- 0 Kbytes in 1 Request.'* ]]
	[[ $output == *'from=<alice@school.test>, status=expired, returned to sender'* ]]
	[[ $output == *'# Mail queue is empty'* ]]
	[[ $output == *'# Subject: Undelivered Mail Returned to Sender'* ]]
	[[ $output == *'# Action: failed'* ]]
}

@test "the log that is shown can be pasted into explain" {
	{ echo 'EHLO me.test'; relaying; message eve@recipient.test; echo /log; echo QUIT; } >"$BATS_TEST_TMPDIR/in"
	talk <"$BATS_TEST_TMPDIR/in" | sed -n '/^# .* postfix\//p' >"$BATS_TEST_TMPDIR/log"
	run "$SMTPTALK" explain <"$BATS_TEST_TMPDIR/log"
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *'eve@recipient.test'* ]]
	[[ $output == *'eve@recipient.test>: bounced, mail.recipient.test[192.0.2.40]:25: user-unknown'* ]]
}

@test "the log of one message, and a message that is deleted" {
	{ echo 'EHLO me.test'; relaying; message bob@refused.test; } >"$BATS_TEST_TMPDIR/in"
	id=$(talk <"$BATS_TEST_TMPDIR/in" | sed -n 's/.*queued as //p')
	{ cat "$BATS_TEST_TMPDIR/in"; echo "/log $id"; echo "/queue delete $id"; echo /queue; echo QUIT; } >"$BATS_TEST_TMPDIR/again"
	run talk <"$BATS_TEST_TMPDIR/again"
	echo "$output"
	[[ $output == *"$id: to=<bob@refused.test>, relay=none, "*'status=deferred (connect to '* ]]
	[[ $output != *'# '*'connect from laptop.home.test'* ]]
	[[ $output == *"$id is deleted; nobody is told"* ]]
	[[ $output == *'# Mail queue is empty'* ]]
}

@test "aliases mean something when they are compiled" {
	{ echo 'EHLO me.test'; echo '/set host alias_maps = hash:/etc/aliases'; echo '/set host local_recipient_maps ='
	echo '/aliases info: bob'; message info@school.test; echo /newaliases; message info@school.test; echo /mailbox; echo QUIT
	} >"$BATS_TEST_TMPDIR/in"
	run talk <"$BATS_TEST_TMPDIR/in"
	echo "$output"
	[[ $output == *'is compiled: 1 alias'* ]]
	[[ $output == *'bob@school.test: 1 message'* ]]
	[[ $output == *'alice@school.test: 1 message'* ]] # the first came back
}
