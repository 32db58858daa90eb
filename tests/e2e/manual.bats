#!/usr/bin/env bats
# The manual page names every option and every local command, and none that does not exist.

load ../lib

setup() {
	export XDG_STATE_HOME=$BATS_TEST_TMPDIR/state XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
	PAGE=$ROOT/smtptalk.1
}

help_everywhere() { # --help, the general one and that of each command; send has a page of its own
	"$SMTPTALK" --help
	"$SMTPTALK" --help | sed -n '/^Commands:/,/^$/p' | awk '/^  [a-z]/ && $1 != "send" { print $1 }' |
		while read -r command; do "$SMTPTALK" "$command" --help; done
}

help_options() { # the long options of --help, one a line
	help_everywhere | grep -oE '^ +(-[a-z0-9], )? *--[a-z0-9-]+' | grep -oE -- '--[a-z0-9-]+' | sort -u
}

page_options() { # the long options that have an entry of their own in the page
	grep -E '^\.It Fl ' "$PAGE" | grep -oE -- ' -[a-z0-9]{2,}[a-z0-9-]*' | sed 's/^ /-/' | sort
}

help_commands() {
	printf '/help\nQUIT\n' | "$SMTPTALK" --practice bob@school.test | grep -oE '^#   /[a-z]+' | sed 's/^# *//' | sort
}

page_commands() {
	grep -oE '^\.It Ic /[a-z]+' "$PAGE" | sed 's/.* //' | sort
}

@test "every option of --help is in the manual page, and the other way round" {
	help_options >"$BATS_TEST_TMPDIR/help"
	page_options >"$BATS_TEST_TMPDIR/page"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/help")" -ge 10 ]
	diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page"
}

@test "every short option is in the manual page beside its long one" {
	while read -r short long; do
		grep -qE "^\.It Fl ${short#-} , Fl -${long#--}( |$)" "$PAGE" || {
			echo "not in the page: $short $long"
			return 1
		}
	done < <(help_everywhere | grep -oE -- '-[a-z0-9], --[a-z0-9-]+' | tr -d ,)
}

@test "every local command of /help is in the manual page, and the other way round" {
	help_commands >"$BATS_TEST_TMPDIR/help"
	page_commands >"$BATS_TEST_TMPDIR/page"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/help")" -ge 10 ]
	diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page"
}

@test "the commands of --help have an entry in the manual page" {
	while read -r command; do
		grep -qE "^\.It Cm $command( |$)" "$PAGE" || {
			echo "not in the page: $command"
			return 1
		}
	done < <("$SMTPTALK" --help | sed -n '/^Commands:/,/^$/p' | awk '/^  [a-z]/ { print $1 }')
}

@test "the manual page has no fault that groff complains about" {
	need groff
	[ -z "$(groff -mdoc -Tutf8 -ww -z "$PAGE" 2>&1)" ]
	[ -z "$(groff -mdoc -Tutf8 -ww -z "$ROOT/smtptalk-send.1" 2>&1)" ]
}
