/*
 * A talk's life, and what its other files share: where it stands, the words that explain it, what
 * it will say to the shell. See talk_state.h for who does what.
 */
#include "ui/talk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "practice/internet.h"
#include "ui/internet.h"
#include "ui/places_show.h"
#include "ui/signals.h"
#include "ui/talk_record.h"
#include "ui/talk_replay.h"
#include "ui/talk_tls.h"
#include "ui/talk_why.h"
#include "ui/teaching.h"

enum { INPUT_DELAY_MS = 100, LINES_MAX = 16 << 20, LESSON_COLUMNS = 76 };

struct view *talk_view(struct talk *t)
{
	return t->view;
}

struct world *talk_world(const struct talk *t)
{
	return t->world;
}

const char *talk_server(const struct talk *t)
{
	return t->server;
}

const struct smtp_dialogue *talk_dialogue(const struct talk *t)
{
	return t->conversation ? conversation_dialogue(t->conversation) : NULL;
}

int talk_death(const struct talk *t)
{
	return t->death;
}

bool talk_is_connected(const struct talk *t)
{
	return t->conversation && conversation_stream(t->conversation) != NULL;
}

enum smtp_state talk_state(const struct talk *t)
{
	return t->conversation ? smtp_dialogue_state(conversation_dialogue(t->conversation))
	                       : SMTP_STATE_CLOSED;
}

bool talk_is_ready(const struct talk *t)
{
	if (t->finished)
		return false;
	if (t->answer || t->on_secret)
		return true;
	if (t->replay || talk_is_opening(t) || t->lookup || talk_tls_is_busy(t) ||
	    talk_why_runs(t) || talk_state(t) == SMTP_STATE_TLS)
		return false;
	if (!talk_is_connected(t))
		return t->interactive;
	if (!t->interactive && talk_state(t) == SMTP_STATE_LEAVING)
		return false;
	return smtp_dialogue_outstanding(conversation_dialogue(t->conversation)) == 0 &&
	       conversation_waiting(t->conversation) == 0;
}

void talk_set_status(struct talk *t, int status)
{
	if (t->interactive || t->status == 0 || status == 3)
		t->status = status;
}

void talk_finish(struct talk *t)
{
	t->finished = true;
	loop_stop(t->loop);
}

void talk_fail(struct talk *t, const struct diag *d)
{
	t->told = true;
	view_diag(t->view, d);
	talk_set_status(t, diag_exit_status(d));
}

/* --- words --- */

const struct explain *talk_notes(struct talk *t)
{
	struct diags ds;

	if (t->notes_tried)
		return t->notes;
	t->notes_tried = true;
	diags_init(&ds);
	t->notes = teaching_notes(t->s.options->lang, &ds);
	view_diags(t->view, &ds);
	diags_release(&ds);
	return t->notes;
}

void talk_context(const struct talk *t, struct explain_context *c)
{
	memset(c, 0, sizeof(*c));
	c->state = c->after = talk_state(t);
	c->server = t->server;
	c->domain = t->target.domain;
	c->mailbox = t->target.mailbox;
	c->me = t->me;
	if (!t->conversation)
		return;
	const struct smtp_dialogue *d = conversation_dialogue(t->conversation);
	c->envelope = smtp_dialogue_envelope(d);
	c->capabilities = smtp_dialogue_capabilities(d);
	c->banner = smtp_dialogue_banner(d);
	c->encrypted = smtp_dialogue_encrypted(d);
	c->logged_in = smtp_dialogue_authenticated(d);
	c->submission = t->target.port == 587 || t->target.port == 465;
}

void talk_set_explain(struct talk *t, int level)
{
	t->explain = level;
	view_set_notes(t->view,
	               !t->s.options->quiet && (t->interactive || level != OPTIONS_EXPLAIN_OFF));
}

static void input_due(void *arg)
{
	struct talk *t = arg;

	talk_start_input(t);
	talk_pump(t);
}

static void show_progress(void *arg, const char *text)
{
	struct talk *t = arg;

	if (t->input && !t->s.options->quiet)
		input_set_status(t->input, text);
}

/* --- its life --- */

static bool may_color(const struct options *o)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != OPTIONS_COLOR_AUTO)
		return o->color == OPTIONS_COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static void use_world(struct talk *t, struct world *w)
{
	t->world = w;
	t->network = practice_internet_new(t->loop, w);
	if (t->s.unattended)
		practice_internet_set_patience(t->network, 0);
}

static int load_practice(struct talk *t, struct diags *ds)
{
	struct world *w = teaching_world(ds);

	if (!w)
		return -1;
	use_world(t, w);
	return 0;
}

struct talk *talk_new(const struct talk_settings *s, struct diags *ds)
{
	struct talk *t = mem_zero(sizeof(*t));
	struct view_settings look = {.ascii = !s->utf8,
	                             .color = may_color(s->options),
	                             .silent = s->unattended,
	                             .columns = s->hooks ? LESSON_COLUMNS : 0};

