#!/usr/bin/env bats
# Look-ups and routes against a real name server, NSD, that serves a zone of every kind.

load ../lib
load nsd

setup_file() {
	load ../lib
	load nsd
	PATH=$PATH:/usr/sbin
	command -v nsd >/dev/null || return 0 # each test says so
	nsd_zone school.test < <(
		cat <<-'END'
			ns A 127.0.0.1
			@ MX 20 backup
			@ MX 10 mx
			mx A 8.8.8.8
			mx AAAA 2001:4860:4860::8888
			backup A 127.0.0.1
			www CNAME mx
			away CNAME mx.nowhere.test.
			one CNAME two
			two CNAME one
			null MX 0 .
			plain A 8.8.4.4
			literal MX 10 192.0.2.25.
			alias MX 10 www
			text TXT "v=spf1 " "-all"
			*.wild MX 10 mx
		END
		for i in $(seq 1001); do
			echo "big MX $i a-host-with-a-long-name-$i"
		done
	)
	nsd_start
}

teardown_file() {
	load ../lib
	load nsd
	nsd_stop
}

setup() {
	need nsd nsd-checkconf
	local variant=${SMTPTALK#"$ROOT/build/"}
	LOOKUP=$ROOT/build/${variant%/smtptalk}/tests/real/dns_lookup
	[ "$SMTPTALK" != "$ROOT/smtptalk" ] || LOOKUP=$ROOT/build/release/tests/real/dns_lookup
	[ -x "$LOOKUP" ] || { echo "$LOOKUP is not built" >&2; return 1; }
}

look_up() {
	run timeout 20 "$LOOKUP" "$1" "$2" "127.0.0.1:$NSD_PORT"
	[ "$status" -eq 0 ]
}

@test "A and AAAA" {
	look_up mx.school.test A
	has "status: found"
	has "address: 8.8.8.8"
	has "server: 127.0.0.1:$NSD_PORT"
	look_up MX.School.Test. AAAA
	has "address: 2001:4860:4860::8888"
}

@test "MX, text, and a name that a wildcard stands in for" {
	look_up school.test MX
	has "mx: 10 mx.school.test"
	has "mx: 20 backup.school.test"
	has "records: 2, dropped 0"
	look_up text.school.test TXT
	has "text: v=spf1 -all"
	look_up any.wild.school.test MX
	has "mx: 10 mx.school.test"
}

@test "aliases are followed, and shown when they are asked for" {
	look_up www.school.test A
	has "alias: mx.school.test"
	has "address: 8.8.8.8"
	look_up www.school.test CNAME
	has "name: mx.school.test"
	has "records: 1"
}

@test "aliases that lead in a circle, and to a zone that this server refuses" {
	look_up one.school.test A
	has "status: the aliases (CNAME) lead in a circle"
	look_up away.school.test A
	has "status: the name server refuses to answer us (REFUSED)"
	has "alias: mx.nowhere.test"
}

@test "no such name and no such record are told apart" {
	look_up nobody.school.test MX
	has "status: the name does not exist (NXDOMAIN)"
	look_up mx.school.test MX
	has "status: the name exists but has no such record"
}

@test "a zone that is not served is refused" {
	look_up elsewhere.test MX
	has "status: the name server refuses to answer us (REFUSED)"
}

@test "the null MX" {
	look_up null.school.test MX
	has "mx: 0 ."
	look_up route null.school.test
	has "kind: null mx"
	[[ $output != *host:* ]]
}

@test "1,001 MX records come over TCP; 1,000 are kept" {
	look_up big.school.test MX
	has "status: found"
	has "records: 1000, dropped 1"
}

@test "nobody at the port: no name server could be reached" {
	run timeout 20 "$LOOKUP" mx.school.test A "127.0.0.1:$(free_port)"
	has "status: no name server could be reached"
	has "server: none"
}

@test "a route: by preference, both families, a loopback host flagged" {
	look_up route school.test
	[ "${lines[0]}" = "kind: mx" ]
	[ "${lines[2]}" = "host: 10 mx.school.test" ]
	[ "${lines[3]}" = "address: 2001:4860:4860::8888" ]
	[ "${lines[4]}" = "address: 8.8.8.8" ]
	[ "${lines[5]}" = "host: 20 backup.school.test" ]
	has "range: loopback"
}

@test "a route without MX, with none, and one that cannot be known" {
	look_up route plain.school.test
	has "kind: implicit"
	has "address: 8.8.4.4"
	look_up route text.school.test
	has "kind: none"
	look_up route nobody.school.test
	has "kind: none"
	has "evidence: MX, the name does not exist (NXDOMAIN)"
	look_up route elsewhere.test
	has "kind: unknown"
}

@test "routes whose MX is an address or an alias say so" {
	look_up route literal.school.test
	has "host: 10 192.0.2.25 literal"
	look_up route alias.school.test
	has "host: 10 www.school.test"
	has "alias: mx.school.test"
	has "address: 8.8.8.8"
}
