#!/usr/bin/env bats
# smtptalk check: what is printed, and the exit status.

load ../lib

check() {
	run timeout 20 "$SMTPTALK" check "$@"
}

@test "SPF is one line for scripts" {
	check --practice --spf-only --ip 192.0.2.25 --from me@school.test --helo mail.school.test
	[ "$status" -eq 0 ]
	[ "$output" = $'pass\t"mx" in the record of school.test: it is the mail host mail.school.test' ]
	check --practice --spf-only --ip 192.0.2.26 --from me@school.test --helo mail.school.test
	[ "$status" -eq 4 ]
	[ "$output" = $'fail\t192.0.2.26 is no mail host of the school' ]
	check --practice --spf-only --ip 2001:db8:25::25 --helo school.test
	[ "$status" -eq 0 ]
	[[ "$output" == pass$'\t'* ]]
	check --practice --spf-only --ip 192.0.2.26 --from me@nothere.test --helo x
	[ "$status" -eq 0 ]
	[ "$output" = $'none\tnothere.test: the name does not exist' ]
}

@test "with --explain full the trace says what each term cost" {
	check --practice --spf-only --ip 192.0.2.26 --from me@school.test --explain full
	[ "$status" -eq 4 ]
	[ "${lines[1]}" = '# school.test: v=spf1 mx -all exp=spf.school.test' ]
	[ "${lines[2]}" = '#   mx: none of 1 mail hosts has the address' ]
	[ "${lines[3]}" = '#   -all: this matches everybody <- this decides' ]
	[ "${lines[4]}" = '# 1 of 10 terms that ask the DNS, 0 of 2 look-ups that found nothing (RFC 7208 §4.6.4)' ]
}

@test "what cannot be asked is said in one sentence" {
	check --practice --spf-only --from me@school.test
	[ "$status" -eq 1 ]
	[ "$output" = 'smtptalk: --ip: is missing; SPF asks whether an address may send, such as --ip 192.0.2.1' ]
	check --practice --spf-only --ip 192.0.2 --from me@school.test
	[ "$status" -eq 1 ]
	[[ "$output" == *'is no IP address'* ]]
	check --practice
	[ "$status" -eq 1 ]
	[[ "$output" == *'which domain?'* ]]
	check --spf-only --ip 192.0.2.1 --from me@example.org --dns 127.0.0.1:1 --timeout 1
	[ "$status" -eq 3 ]
	[[ "$output" == temperror$'\t'*TXT* ]]
}

@test "a domain is checked whole, and what is bad comes with its remedy" {
	check --practice nullmx.test
	[ "$status" -eq 4 ]
	diff - <(printf '%s\n' "$output") <<-'END'
	# nullmx.test: bad
	# Can it receive mail?  ok
	#   ok         nullmx.test takes no mail, and says so: a null MX (RFC 7505)
	# May it send mail?  bad
	#   bad        nullmx.test has no SPF record: nobody can tell who may send its mail
	#              -> publish  nullmx.test. TXT "v=spf1 -all"
	#   bad        nullmx.test has no DMARC record, nor has a domain above it
	#              -> publish  _dmarc.nullmx.test. TXT "v=DMARC1; p=none; rua=mailto:dmarc@nullmx.test" and read the reports before you go on to p=reject
	#   unknown    no selector is known, and keys cannot be listed: --selector NAME, or s= of a DKIM-Signature, says where to look
	# Is its mail protected on the way?  ok
	#   ok         it does not use MTA-STS, so senders may be talked out of TLS
	#   ok         it asks for no reports of TLS failures (RFC 8460)
	END
	check --practice nothere.test
	[ "$status" -eq 4 ]
	diff - <(printf '%s\n' "$output") <<-'END'
	# nothere.test: bad
	# Can it receive mail?  bad
	#   bad        the name nothere.test does not exist
	#              -> check the spelling, and that the domain is still registered
	END
}

@test "faults of the MX records are named" {
	check --practice loop.test
	[[ "$output" == *'the mail host mx.loop.test is an alias (CNAME) of mx2.loop.test'* ]]
	[[ "$output" == *'unknown    A of mx.loop.test: the aliases (CNAME) lead in a circle'* ]]
	check --practice private.test
	[[ "$output" == *'mx.private.test has the address 127.0.0.1, which is loopback'* ]]
	check --practice literal.test
	[[ "$output" == *'an MX record names the address 203.0.113.60'* ]]
}

@test "the sending address is judged too; a list that does not answer proves nothing" {
	check --practice school.test --ip 192.0.2.26 --helo me.example
	[ "$status" -eq 4 ]
	[[ "$output" == *'bad        SPF for school.test from 192.0.2.26: fail'* ]]
	[[ "$output" == *'add "ip4:192.0.2.26" before the term that decides'* ]]
	[[ "$output" == *'bad        192.0.2.26 has no name (PTR)'* ]]
	[[ "$output" == *'unknown    zen.spamhaus.org does not answer your resolver as it should'* ]]
}

