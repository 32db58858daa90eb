#!/usr/bin/env bats
# smtptalk check, "Is its mail protected on the way?": MTA-STS policies of a web server that does each
# thing wrong, and DNSSEC, DANE and CAA of zones signed with ldns, served by NSD, validated by unbound;
# the mail host is a session file that smtptalk serves.

load ../lib

STS=(good testing none short other wild chunked redirect missing busy html oversize endless nonsense cut
	nohttp drip badcert)

certificates() # ca.pem; mail.pem for mx.*, web.pem for mta-sts.*; tlsa, the digest of mail's key
{
	local san name
	san=$(printf ',DNS:mta-sts.%s.sts.test' "${STS[@]/badcert/elsewhere}")
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem \
		-subj '/CN=Test Root' -days 30
	for name in mail web; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key \
			-out $name.pem -CA ca.pem -CAkey ca.key -days 30 -subj /CN=$name.test \
			-addext basicConstraints=CA:FALSE -addext "subjectAltName=DNS:mta-sts.signed.test,DNS:mx.signed.test,DNS:mx.roll.test,DNS:mx.not.test$san"
	done
	openssl x509 -in mail.pem -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum | cut -c1-64 >tlsa
}

mail_session()
{
	cat <<-'END'
		S: 220 mx.test ESMTP
		C: EHLO me
		S: 250-mx.test
		S: 250 STARTTLS
		C: STARTTLS
		S: 220 2.0.0 go
		C & S: <negotiate TLS>
		C: EHLO me
		S: 250 mx.test
		C: MAIL FROM:<>
		S: 250 2.1.0 ok
		C: RCPT TO:<postmaster@x.test>
		S: 250 2.1.5 ok
		C: QUIT
		S: 221 2.0.0 bye
	END
}

signed_zone()
{
	cat <<-END
		@ MX 10 mx
		mx A 127.0.0.1
		_$MAIL_PORT._tcp.mx TLSA 3 1 1 $1
		${2:+_$MAIL_PORT._tcp.mx TLSA 3 1 1 $2}
		@ TXT "v=spf1 mx -all"
		_dmarc TXT "v=DMARC1; p=reject; psd=n"
		_mta-sts TXT "v=STSv1; id=20240101T000000"
		mta-sts A 127.0.0.1
		_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@signed.test"
		default._bimi TXT "v=BIMI1; l=https://signed.test/logo.svg"
		mx CAA 0 issue "ca.example"
		mx CAA 0 issuewild ";"
		@ CAA 128 tbs "unknown"
	END
}

sts_zone()
{
	local name
	for name in "${STS[@]}"; do
		printf '%s MX 10 mx.%s\nmx.%s A 127.0.0.1\nmta-sts.%s A 127.0.0.1\n' "$name" "$name" "$name" "$name"
		printf '_mta-sts.%s TXT "v=STSv1; id=1"\n' "$name"
	done
	printf 'badid MX 10 mx.good\n_mta-sts.badid TXT "v=STSv1; id=a-b"\n'
	printf 'nohost MX 10 mx.good\n_mta-sts.nohost TXT "v=STSv1; id=1"\n'
	printf 'two MX 10 mx.good\n_mta-sts.two TXT "v=STSv1; id=1"\n_mta-sts.two TXT "v=STSv1; id=2"\n'
	printf 'bimi MX 10 mx.good\n_dmarc.bimi TXT "v=DMARC1; p=none; psd=n"\ndefault._bimi.bimi TXT "v=BIMI1; l=https://x/l.svg"\n'
	printf 'rpt MX 10 mx.good\n_smtp._tls.rpt TXT "v=TLSRPTv1; rua=tls@x.test"\n'
	printf '@ CAA 128 tbs "unknown"\ngood CAA 0 issue ";"\n'
}

