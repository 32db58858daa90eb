# shellcheck shell=bash
# A private NSD: authoritative for the zones that a test writes, on a loopback port, everything of it
# in one folder. Not a daemon, no chroot, no change of user; nothing under /etc is read or written.
#
#   nsd_zone NAME <text     writes a zone; SOA and NS are added
#   nsd_start               starts it and waits for its port: 127.0.0.1:$NSD_PORT
#   nsd_stop

NSD_DIR=${NSD_DIR:-${BATS_FILE_TMPDIR:-$BATS_TEST_TMPDIR}/nsd}
NSD_ZONES=()

nsd_zone()
{
	mkdir -p "$NSD_DIR"
	{
		# shellcheck disable=SC2016 # $ORIGIN is the zone file's
		printf '$ORIGIN %s.\n$TTL 300\n' "$1"
		printf '@ IN SOA ns.%s. hostmaster.%s. 1 3600 600 86400 300\n@ NS ns.%s.\n' "$1" "$1" "$1"
		cat
	} >"$NSD_DIR/$1.zone"
	NSD_ZONES+=("$1")
}

nsd_config()
{
	local zone
	cat <<-END
		server:
			ip-address: 127.0.0.1@$NSD_PORT
			do-ip6: no
			username: ""
			chroot: ""
			zonesdir: "$NSD_DIR"
			pidfile: "$NSD_DIR/nsd.pid"
			zonelistfile: "$NSD_DIR/zone.list"
			xfrdfile: "$NSD_DIR/xfrd.state"
			xfrdir: "$NSD_DIR"
			database: ""
			logfile: "$NSD_DIR/nsd.log"
			server-count: 1
			hide-version: yes
			rrl-ratelimit: 0
		remote-control:
			control-enable: no
	END
	for zone in "${NSD_ZONES[@]}"; do
		printf 'zone:\n\tname: "%s"\n\tzonefile: "%s.zone"\n' "$zone" "$zone"
	done
}

nsd_start()
{
	NSD_PORT=$(free_port)
	export NSD_PORT
	nsd_config >"$NSD_DIR/nsd.conf"
	nsd-checkconf "$NSD_DIR/nsd.conf" || return 1
	nsd -d -c "$NSD_DIR/nsd.conf" >"$NSD_DIR/out.log" 2>&1 3>&- &
	NSD_PID=$!
	export NSD_PID
	wait_for_port "$NSD_PORT" || { cat "$NSD_DIR"/*.log >&2; return 1; }
}

nsd_stop()
{
	[ -n "${NSD_PID:-}" ] || return 0
	kill "$NSD_PID" 2>/dev/null
	# not always a child of this shell: bats runs setup_file and teardown_file in different ones
	wait_until 10 nsd_is_gone
}

nsd_is_gone()
{
	! kill -0 "$NSD_PID" 2>/dev/null
}
