#!/usr/bin/env bats
# Session files played against a real Postfix: as they are, and as recordings of the same dialogues.

load ../lib

setup_file()
{
	load ../lib
	load postfix
	load postfix_tls
	export ANN_PASSWORD='correct horse, battery' BOB_PASSWORD='staple-7'
	export CERTS=$BATS_FILE_TMPDIR/certs
	need openssl postfix dovecot || return
	"$ROOT/tests/tls/make-certs.sh" "$CERTS"
	postfix_tls_start "$CERTS" loopback expired
}

# postfix_tls_start calls this before anything is started: known users, no relaying, greylisting.
postfix_more_config()
{
	mkdir -m 777 "$POSTFIX/grey"
	cp "$ROOT/tests/real/greylist.sh" "$POSTFIX/greylist.sh"
	printf '%s@recipient.com inbox/\n' ann bob grey grey2 >"$POSTFIX/etc/mailboxes"
	echo "policy unix - n n - 0 spawn user=nobody argv=$POSTFIX/greylist.sh $POSTFIX/grey" \
		>>"$POSTFIX/etc/master.cf"
	echo 'discard unix - - n - - discard' >>"$POSTFIX/etc/master.cf"
	postconf -c "$POSTFIX/etc" -e "virtual_mailbox_maps = texthash:$POSTFIX/etc/mailboxes" \
		'mynetworks =' 'smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination' \
		'smtpd_recipient_restrictions = reject_unlisted_recipient, check_policy_service unix:private/policy' \
		'default_transport = discard:nothing leaves this machine' 'smtpd_helo_required = yes' \
		'strict_smtputf8 = yes' 'message_size_limit = 100000' 'virtual_mailbox_limit = 0' 'smtpd_soft_error_limit = 100' \
		'smtpd_hard_error_limit = 200'
}

teardown_file()
{
	load ../lib
	load postfix
	load postfix_tls
	postfix_tls_stop
}

setup()
{
	load ../lib
	load postfix
	load postfix_tls
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	export HOME=$BATS_TEST_TMPDIR # no ~/.netrc of ours
	cd "$ROOT/tests/real/sessions" || return 1
}

replay() # NAME FILE…: against the port that has this certificate
{
	local port
	port=$(tls_port "$1")
	shift
	timeout 60 "$SMTPTALK" replay --host "127.0.0.1:$port" --ca-file "$CERTS/ca.pem" "$@"
}

# What a person would type to say the same.
typed() # FILE
{
	local user login_password plain
	user=$(printf ann | base64)
	login_password=$(printf '%s' "$ANN_PASSWORD" | base64)
	plain=$(printf '\0ann\0%s' "$ANN_PASSWORD" | base64)
	sed -n -e '/^C: </d' -e "s/\${plain:[^}]*}/$plain/; s/\${login-user:[^}]*}/$user/" \
		-e "s/\${login-pass:[^}]*}/$login_password/" -e 's/^C: \?//p' "$1"
}

record() # FILE RECORDING
{
	rm -f "$2"
	typed "$1" | timeout 60 "$SMTPTALK" --ca-file "$CERTS/ca.pem" --record "$2" \
		127.0.0.1 "$(tls_port loopback)" >"$BATS_TEST_TMPDIR/out" 2>&1 || [ $? = 4 ]
}

# A recording without what changes from one time to the next: its notes, queue ids.
same_each_time() # RECORDING
{
	sed -e '/^#/d' -e 's/queued as [0-9A-Za-z]*/queued as ID/' "$1"
}

@test "every session file passes" {
	local files=(*.smtp)
	[ "${#files[@]}" -ge 20 ]
	replay loopback .
}

@test "an expired certificate is good enough where the file says so, and only there" {
	replay expired ../sessions.expired
	run replay expired 15-starttls.smtp
	[ "$status" -eq 3 ]
	[[ "$output" == *"the certificate has expired"* ]]
}

@test "what came into the mailbox is what the files say" {
	local mail
	mail=$(postfix_mail 'Subject: dots-of-a-session')
	tail -n 3 "$mail" | diff - <(printf '.one dot\n..two dots\n.\n')
	mail=$(postfix_mail 'Subject: file-of-a-session')
	sed '1,/^$/d' "$mail" | diff - <(sed '1,/^$/d' message.eml)
	postfix_mail 'Grüße aus München'
}

@test "a session that no longer holds fails, at its place, with status 4" {
	sed 's/^S: 554 5.7.1/S: 250 2.1.5/' 04-relay-denied.smtp >"$BATS_TEST_TMPDIR/open-relay.smtp"
	run replay loopback "$BATS_TEST_TMPDIR/open-relay.smtp"
	[ "$status" -eq 4 ]
	[[ "$output" == *'open-relay.smtp:8:1: another code'*'expected: 250 2.1.5'*'got: 554 5.7.1'* ]]
}

@test "recorded, replayed, recorded: the recordings are equal" {
	local name once=$BATS_TEST_TMPDIR/once again=$BATS_TEST_TMPDIR/again
	mkdir "$once" "$again"
	for name in 04-relay-denied 15-starttls 16-auth-plain 17-auth-login; do
		record "$name.smtp" "$once/$name.smtp"
		record "$once/$name.smtp" "$again/$name.smtp"
		diff <(same_each_time "$once/$name.smtp") <(same_each_time "$again/$name.smtp")
	done
	password=$ANN_PASSWORD replay loopback --set user=ann "$once" "$again"
}
