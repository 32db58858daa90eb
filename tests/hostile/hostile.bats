#!/usr/bin/env bats
# Peers that misbehave. Each is a session file whose comments say what it does and what smtptalk has
# to say about it; play.bash reads them. The numbers group them: 01-17 replies, 18-33 the sequence, 34-37
# STARTTLS, 38 AUTH, 39-40 certificates and TLS itself.

load ../lib
load play

setup_file() {
	export BIG=$BATS_FILE_TMPDIR/big
	mkdir "$BIG"
	"$ROOT/tests/hostile/make-big.sh" "$BIG"
	export CERTS=$BATS_FILE_TMPDIR/certs
	"$ROOT/tests/tls/make-certs.sh" "$CERTS"
}

setup() {
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	cd "$ROOT/tests/hostile" || return 1
}

teardown() {
	stop_servers
}

@test "01: The greeting sets the window title, the clipboard (OSC 52) and the colours" {
	play 01-escapes.smtp
}

@test "02: The greeting holds the 8-bit control CSI, written as UTF-8 and as a bare byte" {
	play 02-c1-as-utf8.smtp
}

@test "03: The greeting reverses its direction and hides characters: bidi, zero-width, tags" {
	play 03-invisible.smtp
}

@test "04: A reply holds bytes that are not UTF-8: Latin-1, an overlong form, a surrogate" {
	play 04-not-utf8.smtp
}

@test "05: A reply holds bare CRs, which would write over the line on a terminal" {
	play 05-bare-cr.smtp
}

@test "06: A reply holds NUL bytes" {
	play 06-nul.smtp
}

@test "07: A reply line has no end" {
	play "$BIG"/07-endless-line.smtp
}

@test "08: Every line ends in LF without CR" {
	play 08-bare-lf.smtp
}

@test "09: A reply comes byte by byte and never ends: each byte in time, the whole too late" {
	play 09-drip.smtp
}

@test "10a: A reply has no last line" {
	play "$BIG"/10a-endless-lines.smtp
}

@test "10b: A reply has few lines, and each of them is very long" {
	play "$BIG"/10b-huge-reply.smtp
}

@test "11: The connection ends inside a reply of several lines" {
	play 11-cut-off.smtp
}

@test "12: The lines of one reply have different codes" {
	play 12-mixed-codes.smtp
}

@test "13a: A reply begins with 199" {
	play 13a-code-199.smtp
}

@test "13b: A reply begins with 600" {
	play 13b-code-600.smtp
}

@test "13c: A reply begins with 25x" {
	play 13c-code-25x.smtp
}

@test "13d: A reply begins with 2500" {
	play 13d-code-2500.smtp
}

@test "13e: A reply begins with 25" {
	play 13e-code-25.smtp
}

@test "14: A reply is a code alone, without blank and text" {
	play 14-code-alone.smtp
}

@test "15a: A reply begins with a plus sign" {
	play 15a-plus.smtp
}

@test "15b: A reply begins with blanks" {
	play 15b-leading-blanks.smtp
}

@test "15c: EHLO keywords come in lower case, which is allowed (RFC 5321 §2.4)" {
	play 15c-lower-case.smtp
}

@test "16a: The greeting is a 354" {
	play 16a-greeting-354.smtp
}

@test "16b: The greeting is a 421: too busy" {
	play 16b-greeting-421.smtp
}

@test "16c: The greeting is a 500" {
	play 16c-greeting-500.smtp
}

@test "16d: The greeting is a 554: no mail service here" {
	play 16d-greeting-554.smtp
}

@test "17a: EHLO is answered with 10,000 keywords" {
	play "$BIG"/17a-many-keywords.smtp
}

@test "17b: SIZE is 2^70, which fits in no integer" {
	play 17b-huge-size.smtp
}

@test "18: A reply comes before any command" {
	play 18-reply-before-command.smtp
}

@test "19: Two replies come to one command; the second belongs to none" {
	play 19-two-replies.smtp
}

