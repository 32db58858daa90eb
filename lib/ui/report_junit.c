/*
 * JUnit's XML, as CI servers read it: a suite a file, a case an exchange. What happened outside of
 * an exchange (no connection, a time-out) is a case of its own. Every byte that XML forbids is an
 * escape by the time it gets here.
 */
#include <time.h>

#include "ui/report_forms.h"

static void begin(struct report *r)
{
	buf_addstr(&r->text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                     "<testsuites name=\"smtptalk replay\">\n");
}

static void attribute(struct report *r, const char *name, struct span value)
{
	buf_addf(&r->text, " %s=\"", name);
	report_markup(&r->text, span_first(value, span_find(value, '\n')));
	buf_addch(&r->text, '"');
}

static void element(struct report *r, const char *name, const char *message, struct span text)
{
	buf_addf(&r->text, "<%s", name);
	attribute(r, "message", span_of(message));
	buf_addch(&r->text, '>');
	report_markup(&r->text, text);
	buf_addf(&r->text, "</%s>\n", name);
}

static void begin_case(struct report *r, const struct report_case *c, const char *name,
                       const char *place, int64_t ms)
{
	buf_addstr(&r->text, "    <testcase");
	attribute(r, "classname", span_of(c->path));
	buf_addstr(&r->text, " name=\"");
	report_markup(&r->text, span_of(name));
	if (place) {
		buf_addstr(&r->text, " at ");
		report_markup(&r->text, span_of(place));
	}
	buf_addstr(&r->text, "\" time=\"");
	report_seconds(&r->text, ms);
	buf_addstr(&r->text, "\">\n");
}

static void exchange(struct report *r, const struct report_case *c, const struct report_exchange *x)
{
	struct buf all;

	begin_case(r, c, x->verb, x->place, x->ms);
	if (x->what && !x->retry) {
		buf_init(&all, 16u << 20);
		buf_addspan(&all, x->difference);
		if (x->note.n > 0)
			buf_addf(&all, "\n" SPAN_FMT "\n", SPAN_ARG(x->note));
		element(r, "failure", x->what, buf_span(&all));
		buf_release(&all);
	}
	buf_addstr(&r->text, "<system-out>");
	report_markup(&r->text, x->sent);
	if (x->sent.n > 0)
		buf_addch(&r->text, '\n');
	report_markup(&r->text, x->came);
	buf_addstr(&r->text, "</system-out>\n    </testcase>\n");
}

static void attribute_time(struct report *r, time_t started)
{
	char text[40];
	struct tm tm;

	if (gmtime_r(&started, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) > 0)
		attribute(r, "timestamp", span_of(text));
}

/* The file's own case, where no exchange tells it. */
static void rest(struct report *r, const struct report_case *c)
{
	const struct diag *d = &c->result->first;
	bool skipped = c->result->end == RUNNER_SKIPPED;

	if (!skipped && !report_ended_badly(c))
		return;
	begin_case(r, c, "session", d->where, c->result->ms);
	if (skipped)
		element(r, "skipped", d->what, SPAN(""));
	else
		element(r, "error", d->what, span_of(d->what));
	buf_addstr(&r->text, "    </testcase>\n");
}

static void one(struct report *r, const struct report_case *c)
{
	bool bad = report_ended_badly(c), skipped = c->result->end == RUNNER_SKIPPED;

	buf_addstr(&r->text, "  <testsuite");
	attribute(r, "name", span_of(c->path));
	buf_addf(&r->text, " tests=\"%zu\" failures=\"%d\" errors=\"%d\" skipped=\"%d\" time=\"",
	         c->count + (bad || skipped), c->result->end == RUNNER_MISMATCH && !bad, bad,
	         skipped);
	report_seconds(&r->text, c->result->ms);
	buf_addch(&r->text, '"');
	attribute_time(r, c->started);
	if (c->host)
		attribute(r, "hostname", span_of(c->host));
	buf_addstr(&r->text, ">\n");
	for (size_t i = 0; i < c->count; i++)
		exchange(r, c, &c->exchanges[i]);
	rest(r, c);
	buf_addstr(&r->text, "  </testsuite>\n");
}

static void end(struct report *r, const struct report_summary *s)
{
	(void)s;
	buf_addstr(&r->text, "</testsuites>\n");
}

const struct report_form report_form_junit = {
        .name = "junit", .begin = begin, .one = one, .end = end};
