#!/usr/bin/env bats
# The practice server beside a real Postfix: the same main.cf and the same clients, and the same replies.

setup()
{
	load ../lib
	load postfix_compare
	compare_prepare
}

teardown()
{
	compare_release
}

# Blanks as they come: postconf shows one where there were several.
plain()
{
	tr -s ' \t' ' ' <"$1" | sed 's/ *$//; s/ ,/,/g'
}

@test "65 configurations, 14 client scripts: the practice server answers as Postfix does" {
	run compare_inside "$ROOT/tests/real/compare/compare.pl" "$ROOT/tests/real/compare" "$COMPARE" \
		"$ROOT/build/release/tests/real/practice_answers"
	echo "$output"
	[ "$status" -eq 0 ]
	has '65 configurations, 14 scripts: 910 equal, 0 differ for a known reason, 0 differ'
}

@test "the same main.cf means the same: defaults and expansion, as postconf says" {
	local answers=$ROOT/build/release/tests/real/practice_answers known=$ROOT/tests/real/compare/postconf_differences
	cp "$ROOT/tests/real/compare/expansion.cf" "$COMPARE/main.cf"
	"$answers" --values "$COMPARE/main.cf" >"$COMPARE/ours"
	# shellcheck disable=SC2046 # one name a word
	postconf -c "$COMPARE" -x $(cut -d' ' -f1 <"$COMPARE/ours") 2>/dev/null >"$COMPARE/theirs"
	[ "$(wc -l <"$COMPARE/ours")" -gt 100 ]
	diff <(plain "$COMPARE/theirs" | grep -vFf "$known") <(plain "$COMPARE/ours" | grep -vFf "$known")
}
