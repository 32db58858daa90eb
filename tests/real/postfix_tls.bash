# shellcheck shell=bash
# A Postfix (postfix.bash) with TLS, and a Dovecot that knows its users, everything in the same
# temporary folder. Each certificate has two ports: one for STARTTLS, one where TLS comes first.
#
#   postfix_tls_start CERTS NAME…   certificates of that folder (tests/tls/make-certs.sh)
#   tls_port NAME / smtps_port NAME their ports: STARTTLS, implicit TLS
#   postfix_tls_stop                stops both servers and removes the folder
#   postfix_more_config             a function of yours, called before they start, if there is one
#
# Behind TLS, AUTH is offered to ann and bob, whose passwords are ANN_PASSWORD and BOB_PASSWORD.

# free_ports COUNT: different ones, because all are open until the last is known.
free_ports()
{
	perl -MIO::Socket::INET -e '
		@s = map { IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die "no port: $!" } 1 .. $ARGV[0];
		print join(" ", map { $_->sockport } @s)' "$1"
}

# The passwords of ann are kept plain, because CRAM-MD5 needs that; bob's is a SCRAM-SHA-256 verifier
# alone, as RFC 5802 wants it.
dovecot_users()
{
	printf 'ann:{PLAIN}%s\n' "$ANN_PASSWORD"
	printf 'bob:%s\n' "$(doveadm -c "$POSTFIX/dovecot/dovecot.conf" pw -s SCRAM-SHA-256 -r 4096 -p "$BOB_PASSWORD")"
}

dovecot_write_config()
{
	cat >"$POSTFIX/dovecot/dovecot.conf" <<EOF
base_dir = $POSTFIX/dovecot/run
state_dir = $POSTFIX/dovecot/state
instance_name = smtptalk-tests
log_path = $POSTFIX/dovecot/log
protocols =
ssl = no
mail_plugins =
default_internal_user = dovecot
default_internal_group = dovecot
# Passwords need TLS at Postfix (smtpd_tls_auth_only), which is what is tested; Dovecot sees none.
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
# The default of two seconds keeps guessers away; here it only keeps the tests waiting.
auth_failure_delay = 0
passdb {
  driver = passwd-file
  args = $POSTFIX/dovecot/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$POSTFIX/dovecot
}
service auth {
  unix_listener $POSTFIX/queue/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
# Neither does it make a client wait whose last login failed.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
EOF
}

dovecot_start()
{
	mkdir -p "$POSTFIX"/dovecot/{run,state}
	dovecot_write_config
	dovecot_users >"$POSTFIX/dovecot/users" || return 1
	chmod 644 "$POSTFIX/dovecot/users"
	dovecot -F -c "$POSTFIX/dovecot/dovecot.conf" >"$POSTFIX/dovecot/out" 2>&1 3>&- 4>&- &
	DOVECOT_PID=$!
	export DOVECOT_PID
	wait_until 15 test -S "$POSTFIX/queue/private/auth" || {
		cat "$POSTFIX/dovecot/out" "$POSTFIX/dovecot/log" >&2
		return 1
	}
}

dovecot_is_gone()
{
	! kill -0 "$DOVECOT_PID" 2>/dev/null
}

# Two lines of master.cf for one certificate, and where they are.
tls_services()
{
	local name=$1 tls=$2 smtps=$3 common
	common="-o smtpd_tls_chain_files=$POSTFIX/etc/$name.both -o smtpd_tls_security_level=may"
	echo "127.0.0.1:$tls inet n - n - - smtpd $common"
	echo "127.0.0.1:$smtps inet n - n - - smtpd $common -o smtpd_tls_wrappermode=yes"
}

postfix_tls_config()
{
	local certs=$1 name ports
	shift
	read -ra ports <<<"$(free_ports $((2 * $#)))"
	cat >>"$POSTFIX/etc/main.cf" <<EOF
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_auth_enable = yes
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = yes
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
EOF
	echo 'tlsmgr unix - - n 1000? 1 tlsmgr' >>"$POSTFIX/etc/master.cf"
	for name in "$@"; do
		cat "$certs/$name.key" "$certs/$name.pem" >"$POSTFIX/etc/$name.both"
		tls_services "$name" "${ports[@]:0:2}" >>"$POSTFIX/etc/master.cf"
		# setup_file's arrays do not reach the tests; files do
		echo "${ports[@]:0:2}" >"$POSTFIX/etc/$name.ports"
		ports=("${ports[@]:2}")
	done
}

tls_port()
{
	cut -d' ' -f1 "$POSTFIX/etc/$1.ports"
}

smtps_port()
{
	cut -d' ' -f2 "$POSTFIX/etc/$1.ports"
}

postfix_tls_start()
{
	local certs=$1
	shift
	postfix_prepare || return
	mkdir -p "$POSTFIX/queue/private" && chown postfix "$POSTFIX/queue/private"
	postfix_write_config
	postfix_tls_config "$certs" "$@"
	! declare -F postfix_more_config >/dev/null || postfix_more_config || return
	dovecot_start && postfix_launch && wait_for_port "$(smtps_port "${!#}")"
}

postfix_tls_stop()
{
	if [ -n "${DOVECOT_PID-}" ]; then
		kill "$DOVECOT_PID" 2>/dev/null
		wait_until 10 dovecot_is_gone
	fi
	postfix_stop
}
