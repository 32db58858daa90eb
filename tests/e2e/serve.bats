#!/usr/bin/env bats
# smtptalk serve without a file: the practice internet on real ports, for other programs.

setup()
{
	load ../lib
	cd "$BATS_TEST_TMPDIR" || return
	export HOME=$BATS_TEST_TMPDIR
}

teardown()
{
	stop_servers
}

serve() # OPTION…: on ports that the system chooses; the log is server.log
{
	start_server "$SMTPTALK" serve --port 0 "$@"
	wait_until 30 grep -q '\^C stops' server.log || { cat server.log >&2; return 1; }
}

port_of() # HOST PORT: the real one
{
	awk -v host="$1" -v port="$2" '$3 == host && $4 == port { print $2 }' server.log
}

talk() # HOST, lines on standard input: what nc shows of it
{
	sed 's/$/\r/' | nc -q 10 127.0.0.1 "$(port_of "$1" 25)" | tr -d '\r'
}

@test "a table says where each host is, and nc can talk to two of them" {
	need nc
	serve
	run cat server.log
	has 'the practice internet on 127.0.0.1:'
	has 'the school, the host of the first lessons'
	has 'mx.refused.test'
	has 'it refuses connections'
	has "try:  telnet 127.0.0.1 $(port_of mail.school.test 25)"
	run talk mail.school.test <<-'END'
		EHLO laptop.example
		MAIL FROM:<me@laptop.example>
		RCPT TO:<bob@school.test>
		RCPT TO:<bob@other.example>
		QUIT
	END
	has '220 mail.school.test ESMTP Postfix'
	has '250 2.1.5 Ok'
	has '554 5.7.1 <bob@other.example>: Relay access denied'
	has '221 2.0.0 Bye'
	run talk gmail-smtp-in.gmail.test <<<QUIT
	has 'gsmtp'
	wait_until 10 grep -q 'connected to gmail-smtp-in.gmail.test' server.log
	run cat server.log
	has ': RCPT TO:<bob@other.example>: 554 5.7.1 <bob@other.example>: Relay access denied'
	has 'why: smtpd_relay_restrictions'
}

@test "swaks sends over STARTTLS and over 465, with a login, and trusts the authority that was written" {
	need swaks
	serve --ca-out ca.pem
	run swaks --server "127.0.0.1:$(port_of submission.test 465)" --tls-on-connect --tls-verify \
		--tls-ca-path ca.pem --tls-sni submission.test --auth PLAIN --auth-user alice \
		--auth-password wonderland --from alice@submission.test --to bob@school.test --timeout 60
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	has '235 2.7.0 Authentication successful'
	has 'queued as'
	run swaks --server "127.0.0.1:$(port_of submission.test 587)" --tls --auth LOGIN --auth-user alice \
		--auth-password wonderland --from alice@submission.test --to bob@school.test --timeout 60
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	has 'queued as'
	run cat server.log
	has 'TLS has begun'
	has '235 2.7.0 Authentication successful'
	has 'queued as'
	run grep -i -e wonderland -e "$(printf '\0alice\0wonderland' | base64)" server.log
	[ "$status" -eq 1 ]
}

@test "its DNS answers check, and ^C ends it cleanly" {
	local dns
	serve
	dns=$(sed -n 's/^# DNS:  \([0-9.:]*\),.*/\1/p' server.log)
	run "$SMTPTALK" check --dns "$dns" --dns-only --timeout 60 school.test
	has 'school.test takes mail at 1 host'
	kill -INT "${SERVERS[0]}"
	wait "${SERVERS[0]}"
	run tail -n 1 server.log
	has 'stopped'
}

@test "beyond the limits connections are refused in words; --quiet shows no more than the table" {
	need nc
	serve --rate 2 --quiet
	run talk mail.school.test <<<QUIT
	has '220 '
	run talk mail.school.test <<<QUIT
	has '220 '
	run talk mail.school.test <<<QUIT
	has '421 4.7.0 mail.school.test Error: too many new connections in a minute from 127.0.0.1'
	run grep -c connected server.log
	[ "$output" -eq 0 ]
}

