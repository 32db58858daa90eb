#!/usr/bin/env bats
# TLS and logins as a user meets them: what is shown, what is refused, and what never appears.

load ../lib
load terminal

SECRET=wonderland-7f3a

setup() {
	S=$SMTPTALK
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	export HOME=$BATS_TEST_TMPDIR/home
	mkdir -p "$HOME"
}

teardown() {
	term_stop
	stop_servers
}

talk() { # talk LINES ARGUMENT…: the lines through a pipe; standard error is in $output, too
	local lines=$1
	shift
	# shellcheck disable=SC2016
	run bash -c 'printf "$0" | timeout 20 "$@" 2>&1' "$lines" "$S" "$@"
}

hasnt() {
	case $output in
	*"$1"*)
		printf 'expected not to find: %s\nin:\n%s\n' "$1" "$output" >&2
		return 1
		;;
	esac
}

secret64() { # the answer of AUTH PLAIN for alice
	printf '\0alice\0%s' "$SECRET" | base64
}

make_certs() { # $CERTS is the folder of make-certs.sh; local.crt is for 127.0.0.1
	need openssl
	CERTS=$BATS_FILE_TMPDIR/certs
	if [ ! -e "$CERTS/local.crt" ]; then
		"$ROOT/tests/tls/make-certs.sh" "$CERTS"
		openssl req -x509 -config "$CERTS/ssl.cnf" -key "$CERTS/shared.key" -subj /CN=local -days 30 \
			-addext subjectAltName=IP:127.0.0.1 -out "$CERTS/local.crt" 2>"$CERTS/local.log"
		cp "$CERTS/shared.key" "$CERTS/local.key"
	fi
}

# start_tls_server NAME [OPTION…]: TLS at once, with that certificate of make-certs.sh and these
# options of openssl s_server, then a greeting, once, on $PORT
start_tls_server() {
	local name=$1
	shift
	make_certs
	PORT=$(free_port)
	: >"$BATS_TEST_TMPDIR/server.log"
	# shellcheck disable=SC2016
	start_server bash -c 'port=$0 name=$1 chain=$2; shift 2; exec openssl s_server -naccept 1 -port "$port" \
		-cert "$name.crt" -cert_chain "$chain" -key "$name.key" "${@}" < <(echo "220 mx.example.com ESMTP"; exec sleep 20)' \
		"$PORT" "$CERTS/$name" "$CERTS/intermediate.pem" "$@"
	wait_until 10 grep -q ACCEPT "$BATS_TEST_TMPDIR/server.log"
}

@test "STARTTLS: the handshake, the certificate, the verdict, and EHLO compared" {
	talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\nQUIT\n' --practice --explain short submission.test 587
	[ "$status" = 0 ]
	has "C & S: <negotiate TLS>"
	has "# TLSv1.3, "
	has "# certificate for submission.test"
	has "# verified: the certificate is for submission.test"
	has "RFC 3207 §4.2"
	has "gone: STARTTLS; new: AUTH PLAIN"
}

@test "each fault of a certificate is told apart, and require stops at it" {
	local host fault
	while read -r host fault; do
		talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\nQUIT\n' --practice "bob@$host"
		has "is not proven: $fault"
		has "C: QUIT"
		[ "$status" = 0 ]
		talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\nQUIT\n' --practice --tls require "bob@$host"
		has "--tls require wants a proven server: $fault"
		hasnt "C: QUIT"
		[ "$status" = 3 ]
	done <<-'END'
		expired.test the certificate has expired
		notyet.test the certificate is not valid yet
		wrongname.test the certificate is for other names (wanted: mx.wrongname.test; offered: mail.somebody-else.test)
		selfsigned.test the certificate is signed by itself
		chain.test the server did not send the certificate of the issuer
	END
}

@test "require,verify=no wants TLS, and takes a server that is not proven" {
	talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\nMAIL FROM:<a@example.com>\nQUIT\n' \
		--practice --tls require,verify=no bob@selfsigned.test
	[ "$status" = 0 ]
	has "is not proven: the certificate is signed by itself"
	has "C: MAIL"
	talk 'EHLO me.example\nMAIL FROM:<a@example.com>\nQUIT\n' \
		--practice --tls require,verify=no bob@selfsigned.test
	[ "$status" = 3 ]
	has "MAIL was not sent: TLS was asked for, and this connection has none"
	hasnt "C: MAIL"
	talk 'EHLO me.example\nSTARTTLS\n' --practice --tls require,verify=no bob@stripped.test
	[ "$status" = 3 ]
	has "the server does not offer STARTTLS"
	mkdir -p "$XDG_CONFIG_HOME/smtptalk"
	echo 'tls: require' >"$XDG_CONFIG_HOME/smtptalk/config"
	SMTPTALK_TLS=require,verify=no talk 'EHLO me.example\nSTARTTLS\nQUIT\n' --practice bob@selfsigned.test
	[ "$status" = 0 ]
	echo 'tls: require,verify=no' >"$XDG_CONFIG_HOME/smtptalk/config"
	talk 'EHLO me.example\nSTARTTLS\nQUIT\n' --practice bob@selfsigned.test
	[ "$status" = 0 ]
	talk 'EHLO me.example\nQUIT\n' --practice --tls require,verify=maybe bob@selfsigned.test
	[ "$status" = 1 ]
}

