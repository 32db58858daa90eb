/*
 * Between three that do not know each other: the verdict on a reply (lib/explain) names the kind
 * of the refusal, that names checks (lib/check), and their outcomes have words (lib/explain again).
 */
#include "ui/why_view.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/display.h"
#include "base/mem.h"

enum { PATIENCE_MS = 20000, TEXT_MAX = 32 << 10 };

struct why_view {
	struct why_view_settings s;
	struct explain_verdict verdict;
	struct refusal kind;
	int checks[WHY_CHECKS_MAX];
	size_t count, clean, open;
	struct hypothesis_answer bad[WHY_CHECKS_MAX]; /* for the conclusion; says NULL: not bad */
	size_t bad_count;
	struct why *why;
	bool busy, freed;
};

/* --- what was refused --- */

static void judge(struct why_view *v)
{
	const struct why_facts *f = v->s.facts;
	struct smtp_capabilities capabilities = {.server_name = f->server_name};
	struct explain_context c = {.state = f->state,
	                            .verb = f->verb,
	                            .reply = &f->reply,
	                            .capabilities = &capabilities,
	                            .banner = span_of(f->banner),
	                            .server = f->server,
	                            .encrypted = f->encrypted,
	                            .logged_in = f->logged_in};
	struct smtp_command command;

	if (!f->refused) {
		v->verdict = (struct explain_verdict){.reason = EXPLAIN_REASON_NETWORK_ERROR,
		                                      .stage = EXPLAIN_STAGE_CONNECTION,
		                                      .temporary = true};
		return;
	}
	if (f->typed) {
		smtp_command_parse(span_of(f->typed), &command);
		c.command = &command;
	}
	explain_judge(v->s.notes, &c, &v->verdict);
}

static void choose_checks(struct why_view *v)
{
	struct span rest;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	why_facts_text(v->s.facts, &text);
	hypotheses_find(v->s.hypotheses, &v->verdict, buf_span(&text), &v->kind);
	buf_release(&text);
	rest = v->kind.ask;
	while (rest.n > 0 && v->count < WHY_CHECKS_MAX) {
		int check = why_check_find(span_trim(span_cut(&rest, ',')));

		if (check >= 0)
			v->checks[v->count++] = check;
	}
}

/* --- the conclusion --- */

/* "Google says 5.7.26", "mail.school.test says 550", "there was no connection". */
static void add_who(const struct why_view *v, struct buf *out)
{
	const struct explain_verdict *x = &v->verdict;
	const char *server = v->s.facts->server;

	if (!v->s.facts->refused) {
		buf_addf(out, "There is no connection to %s", server ? server : "the server");
		return;
	}
	if (x->provider_name)
		buf_addstr(out, x->provider_name);
	else
		display_add(out, span_of(server ? server : "The server"), 0);
	if (x->enhanced.present)
		buf_addf(out, " says %d.%d.%d", x->enhanced.class, x->enhanced.subject,
		         x->enhanced.detail);
	else
		buf_addf(out, " says %d", x->code);
}

static void add_otherwise(const struct why_view *v, struct buf *out)
{
	const struct why_facts *f = v->s.facts;
	const struct fill_extra values[] = {
	        {"server", f->server}, {"sender", f->sender}, {"recipient", f->recipient}};
	char *text = hypotheses_fill(v->s.hypotheses, v->kind.otherwise, values,
	                             sizeof(values) / sizeof(*values));

	buf_addf(out, " %s", text ? text : "");
	free(text);
}

static void add_nothing_found(const struct why_view *v, struct buf *out)
{
	if (v->count == 0)
		buf_addstr(out, " Nothing of it can be looked up.");
	else if (v->open == 0)
		buf_addf(out, " We checked %zu thing%s and found no fault.", v->count,
		         v->count == 1 ? "" : "s");
	else if (v->clean == 0)
		buf_addstr(out, " Nothing of it could be found out.");
	else
		buf_addf(out, " No fault was found; %zu of %zu questions %s open.", v->open,
		         v->count, v->open == 1 ? "stays" : "stay");
	add_otherwise(v, out);
}