@test "20: Garbage comes amid the replies to pipelined commands: the batch is over" {
	play 20-garbage-in-a-batch.smtp
}

@test "21: Three commands are pipelined and only two are answered" {
	play 21-replies-short.smtp
}

@test "22a: The connection opens and nothing is ever said" {
	play 22a-no-greeting.smtp
}

@test "22b: A command is never answered" {
	play 22b-no-reply.smtp
}

@test "23a: A 421 comes while nobody waits for a reply, then the connection ends" {
	play 23a-late-421.smtp
}

@test "23b: A 421 answers a command, then the connection ends" {
	play 23b-421-to-a-command.smtp
}

@test "23c: After a 421 the server keeps the connection open" {
	play 23c-421-and-stays.smtp
}

@test "24: The connection ends in order after 354, before the message came" {
	play 24-close-after-354.smtp
}

@test "25: The connection is reset inside the message text" {
	play 25-reset-in-text.smtp
}

@test "26: The whole message is taken and never acknowledged" {
	play 26-silence-after-dot.smtp
}

@test "26b: The whole message is taken, and the connection ends without a word" {
	play 26b-close-after-dot.smtp
}

@test "27: DATA is answered 250: message text sent now would be taken for commands" {
	play 27-250-for-354.smtp
}

@test "28: After 354 the server reads nothing any more: 6 MB of message text have nowhere to go" {
	play "$BIG"/28-stops-reading.smtp
}

@test "29: The 220 to STARTTLS comes with a further reply in the clear behind it (RFC 3207 §4.1)" {
	play 29-injected-after-starttls.smtp
}

@test "30: Replies come in pieces that cut codes, line ends and lines anywhere; all is well" {
	play 30-segments.smtp
}

@test "31: The connection ends before the greeting" {
	play 31-close-at-once.smtp
}

@test "32: The connection is reset instead of a greeting" {
	play 32-reset-at-once.smtp
}

@test "33: QUIT is not answered: the connection just ends" {
	play 33-no-221.smtp
}

@test "34a: STARTTLS is not offered, and TLS is required" {
	play 34a-no-starttls.smtp
}

@test "34b: STARTTLS is offered and answered 454, and TLS is required" {
	play 34b-starttls-454.smtp
}

@test "34c: STARTTLS is offered and answered 502, and TLS is required" {
	play 34c-starttls-502.smtp
}

@test "34d: STARTTLS is offered and answered 354, and TLS is required" {
	play 34d-starttls-354.smtp
}

@test "34e: STARTTLS is offered and answered 250, and TLS is required" {
	play 34e-starttls-250.smtp
}

@test "35a: Behind the refusal of STARTTLS come fake replies to what is to follow; TLS is required" {
	play 35a-fakes-behind-a-refusal.smtp
}

@test "35b: Behind the refusal of STARTTLS come fake replies; they answer nothing that is sent later" {
	play 35b-fakes-without-require.smtp
}

@test "36a: After the 220 to STARTTLS nothing comes" {
	play 36a-no-handshake.smtp
}

@test "36b: After the 220 to STARTTLS the server goes on in the clear" {
	play 36b-plaintext.smtp
}

@test "36c: After the 220 to STARTTLS the connection ends" {
	play 36c-close-for-handshake.smtp
}

@test "37a: EHLO is refused after TLS" {
	play 37a-no-ehlo-after-tls.smtp
}

@test "37b: After TLS the server has another name, offers STARTTLS again and no AUTH" {
	play 37b-other-ehlo-after-tls.smtp
}

@test "37c: After TLS what was offered before counts no more (RFC 3207 §4.2): AUTH was offered only in the clear." {
	play 37c-old-offer-after-tls.smtp
}

@test "38a: AUTH is accepted before any credentials were sent" {
	play 38a-235-at-once.smtp
}

@test "38b: After the 235 the server asks again" {
	play 38b-334-after-235.smtp
}

@test "38c: The server asks without an end" {
	play 38c-endless-334.smtp
}