@test "require goes on with a proven server" {
	talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\nMAIL FROM:<alice@school.test>\nQUIT\n' --practice --tls require bob@school.test
	[ "$status" = 0 ]
	has "C: QUIT"
}

@test "require ends where STARTTLS is taken out, refused, or answered by another code" {
	talk 'EHLO me.example\nSTARTTLS\nQUIT\n' --practice --tls require bob@stripped.test
	[ "$status" = 3 ]
	has "the server does not offer STARTTLS"
	hasnt "C: STARTTLS"
	local reply
	for reply in "454 4.7.0 not now" "502 5.5.1 no" "354 go on" "250 OK"; do
		serve_session <<-END
			S: 220 mx.example ESMTP
			C: EHLO me.example
			S: 250-mx.example
			S: 250 STARTTLS
			C: STARTTLS
			S: $reply
		END
		talk 'EHLO me.example\nSTARTTLS\nMAIL FROM:<a@example.com>\n' --tls require 127.0.0.1 "$PORT"
		[ "$status" = 3 ]
		has "after STARTTLS: STARTTLS was answered"
		hasnt "C: MAIL"
	done
}

@test "require sends neither MAIL nor AUTH before TLS" {
	talk "EHLO me.example\nAUTH PLAIN $(secret64)\nQUIT\n" --practice --tls require submission.test 587
	[ "$status" = 3 ]
	has "AUTH was not sent: TLS was asked for, and this connection has none"
	hasnt "C: AUTH"
	talk 'EHLO me.example\nMAIL FROM:<a@example.com>\n' --practice --tls require bob@school.test
	[ "$status" = 3 ]
	has "MAIL was not sent"
}

@test "bytes behind STARTTLS's 220 are shown, and end it" {
	talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\n' --practice bob@inject.test
	[ "$status" = 3 ]
	has "the server's 220 came with more bytes behind it, in the clear (\""
	hasnt "negotiate TLS"
}

@test "a server of OpenSSL: verified with --ca-file, another name, an authority that is not trusted" {
	start_tls_server local
	talk '' --tls-on-connect --explain short --ca-file "$CERTS/local.crt" 127.0.0.1 "$PORT"
	[ "$status" = 0 ]
	has "# verified: the certificate is for 127.0.0.1"
	has "S: 220 mx.example.com ESMTP"
	start_tls_server good
	talk '' --tls-on-connect --ca-file "$CERTS/ca.pem" 127.0.0.1 "$PORT"
	[ "$status" = 0 ]
	has "S: 220 mx.example.com ESMTP"
	has "is not proven: the certificate is for other names (wanted: 127.0.0.1; offered: mx.example.com, "
	start_tls_server good
	talk '' --tls-on-connect --tls require 127.0.0.1 "$PORT"
	[ "$status" = 3 ]
	has "--tls require wants a proven server: the chain ends at an issuer that we do not trust"
	hasnt "S: 220"
}

@test "--keylog keeps keys for its owner only; a CA file that is none is named" {
	start_tls_server good
	talk '' --tls-on-connect --keylog "$BATS_TEST_TMPDIR/keys" 127.0.0.1 "$PORT"
	grep -qE '^(CLIENT|SERVER)_' "$BATS_TEST_TMPDIR/keys"
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/keys")" = 600 ]
	start_tls_server good
	talk 'QUIT\n' --tls-on-connect --ca-file "$BATS_TEST_TMPDIR/nothing" 127.0.0.1 "$PORT"
	[ "$status" = 2 ]
	has "$BATS_TEST_TMPDIR/nothing"
	hasnt "C: QUIT"
}

