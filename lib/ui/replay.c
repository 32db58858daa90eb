/*
 * Plays run side by side, up to --jobs of them, and each keeps a log. The file whose turn it is on
 * the screen is shown while it plays; the others wait with what they have to tell.
 */
#include "ui/replay.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/replay_convert.h"
#include "ui/replay_dry.h"
#include "ui/replay_load.h"
#include "ui/replay_state.h"
#include "ui/signals.h"
#include "ui/teaching.h"

/* --- the result of all --- */

/* A fault of the options or files comes first, since the test itself is wrong then; then what a
 * server certainly did; then what could not be found out. */
static int worse(int a, int b)
{
	static const int rank[] = {0, 4, 3, 1, 2};

	return rank[a] >= rank[b] ? a : b;
}

static int status_of(const struct diags *ds)
{
	int status = 0;

	for (size_t i = 0; i < ds->count; i++)
		status = worse(status, diag_exit_status(&ds->list[i]));
	return status;
}

static void count(struct replay *r, const struct runner_result *one)
{
	size_t *const counters[] = {
	        [RUNNER_PASSED] = &r->counts.passed,
	        [RUNNER_MISMATCH] = &r->counts.mismatched,
	        [RUNNER_FAILED] = &r->counts.failed,
	        [RUNNER_SKIPPED] = &r->counts.skipped,
	};

	++*counters[one->end];
	r->counts.exchanges += one->exchanges;
	r->counts.retries += one->retries;
	r->counts.files++;
	if (r->bar)
		bar_set(r->bar, r->counts.files, r->counts.mismatched + r->counts.failed);
	if (one->end == RUNNER_MISMATCH || one->end == RUNNER_FAILED)
		r->status = worse(r->status, diag_exit_status(&one->first));
}

/* --- showing, in order --- */

static void show_items(struct replay_case *c)
{
	bool all = c->replay->show.explain == OPTIONS_EXPLAIN_FULL;

	/* For a report more is kept than is shown. */
	while (c->shown < c->log.count) {
		const struct replay_item *i = &c->log.items[c->shown++];

		if (all || i->what || i->type == RUNNER_ECHO)
			replay_show_item(&c->replay->show, i);
	}
}

static void close_case(struct replay_case *c)
{
	replay_play_free(c->play);
	c->play = NULL;
	replay_log_release(&c->log);
	replay_accept_release(&c->accept);
	diag_release(&c->result.first);
	free(c->where);
	c->where = NULL;
}

static void show_turns(struct replay *r)
{
	while (r->turn < r->plan.count && r->cases[r->turn].begun) {
		struct replay_case *c = &r->cases[r->turn];

		show_items(c);
		if (!c->done)
			break;
		if (c->accept.changed > 0)
			replay_show_accepted(&r->show, c->file->path, &c->accept);
		else
			replay_show_result(&r->show, c->file->path, &c->result);
		replay_reports_tell(&r->reports, c->file->path, c->where, c->started, &c->log,
		                    &c->result);
		close_case(c);
		r->turn++;
	}
}

/* --- playing --- */

static void begin_more(struct replay *r);

static void keep_result(struct replay_case *c, const struct runner_result *from)
{
	c->result = *from;
	diag_init(&c->result.first);
	diag_copy(&c->result.first, &from->first);
	c->where = mem_dup(replay_play_where(c->play));
	c->done = true;
}

static void ended(struct replay_case *c, const struct runner_result *result)
{
	struct replay *r = c->replay;

	keep_result(c, result);
	if (r->show.accepting)
		replay_accept_settle(&c->accept, c->file, r->plan.options, &c->result);
	count(r, &c->result);
	replay_play_free(c->play);
	c->play = NULL;
	r->running--;
	if (r->plan.options->fail_fast && r->status != 0)
		r->stopping = true;
	show_turns(r);
	begin_more(r);
}

static void told(void *arg, const struct runner_event *ev)
{
	struct replay_case *c = arg;

	if (c->replay->show.accepting)
		replay_accept_reply(&c->accept, ev, replay_play_vars(c->play));
	if (ev->type == RUNNER_DONE)
		ended(c, ev->result);
	else if (replay_log_add(&c->log, ev) && c == &c->replay->cases[c->replay->turn])
		show_items(c);
}

/* A replay goes on without words when they cannot be read. */
static const struct explain *notes(void *arg)
{
	struct replay *r = arg;
	struct diags ds;

	if (r->notes_tried)
		return r->notes;
	r->notes_tried = true;
	diags_init(&ds);
	r->notes = teaching_notes(r->plan.options->lang, &ds);
	view_diags(r->show.view, &ds);
	diags_release(&ds);
	return r->notes;
}

