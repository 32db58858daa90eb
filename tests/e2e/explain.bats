#!/usr/bin/env bats
# smtptalk explain: it recognises what it is given, and says it in one line, a paragraph or JSON.

setup()
{
	load ../lib
	cd "$BATS_TEST_DIRNAME/../.." || return
	OUT=$BATS_TEST_TMPDIR/out ERR=$BATS_TEST_TMPDIR/err
}

# explain STATUS [ARGUMENT…] <INPUT
explain()
{
	local expected=$1 got=0
	shift
	timeout 20 "$SMTPTALK" explain "$@" >"$OUT" 2>"$ERR" || got=$?
	[ "$got" = "$expected" ] || { cat "$OUT" "$ERR" >&2; echo "exit status $got" >&2; return 1; }
}

# The value of a field in line N of the JSON.
field()
{
	sed -n "${2:-1}p" "$OUT" | perl -MJSON::PP -e '
		my $v = decode_json(<STDIN>)->{$ARGV[0]};
		print ref $v eq "ARRAY" ? join(", ", @$v) : defined $v ? $v : "null"' "$1"
}

@test "a reply: one line, a paragraph, JSON" {
	local reply='450 4.2.0 <x@y.example>: Recipient address rejected: Greylisted for 300 seconds'
	explain 0 --explain short "$reply" </dev/null
	[ "$(wc -l <"$OUT")" = 1 ]
	grep -q 'greylisted, temporary: try again after 5 minutes, theirs' "$OUT"
	explain 0 --explain full "$reply" </dev/null
	tr '\n' ' ' <"$OUT" | sed 's/# *//g' >"$OUT.1"
	for words in 'Whose side: theirs' 'as the server itself says' 'To do: ' 'What would prove it: ' \
		'RFC 6647' 'Decided by: ' 'the wording'; do
		tr -s ' ' <"$OUT.1" | grep -qF "$words" || { cat "$OUT.1" >&2; echo "no: $words" >&2; return 1; }
	done
	explain 0 --json "$reply" </dev/null
	[ "$(field reason)" = greylisted ]
	[ "$(field class)" = 4 ]
	[ "$(field code)" = 450 ]
	[ "$(field enhanced)" = 4.2.0 ]
	[ "$(field stage)" = null ]
	[ "$(field provider)" = null ]
	[ "$(field temporary)" = 1 ]
	[ "$(field side)" = their-server ]
	[ "$(field retry_after)" = 300 ]
	[ -n "$(field note)" ]
	[[ "$(field evidence)" == *wording:* ]]
}

@test "a transcript gives each reply its stage, and a consequence is called one" {
	printf '%s\n' 'S: 220 mx.example ESMTP' 'C: EHLO me.example' 'S: 250 mx.example' \
		'C: MAIL FROM:<a@b.example>' 'S: 250 2.1.0 Ok' 'C: RCPT TO:<c@d.example>' \
		'S: 550-5.1.1 No such user' 'S: 550 5.1.1 here' 'C: DATA' \
		'S: 554 5.5.1 Error: no valid recipients' >"$BATS_TEST_TMPDIR/t"
	explain 0 --json "$BATS_TEST_TMPDIR/t"
	[ "$(wc -l <"$OUT")" = 5 ]
	[ "$(field stage 1)" = connection ]
	[ "$(field stage 4)" = RCPT ]
	[ "$(field reason 4)" = user-unknown ]
	[ "$(field consequence 4)" = 0 ]
	[ "$(field stage 5)" = DATA ]
	[ "$(field consequence 5)" = 1 ]
	explain 0 <"$BATS_TEST_TMPDIR/t"
	grep -qx 'S: 550-5.1.1 No such user' "$OUT"
	printf '%s\n' ' -> MAIL FROM:<a@b.example>' '<-  250 Ok' ' -> RCPT TO:<c@d.example>' \
		'<** 550 5.1.1 User unknown' | explain 0 --json
	[ "$(field stage 2)" = RCPT ]
}

@test "a log: events, stories, sums, and as it comes" {
	explain 0 <tests/data/logs/postfix.log
	grep -q '^Nov 24 03:05:03 56060D2814C .*delivered, mx.dest.example.*, in 0.65 s$' "$OUT"
	grep -q '^# messages: ' "$OUT"
	explain 0 --explain full tests/data/logs/postfix.log
	tr -d '\n' <"$OUT" | tr -s '# ' ' ' | grep -q 'in 0.65 s: 0.31 before the queue, 0.04 in it, 0.22 connecting, 0.08 sending; delivered'
	explain 0 --explain off tests/data/logs/exim.log
	! grep -q '^2026' "$OUT"
	grep -q 'greylisted' "$OUT"
	explain 0 --json tests/data/logs/sendmail.log
	[ "$(field event 2)" = bounced ]
	[ "$(field reason 2)" = user-unknown ]
	[ "$(field to 2)" = nobody@dest.example ]
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	"$SMTPTALK" explain --follow <"$BATS_TEST_TMPDIR/fifo" >"$OUT" 3>&- &
	exec 9>"$BATS_TEST_TMPDIR/fifo"
	head -n 5 tests/data/logs/postfix.log >&9
	wait_until 10 grep -q delivered "$OUT"
	exec 9>&-
	wait
	grep -q '^# messages: 1' "$OUT"
}

@test "a bounce, recipient by recipient" {
	explain 0 --json tests/data/bounces/postfix-two-recipients.eml
	[ "$(field reason 1)" = user-unknown ]
	[ "$(field to 2)" = eve@full.example ]
	[ "$(field stage 2)" = RCPT ]
	explain 0 <tests/data/bounces/qmail-user-unknown.eml
	grep -q 'words for people only' "$OUT"
	printf 'From: a@b.example\nSubject: lunch\n\nhello\n' | explain 1
	grep -q 'nothing in it speaks of a mail' "$ERR"
}

@test "what is no text is named; a line without end is cut, and that is said" {
	head -c 4096 "$SMTPTALK" | explain 2
	grep -q 'NUL bytes' "$ERR"
	printf '550 5.1.1 no\r\n' | iconv -f UTF-8 -t UTF-16LE | explain 2
	grep -q 'UTF-16' "$ERR"
	explain 2 /nowhere/at/all </dev/null
	{ printf 'Nov 24 03:05:03 mx postfix/smtp[1]: '; head -c 30000000 /dev/zero | tr '\0' x; echo; \
		cat tests/data/logs/postfix.log; } | explain 0
	grep -q 'longer than 16384 bytes' "$ERR"
	grep -q delivered "$OUT"
}

@test "words inside a sentence, and words without a code" {
	explain 0 --json 'host mx.d.example[192.0.2.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command)' </dev/null
	[ "$(field reason)" = user-unknown ]
	[ "$(field stage)" = RCPT ]
	explain 0 --json 'Relay access denied' </dev/null
	[ "$(field reason)" = relay-denied ]
	explain 1 frobnicate </dev/null
	grep -q 'nothing is known' "$ERR"
}