@test "a client certificate is shown to a server that wants one, and missed where there is none" {
	start_tls_server local -Verify 1 -verify_return_error -CAfile "$BATS_FILE_TMPDIR/certs/ca.pem"
	talk '' --tls-on-connect --ca-file "$CERTS/local.crt" --client-cert "$CERTS/client.pem" \
		--client-key "$CERTS/client.key" --explain short 127.0.0.1 "$PORT"
	[ "$status" = 0 ]
	has "S: 220 mx.example.com ESMTP"
	start_tls_server local -Verify 1 -verify_return_error -CAfile "$CERTS/ca.pem"
	talk '' --tls-on-connect --ca-file "$CERTS/local.crt" --explain short 127.0.0.1 "$PORT"
	[ "$status" = 3 ]
	has "certificate"
	hasnt "S: 220"
}

@test "--ca-path takes a hashed folder; --tls-min lets an old version in only when it is asked" {
	make_certs
	mkdir -p "$BATS_TEST_TMPDIR/trusted"
	cp "$CERTS/local.crt" "$BATS_TEST_TMPDIR/trusted/local.pem"
	openssl rehash "$BATS_TEST_TMPDIR/trusted"
	start_tls_server local
	talk '' --tls-on-connect --tls require --ca-path "$BATS_TEST_TMPDIR/trusted" 127.0.0.1 "$PORT"
	[ "$status" = 0 ]
	has "S: 220 mx.example.com ESMTP"
	start_tls_server local -tls1_1 -cipher ALL:@SECLEVEL=0
	talk '' --tls-on-connect --ca-file "$CERTS/local.crt" 127.0.0.1 "$PORT"
	[ "$status" = 3 ]
	has "no TLS version that is new enough"
	start_tls_server local -tls1_1 -cipher ALL:@SECLEVEL=0
	talk '' --tls-on-connect --tls-min 1.0 --explain short --ca-file "$CERTS/local.crt" 127.0.0.1 "$PORT"
	[ "$status" = 0 ]
	has "# TLSv1.1, "
}

@test "TLS before the greeting, where the server speaks in the clear" {
	talk 'EHLO me.example\n' --practice --tls-on-connect submission.test 587
	[ "$status" = 3 ]
	has "something that is not TLS: \"220 submission.test ESMTP"
}

@test "smtps:// begins with TLS; /tls shows it again; /tls pem prints the chain" {
	talk 'EHLO me.example\n/tls\n/tls pem\nQUIT\n' --practice smtps://submission.test
	[ "$status" = 0 ]
	has "# verified: the certificate is for submission.test"
	# shellcheck disable=SC2154
	[ "$(grep -c 'BEGIN CERTIFICATE' <<<"$output")" = 2 ]
}

@test "AUTH by hand in a pipe: masked, decoded, bad base64 pointed out" {
	talk "EHLO me.example\nSTARTTLS\nEHLO me.example\nAUTH PLAIN $(secret64)\nAUTH LOGIN\nYWxpY2U=\n$(printf %s $SECRET | base64)\nAUTH PLAIN AGJv!mVz\nQUIT\n" \
		--practice --explain short submission.test 587
	[ "$status" = 4 ]
	has "C: AUTH PLAIN <secret>"
	has "# it says: user alice, password ******"
	has "# decoded: asks: Username:"
	has "C: <secret>"
	has "not base64: byte 5 of 8"
	hasnt "$SECRET"
	hasnt "$(secret64)"
	hasnt "$(printf %s $SECRET | base64)"
}

@test "next comes last: after the keywords, the comparison, what a challenge says" {
	talk "EHLO me.example\nSTARTTLS\nEHLO me.example\nAUTH LOGIN\nYWxpY2U=\n$(printf %s $SECRET | base64)\nQUIT\n" \
		--practice --explain full submission.test 587
	has "# decoded: asks: Password:"
	has "# SIZE: "
	has "# EHLO, compared with the one before TLS"
	[ "$(grep -c '^# next: ' <<<"$output")" -ge 6 ]
	next_is_last <<<"$output"
}

@test "next is STARTTLS, then EHLO, then /auth, then MAIL where one logs in" {
	PASSWORD=wonderland talk 'EHLO vm\nMAIL FROM:<a@example.com>\n/next\nSTARTTLS\n/next\nEHLO vm\nMAIL FROM:<a@example.com>\n/auth alice\nQUIT\n' \
		--practice --explain short --helo vm --auth-password-env PASSWORD submission.test 587
	[ "$(grep -o '^# next: [^ ,]*' <<<"$output" | tr '\n' ' ')" = \
		"# next: HELO # next: STARTTLS # next: STARTTLS # next: STARTTLS # next: EHLO # next: EHLO # next: /auth # next: /auth # next: MAIL # next: nothing " ]
}

