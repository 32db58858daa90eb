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
	[ "${lines[3]}" = '#   -all: everybody <- this decides' ]
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
	[[ "$output" == *'only --spf-only can be asked for'* ]]
	check --spf-only --ip 192.0.2.1 --from me@example.org --dns 127.0.0.1:1 --timeout 1
	[ "$status" -eq 3 ]
	[[ "$output" == temperror$'\t'*TXT* ]]
}