setup_file()
{
	load ../lib
	load nsd
	load unbound
	need openssl nsd unbound ldns-signzone ldns-keygen python3 || return
	export D=$BATS_FILE_TMPDIR MAIL_PORT WEB_PORT
	MAIL_PORT=$(free_port)
	WEB_PORT=$(free_port)
	(cd "$D" && certificates 2>certificates.log) || return
	local key other
	key=$(cat "$D/tlsa") other=$(printf other | sha256sum | cut -c1-64)
	nsd_zone signed.test < <(signed_zone "$key")
	nsd_zone roll.test < <(signed_zone "$other" "$key")
	nsd_zone not.test < <(signed_zone "$other")
	nsd_zone open.test < <(signed_zone "$key")
	nsd_zone forged.test < <(signed_zone "$key")
	nsd_zone sts.test < <(sts_zone)
	local zone
	for zone in signed roll not forged; do zone_sign "$zone.test"; done
	sed -i 's/\(MX[^a-z]*10 mx\)\.forged/\1.elsewhere/' "$NSD_DIR/forged.test.zone"
	nsd_start
	unbound_start
	mail_session >"$D/mail.smtp"
	"$SMTPTALK" serve --listen "127.0.0.1:$MAIL_PORT" --cert "$D/mail.pem" --key "$D/mail.key" \
		"$D/mail.smtp" >"$D/serve.log" 2>&1 3>&- &
	echo $! >"$D/pids"
	python3 "$ROOT/tests/real/policy_server.py" "$WEB_PORT" "$D/web.pem" "$D/web.key" "$D/web.log" \
		>"$D/python.log" 2>&1 3>&- &
	echo $! >>"$D/pids"
	wait_for_port "$MAIL_PORT"
	wait_for_port "$WEB_PORT" || { cat "$D/python.log" >&2; return 1; }
}

teardown_file()
{
	load ../lib
	load nsd
	load unbound
	unbound_stop
	nsd_stop
	xargs -r kill <"$D/pids" 2>/dev/null || true
}

check()
{
	run timeout 60 "$SMTPTALK" check --dns "127.0.0.1:$UNBOUND_PORT" --https-port "$WEB_PORT" \
		--port "$MAIL_PORT" --ca-file "$D/ca.pem" "$@"
}

sts() # DOMAIN VERDICT TEXT: what is said of the policy
{
	check "$1.sts.test"
	has "$(printf '#   %-10s ' "$2")$3"
}

@test "a domain with everything in order: each protection is named" {
	check --yes --explain full signed.test
	[[ $output == *'# Is its mail protected on the way?  ok'* ]]
	has 'ok         it has an MTA-STS record, id 20240101T000000'
	has 'ok         its MTA-STS policy says enforce: senders do not deliver to a host'
	has 'mx: mx.signed.test'
	has 'ok         the MTA-STS policy names its mail host'
	has 'ok         it asks for reports of TLS failures'
	has 'ok         mx.signed.test uses DANE: its certificate matches a TLSA record that DNSSEC protects'
	has 'ok         DNSSEC protects what the DNS says of signed.test (checked)'
	has 'ok         CAA of mx.signed.test: only ca.example may issue certificates'
	has 'issuewild ";": nobody may issue certificates for wildcard names'
	has 'ok         it has a BIMI record (a logo beside its mail), and DMARC protects the domain'
}

@test "DANE: a record for the next key is no fault, and a lone one needs a second before it changes" {
	check --yes --explain full roll.test
	has 'mx.roll.test uses DANE'
	has 'matches what the host shows'
	has 'matches nothing that the host shows: it may be for the key that comes next'
	[[ $output != *'before the key changes'* ]]
	check --yes --explain full signed.test
	has 'before the key changes: publish a second record for the next key, and wait two TTLs before you use it'
}

@test "DANE: a certificate that no record matches stops mail" {
	check --yes not.test
	[ "$status" -eq 4 ]
	has 'bad        mx.not.test shows a certificate that no TLSA record matches'
	has "-> publish  _$MAIL_PORT._tcp.mx.not.test. TLSA 3 1 1"
}

@test "DANE: records without DNSSEC count for nothing, and a host that is not asked proves nothing" {
	check --dns-only open.test
	has 'unknown    mx.open.test has TLSA records, but the resolver does not say that DNSSEC protects them'
	has 'not tested DNSSEC: 127.0.0.1:'
	check --dns-only signed.test
	has 'not tested mx.signed.test has TLSA records that DNSSEC protects; its certificate was not looked at'
	has 'not tested the MTA-STS policy at https://mta-sts.signed.test/.well-known/mta-sts.txt was not asked for'
}

