/*
 * From what was entered to what is sent or run. talk_pump() is called whenever anything changed,
 * and as long as it is our turn it takes the next line. Lines never overtake each other, so a paste
 * with local commands among its lines does what it says in that order; only a single typed /command
 * goes past, since it may be the way out of a wait.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "smtp/mask.h"
#include "ui/commands.h"
#include "ui/completion.h"
#include "ui/history.h"
#include "ui/secret.h"
#include "ui/talk_tls.h"

#define PROMPT        "C: "
#define SECRET_PROMPT "C (not shown): "

static bool in_text(const struct talk *t)
{
	enum smtp_state s = talk_state(t);

	return !t->answer && (s == SMTP_STATE_MESSAGE || s == SMTP_STATE_AUTH);
}

/* --- lines --- */

static bool is_auth(struct span line)
{
	struct smtp_command c;

	smtp_command_parse(line, &c);
	return c.verb == SMTP_VERB_AUTH || c.meant == SMTP_VERB_AUTH;
}

/* /raw, shortened or not, with what may be a password behind it. */
static bool is_raw_secret(const struct talk *t, struct span line)
{
	if (span_starts(line, SPAN("/")))
		line = span_skip(line, 1);
	struct span rest = line, name = span_word(&rest);

	return name.n > 0 && span_starts_nocase(SPAN("raw"), name) &&
	       (is_auth(rest) || talk_auth_is_secret(t));
}

static bool is_secret(const struct talk *t, struct span line)
{
	return in_text(t) || talk_auth_is_secret(t) || talk_auth_hides(t, line) || is_auth(line) ||
	       is_raw_secret(t, line);
}

static void show_local(struct talk *t, const char *before, struct span line)
{
	if (is_raw_secret(t, line))
		view_say(t->view, "%s/raw " SMTP_MASK, before);
	else
		view_say(t->view, "%s" SPAN_FMT, before, SPAN_ARG(line));
}

void talk_ask(struct talk *t, void (*answer)(struct talk *t, bool yes), const char *question)
{
	t->answer = answer;
	input_set_prompt(t->input, question);
	input_set_ready(t->input, true);
}

void talk_forget_question(struct talk *t)
{
	if (!t->answer)
		return;
	t->answer = NULL;
	input_set_prompt(t->input, PROMPT);
}

void talk_answer(struct talk *t, bool yes)
{
	void (*answer)(struct talk *, bool) = t->answer;

	talk_forget_question(t);
	answer(t, yes);
}

static void skip_line(struct talk *t, struct span line)
{
	if (!span_eq(line, SPAN("."))) {
		t->skipped++;
		return;
	}
	t->skipping = false;
	view_note(t->view, "message text left out up to its dot: %zu line%s", t->skipped,
	          t->skipped == 1 ? "" : "s");
}

/* Whether a command line may go out as it is; says why not. */
static bool may_send(struct talk *t, struct span line)
{
	struct smtp_command cmd;

	if (!talk_is_connected(t)) {
		view_say(t->view, t->target.name
		                          ? "not connected; /connect opens again"
		                          : "not connected; /connect TARGET opens a connection");
		return false;
	}
	smtp_command_parse(line, &cmd);
	if (talk_tls_forbids(t, &cmd))
		return false;
	if (t->interactive && span_find(line, '\r') < line.n) {
		view_say(t->view, "not sent: a carriage return inside a line would be read as a "
		                  "line end by some servers. /raw sends any bytes");
		return false;
	}
	return true;
}

static void send_line(struct talk *t, struct span line)
{
	talk_auth_typed(t, line);
	if (conversation_line(t->conversation, line) < 0) {
		view_say(t->view, "not sent: the connection is no longer open");
		return;
	}
	/* After a 221 or 421 the line is kept but can never leave. */
	if (t->conversation && talk_state(t) == SMTP_STATE_LEAVING &&
	    conversation_waiting(t->conversation) > 0) {
		conversation_forget_waiting(t->conversation);
		view_say(t->view, "not sent: the server is closing the connection");
	}
}

static void tell_ascii(struct talk *t, struct span line)
{
	if (t->ascii_told || !view_ascii(t->view) || !t->interactive)
		return;
	for (size_t i = 0; i < line.n; i++) {
		if ((unsigned char)line.p[i] < 0x80)
			continue;
		t->ascii_told = true;
		view_say(t->view, "what you typed is sent as it is, but cannot be shown here: the "
		                  "locale's character set is not UTF-8 (LC_ALL=C.UTF-8 is)");
		return;
	}
}

void talk_command(struct talk *t, struct span line)
{
	line = span_trim(line);
	if (span_starts(line, SPAN("/")))
		line = span_skip(line, 1);
	if (line.n)
		commands_run(t, line);
}

/* One line, when it is our turn. */
static void take_line(struct talk *t, struct span line)
{
	if (t->answer) {
		line = span_trim(line);
		talk_answer(t, line.n && (line.p[0] == 'y' || line.p[0] == 'Y'));
		return;
	}
	if (t->on_secret) {
		t->on_secret(t, line);
		return;
	}
	if (t->skipping) {
		skip_line(t, line);
		return;
	}
	tell_ascii(t, line);
	if (t->input && !is_secret(t, line))
		t->input->ops->remember(t->input, line);
	else if (talk_state(t) != SMTP_STATE_MESSAGE)
		secret_guard(); /* it may hold a password */
	if (in_text(t)) {
		send_line(t, line);
		return;
	}
	if (span_starts(line, SPAN("/")) && !span_starts(line, SPAN("//"))) {
		show_local(t, "", line);
		talk_command(t, line);
		return;
	}
	if (span_starts(line, SPAN("//")))
		line = span_skip(line, 1);
	if (may_send(t, line))
		send_line(t, line);
}

