# shellcheck shell=bash
# A private unbound that validates with DNSSEC what the private NSD (nsd.bash) serves: it has the
# keys of the signed zones as trust anchors, and no other, so every other zone is insecure.
#
#   zone_sign NAME      signs a zone of nsd_zone, before nsd_start
#   unbound_start       after nsd_start; answers on 127.0.0.1:$UNBOUND_PORT
#   unbound_stop

UNBOUND_DIR=${UNBOUND_DIR:-${BATS_FILE_TMPDIR:-$BATS_TEST_TMPDIR}/unbound}

zone_sign()
{
	local key zone=$NSD_DIR/$1.zone
	mkdir -p "$UNBOUND_DIR"
	key=$(cd "$UNBOUND_DIR" && ldns-keygen -r /dev/urandom -k -a ECDSAP256SHA256 "$1") || return 1
	cp "$UNBOUND_DIR/$key.key" "$UNBOUND_DIR/$1.anchor"
	ldns-signzone -f "$zone.signed" "$zone" "$UNBOUND_DIR/$key" && mv "$zone.signed" "$zone"
}

unbound_config()
{
	local zone anchor
	cat <<-END
		server:
			interface: 127.0.0.1@$UNBOUND_PORT
			do-ip6: no
			directory: "$UNBOUND_DIR"
			pidfile: "$UNBOUND_DIR/unbound.pid"
			username: ""
			chroot: ""
			use-syslog: no
			logfile: ""
			do-daemonize: no
			num-threads: 1
			do-not-query-localhost: no
			module-config: "validator iterator"
			root-hints: ""
			local-zone: "test." nodefault
			access-control: 127.0.0.0/8 allow
	END
	for anchor in "$UNBOUND_DIR"/*.anchor; do
		printf '\ttrust-anchor-file: "%s"\n' "$anchor"
	done
	printf 'remote-control:\n\tcontrol-enable: no\n'
	for zone in "${NSD_ZONES[@]}"; do
		printf 'stub-zone:\n\tname: "%s"\n\tstub-addr: 127.0.0.1@%s\n' "$zone" "$NSD_PORT"
	done
}

unbound_start()
{
	mkdir -p "$UNBOUND_DIR"
	UNBOUND_PORT=$(free_port)
	export UNBOUND_PORT
	unbound_config >"$UNBOUND_DIR/unbound.conf"
	unbound-checkconf "$UNBOUND_DIR/unbound.conf" >/dev/null || return 1
	unbound -d -c "$UNBOUND_DIR/unbound.conf" >"$UNBOUND_DIR/log" 2>&1 3>&- &
	UNBOUND_PID=$!
	export UNBOUND_PID
	wait_for_port "$UNBOUND_PORT" || { cat "$UNBOUND_DIR/log" >&2; return 1; }
}

unbound_stop()
{
	[ -n "${UNBOUND_PID:-}" ] || return 0
	kill "$UNBOUND_PID" 2>/dev/null
	wait_until 10 unbound_is_gone
}

unbound_is_gone()
{
	! kill -0 "$UNBOUND_PID" 2>/dev/null
}
