/*
 * The paragraph answers the questions of somebody at 3 a.m. in their order: what happened, whose
 * side it is on, does waiting help, what to do, how to be sure, where it is written, and what this
 * explanation rests on.
 */
#include "ui/explain_show.h"

#include <string.h>

void explain_found_init(struct explain_found *f)
{
	memset(f, 0, sizeof(*f));
	f->delay = -1;
}

void explain_add_duration(long seconds, struct buf *out)
{
	static const struct {
		long seconds;
		const char *unit;
	} UNITS[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};

	for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
		long n = seconds / UNITS[i].seconds;

		if (n == 0 || (seconds % UNITS[i].seconds != 0 && n < 3))
			continue;
		buf_addf(out, "%ld %s%s", n, UNITS[i].unit, n == 1 ? "" : "s");
		return;
	}
	buf_addf(out, "%ld seconds", seconds);
}

static bool is_trouble(const struct explain_verdict *v)
{
	return v->reason != EXPLAIN_REASON_OK && v->reason != EXPLAIN_REASON_READY &&
	       v->reason != EXPLAIN_REASON_CONTINUE && v->reason != EXPLAIN_REASON_NONE;
}

static void add_when(const struct explain_verdict *v, struct buf *out)
{
	if (!v->temporary) {
		buf_addstr(out, "final");
		return;
	}
	buf_addstr(out, "temporary: try again after ");
	explain_add_duration(v->retry_after, out);
}

void explain_add_verdict(const struct explain_show *s, const struct explain_verdict *v,
                         struct buf *out)
{
	const char *side = explain_side_text(s->notes, v->side);

	buf_addf(out, "%s%s", v->guess ? "perhaps " : "", explain_reason_name(v->reason));
	if (!is_trouble(v))
		return;
	buf_addstr(out, ", ");
	add_when(v, out);
	if (side)
		buf_addf(out, ", %.*s", (int)strcspn(side, ":"), side);
}

static void add_sentence(struct buf *out, const char *label, const char *text)
{
	if (text && *text)
		buf_addf(out, " %s%s", label, text);
}

/* What the reason rests on, in the order of trust. */
static void add_evidence(const struct explain_verdict *v, struct buf *out)
{
	const char *before = " Decided by: ";

	if (!v->rule)
		return;
	if (v->by_stage && v->stage)
		buf_addf(out, "%sthe stage (%s)", before, explain_stage_name(v->stage));
	before = v->by_stage && v->stage ? ", " : before;
	if (v->by_provider && v->provider_name) {
		buf_addf(out, "%swho is speaking (%s)", before, v->provider_name);
		before = ", ";
	}
	if (v->by_wording && v->pattern) {
		buf_addf(out, "%sthe wording \"%s\"", before, v->pattern);
		before = ", ";
	}
	if (v->by_enhanced && v->enhanced.present) {
		buf_addf(out, "%sthe enhanced code", before);
		before = ", ";
	}
	if (v->by_code && v->code) {
		buf_addf(out, "%sthe code", before);
		before = ", ";
	}
	buf_addstr(out, before[0] == ',' ? "." : "");
}

static void add_full(const struct explain_show *s, const struct explanation *x, struct buf *out)
{
	const struct explain_verdict *v = &x->verdict;
	const char *side = explain_side_text(s->notes, v->side);

	add_sentence(out, "", x->full);
	if (is_trouble(v)) {
		if (side)
			buf_addf(out, " Whose side: %s.", side);
		buf_addstr(out, v->temporary ? " This is temporary: try again after "
		                             : " This is final: the same will be refused again.");
		if (v->temporary) {
			explain_add_duration(v->retry_after, out);
			buf_addstr(out, v->retry_said ? ", as the server itself says." : ".");
		}
		add_sentence(out, "To do: ", x->doing);
		add_sentence(out, "What would prove it: ", x->proof);
	}
	if (x->source)
		buf_addf(out, " (%s)", x->source);
	if (v->consequence)
		buf_addstr(out, " It is a consequence: the refusals before it are the cause.");
	if (is_trouble(v)) {
		buf_addf(out, " Reason: %s%s.", v->guess ? "a guess, " : "",
		         explain_reason_name(v->reason));
		add_evidence(v, out);
	}
}

/* What the words do not name: the address that a bounce is about. */
static void add_found(const struct explain_found *found, struct buf *out)
{
	if (found && found->to.n > 0)
		buf_addf(out, SPAN_FMT ": ", SPAN_ARG(span_first(found->to, 320)));
}

void explain_show(const struct explain_show *s, const struct explanation *x,
                  const struct explain_found *found)
{
	struct buf b;

	if (s->json) {
		explain_show_json(s, x, found);
		return;
	}
	buf_init(&b, 64u << 10);
	add_found(found, &b);
	if (x->label)
		buf_addf(&b, "%s: ", x->label);
	buf_addstr(&b, x->brief ? x->brief : "");
	if (s->how != OPTIONS_EXPLAIN_SHORT) {
		add_full(s, x, &b);
		view_say(s->view, "%s", b.data);
	} else {
		if (is_trouble(&x->verdict)) {
			buf_addstr(&b, " [");
			explain_add_verdict(s, &x->verdict, &b);
			buf_addstr(&b, x->verdict.consequence ? "; a consequence]" : "]");
		}
		view_block(s->view, buf_span(&b));
	}
	buf_release(&b);
}
