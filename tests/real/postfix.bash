# shellcheck shell=bash
# A Postfix of our own: configuration, queue, data, log and mailboxes in one temporary folder, one
# loopback port. Nothing under /etc is read or touched. Mail for the domains in $POSTFIX_DOMAINS goes
# into a Maildir in the folder, whoever it is for; restrictions are Postfix's defaults.
#
#   postfix_start   sets POSTFIX (the folder), POSTFIX_PORT
#   postfix_stop    stops it and removes the folder

POSTFIX_DOMAINS='recipient.com gmail.com'

postfix_write_config()
{
	local uid gid
	uid=$(id -u postfix) gid=$(id -g postfix)
	mkdir -p "$POSTFIX"/{etc,queue,data,mail}
	chown postfix "$POSTFIX/data" "$POSTFIX/mail"
	cat >"$POSTFIX/etc/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $POSTFIX/queue
data_directory = $POSTFIX/data
maillog_file = $POSTFIX/log
maillog_file_prefixes = $POSTFIX
myhostname = mx.recipient.com
mydestination =
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = $POSTFIX_DOMAINS
virtual_mailbox_base = $POSTFIX/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:$uid
virtual_gid_maps = static:$gid
virtual_minimum_uid = 1
# What is not for a mailbox here must not leave: it is bounced, by the queue manager.
default_transport = error:nothing leaves this machine
relay_transport = error:nothing leaves this machine
EOF
	cat >"$POSTFIX/etc/master.cf" <<EOF
127.0.0.1:$POSTFIX_PORT inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
EOF
}

# Where it will live: folder and port.
postfix_prepare()
{
	need postfix || return
	if [ "$(id -u)" -ne 0 ]; then
		no_server "Postfix starts as root only, and this is $(id -un)"
		return
	fi
	# Its daemons run as other users, so the folder cannot be below bats' own, which is closed to them.
	POSTFIX=$(mktemp -d /tmp/smtptalk-postfix.XXXXXX) && chmod 755 "$POSTFIX"
	POSTFIX_PORT=$(free_port)
	export POSTFIX POSTFIX_PORT
}

postfix_launch()
{
	postfix -c "$POSTFIX/etc" start >"$POSTFIX/start.log" 2>&1 3>&- 4>&- || {
		cat "$POSTFIX/start.log" >&2
		return 1
	}
	wait_for_port "$POSTFIX_PORT" || { cat "$POSTFIX/log" >&2; return 1; }
}

postfix_start()
{
	postfix_prepare || return
	postfix_write_config
	postfix_launch
}

postfix_stop()
{
	[ -n "${POSTFIX-}" ] || return 0
	postfix -c "$POSTFIX/etc" stop >/dev/null 2>&1 3>&-
	rm -rf "$POSTFIX"
}

# postfix_mail TEXT: the path of the delivered message that has this text, as soon as it is there.
postfix_mail()
{
	wait_until 15 grep -rqF -- "$1" "$POSTFIX/mail/inbox/new" || {
		tail -n 20 "$POSTFIX/log" >&2
		return 1
	}
	grep -rlF -- "$1" "$POSTFIX/mail/inbox/new" | head -n 1
}
