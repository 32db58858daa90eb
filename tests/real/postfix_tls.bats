#!/usr/bin/env bats
# TLS and logins with a real Postfix whose users a real Dovecot knows: STARTTLS and TLS from the
# start, every fault of a certificate, every mechanism. The name mx.example.com is served by NSD.

load ../lib

FAULTS=(expired not-yet self-signed unknown-issuer incomplete wrong-name weak-key weak-signature)

setup_file()
{
	load ../lib
	load nsd
	load postfix
	load postfix_tls
	export ANN_PASSWORD='correct horse, battery' BOB_PASSWORD='staple-7'
	export CERTS=$BATS_FILE_TMPDIR/certs
	need openssl nsd postfix dovecot || return
	"$ROOT/tests/tls/make-certs.sh" "$CERTS"
	nsd_zone example.com <<<'mx A 127.0.0.1'
	nsd_start
	postfix_tls_start "$CERTS" good "${FAULTS[@]}"
}

teardown_file()
{
	load ../lib
	load nsd
	load postfix
	load postfix_tls
	postfix_tls_stop
	nsd_stop
}

setup()
{
	load ../lib
	load ../e2e/terminal
	load postfix
	load postfix_tls
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	export HOME=$BATS_TEST_TMPDIR # no ~/.netrc of ours
}

teardown()
{
	term_stop
}

talk() # PORT [OPTION…] <lines
{
	local port=$1
	shift
	timeout 30 "$SMTPTALK" --ca-file "$CERTS/ca.pem" --dns "127.0.0.1:$NSD_PORT" "$@" \
		mx.example.com "$port"
}

starttls() # NAME TEXT [OPTION…]
{
	local name=$1 text=$2
	shift 2
	talk "$(tls_port "$name")" --tls require "$@" <<<"$text"
}

smtps() # NAME TEXT [OPTION…]
{
	local name=$1 text=$2
	shift 2
	talk "$(smtps_port "$name")" --tls require --tls-on-connect "$@" <<<"$text"
}

base64_of()
{
	printf '%b' "$1" | base64 -w0
}

# lacks TEXT: nothing that was printed has it.
lacks()
{
	case $output in
	*"$1"*) printf 'must not be there: %s\nin:\n%s\n' "$1" "$output" >&2; return 1 ;;
	esac
}

message='MAIL FROM:<ann@sender.example>
RCPT TO:<bob@recipient.com>
DATA
Subject: NAME

through TLS
.'

@test "STARTTLS to a proven server, and the mail arrives" {
	run starttls good "EHLO me.example
STARTTLS
EHLO me.example
${message/NAME/by STARTTLS}
QUIT"
	[ "$status" -eq 0 ]
	has 'S: 250-STARTTLS'
	has 'S: 220 2.0.0 Ready to start TLS'
	has 'C & S: <negotiate TLS>'
	has 'S: 250-AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256'
	has 'S: 250 2.0.0 Ok: queued as'
	mail=$(postfix_mail 'Subject: by STARTTLS')
	grep -q 'using TLSv1.3 with cipher' "$mail"
}

@test "TLS from the start, and the mail arrives" {
	run smtps good "EHLO me.example
${message/NAME/by SMTPS}
QUIT"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'C & S: <negotiate TLS>' ]
	[ "${lines[1]}" = 'S: 220 mx.recipient.com ESMTP Postfix' ]
	postfix_mail 'Subject: by SMTPS'
}

@test "what is learned: version, cipher, names, dates, chain, verdict; the two EHLO answers" {
	run starttls good 'EHLO me.example
STARTTLS
EHLO me.example
QUIT' --explain short
	[ "$status" -eq 0 ]
	text=$(sed 's/^# *//' <<<"$output" | tr '\n' ' ')
	output=$text
	has 'TLSv1.3, TLS_AES_256_GCM_SHA384, key exchange X25519'
	has 'certificate for mx.example.com, *.mail.example.com, 192.0.2.25, 2001:db8::25'
	has 'issued by O=Example, CN=Example Intermediate'
	has 'key EC P-256, signed with ecdsa-with-SHA256'
	has 'verified: the certificate is for mx.example.com'
	has 'RFC 3207 §4.2'
	has 'gone: STARTTLS; new: AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256'
}

# faulty NAME SENTENCE: require stops before anything else is sent, on both ports; may goes on.
faulty()
{
	run starttls "$1" 'EHLO me.example
STARTTLS
EHLO me.example
MAIL FROM:<a@b.example>
QUIT'
	[ "$status" -eq 3 ]
	has "--tls require wants a proven server: $2"
	lacks 'C: MAIL'
	run smtps "$1" 'EHLO me.example
QUIT'
	[ "$status" -eq 3 ]
	has "--tls require wants a proven server: $2"
	lacks 'C: EHLO'
	run talk "$(smtps_port "$1")" --tls-on-connect <<<'EHLO me.example
QUIT'
	[ "$status" -eq 0 ]
	has "encrypted, but the server is not proven: $2"
	has 'S: 221 2.0.0 Bye'
}

@test "a certificate that has expired" {
	faulty expired 'the certificate has expired (on 2021-01-01)'
}

@test "a certificate that is not valid yet" {
	faulty not-yet 'the certificate is not valid yet (before 2090-01-01)'
}

@test "a certificate that signed itself" {
	faulty self-signed 'the certificate is signed by itself, by nobody we trust'
}

