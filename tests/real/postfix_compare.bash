# shellcheck shell=bash
# A network of its own for the comparison with a real Postfix: the addresses of its clients and hosts on
# the loopback interface, and `smtptalk serve` with compare/zones as the only name server. Nothing of this machine's
# network is seen or changed.
#
#   compare_inside COMMAND…    runs it there, as root, with $COMPARE as its folder
#   compare_prepare / compare_release

COMPARE_ADDRESSES='192.0.2.10 192.0.2.25 192.0.2.53 192.0.2.55 192.0.2.66 192.0.2.77'

compare_prepare()
{
	need postfix unshare ip perl || return
	if [ "$(id -u)" -ne 0 ]; then
		no_server "Postfix starts as root only, and this is $(id -un)"
		return
	fi
	unshare --net --mount true 2>/dev/null || { no_server "no network namespace can be made here"; return; }
	# Postfix's daemons run as other users: not below bats' own folder, which is closed to them.
	COMPARE=$(mktemp -d /tmp/smtptalk-compare.XXXXXX) && chmod 755 "$COMPARE"
	export COMPARE COMPARE_ADDRESSES
	compare_write_dns
}

# A world of one host, for the sake of its DNS: the zones are those of the comparison.
compare_write_dns()
{
	local host=$COMPARE/dns/world/hosts/other.invalid
	mkdir -p "$COMPARE/dns/notes" "$host"
	ln -s "$ROOT/tests/real/compare/zones" "$COMPARE/dns/world/zones"
	ln -s "$ROOT/lessons/world/voices" "$COMPARE/dns/world/voices"
	echo 'Address: 192.0.2.200' >"$host/host"
	echo postmaster >"$host/users"
	printf '%s\n' 'compatibility_level = 3.6' 'mydestination = other.invalid' \
		'smtpd_relay_restrictions = reject_unauth_destination' >"$host/main.cf"
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
		SMTPTALK_DATA=$COMPARE/dns "$SMTPTALK" serve --listen 192.0.2.53 --dns-port 53 --quiet >"$COMPARE/dns.out" 2>&1 &
		for _ in $(seq 500); do grep -q "C stops" "$COMPARE/dns.out" && break; sleep 0.02; done
		"$@"' compare "$@" 3>&- 4>&-
}

compare_release()
{
	[ -z "${COMPARE-}" ] || rm -rf "$COMPARE"
}
