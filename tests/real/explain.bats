#!/usr/bin/env bats
# A real Postfix's own log, explained: mail that was sent, bounced (once over TLS), rejected, deferred, and expired.

setup_file()
{
	load ../lib
	load postfix
	postfix_prepare || return
	postfix_write_config
	PEER_PORT=$(free_port) TLS_PORT=$(free_port)
	export PEER_PORT TLS_PORT
	# One domain goes to a server that refuses everybody, played by ourselves. One goes to a port where nobody listens; its mail waits, and then is given up.
	cat >>"$POSTFIX/etc/main.cf" <<EOF2
transport_maps = inline:{ { waits.test = smtp:[127.0.0.1]:$(free_port) }, { bounces.test = smtp:[127.0.0.1]:$PEER_PORT }, { secret.test = smtp:[127.0.0.1]:$TLS_PORT } }
relay_domains = waits.test bounces.test secret.test
smtp_tls_security_level = may
smtp_tls_loglevel = 1
maximal_queue_lifetime = 2s
bounce_queue_lifetime = 2s
minimal_backoff_time = 3s
maximal_backoff_time = 3s
queue_run_delay = 3s
EOF2
	printf '%s\n' 'smtp unix - - n - - smtp' 'tlsmgr unix - - n 1000? 1 tlsmgr' >>"$POSTFIX/etc/master.cf"
	postfix_launch
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
}

teardown()
{
	stop_servers
}

# mail RECIPIENT
mail()
{
	printf '%s\n' 'EHLO me.example' "MAIL FROM:<alice@recipient.com>" "RCPT TO:<$1>" DATA \
		'Subject: x' '' x . QUIT | timeout 30 "$SMTPTALK" 127.0.0.1 "$POSTFIX_PORT"
}

@test "sent, bounced, rejected, deferred and expired are each told with their reason" {
	local log=$BATS_TEST_TMPDIR/out
	printf '%s\n' 'S: 220 peer.test ESMTP' 'C: EHLO mx.recipient.com' 'S: 250 peer.test' \
		'C: MAIL FROM:<alice@recipient.com>' 'S: 250 2.1.0 Ok' 'C: RCPT TO:<bob@bounces.test>' \
		'S: 550 5.1.1 <bob@bounces.test>: User unknown' 'C: QUIT' 'S: 221 2.0.0 Bye' >"$BATS_TEST_TMPDIR/peer.smtp"
	start_server "$SMTPTALK" serve --listen "127.0.0.1:$PEER_PORT" "$BATS_TEST_TMPDIR/peer.smtp"
	wait_for_port "$PEER_PORT"
	printf '%s\n' 'S: 220 safe.test ESMTP' 'C: EHLO mx.recipient.com' 'S: 250-safe.test' 'S: 250 STARTTLS' \
		'C: STARTTLS' 'S: 220 2.0.0 Ready' 'C & S: <negotiate TLS>' 'C: EHLO mx.recipient.com' 'S: 250 safe.test' \
		'C: MAIL FROM:<alice@recipient.com>' 'S: 250 2.1.0 Ok' 'C: RCPT TO:<bob@secret.test>' 'S: 552 5.2.2 <bob@secret.test>: Mailbox full' 'C: QUIT' 'S: 221 2.0.0 Bye' >"$BATS_TEST_TMPDIR/safe.smtp"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$BATS_TEST_TMPDIR/key.pem" \
		-out "$BATS_TEST_TMPDIR/cert.pem" -days 2 -subj /CN=safe.test 2>"$BATS_TEST_TMPDIR/openssl.log"
	start_server "$SMTPTALK" serve --listen "127.0.0.1:$TLS_PORT" --cert "$BATS_TEST_TMPDIR/cert.pem" \
		--key "$BATS_TEST_TMPDIR/key.pem" "$BATS_TEST_TMPDIR/safe.smtp"
	wait_for_port "$TLS_PORT"
	mail bob@recipient.com
	mail bob@bounces.test
	mail bob@waits.test
	mail bob@secret.test
	mail bob@elsewhere.test || true
	wait_until 60 grep -q 'bounces.test.*status=bounced' "$POSTFIX/log"
	wait_until 60 grep -q 'secret.test.*status=bounced' "$POSTFIX/log"
	wait_until 60 grep -q 'waits.test.*status=deferred' "$POSTFIX/log"
	wait_until 60 grep -q 'status=expired' "$POSTFIX/log"
	"$SMTPTALK" explain <"$POSTFIX/log" >"$log"
	cat "$log"
	grep -q '<alice@recipient.com> to <bob@recipient.com>: delivered, virtual, in ' "$log"
	grep -q 'to <bob@bounces.test>: bounced.*user-unknown, final' "$log"
	grep -q 'to <bob@secret.test>: bounced.*mailbox-full, final' "$log"
	grep -q 'TLS connections to others: 1' "$log"
	grep -q 'to <bob@waits.test>: deferred.*network-error, temporary' "$log"
	grep -q 'to <bob@elsewhere.test>: rejected from localhost' "$log"
	grep -q '<alice@recipient.com>: expired: expired, final' "$log"
	"$SMTPTALK" explain --explain full <"$POSTFIX/log" >"$log"
	tr -d '\n' <"$log" | tr -s '# ' ' ' | grep -q 'accepted from .* before the queue, .* in it, .* connecting, .* sending; delivered; removed from the queue'
	tr -d '\n' <"$log" | tr -s '# ' ' ' | grep -qE 'TLSv1\.[23]'
}
