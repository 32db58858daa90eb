#!/usr/bin/env bats
# Peers that misbehave. Each is a session file whose comments say what it does and what smtptalk has
# to say about it; play.bash reads them. The numbers group them: 01-17 replies, 18-33 the sequence.

load ../lib
load play

setup_file() {
	export BIG=$BATS_FILE_TMPDIR/big
	mkdir "$BIG"
	"$ROOT/tests/hostile/make-big.sh" "$BIG"
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

@test "every session file here is played" {
	local file
	for file in *.smtp "$BIG"/*.smtp; do
		grep -q "play .*${file##*/}\$" hostile.bats || { echo "$file is played by no test"; return 1; }
	done
}