/* What the input is to show: whose turn it is, and whether what is typed may be seen. */
static void show_turn(struct talk *t)
{
	bool secret = t->interactive && talk_auth_is_secret(t);

	if (!t->input)
		return;
	if (secret)
		secret_guard();
	t->input->ops->set_secret(t->input, secret);
	if (!t->answer)
		input_set_prompt(t->input, secret ? SECRET_PROMPT : PROMPT);
	input_set_ready(t->input, talk_is_ready(t));
}

void talk_enter(struct talk *t, struct span line)
{
	if (lines_push(&t->lines, line) < 0)
		view_say(t->view, "too many lines are waiting: the rest was dropped");
}

void talk_used(struct talk *t, const char *name, struct span arguments)
{
	if (t->s.hooks)
		t->s.hooks->used(t->s.hooks->arg, t, name, arguments);
}

/* A lesson may have something to type. */
static bool fill(struct talk *t)
{
	return t->s.hooks && !t->answer && !t->on_secret && t->s.hooks->idle(t->s.hooks->arg, t);
}

void talk_pump(struct talk *t)
{
	struct span line;

	if (t->pumping)
		return;
	t->pumping = true;
	/* What a lesson does to fill it may change whose turn it is. */
	while (talk_is_ready(t) && (t->lines.count > 0 || fill(t)))
		if (talk_is_ready(t) && lines_take(&t->lines, &line))
			take_line(t, line);
	t->pumping = false;
	if (t->skipping && t->interactive)
		t->skipping = false; /* only what was pasted is held back */
	show_turn(t);
}

/* --- from the input --- */

static bool goes_past(const struct talk *t, struct span text)
{
	return t->interactive && !t->answer && !talk_auth_is_secret(t) && t->lines.count == 0 &&
	       !talk_is_ready(t) && !in_text(t) && text.n > 1 && text.p[0] == '/' &&
	       text.p[1] != '/' && span_find(text, '\n') == text.n;
}

static void input_line(void *arg, struct span text)
{
	struct talk *t = arg;

	if (goes_past(t, text)) {
		show_local(t, "", text);
		if (!is_secret(t, text))
			t->input->ops->remember(t->input, text);
		talk_command(t, text);
	} else {
		do {
			struct span line = t->interactive ? span_cut(&text, '\n') : text;

			talk_enter(t, line);
		} while (t->interactive && text.p);
	}
	talk_pump(t);
}

static void input_local(void *arg, struct span line)
{
	struct talk *t = arg;

	show_local(t, "local> ", line);
	talk_command(t, line);
	talk_pump(t);
}

static void end_of_script(struct talk *t)
{
	struct diag d;

	diag_init(&d);
	if (talk_state(t) == SMTP_STATE_MESSAGE) {
		diag_set(&d, DIAG_REPLY, "standard input",
		         "it ended inside the message text; nothing was delivered");
		diag_hint(&d, "a line with a single dot ends the message");
		talk_fail(t, &d);
	} else if (t->skipping) {
		diag_set(&d, DIAG_REPLY, "standard input",
		         "it ended before the dot of a message that was left out");
		talk_fail(t, &d);
	}
	diag_release(&d);
	talk_finish(t);
}

static void input_ended(void *arg, enum input_end why, const struct diag *fault)
{
	struct talk *t = arg;

	if (why == INPUT_END_FAULT) {
		view_diag(t->view, fault);
		t->told = true;
		t->status = diag_exit_status(fault);
		talk_finish(t);
	} else if (why == INPUT_END_KEY && in_text(t)) {
		view_say(t->view, "^D does not end this. A line with a single dot ends a message; "
		                  "^] and then /close gives up");
	} else if (t->interactive) {
		talk_finish(t);
	} else {
		end_of_script(t);
	}
}

static const char *input_suggestion(void *arg)
{
	struct talk *t = arg;
	struct explain_context c;
	struct explanation x = {0};

	if (!t->suggest && talk_is_connected(t) && talk_notes(t)) {
		talk_context(t, &c);
		explain_next(t->notes, &c, &x);
		t->suggest = mem_dup(x.suggest);
		explanation_release(&x);
	}
	return t->suggest;
}

static char **input_complete(void *arg, struct span typed, bool local)
{
	struct talk *t = arg;
	struct explain_context c;

	if (local || span_starts(typed, SPAN("/")))
		return completion_commands(typed, local);
	talk_context(t, &c);
	return completion_smtp(typed, &c);
}

static bool input_in_text(void *arg)
{
	return in_text(arg);
}

static void input_remark(void *arg, const char *text)
{
	struct talk *t = arg;

	view_say(t->view, "%s", text);
	view_flush(t->view);
}

static const struct input_handler input_handler = {
        .line = input_line,
        .local = input_local,
        .ended = input_ended,
        .suggestion = input_suggestion,
        .complete = input_complete,
        .in_text = input_in_text,
        .remark = input_remark,
};

void talk_start_input(struct talk *t)
{
	char *history;

	loop_timer_free(t->input_soon);
	t->input_soon = NULL;
	if (t->input)
		return;
	if (t->terminal) {
		history = history_path();
		t->input = input_readline_new(t->loop, t->view, history, &input_handler, t);
		free(history);
	} else if (t->s.unattended) {
		t->input = input_none_new();
	} else {
		t->input = input_pipe_new(t->loop, &input_handler, t);
	}
	input_set_prompt(t->input, PROMPT);
}