@test "/auth says no next while it answers by itself" {
	PASSWORD=wonderland talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\n/auth LOGIN alice\nQUIT\n' \
		--practice --explain short --auth-password-env PASSWORD submission.test 587
	[ "$status" = 0 ]
	has "# decoded: asks: Password:"
	hasnt "base64; or a line"
	next_is_last <<<"$output"
}

@test "an unproven peer is named again at AUTH; AUTH in clear is odd" {
	talk "EHLO me.example\nAUTH PLAIN $(secret64)\nQUIT\n" --practice --explain short cleartext.test 587
	has "odd: the login is not protected by TLS"
	hasnt "$(secret64)"
	talk "EHLO me.example\\nSTARTTLS\\nEHLO me.example\\nAUTH PLAIN $(secret64)\\nQUIT\\n" \
		--practice --explain short bob@wrongname.test
	has "who gets this login is not proven: the certificate is for other names"
	has "odd: the server did not offer AUTH"
	hasnt "$(secret64)"
}

@test "/auth takes the strongest, says why, and checks the server" {
	PASSWORD=wonderland talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\n/auth alice\nQUIT\n' \
		--practice --explain short --auth-password-env PASSWORD submission.test 587
	[ "$status" = 0 ]
	has "The strongest of them"
	has "C: AUTH SCRAM-SHA-256 <secret>"
	has "S: 235 2.7.0"
	has "the server has proven that it knows the password, too"
	hasnt wonderland
}

@test "/auth takes -PLUS where it is offered inside TLS, and binds the login to the connection" {
	make_certs
	serve_session --cert "$CERTS/local.crt" --key "$CERTS/local.key" <<-'END'
		S: 220 mx.example ESMTP
		C: EHLO me.example
		S: 250-mx.example
		S: 250 STARTTLS
		C: STARTTLS
		S: 220 go ahead
		C & S: <negotiate TLS>
		C: EHLO me.example
		S: 250-mx.example
		S: 250 AUTH SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN
		C: AUTH SCRAM-SHA-256-PLUS <secret>
		S: 535 5.7.8 no
		C: QUIT
		S: 221 bye
	END
	PASSWORD=wonderland talk 'EHLO me.example\nSTARTTLS\nEHLO me.example\n/auth alice\nQUIT\n' \
		--explain short --ca-file "$CERTS/local.crt" --auth-password-env PASSWORD 127.0.0.1 "$PORT"
	[ "$status" = 4 ]
	has "can be done here is SCRAM-SHA-256-PLUS."
	has "C: AUTH SCRAM-SHA-256-PLUS <secret>"
	has "connection by tls-exporter"
}

@test "/auth with each mechanism, the password from a file and from netrc" {
	local m
	(umask 077 && printf 'wonderland\n' >"$HOME/password" &&
		printf 'machine submission.test login alice password wonderland\n' >"$HOME/.netrc")
	for m in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
		talk "EHLO me.example\nSTARTTLS\nEHLO me.example\n/auth $m alice\nQUIT\n" \
			--practice --auth-password-file "$HOME/password" submission.test 587
		[ "$status" = 0 ]
		has "C: AUTH $m"
		has "S: 235"
	done
	talk "EHLO me.example\nSTARTTLS\nEHLO me.example\n/auth PLAIN\nQUIT\n" --practice submission.test 587
	has "S: 235"
	chmod 644 "$HOME/.netrc"
	talk "EHLO me.example\nSTARTTLS\nEHLO me.example\n/auth PLAIN\nQUIT\n" --practice submission.test 587
	[ "$status" = 2 ]
	has "others may read it"
	hasnt "C: AUTH"
}

@test "/auth with a token: XOAUTH2 and OAUTHBEARER, taken and refused, and the token never shown" {
	local m
	for m in XOAUTH2 OAUTHBEARER; do
		TOKEN=ya29.practice-token talk "EHLO me.example\nSTARTTLS\nEHLO me.example\n/auth $m alice\nQUIT\n" \
			--practice --explain short --auth-password-env TOKEN oauth.test 587
		[ "$status" = 0 ]
		has "C: AUTH $m <secret>"
		has "S: 235"
		hasnt ya29.practice-token
		TOKEN=ya29.expired talk "EHLO me.example\nSTARTTLS\nEHLO me.example\n/auth $m alice\nQUIT\n" \
			--practice --explain short --auth-password-env TOKEN oauth.test 587
		[ "$status" = 4 ]
		has "S: 334"
		has "S: 535"
		hasnt ya29.expired
	done
}

