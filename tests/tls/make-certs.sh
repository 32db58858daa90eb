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
[loopback]
subjectAltName = DNS:localhost, IP:127.0.0.1
[client]
subjectAltName = email:ann@example.com
extendedKeyUsage = clientAuth
[nul]
subjectAltName = DER:30:1B:82:19:6D:78:2E:65:78:61:6D:70:6C:65:2E:63:6F:6D:00:2E:65:76:69:6C:2E:74:65:73:74
[dn_policy]
commonName = supplied
END

quiet() { "$@" 2>>openssl.log || { tail -5 openssl.log >&2; exit 1; }; }
key() { quiet openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
# make NAME ISSUER EXTENSIONS SUBJECT [option …]: NAME.crt; with the shared key if there is no other
make() {
	local name=$1 issuer=$2 extensions=$3 subject=$4
	shift 4
	[ -e "$name.key" ] || cp shared.key "$name.key"
	quiet openssl req -x509 -config ssl.cnf -extensions "$extensions" -CA "$issuer.crt" \
		-CAkey "$issuer.key" -key "$name.key" -utf8 -subj "$subject" -days 300 \
		-out "$name.crt" "$@"
}
# The same from the intermediate, whose certificate is sent along.
chain() {
	local name=$1
	shift
	make "$name" intermediate "$@"
	cat "$name.crt" intermediate.crt >"$name.pem"
}
root() { # NAME SUBJECT
	key "$1"
	quiet openssl req -x509 -config ssl.cnf -extensions root -key "$1.key" -out "$1.crt" \
		-days 3650 -subj "$2"
	cp "$1.crt" "$1.pem"
}
mx=/CN=mx.example.com

key shared
root ca "/O=Example/CN=Example Root"
root other-ca "/O=Elsewhere/CN=Nobody's Root"
key intermediate
make intermediate ca root "/O=Example/CN=Example Intermediate" -days 3000
cp intermediate.crt intermediate.pem

chain good leaf $mx
cp good.crt incomplete.pem
cp good.key incomplete.key
chain loopback loopback /CN=localhost
chain wrong-name other /CN=mail.example.org
chain weak-signature leaf $mx -sha1
chain nul-name nul $mx
chain controls leaf "/O=$(printf 'Evil\033]0;owned\007'), CN=bank.example$mx"
chain client client /CN=Ann
chain revoked leaf $mx
quiet openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak-key.key
chain weak-key leaf $mx
make unknown-issuer other-ca leaf $mx
cat unknown-issuer.crt other-ca.crt >unknown-issuer.pem

cp shared.key self-signed.key
quiet openssl req -x509 -config ssl.cnf -extensions leaf -key shared.key -subj $mx -days 300 \
	-out self-signed.pem

# `req` cannot set dates; `ca` can.
quiet openssl req -new -config ssl.cnf -subj $mx -key shared.key -out mx.csr
dated() { # NAME START END
	: >index.txt
	cp shared.key "$1.key"
	quiet openssl ca -batch -config ssl.cnf -extensions leaf -in mx.csr -cert intermediate.crt \
		-keyfile intermediate.key -md sha256 -rand_serial -startdate "$2" -enddate "$3" \
		-policy dn_policy -outdir . -notext -out "$1.crt"
	cat "$1.crt" intermediate.crt >"$1.pem"
}
dated expired 20200101000000Z 20210101000000Z
dated not-yet 20900101000000Z 20910101000000Z

quiet openssl pkey -in shared.key -aes128 -passout pass:secret -out locked.key

serial=$(openssl x509 -in revoked.crt -noout -serial)
printf 'R\t300101000000Z\t240101000000Z\t%s\tunknown\t%s\n' "${serial#*=}" $mx >ocsp.txt
quiet openssl ocsp -index ocsp.txt -CA intermediate.crt -rsigner intermediate.crt \
	-rkey intermediate.key -issuer intermediate.crt -cert revoked.crt -ndays 300 \
	-respout revoked.ocsp >/dev/null

tlsa() { openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform DER | openssl sha256 -r | cut -c1-64; }
tlsa good.crt >good.tlsa
tlsa intermediate.crt >ca.tlsa
rm -f mx.csr index.txt* serial.txt* ocsp.txt ./[0-9A-F]*[0-9A-F].pem