static void begin(struct replay_case *c)
{
	struct replay *r = c->replay;
	bool detailed = r->show.explain == OPTIONS_EXPLAIN_FULL || r->reports.count > 0;

	c->begun = true;
	c->started = time(NULL);
	if (r->show.accepting)
		replay_accept_init(&c->accept, c->file);
	replay_log_init(&c->log, c->file->session, detailed);
	c->log.notes = r->show.explain == OPTIONS_EXPLAIN_OFF ? NULL : notes;
	c->log.notes_arg = r;
	c->play = c->log.play = replay_play_new(&r->plan, c->file, told, c);
	r->running++;
}

static void begin_more(struct replay *r)
{
	while (!r->stopping && r->running < r->jobs && r->next < r->plan.count)
		begin(&r->cases[r->next++]);
	if (r->running == 0)
		loop_stop(r->plan.loop);
}

static void interrupted(void *arg, int signo)
{
	struct replay *r = arg;

	r->death = signo;
	loop_stop(r->plan.loop);
}

static void run_loop(struct replay *r)
{
	struct loop_signal *interrupt = loop_signal_new(r->plan.loop, SIGINT, interrupted, r);
	struct loop_signal *end = loop_signal_new(r->plan.loop, SIGTERM, interrupted, r);

	if (!r->show.quiet)
		r->bar = bar_new(r->plan.loop, r->show.view, "files", r->plan.count);
	begin_more(r);
	loop_run(r->plan.loop);
	bar_free(r->bar);
	r->bar = NULL;
	loop_signal_free(interrupt);
	loop_signal_free(end);
}

static void play_all(struct replay *r)
{
	int64_t since = clock_ms();

	r->cases = mem_resize(NULL, r->plan.count, sizeof(*r->cases));
	memset(r->cases, 0, r->plan.count * sizeof(*r->cases));
	for (size_t i = 0; i < r->plan.count; i++) {
		r->cases[i].replay = r;
		r->cases[i].file = &r->plan.files[i];
	}
	run_loop(r);
	for (size_t i = 0; i < r->plan.count; i++)
		close_case(&r->cases[i]);
	r->counts.unplayed = r->plan.count - r->counts.files;
	r->counts.files = r->plan.count;
	r->counts.ms = clock_ms() - since;
	if (r->plan.count > 1 || r->counts.unplayed > 0)
		replay_show_summary(&r->show, &r->counts);
	free(r->cases);
}

static void play_with_reports(struct replay *r, struct diags *ds)
{
	bool quiet = r->show.quiet;

	if (replay_reports_begin(&r->reports, r->plan.options, r->plan.count, ds) < 0) {
		r->status = status_of(ds);
	} else {
		r->show.quiet |= r->reports.on_stdout;
		play_all(r);
		r->show.quiet = quiet;
	}
	if (replay_reports_end(&r->reports, &r->counts, ds) < 0)
		r->status = worse(r->status, 2);
}

/* --- the command --- */

static void show_warnings(struct replay *r)
{
	for (size_t i = 0; i < r->plan.count; i++)
		if (r->plan.files[i].session)
			view_diags(r->show.view, &r->plan.files[i].session->warnings);
}

/* All faults of the files are told at once, also when one is not there. */
static int find_files(struct replay *r, const struct options *o, struct diags *ds)
{
	int result = replay_plan_find(&r->plan, o->args, o->count, ds);

	return o->list ? result : result | replay_plan_read(&r->plan, ds);
}

static void run(struct replay *r, const struct options *o, struct diags *ds)
{
	if (o->list) {
		replay_list(&r->plan, r->show.view);
		return;
	}
	show_warnings(r);
	if (replay_plan_ready(&r->plan, ds) < 0 ||
	    (o->dry_run && replay_dry_run(&r->plan, r->show.view, ds) < 0))
		r->status = status_of(ds);
	else if (!o->dry_run && replay_load_wanted(o))
		r->status = replay_load(&r->plan, r->show.view, ds);
	else if (!o->dry_run)
		play_with_reports(r, ds);
}

int replay_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct view_settings look = {.ascii = !utf8, .notes = !o->quiet};
	struct replay r = {.jobs = o->jobs > 0 ? (size_t)o->jobs : 1};

	if (replay_is_conversion(o))
		return replay_convert(o, ds);
	if (o->count == 0) {
		diag_hint(diags_add(ds, DIAG_USAGE, "replay", "needs a session file"),
		          "smtptalk replay FILE… [--host HOST[:PORT]]");
		return 1;
	}
	r.show.quiet = o->quiet;
	r.show.accepting = o->accept || o->diff;
	r.show.explain = o->explain == OPTIONS_EXPLAIN_AUTO ? OPTIONS_EXPLAIN_SHORT : o->explain;
	replay_plan_init(&r.plan, o);
	if (find_files(&r, o, ds) == 0) {
		r.show.view = view_new(r.plan.loop, &look);
		run(&r, o, ds);
		view_flush(r.show.view);
		if (view_error(r.show.view))
			r.status = worse(r.status, 3);
		view_free(r.show.view);
	} else {
		r.status = status_of(ds);
	}
	explain_free(r.notes);
	replay_plan_release(&r.plan);
	if (r.death)
		signals_die(r.death);
	return r.status;
}
