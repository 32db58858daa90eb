#!/usr/bin/env bash
# usage: scripts/deps.sh build|check|bench …
#
# Sees to it that what these goals need is there. On Debian and its relatives it shows what is
# missing and installs exactly that, as root or through sudo; it removes nothing, and no service of
# a package it installs is started or enabled (the tests run their own copies, in temporary
# folders). On other systems it names what is missing and stops. With nothing missing it only looks.
set -u

# goal, Debian package, how to see that it is there
needs='
build gcc                    cmd:cc
build libc6-dev              file:/usr/include/stdio.h
build pkg-config             cmd:pkg-config
build libevent-dev           pc:libevent_core
build libldns-dev            pc:ldns
build libssl-dev             pc:libcrypto
build libreadline-dev        pc:readline
build libidn2-dev            pc:libidn2
build libunistring-dev       file:/usr/include/unistr.h
build libgsasl-dev           pc:libgsasl
build libjansson-dev         pc:jansson
check libcmocka-dev          pc:cmocka
check openssl                cmd:openssl
check perl                   cmd:prove
check bats                   cmd:bats
check tmux                   cmd:tmux
check python3                cmd:python3
check python3-dkim           file:/usr/lib/python3/dist-packages/dkim/__init__.py
check python3-nacl           file:/usr/lib/python3/dist-packages/nacl/__init__.py
check iproute2               cmd:ip
check procps                 cmd:pgrep
check strace                 cmd:strace
check libxml2-utils          cmd:xmllint
check groff-base             cmd:groff
check gcc                    cmd:gcc
check clang                  cmd:clang
check libclang-rt-CLANG-dev  file:/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a
check clang-format           cmd:clang-format
check clang-tidy             cmd:clang-tidy
check cppcheck               cmd:cppcheck
check shellcheck             cmd:shellcheck
check valgrind               cmd:valgrind
check postfix                cmd:postfix
check dovecot-core           cmd:dovecot
check nsd                    cmd:nsd
check iproute2               cmd:ip
check util-linux             cmd:unshare
check unbound                cmd:unbound
check ldnsutils              cmd:ldns-signzone
check parallel               cmd:parallel
check swaks                  cmd:swaks
check netcat-openbsd         cmd:nc
bench perl                   cmd:perl
bench postfix                cmd:smtp-sink
bench telnet                 cmd:telnet
bench netcat-openbsd         cmd:nc
bench swaks                  cmd:swaks
bench pflogsumm              cmd:pflogsumm
bench time                   file:/usr/bin/time
bench curl                   cmd:curl
'
etc=${DEPS_ETC:-/etc}
policy=${DEPS_POLICY:-/usr/sbin/policy-rc.d}
PATH=$PATH:/usr/sbin:/sbin

present()
{
	case $1 in
	cmd:*) command -v "${1#cmd:}" >/dev/null ;;
	file:*) compgen -G "${1#file:}" >/dev/null ;;
	pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
	esac
}

# The packages of these goals whose probe fails.
missing()
{
	local goal package probe
	while read -r goal package probe; do
		case " $* " in
		*" $goal "*) present "$probe" || echo "$package" ;;
		esac
	done <<<"$needs" | sort -u
}

# Every link by which systemd or init would start something at boot.
enabled()
{
	find "$etc"/systemd/system "$etc"/rc[S2345].d -type l \
		\( -path '*.wants/*' -o -name 'S[0-9]*' \) 2>/dev/null | sort
}

# Undoes what maintainer scripts enabled since the list in $1 was taken.
disable_new()
{
	local link unit
	enabled | comm -13 "$1" - | while read -r link; do
		unit=${link##*/}
		case $link in
		*.wants/*) systemctl disable "$unit" >/dev/null 2>&1 || rm -f "$link" ;;
		*) update-rc.d "${unit#S[0-9][0-9]}" disable >/dev/null 2>&1 ;;
		esac
	done
}

# invoke-rc.d and deb-systemd-invoke ask this program first; 101 means "do not". One that is there
# and says 101 stays; one that says something else steps aside for as long as we install.
deny_starts()
{
	if [ -e "$policy" ]; then
		"$policy" any start >/dev/null 2>&1
		[ $? -ne 101 ] || return 0
		mv "$policy" "$policy.before-deps"
	fi
	made_policy=1
	printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
}

finish()
{
	if [ -n "${made_policy-}" ]; then
		rm -f "$policy"
		[ ! -e "$policy.before-deps" ] || mv "$policy.before-deps" "$policy"
	fi
	if [ -n "${before-}" ]; then
		disable_new "$before"
		rm -f "$before"
	fi
}

install_packages()
{
	local clang package packages=()
	trap finish EXIT
	trap 'exit 130' INT TERM HUP
	before=$(mktemp) || exit 1
	enabled >"$before"
	deny_starts || exit 1
	export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
	apt-get update -q || echo "deps: the package lists could not be renewed; trying with the old ones" >&2
	# This package carries clang's version in its name, so the name is known only now.
	clang=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p')
	for package in "$@"; do
		packages+=("${package/CLANG/$clang}")
	done
	apt-get install -q -y --no-install-recommends --no-remove "${packages[@]}"
}

become_root()
{
	[ "$(id -u)" -eq 0 ] && return
	if ! command -v sudo >/dev/null; then
		echo "deps: to install them: become root and run  scripts/deps.sh $goals" >&2
		exit 1
	fi
	exec sudo -- "$0" "$@"
}

goals=$*
[ $# -gt 0 ] || { echo "usage: $0 build|check|bench …" >&2; exit 1; }
list=$(missing "$@")
[ -n "$list" ] || exit 0

echo "smtptalk needs these packages for \"$goals\", and they are not installed:"
# shellcheck disable=SC2086 # one package a word
printf '    %s\n' $list
if ! command -v apt-get >/dev/null; then
	echo "deps: the names are Debian's; this system has no apt-get. Install what they hold, then run make again." >&2
	exit 1
fi
become_root "$@"
echo "Installing them. Nothing is removed, and no service is started or enabled."
# shellcheck disable=SC2086
install_packages $list || { echo "deps: apt-get could not install them; see its message above." >&2; exit 1; }
list=$(missing "$@")
if [ -n "$list" ]; then
	echo "deps: installed, and still not found: ${list//$'\n'/ }" >&2
	exit 1
fi
