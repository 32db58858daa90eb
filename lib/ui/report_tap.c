/*
 * The Test Anything Protocol as `prove` reads it: a test point a file, its exchanges as a subtest
 * (TAP 14 indents them; a reader of TAP 13 passes over them), and what was not as expected as a
 * YAML block.
 */
#include "ui/report_forms.h"

static void begin(struct report *r)
{
	buf_addf(&r->text, "TAP version 13\n1..%zu\n", r->total);
}

/* In a name "#" would begin a directive, and a line end a line. */
static void add_name(struct buf *out, struct span name)
{
	struct buf safe;

	buf_init(&safe, 64u << 10);
	report_safe(&safe, name);
	for (size_t i = 0; i < safe.len; i++) {
		char c = safe.data[i];

		if (c == '#' || c == '\\')
			buf_addch(out, '\\');
		buf_addch(out, c == '\n' ? ' ' : c);
	}
	buf_release(&safe);
}

/* A literal block: every line stands for itself. */
static void add_block(struct buf *out, const char *indent, const char *key, struct span text)
{
	struct buf safe;
	struct span rest;

	if (text.n == 0)
		return;
	buf_init(&safe, 16u << 20);
	report_safe(&safe, text);
	buf_addf(out, "%s%s: |\n", indent, key);
	rest = buf_span(&safe);
	while (rest.n > 0) {
		struct span line = span_cut(&rest, '\n');

		buf_addf(out, "%s  " SPAN_FMT "\n", indent, SPAN_ARG(line));
	}
	buf_release(&safe);
}

static void exchange(struct report *r, const struct report_exchange *x, size_t number)
{
	bool ok = !x->what || x->retry;

	buf_addf(&r->text, "    %sok %zu - ", ok ? "" : "not ", number);
	add_name(&r->text, span_of(x->verb));
	buf_addstr(&r->text, " at ");
	add_name(&r->text, span_of(x->place));
	buf_addf(&r->text, x->retry ? ", sent again (%lld ms)\n" : " (%lld ms)\n",
	         (long long)x->ms);
	if (ok)
		return;
	buf_addstr(&r->text, "      ---\n");
	add_block(&r->text, "      ", "difference", x->difference);
	add_block(&r->text, "      ", "reply", x->came);
	add_block(&r->text, "      ", "note", x->note);
	buf_addstr(&r->text, "      ...\n");
}

static void one(struct report *r, const struct report_case *c)
{
	enum runner_end end = c->result->end;
	const struct diag *d = &c->result->first;

	buf_addstr(&r->text, "# Subtest: ");
	add_name(&r->text, span_of(c->path));
	buf_addf(&r->text, "\n    1..%zu\n", c->count);
	for (size_t i = 0; i < c->count; i++)
		exchange(r, &c->exchanges[i], i + 1);
	buf_addf(&r->text, "%sok %zu - ",
	         end == RUNNER_PASSED || end == RUNNER_SKIPPED ? "" : "not ", r->number);
	add_name(&r->text, span_of(c->path));
	if (end == RUNNER_SKIPPED) {
		buf_addstr(&r->text, " # SKIP ");
		add_name(&r->text, span_of(d->what));
	}
	buf_addch(&r->text, '\n');
	if (end == RUNNER_PASSED || end == RUNNER_SKIPPED)
		return;
	buf_addstr(&r->text, "  ---\n");
	add_block(&r->text, "  ", "at", span_of(d->where));
	add_block(&r->text, "  ", "message", span_of(d->what));
	buf_addf(&r->text, "  duration_ms: %lld\n  ...\n", (long long)c->result->ms);
}

/* After --fail-fast or ^C the plan that stands at the top is still kept. */
static void end(struct report *r, const struct report_summary *s)
{
	for (size_t i = r->number + 1; i <= r->total; i++)
		buf_addf(&r->text, "ok %zu # SKIP not played\n", i);
	buf_addf(&r->text, "# %zu passed, %zu with another reply, %zu failed, %zu skipped; ",
	         s->passed, s->mismatched, s->failed, s->skipped);
	report_seconds(&r->text, s->ms);
	buf_addstr(&r->text, " s\n");
}

const struct report_form report_form_tap = {.name = "tap", .begin = begin, .one = one, .end = end};
