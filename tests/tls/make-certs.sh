#!/usr/bin/env bash
# usage: tests/tls/make-certs.sh FOLDER
#
# Makes what the TLS tests need, each fault of a certificate in a file of its own:
#
#   ca.pem                    the root that the tests trust; other-ca.pem is one that they do not
#   NAME.pem, NAME.key        a server's chain and its key, for mx.example.com where not said otherwise
#   revoked.ocsp              a stapled answer: revoked is revoked, by the issuer
#   locked.key                a key with a password
#   good.tlsa, ca.tlsa        hex SHA-256 of the public key of good and of intermediate
#
# Keys are shared and on a curve where the key is not the point, because making them takes the time.
set -eu
umask 077
mkdir -p "$1"
cd "$1"
export RANDFILE=/dev/null
fast=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

cat >ssl.cnf <<'END'
[req]
distinguished_name = dn
prompt = no
string_mask = utf8only
[dn]
CN = mx.example.com
[ca]
default_ca = db
[db]
database = index.txt
serial = serial.txt
unique_subject = no
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
subjectAltName = DNS:mx.example.com, DNS:*.mail.example.com, IP:192.0.2.25, IP:2001:db8::25
[other]
subjectAltName = DNS:mail.example.org, DNS:www.example.org
[client]
subjectAltName = email:ann@example.com
extendedKeyUsage = clientAuth
[nul]
subjectAltName = DER:30:1B:82:19:6D:78:2E:65:78:61:6D:70:6C:65:2E:63:6F:6D:00:2E:65:76:69:6C:2E:74:65:73:74
END

quiet() { "$@" 2>>openssl.log || { tail -5 openssl.log >&2; exit 1; }; }
root() { # NAME SUBJECT
	quiet openssl req -x509 -config ssl.cnf -extensions root "${fast[@]}" -keyout "$1.key" \
		-out "$1.pem" -days 3650 -subj "$2"
}
# Signs a request: sign NAME ISSUER EXTENSIONS [option …]; the chain is not added.
sign() {
	local name=$1 issuer=$2 extensions=$3
	shift 3
	quiet openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer.key" \
		-set_serial "0x$(openssl rand -hex 8)" -extfile ssl.cnf -extensions "$extensions" \
		-out "$name.crt" "$@"
}
ask() { # NAME SUBJECT [req option …]: with the shared key unless options say otherwise
	local name=$1 subject=$2
	shift 2
	[ $# -gt 0 ] || { cp shared.key "$name.key"; set -- -key shared.key; }
	quiet openssl req -new -config ssl.cnf -utf8 -subj "$subject" -out "$name.csr" "$@"
}
leaf() { # NAME [x509 option …]: for mx.example.com, from the intermediate, chain sent
	local name=$1
	shift
	[ -e "$name.csr" ] || ask "$name" /CN=mx.example.com
	sign "$name" intermediate leaf "$@"
	cat "$name.crt" intermediate.crt >"$name.pem"
}

root ca "/O=Example/CN=Example Root"
root other-ca "/O=Elsewhere/CN=Nobody's Root"
quiet openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out shared.key
quiet openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out intermediate.key
ask intermediate "/O=Example/CN=Example Intermediate" -key intermediate.key
sign intermediate ca root -days 3000
cp intermediate.crt intermediate.pem

leaf good -days 300
cp good.crt incomplete.pem
cp good.key incomplete.key
cp good.csr not-yet.csr
cp shared.key not-yet.key
cp good.csr expired.csr
cp shared.key expired.key

# `x509 -req` cannot set dates; `ca` can.
dated() { # NAME START END
	: >index.txt
	quiet openssl ca -batch -config ssl.cnf -extensions leaf -in "$1.csr" -cert intermediate.crt \
		-keyfile intermediate.key -md sha256 -rand_serial -startdate "$2" -enddate "$3" \
		-policy dn_policy -outdir . -notext -out "$1.crt"
	cat "$1.crt" intermediate.crt >"$1.pem"
}
cat >>ssl.cnf <<'END'
[dn_policy]
commonName = supplied
END
dated expired 20200101000000Z 20210101000000Z
dated not-yet 20900101000000Z 20910101000000Z

quiet openssl req -x509 -config ssl.cnf -extensions leaf -key shared.key -out self-signed.pem \
	-days 300 -subj /CN=mx.example.com
cp shared.key self-signed.key

ask wrong-name /CN=mail.example.org
sign wrong-name intermediate other -days 300
cat wrong-name.crt intermediate.crt >wrong-name.pem

ask unknown-issuer /CN=mx.example.com
sign unknown-issuer other-ca leaf -days 300
cat unknown-issuer.crt other-ca.pem >unknown-issuer.pem

ask weak-key /CN=mx.example.com -newkey rsa:1024 -nodes -keyout weak-key.key
leaf weak-key -days 300
leaf weak-signature -days 300 -sha1

ask nul-name /CN=mx.example.com
sign nul-name intermediate nul -days 300
cat nul-name.crt intermediate.crt >nul-name.pem

ask controls "/O=$(printf 'Evil\033]0;owned\007'), CN=bank.example/CN=mx.example.com"
leaf controls -days 300

ask client "/CN=Ann"
sign client intermediate client -days 300
cat client.crt intermediate.crt >client.pem

quiet openssl pkey -in shared.key -aes128 -passout pass:secret -out locked.key

leaf revoked -days 300
serial=$(openssl x509 -in revoked.crt -noout -serial)
printf 'R\t300101000000Z\t240101000000Z\t%s\tunknown\t/CN=mx.example.com\n' "${serial#*=}" >ocsp.txt
quiet openssl ocsp -index ocsp.txt -CA intermediate.crt -rsigner intermediate.crt \
	-rkey intermediate.key -issuer intermediate.crt -cert revoked.crt -ndays 300 \
	-respout revoked.ocsp >/dev/null

tlsa() { openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256 -r | cut -c1-64; }
tlsa good.crt >good.tlsa
tlsa intermediate.crt >ca.tlsa
rm -f ./*.csr ./*.crt.tmp index.txt* serial.txt* ocsp.txt ./[0-9A-F]*[0-9A-F].pem
