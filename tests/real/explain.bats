#!/usr/bin/env bats
# A real Postfix's own log, explained: mail that was sent, bounced, rejected, deferred, and expired.

setup_file()
{
	load ../lib
	load postfix
	postfix_prepare || return
	postfix_write_config
	PEER_PORT=$(free_port)
	export PEER_PORT
	# One domain goes to a server that refuses everybody, played by ourselves. One goes to a port where nobody listens; its mail waits, and then is given up.
	cat >>"$POSTFIX/etc/main.cf" <<EOF2
transport_maps = inline:{ { waits.test = smtp:[127.0.0.1]:$(free_port) }, { bounces.test = smtp:[127.0.0.1]:$PEER_PORT } }
relay_domains = waits.test bounces.test
maximal_queue_lifetime = 2s
bounce_queue_lifetime = 2s
minimal_backoff_time = 3s
maximal_backoff_time = 3s
queue_run_delay = 3s
EOF2
	echo 'smtp unix - - n - - smtp' >>"$POSTFIX/etc/master.cf"
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
	mail bob@recipient.com
	mail bob@bounces.test
	mail bob@waits.test
	mail bob@elsewhere.test || true
	wait_until 60 grep -q 'bounces.test.*status=bounced' "$POSTFIX/log"
	wait_until 60 grep -q 'waits.test.*status=deferred' "$POSTFIX/log"
	wait_until 60 grep -q 'status=expired' "$POSTFIX/log"
	"$SMTPTALK" explain <"$POSTFIX/log" >"$log"
	cat "$log"
	grep -q '<alice@recipient.com> to <bob@recipient.com>: delivered, virtual, in ' "$log"
	grep -q 'to <bob@bounces.test>: bounced.*user-unknown, final' "$log"
	grep -q 'to <bob@waits.test>: deferred.*network-error, temporary' "$log"
	grep -q 'to <bob@elsewhere.test>: rejected from localhost' "$log"
	grep -q '<alice@recipient.com>: expired: expired, final' "$log"
	"$SMTPTALK" explain --explain full <"$POSTFIX/log" >"$log"
	tr -d '\n' <"$log" | tr -s '# ' ' ' | grep -q 'accepted from .* before the queue, .* in it, .* connecting, .* sending; delivered; removed from the queue'
}
