#!/usr/bin/env bats
# Recordings: what is in them, and what is left of them when the program is killed, the disk is full or
# the terminal goes.

load ../lib
load terminal

setup()
{
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	R=$BATS_TEST_TMPDIR/r.smtp
	cd "$BATS_TEST_TMPDIR" || return 1
}

teardown()
{
	term_stop
	stop_servers
}

talk() # STATUS OPTION… <lines: output and errors apart, in out and err
{
	local want=$1 got=0
	shift
	timeout 30 "$SMTPTALK" "$@" >out 2>err || got=$?
	[ "$got" = "$want" ] && return
	echo "exit status $got, not $want"
	cat out err
	return 1
}

masked() # FILE: a recording without its dates and times
{
	sed -E 's/^# [0-9:.]+ UTC(, after .*)?$/# TIME/; s/(recorded by smtptalk|end of recording), [-0-9]+ [0-9:]+ UTC/\1 DATE/' "$1"
}

cut_off() # FILE: the reader says so, and can read it
{
	run "$SMTPTALK" replay --dry-run --host 127.0.0.1:9 "$1"
	[ "$status" -eq 0 ] || [ ! -s "$1" ] || ! grep -q '^[CS]' "$1"
	has 'this recording was cut off here' || has 'this file is empty'
}

whole() # FILE
{
	run "$SMTPTALK" replay --dry-run "$1"
	[ "$status" -eq 0 ]
	[[ $output != *'cut off'* ]]
	tail -n 1 "$1" | grep -q '^# end of recording'
}

lines() # a dialogue with a refusal and a message
{
	printf '%s\n' 'EHLO me.example' 'MAIL FROM:<a@b.example>' 'RCPT TO:<nobody@school.test>' \
		'RCPT TO:<bob@school.test>' DATA 'Subject: x' '' '<close>' . QUIT
}

@test "a recording is the dialogue, with times, for its owner's eyes" {
	lines | talk 4 --practice --record "$R" bob@school.test
	whole "$R"
	[ "$(stat -c %a "$R")" = 600 ]
	masked "$R" | grep -v '^# TIME' | sed '/^S: 250-/d; s/queued as .*/queued/' >got
	diff got - <<-'END'
		@smtptalk 1
		# recorded by smtptalk DATE
		C: <open mail.school.test:25>
		S: 220 mail.school.test ESMTP Postfix
		C: EHLO me.example
		S: 250 CHUNKING
		C: MAIL FROM:<a@b.example>
		S: 250 2.1.0 Ok
		C: RCPT TO:<nobody@school.test>
		S: 550 5.1.1 <nobody@school.test>: Recipient address rejected: User unknown in local recipient table
		C: RCPT TO:<bob@school.test>
		S: 250 2.1.5 Ok
		C: DATA
		S: 354 End data with <CR><LF>.<CR><LF>
		C: Subject: x
		C:
		C! <close>\r\n
		C: .
		S: 250 2.0.0 Ok: queued
		C: QUIT
		S: 221 2.0.0 Bye
		# mail.school.test[2001:db8:25::25]:25 after RCPT: refused with 550 5.1.1
		#      <nobody@school.test>: Recipient address rejected: User unknown in local
		#      recipient table
		# end of recording DATE; exchanges: 8
	END
}

@test "a recording replays, and is recorded the same again, byte for byte but for the times" {
	lines | grep -v nobody | talk 0 --practice --record "$R" bob@school.test
	run "$SMTPTALK" replay --practice "$R"
	[ "$status" -eq 0 ]
	has '7 replies'
	echo "/replay $R" | talk 0 --practice --record again.smtp mail.school.test:25
	grep -qF "# $R: passed (6 replies" out
	diff <(masked "$R" | sed 's/queued as .*//') <(masked again.smtp | sed 's/queued as .*//')
}