	t->s = *s;
	t->timeout = s->options->timeout;
	t->terminal = !s->unattended && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	t->interactive = t->terminal || s->stays;
	t->loop = loop_new();
	t->view = view_new(t->loop, &look);
	t->me = internet_own_name(s->options);
	buf_init_secret(&t->typed, CONVERSATION_QUEUE_MAX);
	lines_init(&t->lines, LINES_MAX);
	progress_init(&t->progress, t->loop, show_progress, t);
	talk_set_explain(t, s->options->explain != OPTIONS_EXPLAIN_AUTO ? s->options->explain
	                    : s->explain != OPTIONS_EXPLAIN_AUTO        ? s->explain
	                    : isatty(STDIN_FILENO)                      ? OPTIONS_EXPLAIN_SHORT
	                                                                : OPTIONS_EXPLAIN_OFF);
	if (s->world)
		use_world(t, s->world);
	if (talk_record_begin(t, ds) < 0 || (s->practice && load_practice(t, ds) < 0)) {
		talk_free(t);
		return NULL;
	}
	return t;
}

void talk_free(struct talk *t)
{
	view_flush(t->view);
	talk_cancel(t);
	progress_release(&t->progress);
	loop_timer_free(t->input_soon);
	talk_ignore_signals(t);
	if (t->input) {
		view_set_guard(t->view, NULL);
		t->input->ops->free(t->input);
	}
	route_cancel(t->lookup);
	talk_why_free(t);
	talk_replay_stop(t);
	talk_disconnect(t);
	talk_record_end(t);
	talk_tls_free(t);
	if (t->network)
		network_free(t->network);
	if (t->world)
		world_free(t->world);
	explain_free(t->notes);
	explanation_release(&t->last);
	lines_release(&t->lines);
	buf_release(&t->typed);
	target_release(&t->target);
	view_free(t->view);
	loop_free(t->loop);
	free(t->suggest);
	free(t->record_path);
	free(t->me);
	free(t->first_refusal);
	free(t->first_reply);
	free(t);
}

int talk_run(struct talk *t, struct target *take)
{
	struct diag d;

	diag_init(&d);
	if (t->terminal)
		talk_hear_signals(t);
	t->on_start = take != NULL && !t->s.stays;
	if (take && talk_open(t, take, &d) < 0) {
		talk_fail(t, &d);
		t->finished = true;
	}
	diag_release(&d);
	if (!t->finished) {
		if (!take)
			view_say(t->view,
			         "not connected; /connect TARGET opens a connection, /? helps");
		if (t->terminal && take)
			t->input_soon = loop_timer_new(t->loop, INPUT_DELAY_MS, input_due, t);
		else
			input_due(t);
		loop_run(t->loop);
	}
	talk_say_refusals(t);
	talk_say_unsent(t);
	view_flush(t->view);
	if (view_error(t->view) && t->status == 0)
		t->status = 3;
	return t->status;
}

void talk_restart(struct talk *t, struct world *world, struct target *take)
{
	struct diag d;

	diag_init(&d);
	talk_cancel(t);
	route_cancel(t->lookup);
	t->lookup = NULL;
	talk_disconnect(t);
	talk_replay_stop(t);
	lines_clear(&t->lines);
	explanation_release(&t->last);
	free(t->suggest);
	t->suggest = NULL;
	talk_tls_free(t); /* it trusts the other world's authority */
	network_free(t->network);
	world_free(t->world);
	use_world(t, world);
	target_release(&t->target);
	if (take && talk_open(t, take, &d) < 0)
		talk_fail(t, &d);
	diag_release(&d);
}

int talk_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct talk_settings s = {.options = o, .utf8 = utf8, .practice = o->practice};
	struct target target;
	struct diag *d;
	struct diag one;

	diag_init(&one);
	bool nobody = o->count == 0 && !o->host;
	if (nobody && o->practice && !isatty(STDIN_FILENO))
		return places_show(o, ds);
	if (nobody && !isatty(STDIN_FILENO)) {
		d = diags_add(ds, DIAG_USAGE, NULL,
		              "lines come from a pipe, but no target is named");
		diag_hint(d, "smtptalk TARGET, such as a domain or a host and a port");
		return 1;
	}
	if (!nobody && target_read(&target, o->args, o->count, o, &one) < 0) {
		target_release(&target);
		diag_hint(diags_add(ds, one.kind, one.where, "%s", one.what), "%s",
		          one.hint ? one.hint : "smtptalk --help shows how");
		diag_release(&one);
		return 1;
	}
	struct talk *t = talk_new(&s, ds);
	if (!t) {
		if (!nobody)
			target_release(&target);
		return ds->count ? diag_exit_status(&ds->list[0]) : 2;
	}
	int status = talk_run(t, nobody ? NULL : &target), death = t->death;
	talk_free(t);
	if (death)
		signals_die(death);
	return status;
}
