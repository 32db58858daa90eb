#!/usr/bin/env bats
# /why: after a refusal, the proof of what is behind it.

load ../lib

teardown() { stop_servers; }

serving() {
	PORT=$(sed -n 's/.*127\.0\.0\.1:\([0-9][0-9]*\).*/\1/p' "$BATS_TEST_TMPDIR/server.log" | head -n 1)
	[ -n "$PORT" ]
}

@test "each kind of refusal is produced on a practice host, and its conclusion is right" {
	local data=tests/data/why names seen
	run timeout 60 "$SMTPTALK" --practice --explain off museum.test <"$data/museum.in"
	[ "$status" -eq 4 ]
	printf '%s\n' "$output" | grep -v '^smtptalk: ' | diff "$data/museum.out" -
	# "X says CODE (NAME)." with as many names as there are kinds that can be met there
	names=$(sed -n 's/^Name: //p' lessons/notes/why.en.txt)
	seen=$(tr '\n' ' ' <"$data/museum.out" | sed 's/ #  */ /g' |
		grep -oFf <(printf '%s\n' "$names" | sed 's/.*/(&)./') | sort -u | wc -l)
	[ "$seen" -ge 45 ]
}

@test "after an accepted command /why tells what permitted it" {
	run timeout 20 "$SMTPTALK" --practice --explain off school.test <<-'END'
	HELO laptop.home.test
	MAIL FROM:<you@home.test>
	RCPT TO:<bob@school.test>
	/why
	END
	[[ "$output" == *'reject_unauth_destination: school.test is in'* ]]
}

@test "the address is that of --ip, or the one that a server names" {
	cat >"$BATS_TEST_TMPDIR/server.smtp" <<-'END'
	S: 220 mx.example.net ESMTP
	C: EHLO me.example
	S: 250-mx.example.net at your service, [198.51.100.7]
	S: 250 PIPELINING
	C: MAIL FROM:<a@example.org>
	S: 550 5.7.23 SPF: not allowed to send
	C: QUIT
	S: 221 Bye
	END
	start_server "$SMTPTALK" serve --session "$BATS_TEST_TMPDIR/server.smtp" --once --listen 127.0.0.1:0
	wait_until 10 serving
	printf '%s\n' /why 'EHLO me.example' 'MAIL FROM:<a@example.org>' /why QUIT >"$BATS_TEST_TMPDIR/lines"
	run timeout 20 "$SMTPTALK" --explain off --dns 127.0.0.1:1 --timeout 3 127.0.0.1 "$PORT" \
		<"$BATS_TEST_TMPDIR/lines"
	[[ "$output" == *'# nothing was refused; /why looks for the proof after a 4xx or 5xx'* ]]
	[[ "$(tr -s '\n# ' ' ' <<<"$output")" == *'unknown SPF for example.org from 198.51.100.7 → temperror'* ]]
	[[ "$output" == *'S: 221 Bye'* ]]
}
