#!/usr/bin/env bats
# Every checker is a goal of the make file; here each is one test, so that all report in one run.

setup()
{
	load ../lib
	cd "$ROOT" || return 1
	unset MAKEFLAGS MFLAGS MAKELEVEL
}

lint()
{
	make -k -j2 VARIANT=release "lint-$1" >"$BATS_TEST_TMPDIR/log" 2>&1 && return
	grep -vE '^  (CC|TIDY|ANALYZE|CPPCHECK) ' "$BATS_TEST_TMPDIR/log"
	return 1
}

@test "clang-format would change nothing" {
	lint format
}

@test "shellcheck" {
	lint shell
}

@test "cppcheck" {
	lint cppcheck
}

@test "clang-tidy" {
	lint tidy
}

@test "gcc -fanalyzer" {
	lint analyzer
}