@test "/auth without TLS is refused with the reason, unless --auth-in-clear" {
	PASSWORD=x talk 'EHLO me.example\n/auth PLAIN alice\nQUIT\n' --practice --auth-password-env PASSWORD cleartext.test 587
	[ "$status" = 1 ]
	has "base64 is not encryption"
	hasnt "C: AUTH"
	PASSWORD=x talk 'EHLO me.example\n/auth PLAIN alice\nQUIT\n' --practice --auth-password-env PASSWORD --auth-in-clear cleartext.test 587
	has "C: AUTH PLAIN <secret>"
}

@test "a login typed in the clear is not sent over a network, unless --auth-in-clear" {
	need ip unshare
	cat >"$BATS_TEST_TMPDIR/clear.smtp" <<-'END'
		S: 220 mx.example ESMTP
		C: EHLO me.example
		S: 250-mx.example
		S: 250 AUTH PLAIN
		C* *
		S: 221 bye
		S: <close>
	END
	# shellcheck disable=SC2016
	local script='ip link set lo up && ip addr add 192.0.2.1/32 dev lo || exit 9
		"$0" serve "$1" --once --listen 192.0.2.1:2525 >"$1.log" 2>&1 &
		until grep -q 2525 "$1.log"; do sleep 0.05; done
		printf "EHLO me.example\nAUTH PLAIN AGEAYg==\nQUIT\n" | timeout 10 "$0" 192.0.2.1 2525 $2'
	run unshare -rn bash -c "$script" "$S" "$BATS_TEST_TMPDIR/clear.smtp" ""
	[ "$status" = 3 ]
	has "AUTH was not sent: there is no TLS, and base64 is not encryption"
	hasnt "C: AUTH"
	run unshare -rn bash -c "$script" "$S" "$BATS_TEST_TMPDIR/clear.smtp" --auth-in-clear
	has "C: AUTH PLAIN <secret>"
}

@test "/raw shows nothing of a login" {
	talk "EHLO me.example\\n/raw AUTH PLAIN $(secret64)\\\\r\\\\n\\nQUIT\\n" --practice cleartext.test 587
	has "# /raw <secret>"
	has "C! <secret>"
	hasnt "$(secret64)"
}

@test "235 before credentials, and a challenge after it, are tricks" {
	serve_session <<-'END'
		S: 220 mx.example ESMTP
		C: EHLO me.example
		S: 250-mx.example
		S: 250 AUTH PLAIN
		C: AUTH PLAIN
		S: 235 welcome
	END
	talk 'EHLO me.example\nAUTH PLAIN\nMAIL FROM:<a@example.com>\n' 127.0.0.1 "$PORT"
	[ "$status" = 3 ]
	has "the login was accepted before any credentials were sent"
	hasnt "C: MAIL"
}

@test "a login in the clear to a server that spoke TLS a moment ago is not sent" {
	term_start 80 24 "$S" --practice bob@school.test
	term_see "S: 220 mail.school.test"
	term_line "EHLO me.example"
	term_see "250-STARTTLS"
	term_line "STARTTLS"
	term_see "C & S: <negotiate TLS>"
	term_line "/close"
	term_see "connection closed"
	term_line "/connect"
	term_see_times 2 "S: 220 mail.school.test"
	term_line "AUTH LOGIN"
	term_see "spoke TLS in the connection before"
	term_line "/quit"
}

@test "at a terminal nothing of a login is on the screen or in the history" {
	term_start 100 40 "$S" --practice submission.test 587
	term_see "S: 220"
	term_see_prompt
	term_line "EHLO me.example"
	term_see "S: 250 CHUNKING"
	term_line "STARTTLS"
	term_see "C & S: <negotiate TLS>"
	term_see_prompt
	term_line "EHLO me.example"
	term_see_times 2 "S: 250 CHUNKING"
	term_line "AUTH PLAIN"
	term_see_prompt "C (not shown):"
	term_type "$(secret64)"
	sleep 0.3
	term_see_prompt "C (not shown):"
	term_key Enter
	term_see "S: 535"
	term_see "C: <secret>"
	grep -q '^Max core file size  *0  *0 ' "/proc/$(term_pid)/limits"
	term_line "AUTH PLAIN $(secret64)"
	term_see "C: AUTH PLAIN <secret>"
	term_see_times 2 "S: 535"
	term_line "/auth alice"
	term_see "the password of alice at submission.test"
	term_line "wonderland"
	term_see "S: 235"
	term_line "/history"
	term_see_prompt
	term_line "/quit"
	term_ended 0
	output=$(
		term_screen
		cat "$BATS_TEST_TMPDIR/state/smtptalk/history"
	)
	hasnt "$(secret64)"
	hasnt "$SECRET"
	hasnt wonderland
	has "STARTTLS"
}