@test "/replay compares, says what differs, and the conversation goes on" {
	lines | talk 4 --practice --record "$R" bob@school.test
	sed -i 's/^S: 550 5.1.1/S: 550 5.7.1/' "$R"
	printf '%s\n' "/replay $R" NOOP "/replay $R" '/replay gone' | talk 4 --practice mail.school.test:25
	grep -qF 'expected: 550 5.7.1 <nobody' err
	grep -qF 'gone: cannot read this file' err
	[ "$(grep -c 'not as expected' out)" = 2 ]
	[ "$(grep -c 'C: NOOP' out)" = 1 ]
	printf '%s\n' 'C: RCPT TO:<${to}>' 'S: 503' 'C: QUIT' 'S: 221' 'S: <close>' | sed '1i@smtptalk 1' >q.smtp
	printf '%s\n' '/replay q.smtp to=a@b' | talk 0 --practice mail.school.test:25
	grep -qF 'C: RCPT TO:<a@b>' out
	grep -qF 'q.smtp: passed (2 replies' out
}

@test "/replay with TLS and a login, and without a connection" {
	need tmux
	printf '%s\n' 'EHLO me' STARTTLS 'EHLO me' '/auth PLAIN alice' NOOP |
		PW=wonderland talk 0 --practice --auth-password-env PW --record "$R" submission.test 587
	export password=wonderland
	term_start 100 60 "$SMTPTALK" --practice --explain off --record again.smtp
	term_see 'not connected'
	term_line "/replay $R"
	term_see 'passed (6 replies'
	term_line /quit
	term_ended 0
	diff <(grep '^[CS]' "$R") <(grep '^[CS]' again.smtp)
	term_see 'C: AUTH PLAIN <secret>'
	[ "$(cat "$R" again.smtp | grep -cF wonderland)" = 0 ]
	grep -qF "C: AUTH PLAIN \${plain:'alice',password}" again.smtp
}

@test "/save keeps everything so far, /record what comes" {
	(printf '%s\n' 'EHLO me' "/record $R" NOOP '/record' '/record off' RSET '/save s.smtp' '/record off' QUIT) |
		talk 0 --practice school.test
	masked "$R" | grep '^[CS]' | diff - <(printf '%s\n' 'C: <open mail.school.test:25>' 'C: NOOP' 'S: 250 2.0.0 Ok')
	grep -qF 'begun in the middle' "$R"
	whole "$R"
	whole s.smtp
	[ "$(grep '^C: [A-Z]' s.smtp | tr '\n' ,)" = 'C: EHLO me,C: NOOP,C: RSET,' ]
	grep -qF "# recording to $R, so far 1 exchange;" out
	grep -qF '# saved in s.smtp: 4 exchanges' out
	grep -qF '# no recording is running' out
}

@test "no file is overwritten, but for an earlier recording with --yes" {
	echo precious >"$R"
	echo QUIT | talk 1 --practice --yes --record "$R" school.test
	grep -qF 'this file exists and is not empty' err
	[ "$(cat "$R")" = precious ]
	[ ! -s out ]
	rm "$R"
	echo QUIT | talk 0 --practice --record "$R" school.test
	echo QUIT | talk 1 --practice --record "$R" school.test
	grep -qF -- '--yes overwrites it' err
	printf 'NOOP\nQUIT\n' | talk 0 --practice --yes --record "$R" school.test
	grep -q 'C: NOOP' "$R"
}

@test "TLS and a login, without the password" {
	printf '%s\n' 'EHLO me' STARTTLS 'EHLO me' '/auth PLAIN alice' QUIT |
		PW=wonderland talk 0 --practice --auth-password-env PW --record "$R" submission.test 587
	grep -qx 'C & S: <negotiate TLS>' "$R"
	grep -qxF "C: AUTH PLAIN \${plain:'alice',password}" "$R"
	[ "$(grep -c wonderland "$R")" = 0 ]
	password=wonderland run "$SMTPTALK" replay --practice "$R"
	[ "$status" -eq 0 ]
}

# --- what goes wrong ---

failing() # INJECTION: lines() with that fault in the calls about $R; the conversation is as ever
{
	rm -f "$R"
	lines | ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o trace -P "$R" -e trace=write,openat,close,ftruncate \
		${1:+-e inject="$1"} "$SMTPTALK" --practice --record "$R" bob@school.test >out 2>err
}