@test "38d: A challenge is longer than 12,288 bytes (RFC 4954 §4)" {
	play 38d-huge-334.smtp
}

@test "38e: A mechanism is asked for that was never offered" {
	play 38e-never-offered.smtp
}

@test "38f: A challenge is not base64" {
	play 38f-not-base64.smtp
}

@test "39a: The certificate's name holds a NUL: mx.example.com, NUL, .evil.test" {
	play 39a-nul-in-a-name.smtp
}

@test "39b: The certificate's subject sets the window title" {
	play 39b-controls-in-a-subject.smtp
}

@test "39c: A server that nobody vouches for offers AUTH: at AUTH it is said again" {
	play 39c-never-verified.smtp
}

# tls_server WHAT OPTION…: openssl's own server, where TLS comes first; PORT is where. It says what the
# commands WHAT write, where R begins a renegotiation.
tls_server()
{
	local what=$1
	shift
	need openssl
	OUT=$BATS_TEST_TMPDIR/out
	PORT=$(free_port)
	# shellcheck disable=SC2016
	start_server bash -c 'exec openssl s_server "$@" < <(eval "$0")' "$what" -naccept 1 \
		-accept "127.0.0.1:$PORT" -cert "$CERTS/loopback.crt" -key "$CERTS/loopback.key" \
		-cert_chain "$CERTS/intermediate.pem" "$@"
	wait_until 10 grep -q ACCEPT "$BATS_TEST_TMPDIR/server.log"
}

meet()
{
	printf 'EHLO me\nQUIT\n' | timeout 30 "$SMTPTALK" --timeout 2 --tls-on-connect --tls require \
		--ca-file "$CERTS/ca.pem" 127.0.0.1 "$PORT" >"$OUT" 2>&1
}

old_version()
{
	tls_server 'sleep 3' "$1" -cipher 'ALL:@SECLEVEL=0'
	run meet
	[ "$status" -eq 3 ] || complain "exit status $status"
	grep -qF 'the server offers no TLS version that is new enough' "$OUT" || complain 'no reason'
	! grep -q '^[CS]: ' "$OUT" || complain 'something was said'
}

@test "40a: TLS 1.1 only" {
	old_version -tls1_1
}

@test "40a: TLS 1.0 only" {
	old_version -tls1
}

@test "40b: TLS 1.2 is the least that is taken, and it is" {
	tls_server 'echo "220 mx.example ESMTP"; sleep 0.7; echo "250 mx.example"; sleep 3' -tls1_2
	run meet
	grep -q 'S: 220 mx.example' "$OUT" || complain 'no greeting'
	grep -q 'S: 250 mx.example' "$OUT" || complain 'no reply'
}

@test "40c: TLS is cut off without close_notify: the end may not be the server's" {
	tls_server 'echo "220 mx.example ESMTP"; sleep 5' -tls1_3
	(
		wait_until 10 grep -q 'S: 220' "$BATS_TEST_TMPDIR/out"
		kill -9 "${SERVERS[0]}"
	) 3>&- &
	run meet
	[ "$status" -eq 3 ] || complain "exit status $status"
	grep -q 'TLS was cut off without its closing message' "$OUT" || complain 'the truncation is not named'
}

@test "40d: the server wants to negotiate anew (TLS 1.2): refused" {
	# s_server takes R for a command only where a read of its input begins with it.
	tls_server 'echo "220 mx.example ESMTP"; until grep -q "S: 220" "$BATS_TEST_TMPDIR/out"; do sleep 0.1; done
		echo R; sleep 5' -tls1_2
	run meet
	grep -q 'wanted to negotiate TLS again inside the running one' "$OUT" || complain 'the trick is not named'
	[ "$status" -eq 3 ] || complain "exit status $status"
}

@test "every session file here is played" {
	local file
	for file in *.smtp "$BIG"/*.smtp; do
		grep -q "play .*${file##*/}\$" hostile.bats || { echo "$file is played by no test"; return 1; }
	done
}
