#!/usr/bin/env bash
# usage: send_compare.sh FOLDER [PATTERN]
#
# Runs each command line of send_lines.txt (that has PATTERN in it) with swaks and with `smtptalk send`
# against send_server.pl, and tells about each that does not send the same bytes or end with the same
# exit status; what no two runs have in common (dates, ids, boundaries) is masked. The last line says
# how many there were.
# shellcheck disable=SC2034 # S, D and DIR are for the lines
here=$(cd "$(dirname "$0")" && pwd)
SMTPTALK=${SMTPTALK:-$here/../../smtptalk}
DIR=$1/sink D=$1/files
rm -rf "$DIR" "$D"
mkdir -p "$DIR" "$D"
printf ok >"$DIR/mode"
printf 'one line\nand another\n' >"$D/text"
printf 'Subject: whole\nX-Test: 1\n\nthe text\n' >"$D/whole"
printf 'From me Thu Jan  1 00:00:00 1970\nSubject: mbox\n\nthe text\n' >"$D/mbox"
printf 'Subject: dots\n\n.\n..\n.x\ny\n' >"$D/dots"
printf 'Subject: raw %%DATE%%\r\n\r\nas it is\r\n.' >"$D/raw"
head -c 3000 /dev/urandom >"$D/binary"
printf 'h-X-Config yes\n# a comment\n--pipeline\n' >"$D/rc"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
	-addext 'subjectAltName=IP:127.0.0.1' -keyout "$D/key.pem" -out "$D/ca.pem" 2>/dev/null
cat "$D/key.pem" "$D/ca.pem" >"$D/both.pem"
"$here/send_server.pl" "$DIR/port" "$DIR" "$D/both.pem" >"$DIR/log" 2>&1 &
server=$!
trap 'kill "$server"' EXIT
until [ -s "$DIR/port" ]; do sleep 0.05; done
S=127.0.0.1:$(cat "$DIR/port")
export HOME=$1 LOGNAME=tester

mask()
{
	sed -E -e 's/[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [-+][0-9]{4}/DATE/g' \
		-e 's/[0-9]{14}\.[0-9A-Za-z.]+@[A-Za-z0-9.-]+/ID/g' -e 's/^X-Mailer: .*/X-Mailer: MAILER/' \
		-e 's/----=_MIME_BOUNDARY_([0-9]+)_[0-9A-Za-z]+/BOUNDARY_\1/g'
}

# run NAME MODE OPTIONS: leaves $DIR/NAME (what came) and sets `got`.
run()
{
	local name=$1 words
	printf '%s' "$2" >"$DIR/mode"
	rm -f "$DIR/wire" "$DIR/$name"
	eval "words=(${3#local})"
	case $3 in local*) ;; *) words=(--server "$S" "${words[@]}") ;; esac
	words=(--timeout 5 --helo me.example --from a@me.example --to bob@school.test "${words[@]}")
	if [ "$name" = swaks ]; then
		swaks "${words[@]}" >"$DIR/$name.out" 2>&1 </dev/null
	else
		"$SMTPTALK" send --output swaks "${words[@]}" >"$DIR/$name.out" 2>&1 </dev/null
	fi
	got=$?
	case $got in
	1 | 2 | 10 | 35) return ;;
	esac
	for _ in $(seq 200); do
		[ ! -e "$DIR/wire" ] || break
		sleep 0.02
	done
	mask <"$DIR/wire" >"$DIR/$name"
}

count=0 bad=0
while IFS='|' read -r mode options; do
	case $mode in '#'* | '') continue ;; esac
	[[ $mode$options == *"${2:-}"* ]] || continue
	count=$((count + 1))
	options=${options# }
	run swaks "${mode% }" "$options"
	want=$got
	run ours "${mode% }" "$options"
	if [ "$want" != "$got" ] || ! cmp -s "$DIR/swaks" "$DIR/ours" 2>/dev/null && [ -e "$DIR/swaks" ]; then
		bad=$((bad + 1))
		echo "different: $mode| $options (exit status: swaks $want, ours $got)"
		diff -a "$DIR/swaks" "$DIR/ours" | head -20
		[ -z "${VERBOSE:-}" ] || cat "$DIR/swaks.out" "$DIR/ours.out"
	fi
done <"$here/send_lines.txt"
echo "$count lines, $bad different"
