# shellcheck shell=bash
# A network of its own for the comparison with a real Postfix: the addresses of its clients and hosts on
# the loopback interface, and an NSD with compare/zones as the only name server. Nothing of this machine's
# network is seen or changed.
#
#   compare_inside COMMAND…    runs it there, as root, with $COMPARE as its folder
#   compare_prepare / compare_release

COMPARE_ADDRESSES='192.0.2.10 192.0.2.25 192.0.2.53 192.0.2.55 192.0.2.66 192.0.2.77'

compare_prepare()
{
	need postfix nsd unshare ip perl || return
	if [ "$(id -u)" -ne 0 ]; then
		no_server "Postfix starts as root only, and this is $(id -un)"
		return
	fi
	unshare --net --mount true 2>/dev/null || { no_server "no network namespace can be made here"; return; }
	# Postfix's daemons run as other users: not below bats' own folder, which is closed to them.
	COMPARE=$(mktemp -d /tmp/smtptalk-compare.XXXXXX) && chmod 755 "$COMPARE"
	export COMPARE COMPARE_ADDRESSES
	compare_nsd_config >"$COMPARE/nsd.conf"
}

compare_nsd_config()
{
	local file zone
	cat <<-END
		server:
			ip-address: 192.0.2.53
			do-ip6: no
			username: ""
			chroot: ""
			zonesdir: "$ROOT/tests/real/compare/zones"
			pidfile: "$COMPARE/nsd.pid"
			zonelistfile: "$COMPARE/zone.list"
			xfrdfile: "$COMPARE/xfrd.state"
			xfrdir: "$COMPARE"
			database: ""
			logfile: "$COMPARE/nsd.log"
			server-count: 1
			rrl-ratelimit: 0
		remote-control:
			control-enable: no
	END
	for file in "$ROOT"/tests/real/compare/zones/*.zone; do
		zone=$(basename "$file" .zone)
		[ "$zone" != root ] || zone=.
		printf 'zone:\n\tname: "%s"\n\tzonefile: "%s"\n' "$zone" "$(basename "$file")"
	done
}

# Its mounts, addresses and processes end with it.
compare_inside()
{
	# shellcheck disable=SC2016 # the inner shell's
	timeout 120 unshare --net --mount --pid --fork --mount-proc --kill-child bash -c '
		ip link set lo up
		for a in $COMPARE_ADDRESSES; do ip addr add "$a/32" dev lo; done
		echo "nameserver 192.0.2.53" >"$COMPARE/resolv.conf"
		mount --bind "$COMPARE/resolv.conf" /etc/resolv.conf
		nsd -d -c "$COMPARE/nsd.conf" >"$COMPARE/nsd.out" 2>&1 &
		for _ in $(seq 250); do [ -s "$COMPARE/nsd.pid" ] && break; sleep 0.02; done
		"$@"' compare "$@" 3>&- 4>&-
}

compare_release()
{
	[ -z "${COMPARE-}" ] || rm -rf "$COMPARE"
}
