# Drives smtptalk in a real terminal (tmux) and looks at the screen as a person would.
#
#   term_start COLUMNS LINES COMMAND…   runs the command under a shell that notes `stty -a` before and after
#   term_type TEXT / term_line TEXT     types text / text and Enter
#   term_key KEY…                       tmux key names: Enter Tab C-c C-d C-] Up …
#   term_see TEXT [SECONDS]             waits until the screen (scrollback included) shows the text
#   term_screen                         prints the screen, scrollback included, wrapped lines joined
#   term_ended STATUS                   waits for the end, checks the exit status and that the terminal is as it was

term_start() {
	local columns=$1 lines=$2
	shift 2
	TERM_SOCKET=$BATS_TEST_TMPDIR/tmux
	printf '%q ' "$@" >"$BATS_TEST_TMPDIR/command"
	cat >"$BATS_TEST_TMPDIR/run" <<-'SCRIPT'
		cd "$BATS_TEST_TMPDIR"
		stty -a >before
		eval "$(cat command)"
		echo "$?" >status.new
		stty -a >after
		mv status.new status
		printf 'the end\n'
		sleep 600
	SCRIPT
	env -u TMUX BATS_TEST_TMPDIR="$BATS_TEST_TMPDIR" XDG_STATE_HOME="$BATS_TEST_TMPDIR/state" \
		XDG_CONFIG_HOME="$BATS_TEST_TMPDIR/config" tmux -S "$TERM_SOCKET" -f /dev/null \
		new-session -d -x "$columns" -y "$lines" "exec bash $BATS_TEST_TMPDIR/run" \; \
		set-option -g history-limit 5000 \; set-option -s escape-time 0
}

term_stop() {
	[ -z "${TERM_SOCKET:-}" ] || tmux -S "$TERM_SOCKET" kill-server 2>/dev/null || true
}

term_type() {
	tmux -S "$TERM_SOCKET" send-keys -l -- "$1"
}

term_line() {
	term_type "$1"
	term_key Enter
}

term_key() {
	tmux -S "$TERM_SOCKET" send-keys "$@"
}

term_screen() {
	tmux -S "$TERM_SOCKET" capture-pane -p -J -S - 2>/dev/null
}

# Polls until CHECK… succeeds; at most SECONDS.
term_wait() {
	local tries=$(($1 * 20))
	shift
	while [ "$tries" -gt 0 ]; do
		"$@" && return 0
		sleep 0.05
		tries=$((tries - 1))
	done
	return 1
}

term_has() {
	term_screen | grep -qF -- "$1"
}

term_has_times() {
	[ "$(term_screen | grep -cF -- "$2")" -ge "$1" ]
}

term_see() {
	term_wait "${2:-10}" term_has "$1" && return 0
	printf 'not on the screen: %s\n--- the screen:\n' "$1"
	term_screen
	return 1
}

term_see_times() {
	term_wait 10 term_has_times "$1" "$2" && return 0
	printf 'not %s times on the screen: %s\n--- the screen:\n' "$1" "$2"
	term_screen
	return 1
}

# The last line with text on it is exactly this (trailing blanks apart): where the cursor stands.
term_last_line_is() {
	[ "$(term_screen | sed 's/ *$//' | sed '/^$/d' | tail -n 1)" = "$1" ]
}

term_see_prompt() {
	term_wait 10 term_last_line_is "${1:-C:}" && return 0
	printf 'the prompt "%s" is not the last line\n--- the screen:\n' "${1:-C:}"
	term_screen
	return 1
}

term_pid() {
	local shell
	shell=$(tmux -S "$TERM_SOCKET" list-panes -F '#{pane_pid}')
	pgrep -P "$shell" | head -n 1
}

term_ended() {
	term_wait 15 test -e "$BATS_TEST_TMPDIR/status" || {
		echo 'the program did not end'
		term_screen
		return 1
	}
	[ "$(cat "$BATS_TEST_TMPDIR/status")" = "$1" ] || {
		echo "exit status $(cat "$BATS_TEST_TMPDIR/status") instead of $1"
		term_screen
		return 1
	}
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

# serve_session OPTION…: plays standard input, a session file, from the server's side, once; PORT is where.
serve_session() {
	PORT=$(free_port)
	cat >"$BATS_TEST_TMPDIR/served.smtp"
	start_server "$SMTPTALK" serve "$BATS_TEST_TMPDIR/served.smtp" --once --listen "127.0.0.1:$PORT" "$@"
	wait_until 10 grep -q "$PORT" "$BATS_TEST_TMPDIR/server.log"
}
