#!/usr/bin/env bash
# usage: make-big.sh FOLDER
#
# Writes the session files that are too big to keep: they are made anew for each run of the tests.
set -eu
cd "$1"

# head_of FILE WHAT EXPECT STATUS
head_of()
{
	printf '# %s\n# send: EHLO me\n# send: QUIT\n# expect: %s\n# absent: C: QUIT\n# exit: %s\n\n' "$2" "$3" "$4" >"$1"
	printf 'S: 220 mx.example ESMTP\nC: EHLO me\n' >>"$1"
}

# many COUNT LINE: the line so many times; %d in it is the number.
many()
{
	awk -v n="$1" -v line="$2\n" 'BEGIN { for (i = 1; i <= n; i++) printf line, i }'
}

f=07-endless-line.smtp
head_of $f 'A reply line has no end.' 'a line had no end within 64 KiB' 3
{ printf 'S! 250 '; many 7000 'for ever and ever %d, ' | tr -d '\n'; echo; echo 'C: <close>'; } >>$f

f=10a-endless-lines.smtp
head_of $f 'A reply has no last line.' 'a reply had more than 1,000 lines' 3
{ many 1200 'S: 250-X%d'; echo 'C: <close>'; } >>$f

f=10b-huge-reply.smtp
head_of $f 'A reply has few lines, and each of them is very long.' 'a reply was larger than 256 KiB' 3
long=$(many 8000 x%d | tr -d '\n' | cut -c 1-30000)
{ many 12 "S: 250-$long"; echo 'C: <close>'; } >>$f

f=17a-many-keywords.smtp
head_of $f 'EHLO is answered with 10,000 keywords.' 'a reply had more than 1,000 lines' 3
{ echo 'S: 250-mx.example'; many 10000 'S: 250-X-KEYWORD-%d'; echo 'S: 250 HELP'; echo 'C: <close>'; } >>$f

f=28-stops-reading.smtp
cat >$f <<'END'
# After 354 the server reads nothing any more: 6 MB of message text have nowhere to go.
# send: HELO me
# send: MAIL FROM:<a@b.example>
# send: RCPT TO:<c@d.example>
# send: DATA
# expect: the server stopped taking what we send
# expect: the message was not delivered
# absent: C: QUIT
# exit: 3
S: 220 mx.example ESMTP
C: HELO me
S: 250 mx.example
C: MAIL FROM:<a@b.example>
S: 250 2.1.0 Ok
C: RCPT TO:<c@d.example>
S: 250 2.1.5 Ok
C: DATA
S: 354 go on
S: <stall 20s>
END
text=$(many 200 x%d | tr -d '\n')
{ many 9000 "# send: $text"; printf '# send: .\n# send: QUIT\n'; } >>$f
