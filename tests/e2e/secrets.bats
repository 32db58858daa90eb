#!/usr/bin/env bats
# A password and a token are planted in every way that a login can take, and looked for, in each form
# that they have on the wire, in everything that is left: screens, output, history, files.

load ../lib
load terminal

PASSWORD='Pl4nted-pass/word+77'
TOKEN='ya29.Pl4nted-token_88'

setup()
{
	LEFT=$BATS_TEST_TMPDIR/left # everything that is left
	PLANTED=$BATS_TEST_TMPDIR/planted
	export HOME=$LEFT/home XDG_STATE_HOME=$LEFT/state XDG_CONFIG_HOME=$LEFT/config
	mkdir -p "$HOME" "$PLANTED"
	(umask 077; printf '%s\n' "$PASSWORD" >"$PLANTED/password"; printf '%s\n' "$TOKEN" >"$PLANTED/token")
}

teardown()
{
	term_stop
	stop_servers
}

hex()
{
	printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}

# The twelve: each secret raw, in base64, as the blobs of PLAIN and XOAUTH2, in hex both ways.
forms()
{
	local secret
	for secret in "$PASSWORD" "$TOKEN"; do
		printf '%s\n' "$secret"
		printf '%s' "$secret" | base64 -w0 && echo
		printf '\0alice\0%s' "$secret" | base64 -w0 && echo
		printf 'user=alice\1auth=Bearer %s\1\1' "$secret" | base64 -w0 && echo
		hex "$secret" && echo
		hex "$secret" | tr a-f A-F && echo
	done
}

# Found anywhere, even when it was wrapped at the right edge or lies amid binary data.
nothing_found()
{
	local form file
	while IFS= read -r -d '' file; do
		tr -d '\n' <"$file" | sed 's/#  *//g' >"$BATS_TEST_TMPDIR/flat"
		while IFS= read -r form; do
			if grep -qaF -- "$form" "$file" "$BATS_TEST_TMPDIR/flat"; then
				echo "$form is in $file" >&2
				return 1
			fi
		done < <(forms)
	done < <(find "$LEFT" -type f -print0)
}

# Everything a server can answer, so that all of an exchange is shown.
all_mechanisms()
{
	cat <<-'END2'
		S: 220 mx.example ESMTP
		C: EHLO me.example
		S: 250-mx.example
		S: 250 AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2 OAUTHBEARER
		C* AUTH *
		S: 535 5.7.8 no
		C: QUIT
		S: 221 bye
	END2
}

pipe() # NAME LINES OPTION…: output, standard error and the command line stay in $LEFT
{
	local name=$1 lines=$2
	shift 2
	printf "$lines" | timeout 20 "$SMTPTALK" --explain full "$@" >"$LEFT/$name.out" 2>"$LEFT/$name.err" || true
	[ -s "$LEFT/$name.out" ]
}

@test "the search finds each of the twelve, in the middle of a file" {
	local form
	[ "$(forms | sort -u | wc -l)" -eq 12 ]
	while IFS= read -r form; do
		printf 'x\0%s\n' "$form" >"$LEFT/file"
		run nothing_found
		[ "$status" -eq 1 ]
	done < <(forms)
}

@test "/auth in a pipe, with every mechanism of the practice internet" {
	local m
	for m in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256; do
		pipe "$m" "EHLO me.example\\nSTARTTLS\\nEHLO me.example\\n/auth $m alice\\n/tls\\n/state\\n/history\\nQUIT\\n" \
			--practice --auth-password-file "$PLANTED/password" submission.test 587
		grep -q "C: AUTH $m" "$LEFT/$m.out"
		grep -q 'S: 535' "$LEFT/$m.out"
	done
	nothing_found
}

@test "AUTH typed in a pipe: in the line, as answers, as bytes of /raw, as mistakes" {
	local plain user pass
	plain=$(printf '\0alice\0%s' "$PASSWORD" | base64 -w0)
	user=$(printf alice | base64) pass=$(printf '%s' "$PASSWORD" | base64 -w0)
	pipe typed "EHLO me.example\\nSTARTTLS\\nEHLO me.example\\nAUTH PLAIN $plain\\nauth plain $plain\\nAUTH LOGIN\\n$user\\n$pass\\nAUTH LOGIN\\n$user\\n$PASSWORD\\nAUTH PLAIN $PASSWORD\\n/raw AUTH PLAIN $plain\\\\\\\\r\\\\\\\\n\\n/history\\nQUIT\\n" \
		--practice submission.test 587
	grep -q 'C: AUTH PLAIN <secret>' "$LEFT/typed.out"
	nothing_found
}

@test "tokens: XOAUTH2 and OAUTHBEARER" {
	local m
	for m in XOAUTH2 OAUTHBEARER; do
		serve_session < <(all_mechanisms)
		pipe "$m" "EHLO me.example\\n/auth $m alice\\nQUIT\\n" --auth-in-clear \
			--auth-password-file "$PLANTED/token" 127.0.0.1 "$PORT"
		grep -q "C: AUTH $m <secret>" "$LEFT/$m.out"
		cat "$BATS_TEST_TMPDIR/server.log" >"$LEFT/$m.server"
	done
	nothing_found
}

@test "at a terminal: typed unseen, asked for again, given up; screen, history, arguments" {
	need tmux
	term_start 100 40 "$SMTPTALK" --practice submission.test 587
	# term_start's own folders, for what the program keeps
	LEFT=$BATS_TEST_TMPDIR/state
	mkdir -p "$LEFT"
	term_see 'S: 220'
	term_line 'EHLO me.example'
	term_see 'S: 250 CHUNKING'
	term_line STARTTLS
	term_see 'say EHLO again'
	term_line 'EHLO me.example'
	term_see_times 2 'S: 250 CHUNKING'
	term_line '/auth PLAIN alice'
	term_see 'it is not shown while you type'
	term_type "$PASSWORD"
	sleep 0.3
	term_screen >"$LEFT/screen-typing"
	term_key Enter
	term_see 'S: 535'
	term_line "AUTH PLAIN $(printf '\0alice\0%s' "$PASSWORD" | base64 -w0)"
	term_see_times 2 'S: 535'
	term_line 'AUTH LOGIN'
	term_see 'S: 334'
	term_line "$(printf alice | base64)"
	term_see_times 2 'S: 334'
	term_line "$PASSWORD"
	term_see_times 3 'S: 5'
	tr '\0' ' ' <"/proc/$(term_pid)/cmdline" >"$LEFT/arguments"
	tr '\0' '\n' <"/proc/$(term_pid)/environ" >"$LEFT/environment"
	term_line /history
	term_key Up
	term_key Up
	term_line ''
	term_line /quit
	term_screen >"$LEFT/screen"
	grep -q 'EHLO me.example' "$LEFT/smtptalk/history"
	nothing_found
}