/* Two checks may ask for the same change. */
static bool said_before(const struct why_view *v, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (v->bad[k].change && strcmp(v->bad[k].change, v->bad[i].change) == 0)
			return true;
	return false;
}

/* In the order of the hypotheses, whichever came first. */
static void add_found(const struct why_view *v, struct buf *out)
{
	const char *before = v->kind.guess
	                             ? " It does not say what it looked at; from outside this "
	                               "much can be found: "
	                             : " We checked: ";

	for (size_t i = 0; i < v->count; i++) {
		if (!v->bad[i].says)
			continue;
		buf_addf(out, "%s%s", before, v->bad[i].says);
		before = "; ";
	}
	buf_addch(out, '.');
	for (size_t i = 0; i < v->count; i++)
		if (v->bad[i].change && !said_before(v, i))
			buf_addf(out, " %s", v->bad[i].change);
}

static void conclude(struct why_view *v)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	add_who(v, &text);
	buf_addf(&text, " (%s).", v->kind.name);
	if (v->bad_count > 0)
		add_found(v, &text);
	else
		add_nothing_found(v, &text);
	v->s.tell(v->s.arg, NULL, text.data);
	buf_release(&text);
}

/* --- the answers --- */

static const char *const marks[] = {[HYPOTHESIS_OK] = "ok",
                                    [HYPOTHESIS_BAD] = "bad",
                                    [HYPOTHESIS_UNKNOWN] = "unknown",
                                    [HYPOTHESIS_NOT_TESTED] = "not tested"};

static void tell_lines(struct why_view *v, const char *text)
{
	struct span rest = span_of(text);

	while (rest.p && rest.n > 0) {
		char *line = display_dup(span_cut(&rest, '\n'), TEXT_MAX);

		v->s.tell(v->s.arg, "", line);
		free(line);
	}
}

static void tell_answer(struct why_view *v, size_t n, struct hypothesis_answer *h,
                        const struct why_answer *a)
{
	v->s.tell(v->s.arg, marks[h->verdict], h->says);
	if (v->s.full && a->evidence.count > 0) {
		tell_lines(v, a->evidence.list[0].detail);
		tell_lines(v, a->evidence.list[0].asked);
	}
	if (h->verdict == HYPOTHESIS_OK)
		v->clean++;
	else if (h->verdict != HYPOTHESIS_BAD)
		v->open++;
	if (h->verdict != HYPOTHESIS_BAD)
		return;
	v->bad_count++;
	v->bad[n] = *h;
	*h = (struct hypothesis_answer){0};
}

static void came(void *arg, size_t n, const struct why_answer *a)
{
	struct why_view *v = arg;
	struct fill_extra values[WHY_VALUES_MAX];
	struct hypothesis_answer h;

	v->busy = true;
	if (a) {
		for (size_t i = 0; i < a->count; i++)
			values[i] = (struct fill_extra){a->values[i].name, a->values[i].value};
		hypotheses_answer(v->s.hypotheses, why_check_name((size_t)v->checks[n]), a->outcome,
		                  values, a->count, &h);
		tell_answer(v, n, &h, a);
		hypothesis_answer_release(&h);
	} else {
		conclude(v);
		v->s.done(v->s.arg, v->bad_count > 0);
	}
	v->busy = false;
	if (v->freed)
		why_view_free(v);
}

struct why_view *why_view_new(const struct why_view_settings *s)
{
	struct why_view *v = mem_zero(sizeof(*v));

	v->s = *s;
	judge(v);
	s->facts->retry_after = v->verdict.retry_after;
	s->facts->retry_said = v->verdict.retry_said;
	s->facts->temporary = v->verdict.temporary;
	choose_checks(v);
	v->why = why_new(s->network, s->facts, s->prober, v->checks, v->count,
	                 s->ms > 0 ? s->ms : PATIENCE_MS, time(NULL), came, v);
	return v;
}

void why_view_free(struct why_view *v)
{
	if (!v)
		return;
	v->freed = true;
	if (v->busy)
		return;
	why_free(v->why);
	for (size_t i = 0; i < v->count; i++)
		hypothesis_answer_release(&v->bad[i]);
	free(v);
}