@test "every write, open and close about the recording fails in turn: it is said, and nothing else changes" {
	need strace
	strace -qq -o /dev/null true 2>/dev/null || no_server 'strace may not trace here'
	local writes n error status
	failing '' || [ $? = 4 ]
	sed 's/queued as .*/queued/' out >usual
	writes=$(grep -c 'write(' trace)
	[ "$writes" -ge 10 ]
	for error in ENOSPC $([ "${SMTPTALK/asan/}" != "$SMTPTALK" ] || echo EIO); do
		for ((n = 1; n <= writes; n++)); do
			status=0
			failing "write:error=$error:when=$n" || status=$?
			[ "$status" = 4 ]
			sed 's/queued as .*/queued/' out | diff usual -
			[ "$(grep -cF "$R: the recording ends here: " err)" = 1 ]
			cut_off "$R"
			[ "$(grep -c ' UTC, after' "$R")" = $((n > 2 ? n - 2 < 8 ? n - 2 : 8 : 0)) ]
		done
	done
	failing openat:error=EACCES:when=1 || [ $? = 4 ]
	grep -qF "$R: the recording ends here: Permission denied; the conversation goes on without it" err
	sed 's/queued as .*/queued/' out | diff usual -
	failing close:error=EIO:when=1 || [ $? = 4 ]
	grep -qF 'Input/output error' err
}

@test "a full disk, a file that may grow no more, a reader that is gone" {
	lines | talk 4 --practice --record /dev/full bob@school.test
	grep -qF '/dev/full: the recording ends here: No space left on device' err
	lines >script
	run bash -c "ulimit -f 1; exec '$SMTPTALK' --practice --record '$R' bob@school.test <script 2>&1 >/dev/full"
	if [ "$(stat -c %s "$R")" -gt 900 ]; then
		has 'the recording ends here: File too large'
		cut_off "$R"
	fi
	mkfifo fifo
	head -c 10 fifo >/dev/null 3>&- &
	lines | talk 4 --practice --record fifo bob@school.test
	wait $!
	[ "$(grep -c 'the recording ends here' err)" -le 1 ]
	lines | talk 4 --practice --record fifo bob@school.test
	grep -qF 'nobody reads from this FIFO' err
}

@test "killed at any moment, a recording is whole up to the last exchange, and says that it was cut off" {
	local variant=${SMTPTALK#"$ROOT/build/"} trials=1000
	variant=${variant%/smtptalk}
	[ "$SMTPTALK" != "$ROOT/smtptalk" ] || variant=release
	[ "$variant" = release ] || trials=60
	mkdir kills
	run "$ROOT/build/$variant/tests/e2e/kill_recording" "$SMTPTALK" "$PWD/kills" "$trials" 4
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 4 ]
}

@test "SIGTERM in a pipe: cut off, and said" {
	mkfifo in
	"$SMTPTALK" --practice --record "$R" school.test <in >out 2>err 3>&- &
	local pid=$!
	exec 4>in
	printf 'HELO me\n' >&4
	wait_until 10 grep -q 'C: HELO' "$R"
	kill -TERM "$pid"
	wait "$pid" || true
	exec 4>&-
	cut_off "$R"
	grep -q '^S: 250 mail.school.test' "$R"
}

@test "the terminal goes: the recording ends in order" {
	need tmux
	term_start 80 24 "$SMTPTALK" --practice --record "$R" school.test
	term_see_prompt
	term_line 'HELO me.example'
	term_see 'sender may be' 1 || term_see 'S: 250'
	kill -HUP "$(term_pid)"
	wait_until 10 grep -q '^# end of recording' "$R"
	whole "$R"
	grep -q '^C: HELO me.example' "$R"
	grep -q '^C: <close>' "$R"
}

@test "at the prompt: asked before an earlier recording is overwritten" {
	need tmux
	echo QUIT | talk 0 --practice --record "$R" school.test
	cp "$R" before.smtp
	term_start 100 30 "$SMTPTALK" --practice school.test
	term_see_prompt
	term_type '/record r.s'
	term_key Tab
	term_see_prompt 'C: /record r.smtp'
	term_key Enter
	term_see 'overwrite it? (y/n)'
	term_line n
	term_see 'stays as it is'
	cmp "$R" before.smtp
	term_line "/record $R"
	term_see_times 2 'is an earlier recording'
	term_see_prompt 'overwrite it? (y/n)'
	term_line y
	term_see 'recording to'
	term_line 'HELO me.example'
	term_see 'S: 250'
	term_line /quit
	term_see 'recorded: 1 exchange,'
	term_ended 0
	whole "$R"
}
