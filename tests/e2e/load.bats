#!/usr/bin/env bats
# smtptalk replay --repeat: what is measured, and towards whom.

load ../lib

setup() {
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	cd "$BATS_TEST_TMPDIR" || return 1
	printf '%s\n' 'S: 220 x' 'C: EHLO me.example' 'S: 250 x' 'C: MAIL FROM:<a@b.example>' 'S: 250 2.1.0 Ok' \
		'C: RCPT TO:<bob@school.test>' 'S: 250 2.1.5 Ok' 'C: DATA' 'S: 354 Go' 'C: Subject: x' 'C: ' 'C: .' \
		'S: 250 2.0.0 Ok' 'C: QUIT' 'S: 221 2.0.0 Bye' >good.smtp
	sed s/bob@/bbo@/ good.smtp >bad.smtp
}

measured() { # measured STATUS ARGUMENT…
	local want=$1 got=0
	shift
	timeout 60 "$SMTPTALK" replay "$@" >out 2>err </dev/null || got=$?
	[ "$got" = "$want" ] || {
		echo "exit status $got, not $want"
		cat out err
		return 1
	}
}

@test "sessions, messages, times of each command" {
	measured 0 --practice --host school.test --repeat 30 --parallel 4 good.smtp
	grep -qE '^# 30 sessions in [0-9.]+ s: [0-9]+ a second; 30 messages taken: [0-9]+ a second$' out
	grep -qF '# 30 passed, 0 with another reply, 0 failed, 0 skipped' out
	local row
	for row in connect greeting EHLO MAIL RCPT DATA message QUIT session; do
		grep -qE "^# $row +30( +[0-9]+\.[0-9]{2}){4}$" out || {
			echo "no row for $row"
			cat out
			return 1
		}
	done
}

@test "replies that were not expected are counted by what they were" {
	measured 4 --practice --host school.test --repeat 10 --parallel 3 bad.smtp
	grep -qF '# 0 passed, 10 with another reply, 0 failed, 0 skipped' out
	grep -qE '550 5\.1\.1' out
}

@test "towards a public address only by its name in --allow-load, and the reason is told" {
	measured 1 --host 198.51.100.9:25 --repeat 2 good.smtp
	grep -qF -- '--allow-load 198.51.100.9' err
	measured 1 --host 198.51.100.9:25 --allow-load 198.51.100.8 --repeat 2 good.smtp
}
