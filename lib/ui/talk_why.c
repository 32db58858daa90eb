/*
 * /why. The facts of the last refusal are copied when it comes, so the question may be asked when
 * the conversation has gone on, or is over. Looking things up needs no turn of the conversation:
 * the server sees nothing of it. On the practice internet the host's own reason is told after the
 * evidence that can be had from outside.
 */
#include "ui/talk_why.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ui/check_probe.h"
#include "ui/commands.h"
#include "ui/teaching.h"
#include "ui/why_view.h"

enum { MARK_WIDTH = 12, PROBE_MS = 10000, PATIENCE_MS = 20000 };

struct talk_why {
	struct why_facts facts;
	struct hypotheses *hypotheses; /* NULL until they are needed */
	struct net_address local;      /* of our end; len 0: unknown */
	char *reason;                  /* practice: the host's own, of the refusal */
	bool went_on;                  /* something was accepted since the refusal */
	struct check_prober prober;
	struct why_view *view;
};

static struct talk_why *state(struct talk *t)
{
	if (!t->why) {
		t->why = mem_zero(sizeof(*t->why));
		why_facts_init(&t->why->facts);
	}
	return t->why;
}

void talk_why_free(struct talk *t)
{
	struct talk_why *w = t->why;

	if (!w)
		return;
	why_view_free(w->view);
	why_facts_release(&w->facts);
	hypotheses_free(w->hypotheses);
	free(w->reason);
	free(w);
	t->why = NULL;
}

bool talk_why_runs(const struct talk *t)
{
	return t->why && t->why->view;
}

bool talk_why_stop(struct talk *t)
{
	if (!talk_why_runs(t))
		return false;
	why_view_free(t->why->view);
	t->why->view = NULL;
	progress_end(&t->progress);
	return true;
}

/* --- what happens is noted --- */

static void begin(struct talk *t, const struct connector_event *ev)
{
	struct talk_why *w = state(t);

	talk_why_stop(t);
	why_facts_begin(&w->facts, ev->host ? ev->host->name : t->target.name, t->target.domain,
	                ev->address);
	w->facts.submission = t->target.port == 587 || t->target.port == 465;
	w->local = (struct net_address){0};
	w->went_on = false;
	free(w->reason);
	w->reason = NULL;
}

void talk_why_connected(struct talk *t, const struct connector_event *ev)
{
	const struct net_address *local = stream_local(ev->stream);

	begin(t, ev);
	if (local)
		t->why->local = *local;
}

void talk_why_failed(struct talk *t, const struct connector_event *ev)
{
	begin(t, ev);
	t->why->facts.dial_error = ev->error;
}

static void refused(struct talk *t, const struct smtp_event *ev)
{
	struct talk_why *w = state(t);

	why_facts_take(&w->facts, conversation_dialogue(t->conversation), ev);
	w->went_on = false;
	free(w->reason);
	w->reason = t->world ? mem_dup(world_why(t->world)) : NULL;
}

static void replied(struct talk *t, const struct smtp_event *ev)
{
	struct talk_why *w = state(t);

	if (ev->reply->code >= 400) {
		refused(t, ev);
		return;
	}
	if (ev->verb == SMTP_VERB_EHLO || ev->verb == SMTP_VERB_HELO)
		why_facts_hello(&w->facts, ev->reply);
	if (ev->verb == SMTP_VERB_DATA)
		why_facts_message(&w->facts);
	/* RSET and the like do not change what the refusal was about. */
	w->went_on = w->went_on || (ev->verb != SMTP_VERB_QUIT && ev->verb != SMTP_VERB_RSET &&
	                            ev->verb != SMTP_VERB_NOOP);
}

void talk_why_event(struct talk *t, const struct conversation_event *ev)
{
	if (ev->type == CONVERSATION_REPLY || ev->type == CONVERSATION_UNSOLICITED)
		replied(t, &ev->smtp);
	else if (ev->type == CONVERSATION_SENT && !ev->raw && talk_state(t) == SMTP_STATE_MESSAGE &&
	         ev->look != SMTP_TEXT_END)
		why_facts_line(&state(t)->facts, ev->line);
}

/* --- /why --- */

static void tell(void *arg, const char *mark, const char *text)
{
	struct talk *t = arg;

	if (mark)
		view_item(t->view, mark, MARK_WIDTH, text);
	else
		view_say(t->view, "%s", text);
	view_flush(t->view);
}

static void say_reason(struct talk *t, const char *reason)
{
	struct span rest = span_of(reason);

	while (rest.n > 0) {
		struct span line = span_cut(&rest, '\n');

		view_say(t->view, SPAN_FMT, SPAN_ARG(line));
	}
}

static void done(void *arg, bool bad)
{
	struct talk *t = arg;
	const char *reason = t->why->reason;

	(void)bad;
	progress_end(&t->progress);
	if (reason && *reason) {
		view_say(t->view, "The practice host itself decided so:");
		say_reason(t, reason);
	}
	why_view_free(t->why->view);
	t->why->view = NULL;
	talk_pump(t);
}

/* Who says what our address is: the user, the server, or our own end when it is not one that is
 * translated on the way. */
static void find_own_address(struct talk *t)
{
	struct talk_why *w = t->why;
	struct why_facts *f = &w->facts;

	f->ip = (struct net_address){0};
	if (t->s.options->ip && net_address_parse(span_of(t->s.options->ip), 0, &f->ip) == 0) {
		f->ip_from = "--ip";
	} else if (why_facts_told_address(f, &f->ip) == 0) {
		f->ip_from = "the server's words";
	} else if (w->local.len && (t->world || net_address_range(&w->local) == NET_RANGE_PUBLIC)) {
		f->ip = w->local;
		net_address_set_port(&f->ip, 0);
		f->ip_from = "this end of the connection";
	}
}

static bool load(struct talk *t)
{
	struct diags ds;
	char *folder;

	if (!talk_notes(t))
		return false;
	diags_init(&ds);
	folder = t->why->hypotheses ? NULL : teaching_folder(&ds);
	if (folder)
		t->why->hypotheses = hypotheses_load(folder, t->s.options->lang, &ds);
	free(folder);
	view_diags(t->view, &ds);
	diags_release(&ds);
	return t->why->hypotheses != NULL;
}

static void look(struct talk *t)
{
	struct talk_why *w = t->why;
	struct why_view_settings s = {.network = t->network,
	                              .facts = &w->facts,
	                              .prober = &w->prober.prober,
	                              .ms = t->timeout > 0 ? 1000 * (int64_t)t->timeout
	                                                   : PATIENCE_MS,
	                              .full = t->explain == OPTIONS_EXPLAIN_FULL,
	                              .tell = tell,
	                              .done = done,
	                              .arg = t};

	if (!load(t))
		return;
	find_own_address(t);
	s.notes = t->notes;
	s.hypotheses = w->hypotheses;
	check_prober_init(&w->prober, t->network, NULL, t->me, PROBE_MS);
	progress_begin(&t->progress, "looking for the proof");
	w->view = why_view_new(&s);
}

void local_why(struct talk *t, struct span arguments)
{
	struct talk_why *w = state(t);
	bool failed = w->facts.dial_error != 0;

	(void)arguments;
	talk_why_stop(t);
	if ((w->facts.refused || failed) && !(w->went_on && t->world))
		look(t);
	else if (t->world && *world_why(t->world))
		say_reason(t, world_why(t->world));
	else if (t->world && w->went_on)
		view_say(t->view, "no rule of the host decided the last command");
	else
		view_say(t->view,
		         "nothing was refused; /why looks for the proof after a 4xx or 5xx");
}
