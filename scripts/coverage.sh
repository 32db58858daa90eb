#!/usr/bin/env bash
# After the tests of VARIANT=coverage: how many lines of each file they reached, the worst first.
# For the lines themselves: gcov -o build/coverage/lib/base lib/base/buf.c, then read buf.c.gcov.
set -u
cd "$(dirname "$0")/.." || exit 1

find build/coverage/lib build/coverage/smtptalk.gcno -name '*.gcno' | sort | xargs gcov -n 2>/dev/null | awk '
/^File / { file = $2; gsub(/\047/, "", file) }
/^Lines executed:/ && file ~ /^(lib\/.*|smtptalk)\.c$/ {
	sub(/^Lines executed:/, "")
	sub(/%/, "")
	of = $3
	reached = of * $1 / 100
	total += of
	total_reached += reached
	printf "%6.1f %%  of %5d lines  %s\n", $1, of, file | "sort -n"
	file = ""
}
END {
	close("sort -n")
	if (total == 0) {
		print "coverage: there is nothing in build/coverage; run make coverage" > "/dev/stderr"
		exit 1
	}
	printf "%6.1f %%  of %5d lines  in all\n", 100 * total_reached / total, total
}'
