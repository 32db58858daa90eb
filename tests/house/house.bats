#!/usr/bin/env bats
# The rules of the house that no compiler knows. Each check is also shown to be able to fail.

setup()
{
	load ../lib
	cd "$ROOT" || return 1
}

# plant FILE LINE…: a small tree with one floor under another, and this file in it.
plant()
{
	local file=$1
	shift
	mkdir -p "$BATS_TEST_TMPDIR/lib/base" "$BATS_TEST_TMPDIR/lib/net" "$BATS_TEST_TMPDIR/lib/ui"
	mkdir -p "$(dirname "$BATS_TEST_TMPDIR/$file")"
	printf '%s\n' "$@" >>"$BATS_TEST_TMPDIR/$file"
}

@test "no file includes from its own height or above" {
	tests/house/floors.sh
}

@test "the floors check sees an include that climbs" {
	plant lib/base/a.c '#include "base/a.h"' '#include <stdio.h>'
	tests/house/floors.sh "$BATS_TEST_TMPDIR"
	plant lib/base/a.c '#include "ui/repl.h"'
	run tests/house/floors.sh "$BATS_TEST_TMPDIR"
	[ "$status" -eq 1 ]
	[ "$output" = 'lib/base/a.c:3: lib/base (floor 0) includes "ui/repl.h" (floor 5)' ]
}

@test "the floors check sees a neighbour of the same height" {
	plant lib/smtp/a.c '  #  include "net/stream.h"'
	run tests/house/floors.sh "$BATS_TEST_TMPDIR"
	[ "$status" -eq 1 ]
	has 'lib/smtp (floor 1) includes "net/stream.h" (floor 1)'
}

@test "the floors check sees a library that is not at home" {
	plant lib/ui/a.c '#include <event2/event.h>'
	plant lib/net/stream.c '#include <event2/event.h>' '#include <ldns/ldns.h>'
	plant lib/net/dns_rr.c '#include <ldns/ldns.h>' '#include <idn2.h>'
	plant lib/ui/repl.c '#include <readline/readline.h>'
	run tests/house/floors.sh "$BATS_TEST_TMPDIR"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 4 ]
	has 'lib/ui/a.c:1: event2/event.h is not at home here'
	has 'lib/net/stream.c:2: ldns/ldns.h is not at home here'
	has 'lib/net/dns_rr.c:2: idn2.h is not at home here'
	has 'lib/ui/repl.c:1: readline/readline.h is not at home here'
}

@test "the floors check sees headers in a ring, and a folder without a floor" {
	plant lib/base/a.h '#include "base/b.h"'
	plant lib/base/b.h '#include "base/c.h"'
	plant lib/base/c.h '#include "base/a.h"'
	plant lib/cellar/a.c '#include "base/a.h"'
	run tests/house/floors.sh "$BATS_TEST_TMPDIR"
	[ "$status" -eq 1 ]
	has 'headers in a ring: base/a.h'
	has 'the folder lib/cellar has no floor'
}

@test "files stay under 500 lines and functions under 60" {
	tests/house/sizes.sh
}

@test "the size check sees a long file and a long function" {
	plant lib/base/a.c 'int long_one(int a,' '             int b)' '{' "$(yes '	a++;' | head -n 56)" '}'
	tests/house/sizes.sh "$BATS_TEST_TMPDIR"
	plant lib/base/b.c 'static char *longer(void)' '{' "$(yes '	;' | head -n 58)" '}'
	plant lib/base/c.h "$(yes | head -n 501)"
	run tests/house/sizes.sh "$BATS_TEST_TMPDIR"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = 'lib/base/b.c:1: longer() has 61 lines' ]
	[ "${lines[1]}" = 'lib/base/c.h: 501 lines' ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "no mutable globals below lib/ui" {
	local objects
	objects=$(find lib -name '*.c' ! -path 'lib/ui/*' | sed 's|^|build/release/|; s|c$|o|')
	# shellcheck disable=SC2086 # one object a word
	tests/house/globals.sh $objects
}

@test "the globals check sees variables and leaves constants alone" {
	plant a.c 'const char *const ok[] = {"a", "b"};' 'static const int fine = 3;' \
		'int bad1; static int bad2 = 2; int f(void); int f(void) { static int bad3; return bad2++ + bad3++ + fine; }'
	gcc -fPIE -c -o "$BATS_TEST_TMPDIR/a.o" "$BATS_TEST_TMPDIR/a.c"
	run tests/house/globals.sh "$BATS_TEST_TMPDIR/a.o"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 3 ]
}

@test "every C file opens by saying why it is there" {
	local f bad=
	for f in smtptalk.c lib/*/*.[ch] tests/*/*.[ch]; do
		[ "$(head -c 2 "$f")" = '/*' ] || bad+=" $f"
	done
	echo "without an opening comment:$bad"
	[ -z "$bad" ]
}

@test "case is ASCII case: in a Turkish locale the C library does not take SIZE for size" {
	run grep -nE '(strn?casecmp|toupper)\(([^)]|$)' smtptalk.c lib/*/*.c
	echo "$output"
	[ "$status" -eq 1 ]
}

@test "no marks for work put off" {
	local marks='TO''DO|FIX''ME|X''XX'
	run grep -rnwIE "$marks" --exclude-dir=.git --exclude-dir=build .
	echo "$output"
	[ "$status" -eq 1 ]
}
