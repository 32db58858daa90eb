#!/usr/bin/env bats
# The course: proved, listed, remembered; a teacher's own lesson; what is said of faulty ones.

load ../lib

setup() {
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	PROGRESS=$XDG_STATE_HOME/smtptalk/progress
}

learn() { # STATUS ARGUMENT…: runs with standard input, keeps what it says
	local expected=$1 got=0
	shift
	"$SMTPTALK" learn "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
	[ "$got" = "$expected" ] || {
		echo "exit status $got instead of $expected"
		cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

out_has() {
	grep -qF -- "$1" "$BATS_TEST_TMPDIR/out" || {
		echo "not said: $1"
		cat "$BATS_TEST_TMPDIR/out"
		return 1
	}
}

err_has() {
	grep -qF -- "$1" "$BATS_TEST_TMPDIR/err" || {
		echo "not told: $1"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

none() { # ARGUMENT… of grep: it finds nothing
	if grep "$@"; then
		return 1
	fi
}

example_of_contributing() { # the complete small lesson of CONTRIBUTING.md, into FOLDER
	mkdir -p "$1"
	awk -v to="$1" '/^`my-lesson\/lesson`/ { f = "lesson"; next }
		/^`my-lesson\/en.txt`/ { f = "en.txt"; next }
		/^Then:/ { f = "" }
		f && (/^    / || /^$/) { sub(/^    /, ""); print > (to "/" f) }' "$ROOT/CONTRIBUTING.md"
}

@test "every lesson of the course is proved, in the C locale" {
	LC_ALL=C learn 0 --test </dev/null
}

@test "the lesson of CONTRIBUTING.md is complete" {
	example_of_contributing "$BATS_TEST_TMPDIR/my-lesson"
	learn 0 --test "$BATS_TEST_TMPDIR/my-lesson" </dev/null
	printf 'HELO\nHELO laptop.example\n/quit\n' | learn 0 "$BATS_TEST_TMPDIR/my-lesson/"
	out_has 'lesson: A name is missing behind the command.'
	out_has 'done: The server knows your name now'
}

@test "all faults of a lesson are told at once, with their places" {
	example_of_contributing "$BATS_TEST_TMPDIR/my-lesson"
	cd "$BATS_TEST_TMPDIR"
	sed -i 's/^Pass:.*/Pass: reply verb=HALO/; s/^Try: HELO$/Tri: HELO/' my-lesson/lesson
	sed -i 's/^Hint: A name.*//' my-lesson/en.txt
	learn 2 --test my-lesson/ </dev/null
	err_has 'my-lesson/lesson:5:13: "verb=HALO": the value must be a verb'
	err_has 'my-lesson/lesson:10:6: "Tri" does not belong here'
	err_has 'my-lesson/en.txt:7:1: a step has 3 hints; here are 2'
}

@test "a lesson whose step is not needed, and one that takes a mistake for an answer, are found" {
	example_of_contributing "$BATS_TEST_TMPDIR/my-lesson"
	cd "$BATS_TEST_TMPDIR"
	sed -i 's/^Pass:.*/Pass: reply verb=HELO,MAIL,NOOP/' my-lesson/lesson
	learn 2 --test my-lesson/ </dev/null
	err_has 'my-lesson/lesson:4: step greet: a line that does nothing passes'
	err_has 'step greet: a line of the mistake "mail-first" passes'
}

@test "what was done is kept, a line a lesson, and the next time it goes on there" {
	printf 'HELO\nHELO x.home.test\n/quit\n' | learn 0 2
	out_has 'step 2 of 3'
	grep -qE '^02-helo-is-a-claim: begun [0-9TZ:-]+ step own-name hints 0 skips 0 mistakes helo-alone=1$' "$PROGRESS"
	printf '/skip\nQUIT\n/quit\n' | learn 0 2
	out_has 'you were at step 2; the steps before it are typed for you'
	out_has 'C: HELO laptop.home.test'
	out_has 'skipped: this is how it can be typed'
	out_has 'done: A name in HELO'
	grep -qE '^02-helo-is-a-claim: .* done [0-9TZ:-]+ step quit hints 0 skips 1 mistakes helo-alone=1$' "$PROGRESS"
	learn 0 --list
	grep -qE '^  done   2  HELO is only a claim$' "$BATS_TEST_TMPDIR/out"
	learn 0 --page
	out_has 'steps that smtptalk typed: 1'
	out_has 'mistakes: helo-alone'
	[ "$(wc -L <"$BATS_TEST_TMPDIR/out")" -le 76 ]
}

@test "the first lesson is begun without a name, and then the first that is not done" {
	printf 'QUIT\n/lesson next\n/quit\n' | learn 0
	out_has 'lesson 1: The server speaks first'
	out_has 'lesson 2: HELO is only a claim'
	printf '/quit\n' | learn 0
	out_has 'you are at lesson 2'
	printf '/quit\n' | learn 0 --lesson 4
	out_has 'lesson 4: RCPT TO'
}

@test "--reset forgets one lesson or all" {
	printf 'QUIT\n/quit\n' | learn 0 1
	printf 'HELO a.b\n/quit\n' | learn 0 2
	learn 0 --reset 1
	none -q '^01-' "$PROGRESS"
	grep -q '^02-' "$PROGRESS"
	learn 0 --reset
	none -q '^0' "$PROGRESS"
}

@test "a line of the progress that somebody broke costs that line only" {
	mkdir -p "${PROGRESS%/*}"
	printf '02-helo-is-a-claim: begun yesterday\n01-server-speaks-first: begun 2026-01-02T03:04:05Z done 2026-01-02T03:05:05Z hints 0 skips 0\n' >"$PROGRESS"
	learn 0 --list
	err_has 'progress:1: this is no line of a lesson; it is left out'
	grep -qE '^  done   1 ' "$BATS_TEST_TMPDIR/out"
}

@test "exploring does no harm: another host, a closed connection, /reset" {
	printf '/connect bob@grey.test\nNOOP\n/close\n/connect bob@school.test\nQUIT\n/quit\n' | learn 0 1
	out_has 'done: You have had a whole conversation'
	printf 'HELO a.b\n/reset\n/hint\n/hint\n/hint\n/hint\n/quit\n' | learn 0 --lesson 2
	out_has 'hint 3 of 3: Type  HELO laptop.home.test'
	out_has 'no more hints; /skip would type:'
}

@test "no line of a lesson is wider than 76 columns" {
	printf '/skip\n/skip\n/skip\n/skip\n/skip\n/quit\n' | learn 0 --lesson 6
	none -E '^#.{76,}' "$BATS_TEST_TMPDIR/out"
}

@test "an unknown lesson and a folder without one are told" {
	learn 1 nonesuch </dev/null
	err_has 'there is no such lesson'
	learn 2 "$BATS_TEST_TMPDIR/" </dev/null
	err_has 'there is no lesson in it'
}