@test "a certificate from an authority that nobody trusts" {
	faulty unknown-issuer "the chain ends at an issuer that we do not trust (O=Elsewhere, CN=Nobody's Root)"
}

@test "a chain with a gap" {
	faulty incomplete 'the server did not send the certificate of the issuer, so the chain has a gap (O=Example, CN=Example Intermediate)'
}

@test "a certificate for other names" {
	faulty wrong-name 'the certificate is for other names (wanted: mx.example.com; offered: mail.example.org, www.example.org)'
}

@test "a key that is too short" {
	faulty weak-key 'a key in the chain is too short'
}

@test "a signature that is broken" {
	faulty weak-signature 'a signature in the chain uses a broken digest'
}

@test "AUTH PLAIN and LOGIN by hand; the wire line is masked" {
	run smtps good "EHLO me.example
AUTH PLAIN $(base64_of "\\0ann\\0$ANN_PASSWORD")
QUIT"
	[ "$status" -eq 0 ]
	has 'C: AUTH PLAIN <secret>'
	has 'S: 235 2.7.0 Authentication successful'
	run smtps good "EHLO me.example
AUTH LOGIN
$(base64_of ann)
$(base64_of "$ANN_PASSWORD")
QUIT" --explain short
	[ "$status" -eq 0 ]
	has 'asks: Username:'
	has 'asks: Password:'
	has 'C: <secret>'
	has 'S: 235 2.7.0 Authentication successful'
	lacks "$(base64_of "$ANN_PASSWORD")"
	lacks "$ANN_PASSWORD"
}

# login MECHANISM USER PASSWORD
login()
{
	SECRET=$3 smtps good "EHLO me.example
/auth $1 $2
${message/NAME/after $1}
QUIT" --auth-password-env SECRET --explain short
}

accepted()
{
	run login "$1" "$2" "$3"
	[ "$status" -eq 0 ]
	has "C: AUTH $1"
	has 'S: 235 2.7.0 Authentication successful'
	has 'S: 250 2.0.0 Ok: queued as'
	lacks "$3"
	lacks "$(base64_of "$3")"
	lacks "$(base64_of "\\0$2\\0$3")"
}

@test "/auth PLAIN" {
	accepted PLAIN ann "$ANN_PASSWORD"
}

@test "/auth LOGIN" {
	accepted LOGIN ann "$ANN_PASSWORD"
}

@test "/auth CRAM-MD5" {
	accepted CRAM-MD5 ann "$ANN_PASSWORD"
}

@test "/auth SCRAM-SHA-1: Dovecot proves that it knows the password" {
	accepted SCRAM-SHA-1 ann "$ANN_PASSWORD"
	has 'the server has proven that it knows the password, too'
}

@test "/auth SCRAM-SHA-256 against a verifier that is no password" {
	accepted SCRAM-SHA-256 bob "$BOB_PASSWORD"
	has 'the server has proven that it knows the password, too'
}

@test "/auth without a mechanism takes the strongest, and says why" {
	run login '' bob "$BOB_PASSWORD"
	[ "$status" -eq 0 ]
	has 'C: AUTH SCRAM-SHA-256'
	has 'The strongest of them'
}

@test "a wrong password: 535 is explained, the exit status tells" {
	run login PLAIN ann wrong-password
	[ "$status" -eq 4 ]
	has 'S: 535 5.7.8 Error: authentication failed'
	has '# 535 5.7.8: '
	lacks wrong-password
	run login SCRAM-SHA-256 bob wrong-password
	[ "$status" -eq 4 ]
	has 'S: 535 5.7.8 Error: authentication failed'
}

@test "/auth before STARTTLS: not offered, and refused here without TLS" {
	run talk "$(tls_port good)" <<<'EHLO me.example
/auth PLAIN ann
QUIT'
	[ "$status" -eq 1 ]
	has 'there is no TLS, and base64 is not encryption'
	lacks 'C: AUTH'
}

@test "AUTH cancelled with *, and bad base64 pointed out" {
	run smtps good 'EHLO me.example
AUTH LOGIN
*
AUTH LOGIN
no!base64
QUIT' --explain short
	[ "$status" -eq 4 ]
	has 'C: *'
	has 'S: 501'
	has 'what you sent is not base64: byte 3 of 9 does not belong there'
}

@test "at the prompt: STARTTLS, the verdict, the password without echo, 235" {
	need tmux
	term_start 100 40 "$SMTPTALK" --ca-file "$CERTS/ca.pem" --dns "127.0.0.1:$NSD_PORT" \
		mx.example.com "$(tls_port good)"
	term_see 'S: 220 mx.recipient.com'
	term_line 'EHLO me.example'
	term_see 'S: 250 CHUNKING'
	term_line STARTTLS
	term_see 'C & S: <negotiate TLS>'
	term_see 'verified: the certificate is for mx.example.com'
	term_line 'EHLO me.example'
	term_see_times 2 'S: 250 CHUNKING'
	term_line '/auth SCRAM-SHA-256 bob'
	term_see 'it is not shown while you type'
	term_line "$BOB_PASSWORD"
	term_see 'S: 235 2.7.0 Authentication successful'
	term_line '/tls'
	term_line QUIT
	term_see 'S: 221 2.0.0 Bye'
	! term_has "$BOB_PASSWORD"
}
