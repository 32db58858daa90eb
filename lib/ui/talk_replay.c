/*
 * The end of a replay comes from within the conversation's own events or the runner's timers, so
 * what is left of it is taken away when the loop turns.
 */
#include "ui/talk_replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/redact.h"
#include "session/runner.h"
#include "smtp/mask.h"
#include "ui/commands.h"
#include "ui/replay_convert.h"
#include "ui/replay_show.h"
#include "ui/talk_record.h"
#include "ui/talk_tls.h"

enum { SENT_MAX = 1 << 20 };

struct talk_replay {
	struct session_file *file;
	struct session_vars *vars;
	struct runner *runner;
	struct loop_timer *over; /* it ended */
};

bool talk_replay_runs(const struct talk *t)
{
	return t->replay && !t->replay->over;
}

const struct session_vars *talk_replay_vars(const struct talk *t)
{
	return t->replay ? t->replay->vars : NULL;
}

static void forget(struct talk *t)
{
	struct talk_replay *p = t->replay;

	if (!p)
		return;
	t->replay = NULL;
	loop_timer_free(p->over);
	runner_free(p->runner);
	session_vars_free(p->vars);
	session_file_free(p->file);
	free(p);
}

bool talk_replay_stop(struct talk *t)
{
	bool ran = talk_replay_runs(t);

	forget(t);
	return ran;
}

/* --- what it sends --- */

static void show_line(struct talk *t, struct span line, bool login)
{
	struct smtp_command cmd;
	struct buf shown;

	buf_init(&shown, line.n + SENT_MAX);
	smtp_command_parse(line, &cmd);
	if (login)
		smtp_lone_line_mask(line, cmd.verb != SMTP_VERB_AUTH, &shown);
	else
		session_redact(talk_replay_vars(t), line, &shown);
	view_client(t->view, buf_span(&shown));
	buf_release(&shown);
}

void talk_replay_show_sent(struct talk *t, struct span bytes)
{
	bool login = talk_auth_raw_hides(t, bytes);

	while (bytes.n > 0) {
		struct span line = span_first(bytes, span_find(bytes, '\n') + 1);

		bytes = span_skip(bytes, line.n);
		if (line.n >= 2 && line.p[line.n - 2] == '\r')
			show_line(t, span_first(line, line.n - 2), login);
		else
			view_client_raw(t->view, login ? SPAN(SMTP_MASK) : line);
	}
}

/* --- what the runner tells --- */

static void ended(void *arg)
{
	struct talk *t = arg;

	forget(t);
	if (!t->interactive && (!talk_is_connected(t) || talk_state(t) == SMTP_STATE_LEAVING))
		talk_finish(t);
	talk_pump(t);
}

static void done(struct talk *t, const struct runner_result *r)
{
	struct replay_show show = {.view = t->view, .explain = t->explain};

	replay_show_result(&show, t->replay->file->path, r);
	if (r->end == RUNNER_MISMATCH || r->end == RUNNER_FAILED) {
		t->told = true;
		talk_set_status(t, r->end == RUNNER_MISMATCH ? 4 : 3);
	} else if (r->end == RUNNER_PASSED) {
		talk_used(t, "replayed", span_of(t->replay->file->path));
	}
	t->replay->over = loop_timer_new(t->loop, 0, ended, t);
}

static void told(void *arg, const struct runner_event *ev)
{
	struct talk *t = arg;

	switch (ev->type) {
	case RUNNER_RETRY:
		view_say(t->view, "not yet as expected; once more in %lld ms", (long long)ev->ms);
		break;
	case RUNNER_ECHO: view_block(t->view, ev->text); break;
	case RUNNER_DONE: done(t, ev->result); break;
	default: break;
	}
}

/* --- connections --- */

void talk_replay_not_connected(struct talk *t, const char *why)
{
	struct diag d;

	if (!talk_replay_runs(t))
		return;
	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, NULL, "%s", why);
	runner_not_opened(t->replay->runner, &d);
	diag_release(&d);
}

/* Whom the file names; or, when it names nobody, whom we talked to last. */
static void open_connection(void *arg, struct runner *r, struct span named)
{
	struct talk *t = arg;

	(void)r;
	if (named.n == 0 && !t->target.name)
		talk_replay_not_connected(t, "not connected, and the file names no server");
	else
		local_connect(t, named);
	if (!talk_is_opening(t))
		talk_replay_not_connected(t, "there is no connection");
}

void talk_replay_connected(struct talk *t)
{
	if (talk_replay_runs(t))
		runner_lend(t->replay->runner, t->conversation);
}

void talk_replay_disconnected(struct talk *t)
{
	if (talk_replay_runs(t))
		runner_take_back(t->replay->runner);
}

/* The file may say <close>. */
void talk_replay_hears(struct talk *t)
{
	if (talk_replay_runs(t) && t->conversation && conversation_hung_up(t->conversation))
		t->closing = true;
}

void talk_replay_told(struct talk *t, const struct conversation_event *ev)
{
	if (talk_replay_runs(t))
		runner_told(t->replay->runner, ev);
}

/* --- /replay --- */

static int read_variables(struct session_vars *v, struct span words, struct diag *d)
{
	int result = 0;

	while (words.n > 0 && result == 0) {
		struct span word = span_word(&words);
		char *assignment = mem_dupn(word.p, word.n);

		result = session_vars_option(v, assignment, d);
		free(assignment);
	}
	return result;
}

static struct session_file *load(struct talk *t, struct span name)
{
	char *path = talk_record_path(name);
	struct session_file *f;
	struct diags ds;

	diags_init(&ds);
	f = replay_load_file(path, &ds);
	if (f)
		view_diags(t->view, &f->warnings);
	if (f && session_file_check_side(f, true, &ds) < 0) {
		session_file_free(f);
		f = NULL;
	}
	view_diags(t->view, &ds);
	diags_release(&ds);
	free(path);
	return f;
}

static void start(struct talk *t, struct session_file *f, struct session_vars *v)
{
	struct runner_settings s = {
	        .timeout_ms = (int64_t)t->timeout * 1000,
	        .open = open_connection,
	        .fn = told,
	        .arg = t,
	};
	struct talk_replay *p = t->replay = mem_zero(sizeof(*p));

	p->file = f;
	p->vars = v;
	p->runner = runner_new(t->loop, f, v, &s);
	if (talk_is_connected(t))
		runner_lend(p->runner, t->conversation);
}

void local_replay(struct talk *t, struct span arguments)
{
	struct span name = span_word(&arguments);
	struct session_vars *v = NULL;
	struct session_file *f = NULL;
	struct diag d;

	if (name.n == 0 || t->replay || !talk_is_ready(t)) {
		view_say(t->view, name.n == 0 ? "/replay FILE [NAME=VALUE…]"
		                              : "not now: another step is under way");
		return;
	}
	diag_init(&d);
	v = session_vars_new();
	if (read_variables(v, arguments, &d) == 0)
		f = load(t, name);
	else
		view_diag(t->view, &d);
	if (f) {
		start(t, f, v);
	} else {
		session_vars_free(v);
		talk_set_status(t, 2);
	}
	diag_release(&d);
}
