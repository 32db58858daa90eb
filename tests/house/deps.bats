#!/usr/bin/env bats
# scripts/deps.sh on machines that lack everything: a PATH of our own stands for the machine, and
# nothing of the real one is changed.

# shellcheck disable=SC2016 # the $s are for the commands that are written, not for here

setup()
{
	load ../lib
	cd "$ROOT" || return 1
	BIN=$BATS_TEST_TMPDIR/bin
	export DEPS_ETC=$BATS_TEST_TMPDIR/etc DEPS_POLICY=$BATS_TEST_TMPDIR/policy-rc.d
	mkdir -p "$BIN" "$DEPS_ETC/systemd/system/multi-user.target.wants" "$DEPS_ETC/rc2.d"
	ln -s /dev/null "$DEPS_ETC/systemd/system/multi-user.target.wants/before.service"
	local tool
	for tool in bash sh cat chmod comm env find mktemp mv rm sed sort; do
		ln -s "$(command -v "$tool")" "$BIN/$tool"
	done
	command_is id 'echo 0'
}

# command_is NAME LINE…: the machine has this command, and it does that.
command_is()
{
	local name=$1
	shift
	printf '#!/bin/bash\n' >"$BIN/$name"
	printf '%s\n' "$@" >>"$BIN/$name"
	chmod 755 "$BIN/$name"
}

# An apt-get that notes how it was called, enables a service as maintainer scripts do, and brings
# what the build goal looks for.
has_apt()
{
	export NOTES=$BATS_TEST_TMPDIR/notes BIN
	command_is apt-cache 'echo "  Depends: clang-99"'
	command_is apt-get \
		'echo "$*" >>"$NOTES"' \
		'[ "$1" = install ] || exit 0' \
		'echo "frontend $DEBIAN_FRONTEND" >>"$NOTES"' \
		'"$DEPS_POLICY" postfix start; echo "policy $?" >>"$NOTES"' \
		'ln -s /dev/null "$DEPS_ETC/systemd/system/multi-user.target.wants/new.service"' \
		'for f in cc pkg-config; do printf "#!/bin/sh\nexit 0\n" >"$BIN/$f"; chmod 755 "$BIN/$f"; done' \
		"exit ${1:-0}"
}

run_deps()
{
	PATH=$BIN run scripts/deps.sh "$@"
	echo "$output"
}

@test "where nothing is missing, nothing is said and nothing is done" {
	run scripts/deps.sh build check
	echo "$output"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
}

@test "without apt-get it names what is missing, and stops" {
	run_deps build
	[ "$status" -eq 1 ]
	has '    libldns-dev'
	has 'this system has no apt-get'
}

@test "without root and sudo it says how to go on, and stops" {
	has_apt
	command_is id 'echo 1000'
	run_deps build
	[ "$status" -eq 1 ]
	has 'become root and run  scripts/deps.sh build'
	[ ! -e "$NOTES" ]
}

@test "it shows the list, installs without removing, starts and enables nothing" {
	has_apt
	run_deps build
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'smtptalk needs these packages for "build", and they are not installed:' ]
	has '    gcc'
	grep -q '^install .*--no-install-recommends --no-remove .*libreadline-dev' "$NOTES"
	grep -qx 'frontend noninteractive' "$NOTES"
	grep -qx 'policy 101' "$NOTES"
	[ ! -e "$DEPS_POLICY" ]
	[ -L "$DEPS_ETC/systemd/system/multi-user.target.wants/before.service" ]
	[ ! -L "$DEPS_ETC/systemd/system/multi-user.target.wants/new.service" ]
}

@test "a policy that would start services is asked for nothing, and is back afterwards" {
	has_apt
	printf '#!/bin/sh\nexit 104\n' >"$DEPS_POLICY"
	chmod 755 "$DEPS_POLICY"
	run_deps build
	[ "$status" -eq 0 ]
	grep -qx 'policy 101' "$NOTES"
	[ "$(tail -n 1 "$DEPS_POLICY")" = 'exit 104' ]
}

@test "when apt-get fails it says so, and leaves nothing behind" {
	has_apt 100
	run_deps build check
	[ "$status" -eq 1 ]
	has 'apt-get could not install them'
	[ ! -e "$DEPS_POLICY" ]
	[ ! -L "$DEPS_ETC/systemd/system/multi-user.target.wants/new.service" ]
}

@test "what is still missing afterwards is named" {
	has_apt
	run_deps build check
	[ "$status" -eq 1 ]
	has 'installed, and still not found:'
	has 'bats'
}
