#!/usr/bin/env bash
# usage: sizes.sh [TREE]
#
# One line for every file over 500 lines and every function over 60. Functions are found by their
# braces in the first column, which clang-format guarantees. A table may be longer: tables are named below.
cd "${1:-.}" || exit 2
tables=' '

# shellcheck disable=SC2016 # the $s are awk's
find . \( -name .git -o -name build \) -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.sh' -o -name '*.bash' -o -name '*.bats' -o -name '*.pl' -o -name Makefile \) -print |
	sed 's|^\./||' | sort | xargs awk -v tables="$tables" '
function is_table(what) { return index(tables, " " what " ") > 0 }
FNR == 1 { if (last_file != "") end_file(); last_file = FILENAME }
function end_file() {
	if (lines > 500 && !is_table(last_file)) { print last_file ": " lines " lines"; bad = 1 }
}
{ lines = FNR }
FILENAME !~ /\.c$/ || FILENAME ~ /^tests\// { next }
/^[a-zA-Z_].*\(/ { signature = $0; from = FNR }
/^{$/ { inside = 1 }
/^}/ && inside {
	inside = 0
	name = signature
	sub(/\(.*/, "", name)
	sub(/.*[ *]/, "", name)
	n = FNR - from + 1
	if (n > 60 && !is_table(name)) { print FILENAME ":" from ": " name "() has " n " lines"; bad = 1 }
}
END { end_file(); exit bad }' || exit 1