@test "a port that is taken, an address that is none, words that do not go together" {
	local port
	serve
	port=$(port_of mail.school.test 25)
	run "$SMTPTALK" serve --port "$port"
	[ "$status" -eq 3 ]
	has "cannot listen on 127.0.0.1:$port: Address already in use; another program listens there"
	run "$SMTPTALK" serve --listen nowhere
	[ "$status" -eq 1 ]
	run "$SMTPTALK" serve --client nobody
	[ "$status" -eq 1 ]
	has 'is no address, and not the word real'
	run "$SMTPTALK" serve --postfix . file.smtp
	[ "$status" -eq 1 ]
	run "$SMTPTALK" serve --postfix nowhere
	[ "$status" -eq 2 ]
	has 'nowhere/main.cf'
}

@test "beyond loopback there is a warning" {
	serve --listen 0.0.0.0
	run cat server.log
	has 'WARNING: 0.0.0.0 is not a loopback address'
}

write_main_cf()
{
	mkdir pf
	cat >pf/main.cf <<-'END'
		compatibility_level = 3.6
		myhostname = mx.example.org
		mydestination = example.org
		mynetworks = 192.0.2.10
		smtpd_recipient_restrictions = check_recipient_access hash:/etc/postfix/access
		alias_maps =
		virtual_alias_maps = mysql:/etc/postfix/my.cf
		mailbox_command = procmail
		smtpd_sasl_auth_enable = yes
	END
	echo 'bob@example.org 550 5.7.9 not today' >pf/access
	printf 'bob\nalice wonderland\n' >pf/users
}

@test "--postfix answers as a main.cf says, tells why, and names what it does not know" {
	need nc
	write_main_cf
	sed -i /mysql/d pf/main.cf
	serve --postfix pf
	run talk mx.example.org <<-'END'
		EHLO laptop.example
		MAIL FROM:<me@laptop.example>
		RCPT TO:<bob@example.org>
		RCPT TO:<alice@example.org>
		RCPT TO:<carol@other.example>
		AUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=
		QUIT
	END
	has '220 mx.example.org ESMTP Postfix'
	has '250-AUTH PLAIN LOGIN'
	has '550 5.7.9 <bob@example.org>: Recipient address rejected: not today'
	has '454 4.7.1 <carol@other.example>: Relay access denied'
	wait_until 10 grep -q ': closed' server.log
	run cat server.log
	has 'pf/main.cf:7:19: mailbox_command is not one of the parameters that a practice host knows'
	has 'why: smtpd_recipient_restrictions → check_recipient_access hash:/etc/postfix/access'
	has 'why: smtpd_relay_restrictions → permit_mynetworks: 192.0.2.77 is not in mynetworks'
	has 'AUTH PLAIN <secret>'
	! grep -q AGFsaWNl server.log
}

@test "--postfix --client is who asks; a table of a type that is not known is named" {
	need nc
	write_main_cf
	serve --postfix pf --client 192.0.2.10
	run grep 'mysql:/etc/postfix/my.cf: a practice host has no tables of this type' server.log
	[ "$status" -eq 0 ]
	run talk mx.example.org <<<$'HELO x\nMAIL FROM:<me@laptop.example>\nRCPT TO:<alice@example.org>\nQUIT'
	has '451 4.3.5 Server configuration error'
	stop_servers
	sed -i /mysql/d pf/main.cf
	rm server.log
	serve --postfix pf --client 192.0.2.10
	run talk mx.example.org <<-'END'
		HELO laptop.example
		MAIL FROM:<me@laptop.example>
		RCPT TO:<carol@other.example>
		QUIT
	END
	has '250 2.1.5 Ok'
}