@test "many names come from standard input, and the results keep their order" {
	run timeout 20 "$SMTPTALK" check --practice --jobs 3 - <<-'END'
	school.test
	# a comment

	bob@nomx.test
	a..b
	loop.test
	END
	[ "$status" -eq 4 ]
	[ "$(printf '%s\n' "$output" | grep -E '^# [^ ]+: (ok|bad|unknown)' | tr -d '\n')" = \
		'# school.test: bad# bob@nomx.test: bad# a..b: bad# loop.test: bad' ]
	[[ "$output" == *'this is no domain: '* ]]
}

@test "--json is one object a line" {
	run timeout 20 "$SMTPTALK" check --practice --json - <<<$'school.test\nnothere.test'
	[ "$status" -eq 4 ]
	[ "${#lines[@]}" -eq 2 ]
	printf '%s\n' "$output" | python3 -c '
import json, sys
a, b = [json.loads(line) for line in sys.stdin]
assert a["name"] == a["domain"] == "school.test" and a["verdict"] == "bad"
assert [f["verdict"] for f in a["findings"] if f["id"] == "mx"] == ["ok"]
assert set(a["findings"][0]) == {"group", "id", "verdict", "text", "asked", "detail", "change"}
assert [f["id"] for f in b["findings"]] == ["mx"]
'
}

@test "mail hosts are spoken to: reach, greeting, TLS, and what they must take" {
	check --practice --timeout 5 refused.test
	[ "$status" -eq 4 ]
	[[ "$output" == *'bad        mx.refused.test [203.0.113.20]:25 refuses connections'* ]]
	check --practice --timeout 5 selfsigned.test
	[[ "$output" == *'ok         mx.selfsigned.test [203.0.113.63] speaks TLSv1.3'* ]]
	[[ "$output" == *'bad        the certificate of mx.selfsigned.test proves nothing: the certificate is signed by itself'* ]]
	check --practice --timeout 1 silent.test
	[[ "$output" == *'unknown    mx.silent.test [203.0.113.3]:25 cannot be reached from here'* ]]
	[[ "$output" == *'unknown    nothing could be reached on port 25, nor on 587 and 465'* ]]
	check --practice --explain full school.test
	[[ "$output" == *'banner: mail.school.test ESMTP Postfix'* ]]
	check --practice --dns-only school.test
	[[ "$output" != *':25 answers'* ]]
}

@test "a message file is checked: its way, what servers said, DKIM, SPF and DMARC" {
	cat >"$BATS_TEST_TMPDIR/message.eml" <<-'END'
	Return-Path: <me@school.test>
	Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=me@school.test
	Received: from mail.school.test (mail.school.test [192.0.2.25])
	 by mx.example.net with ESMTPS; Sat, 12 Jul 2003 04:01:00 +0000
	Received: from pc ([10.0.0.1]) by mail.school.test; yesterday
	DKIM-Signature: v=1; a=rsa-sha1; d=school.test; s=x; h=from; bh=QQ==; b=QQ==
	From: Me <me@school.test>
	Date: Fri, 11 Jul 2003 21:00:37 -0700

	Hello
	END
	check --practice "$BATS_TEST_TMPDIR/message.eml"
	[ "$status" -eq 4 ]
	[[ "${lines[2]}" == *'unknown    1. pc [10.0.0.1] -> mail.school.test; its date cannot be read: "yesterday"' ]]
	[[ "${lines[3]}" == *'ok         2. mail.school.test [192.0.2.25] -> mx.example.net, with ESMTPS, 23 s later' ]]
	[[ "$output" == *'ok         mx.example.net says spf=pass: '* ]]
	[[ "$output" == *'bad        DKIM signature of school.test (s=x, rsa-sha1): policy; '*'RFC 8301 §3.1'* ]]
	[[ "$output" == *'ok         SPF for school.test from 192.0.2.25: pass; '* ]]
	[[ "$output" == *'not tested DMARC: school.test in From has no policy'* ]]
	check --practice --ip 192.0.2.26 "$BATS_TEST_TMPDIR/message.eml"
	[[ "$output" == *'bad        SPF for school.test from 192.0.2.26: fail; '* ]]
	echo 'no message' >"$BATS_TEST_TMPDIR/none"
	check --practice "$BATS_TEST_TMPDIR/none"
	[ "$status" -eq 4 ]
	[[ "$output" == *'this is no message: a line in the header is no field'* ]]
}

@test "many names on all cores, as the manual says: GNU parallel keeps the order" {
	need parallel
	grep -q 'parallel --pipe -k -N 500 smtptalk check --json - < domains.txt' "$ROOT/smtptalk.1"
	printf '%s.test\n' nullmx nothere nomx literal >"$BATS_TEST_TMPDIR/domains"
	run timeout 60 parallel --will-cite --pipe -k -N 2 "$SMTPTALK" check --practice --dns-only --json - \
		<"$BATS_TEST_TMPDIR/domains"
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[0]} == *'"name":"nullmx.test"'* && ${lines[1]} == *'"name":"nothere.test"'* ]]
	[[ ${lines[2]} == *'"name":"nomx.test"'* && ${lines[3]} == *'"name":"literal.test"'* ]]
}
