# shellcheck shell=bash
# Plays one session file as a server and lets smtptalk meet it. Comments in the file say what is
# typed (send, pause), what smtptalk must print (expect) and must not (absent), its exit status
# (exit), further options of its command line (options), and the certificate that the server has
# (certificate). CERTS in options is the folder of certificates.

told()
{
	sed -n "s/^# $2: \{0,1\}//p" "$1"
}

typed()
{
	if grep -q '^# pause:' "$1"; then
		local key text
		sed -n 's/^# \(send\|pause\): \{0,1\}/\1 /p' "$1" | while IFS=' ' read -r key text; do
			case $key in
			pause) sleep "$text" ;;
			send) printf '%s\n' "$text" ;;
			esac
		done
	else
		told "$1" send
	fi
}

serving()
{
	PORT=$(sed -n 's/.* on 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$BATS_TEST_TMPDIR/server.log")
	[ -n "$PORT" ]
}

complain()
{
	printf '%s\n' "$1" >&2
	{ head -c 4000; tail -n 5; } <"$OUT" >&2
	cat "$BATS_TEST_TMPDIR/server.log" >&2
	return 1
}

# Nothing of the peer may reach the terminal but printable text: no ESC, C0, DEL, C1 or bidi.
clean()
{
	! LC_ALL=C grep -aqP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]' "$OUT"
}

# play FILE
play()
{
	local file=$1 status=0 line
	local -a options tls

	OUT=$BATS_TEST_TMPDIR/out
	read -ra options <<<"$(told "$file" options | sed "s|CERTS|$CERTS|g")"
	line=$(told "$file" certificate)
	[ -z "$line" ] || tls=(--cert "$CERTS/$line.pem" --key "$CERTS/$line.key")
	start_server "$SMTPTALK" serve --session "$file" --listen 127.0.0.1:0 --once "${tls[@]}"
	wait_until 10 serving
	typed "$file" 2>/dev/null |
		timeout 30 "$SMTPTALK" --timeout 1 "${options[@]}" 127.0.0.1 "$PORT" >"$OUT" 2>&1 || status=$?
	while IFS= read -r line; do
		grep -qF -- "$line" "$OUT" || complain "expected to find: $line"
	done < <(told "$file" expect)
	while IFS= read -r line; do
		! grep -qF -- "$line" "$OUT" || complain "must not be there: $line"
	done < <(told "$file" absent)
	clean || complain "a control character came through"
	[ "$status" = "$(told "$file" exit)" ] || complain "exit status $status"
}