@test "a zone whose signatures are wrong: what it says is unknown, and why is said" {
	check forged.test
	has 'unknown    MX of forged.test: the name server could not find out (SERVFAIL)'
	has 'bad        the DNSSEC signatures of forged.test are wrong: 127.0.0.1:'
}

@test "MTA-STS: modes, lines, chunks, wildcards" {
	sts good ok 'its MTA-STS policy says enforce'
	sts testing ok 'its MTA-STS policy says testing: senders deliver all the same'
	sts none ok 'its MTA-STS policy says none'
	sts chunked ok 'the MTA-STS policy names its mail host'
	sts wild ok 'the MTA-STS policy names its mail host'
	sts other bad 'the MTA-STS policy does not name the mail host mx.other.sts.test: senders that read the policy do not deliver to it (RFC 8461 §4.1)'
	has '-> add the line "mx: mx.other.sts.test" to the policy'
}

@test "MTA-STS: redirect, missing file, wrong type, too long, nonsense" {
	local at='the MTA-STS policy at https://mta-sts'
	sts redirect bad "$at.redirect.sts.test/.well-known/mta-sts.txt is a redirect, which senders do not follow: RFC 8461 §3.3"
	! grep -q 'policy HTTP' "$D/web.log"
	sts missing bad "$at.missing.sts.test/.well-known/mta-sts.txt cannot be had: the web server answers 404"
	sts busy unknown "$at.busy.sts.test/.well-known/mta-sts.txt cannot be had: the web server answers 503"
	sts html bad "$at.html.sts.test/.well-known/mta-sts.txt has the wrong media type: text/html"
	sts oversize bad "$at.oversize.sts.test/.well-known/mta-sts.txt cannot be had: it is too long"
	sts endless bad "$at.endless.sts.test/.well-known/mta-sts.txt cannot be had: it is too long"
	sts nonsense bad "$at.nonsense.sts.test/.well-known/mta-sts.txt is none: the mode is not enforce, testing or none"
	sts nohttp bad "$at.nohttp.sts.test/.well-known/mta-sts.txt cannot be had: it is no HTTP/1.1"
	sts cut bad "$at.cut.sts.test/.well-known/mta-sts.txt cannot be had: the connection was closed before all"
}

@test "MTA-STS: another name in the certificate, and a server that drips" {
	sts badcert bad 'the MTA-STS policy at https://mta-sts.badcert.sts.test/.well-known/mta-sts.txt cannot be had: the certificate is for other names'
	! grep -q badcert "$D/web.log"
	check --timeout 1 drip.sts.test
	has 'unknown    the MTA-STS policy at https://mta-sts.drip.sts.test/.well-known/mta-sts.txt cannot be had: the reply had not come whole in time'
}

@test "MTA-STS: faults of the record, and where the policy is given an address" {
	check badid.sts.test
	has 'bad        the id= of the MTA-STS record is not 1 to 32 letters and digits (RFC 8461 §3.1)'
	check two.sts.test
	has 'bad        the record at _mta-sts.two.sts.test cannot be used: there is more than one record'
	check nohost.sts.test
	has 'cannot be had: the name of its host has no address'
	check --explain full --resolve mta-sts.nohost.sts.test:127.0.0.1 nohost.sts.test
	has 'cannot be had: the certificate is for other names'
	check --resolve mta-sts.nohost.sts.test nohost.sts.test
	[ "$status" -eq 1 ]
	has 'smtptalk: --resolve: "mta-sts.nohost.sts.test" is no host with an address'
}

@test "CAA: nobody may issue, and what is critical and unknown; BIMI and TLS-RPT that do not work" {
	check good.sts.test
	has 'ok         CAA of good.sts.test: nobody may issue a certificate for the mail host mx.good.sts.test'
	check other.sts.test
	has 'bad        a CAA record of sts.test is critical and of a kind, tbs, that is not registered'
	check bimi.sts.test
	has 'bad        it has a BIMI record, but its DMARC policy is none: receivers show no logo then'
	check rpt.sts.test
	has 'bad        "tls@x.test" in the TLS-RPT record is neither mailto: nor https: (RFC 8460 §3)'
}
