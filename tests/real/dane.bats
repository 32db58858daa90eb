#!/usr/bin/env bats
# DANE: TLSA records in zones signed with ldns, served by NSD, validated by unbound, and the
# certificates that they name at the ports of a real Postfix.

load ../lib

# Ports: what the TLSA record at each says of its certificate.
PORTS=(ee ee-expired ee-self-signed ta not-ee not-ta usage-1 without)

tlsa_zone() # one zone's records for every port
{
	local other ca
	other=$(printf 'another key' | sha256sum | cut -c1-64)
	ca=$(openssl x509 -in "$CERTS/intermediate.crt" -outform DER | sha256sum | cut -c1-64)
	ee=$(cat "$CERTS/good.tlsa")
	cat <<-END2
		mx A 127.0.0.1
		alias CNAME mx
		_$(tls_port ee)._tcp.mx TLSA 3 1 1 $ee
		_$(tls_port ee-expired)._tcp.mx TLSA 3 1 1 $ee
		_$(tls_port ee-self-signed)._tcp.mx TLSA 3 1 1 $ee
		_$(tls_port ta)._tcp.mx TLSA 2 0 1 $ca
		_$(tls_port not-ee)._tcp.mx TLSA 3 1 1 $other
		_$(tls_port not-ta)._tcp.mx TLSA 2 0 1 $other
		_$(tls_port usage-1)._tcp.mx TLSA 1 1 1 $ee
	END2
}

copy_certificates()
{
	local name from
	for name in "${PORTS[@]}"; do
		from=${name#ee-}
		[ -e "$CERTS/$from.pem" ] || from=good
		cp "$CERTS/$from.pem" "$CERTS/$name.pem"
		cp "$CERTS/$from.key" "$CERTS/$name.key"
	done
}

# After signing: the record says something that its signature does not cover.
forge()
{
	sed -i "/TLSA/s/$(cat "$CERTS/good.tlsa")/$(printf 'forged' | sha256sum | cut -c1-64)/" \
		"$NSD_DIR/$1.zone"
}

setup_file()
{
	load ../lib
	load nsd
	load unbound
	load postfix
	load postfix_tls
	export ANN_PASSWORD=unused BOB_PASSWORD=unused CERTS=$BATS_FILE_TMPDIR/certs
	need openssl nsd unbound ldns-signzone ldns-keygen postfix dovecot || return
	"$ROOT/tests/tls/make-certs.sh" "$CERTS"
	copy_certificates
	postfix_tls_start "$CERTS" "${PORTS[@]}"
	nsd_zone example.com < <(tlsa_zone)
	nsd_zone forged.test < <(tlsa_zone)
	nsd_zone unsigned.test < <(tlsa_zone)
	zone_sign example.com
	zone_sign forged.test
	forge forged.test
	nsd_start
	unbound_start
}

teardown_file()
{
	load ../lib
	load nsd
	load unbound
	load postfix
	load postfix_tls
	unbound_stop
	nsd_stop
	postfix_tls_stop
}

setup()
{
	load ../lib
	load postfix_tls
	local variant=${SMTPTALK#"$ROOT/build/"}
	LOOKUP=$ROOT/build/${variant%/smtptalk}/tests/real/dane_lookup
	[ "$SMTPTALK" != "$ROOT/smtptalk" ] || LOOKUP=$ROOT/build/release/tests/real/dane_lookup
	[ -x "$LOOKUP" ] || { echo "$LOOKUP is not built" >&2; return 1; }
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
}

# look_up HOST PORT-NAME STATE
look_up()
{
	run timeout 20 "$LOOKUP" "$1" "$(tls_port "$2")" "127.0.0.1:$UNBOUND_PORT"
	[ "$status" -eq 0 ]
	has "state: $3"
}

talk() # HOST PORT-NAME [OPTION…]: STARTTLS, without any authority that would vouch for a certificate
{
	local host=$1 port
	port=$(tls_port "$2")
	shift 2
	run timeout 30 "$SMTPTALK" --ca-file "$CERTS/other-ca.pem" --dns "127.0.0.1:$UNBOUND_PORT" \
		--explain short "$@" "$host" "$port" <<<'EHLO me.example
STARTTLS
EHLO me.example
MAIL FROM:<ann@sender.example>
QUIT'
	# notes are wrapped; here each is one line
	output=$(sed 's/^# */ /' <<<"$output" | tr '\n' ' ' | tr -s ' ')
}

@test "secure: the records of a signed zone" {
	look_up mx.example.com ee secure
	has 'address secure: yes'
	has "asked: _$(tls_port ee)._tcp.mx.example.com"
	has 'usable: 1'
	has "why: 127.0.0.1:$UNBOUND_PORT has validated them with DNSSEC"
	look_up mx.example.com ta secure
}

@test "secure through an alias: the records are those of the canonical name" {
	look_up alias.example.com ee secure
	has 'host: mx.example.com'
}

@test "none: a signed zone that has none" {
	look_up mx.example.com without none
}

@test "unusable: usage 1 says nothing between mail servers" {
	look_up mx.example.com usage-1 unusable
}

@test "insecure: an unsigned zone is not even asked" {
	look_up mx.unsigned.test ee insecure
	has 'address secure: no'
	has 'RFC 7672 §2.2.2'
}

@test "bogus: a record that its signature does not cover" {
	look_up mx.forged.test ee bogus
	has 'address secure: yes'
	has 'they are wrong'
}

@test "3 1 1 that matches: verified, though no authority is trusted, and require goes on" {
	talk mx.example.com ee --tls require
	[ "$status" -eq 0 ]
	has 'verified by DANE: a TLSA record with DNSSEC names this key, and no authority is needed'
	has 'DANE: secure'
	has 'S: 250 2.1.0 Ok'
}

@test "3 1 1 makes dates and issuers unimportant (RFC 7672 §3.1.1)" {
	talk mx.example.com ee-expired --tls require
	[ "$status" -eq 0 ]
	has 'verified by DANE'
	talk mx.example.com ee-self-signed --tls require
	[ "$status" -eq 0 ]
	has 'verified by DANE'
}

@test "2 0 1 that matches the issuer, and the name" {
	talk mx.example.com ta --tls require
	[ "$status" -eq 0 ]
	has 'verified by DANE'
}

# refused PORT-NAME: neither with require nor without does anything follow
refused()
{
	talk mx.example.com "$1" --tls require
	[ "$status" -eq 3 ]
	has 'no TLSA record matches the certificate'
	[[ $output != *'C: MAIL'* ]]
	talk mx.example.com "$1"
	has 'no TLSA record matches the certificate'
}

@test "3 1 1 that does not match: require stops" {
	refused not-ee
}

@test "2 0 1 that does not match: require stops" {
	refused not-ta
}

@test "insecure, bogus and none are told apart beside the certificate" {
	talk mx.unsigned.test ee
	has 'DANE: insecure: DNSSEC does not protect the address'
	talk mx.forged.test ee
	has 'DANE: bogus'
	talk mx.example.com without
	has 'DANE: none: there is no TLSA record'
}

@test "bogus under require: stops" {
	talk mx.forged.test ee --tls require
	[ "$status" -eq 3 ]
	[[ $output != *'C: MAIL'* ]]
}
