# shellcheck shell=bash
# shellcheck disable=SC2154 # bats sets output, status and lines
# Shared by the bats files: `load ../lib`. Nothing here waits without an end, and what a test starts
# it stops: call stop_servers in teardown.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export ROOT
# The program under test; tests/run names a variant's, a bats file run by hand takes ./smtptalk.
export SMTPTALK=${SMTPTALK:-$ROOT/smtptalk}
SERVERS=()

# no_server WHAT: in CI what a test needs must be there; elsewhere its absence is said aloud.
no_server()
{
	if [ "${CI:-}" = true ]; then
		echo "$1, and CI=true allows no skip" >&2
		return 1
	fi
	echo "# SKIPPED: $1" >&3
	skip "$1"
}

# need COMMAND…: the commands a test cannot do without; sbin is searched too.
need()
{
	local c
	PATH=$PATH:/usr/sbin:/sbin
	for c in "$@"; do
		command -v "$c" >/dev/null || no_server "$c is not installed (make deps)" || return 1
	done
}

# free_port: a TCP port of 127.0.0.1 that the kernel gave out a moment ago.
free_port()
{
	perl -MIO::Socket::INET -e '
		$s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die "no port: $!";
		print $s->sockport'
}

# wait_until SECONDS COMMAND…: true as soon as the command is, false when the time is over.
wait_until()
{
	local end=$(($(date +%s%N) + $1 * 1000000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%N)" -lt "$end" ] || { echo "still false: $*" >&2; return 1; }
		sleep 0.02
	done
}

port_open()
{
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

wait_for_port()
{
	wait_until 10 port_open "$1"
}

# start_server COMMAND…: in the background, remembered for stop_servers; output in server.log.
start_server()
{
	"$@" >>"$BATS_TEST_TMPDIR/server.log" 2>&1 3>&- &
	SERVERS+=($!)
}

stop_servers()
{
	local pid
	for pid in "${SERVERS[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	SERVERS=()
	return 0
}

# has TEXT: $output of bats' run has this text; shows both when it has not.
has()
{
	case $output in
	*"$1"*) return 0 ;;
	esac
	printf 'expected to find: %s\nin:\n%s\n' "$1" "$output" >&2
	return 1
}

next_is_last() { # of a transcript: after "next:", at most its own further lines, then the client's line
	awk '/^# next: / { after = 1; next }
		after && /^#  / { next }
		after && !/^(C|smtptalk:|# \/)/ { print "after next: " $0; wrong = 1 }
		{ after = 0 }
		END { exit wrong }'
}
