/*
 * The first line is for scripts and never changes its form; people read the trace below it.
 */
#include "ui/check_spf.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/display.h"
#include "check/spf.h"
#include "net/idn.h"

enum { PATIENCE_S = 20 }; /* RFC 7208 §4.6.4: at least that */

struct asking {
	struct loop *loop;
	struct lookups *lookups;
	struct spf_query query;
	struct spf_report report;
};

static void changed(void *arg)
{
	struct asking *a = arg;

	if (spf_check(a->lookups, &a->query, &a->report) != SPF_PENDING)
		loop_stop(a->loop);
}

static void show_line(struct buf *out, struct span text, unsigned flags)
{
	display_add(out, text, flags);
	buf_addch(out, '\n');
}

static void show_trace(const struct spf_report *r, struct buf *out, unsigned flags)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct spf_step *s = &r->steps[i];
		struct buf line;

		buf_init(&line, 64u << 10);
		buf_addf(&line, "# %*s", (int)(2 * (s->depth ? s->depth - 1 : 0)), "");
		if (*s->term)
			buf_addf(&line, "  %s: %s%s", s->term, s->text,
			         s->matched ? " <- this decides" : "");
		else
			buf_addf(&line, "%s: %s", s->domain, s->text);
		show_line(out, buf_span(&line), flags);
		buf_release(&line);
	}
	buf_addf(out,
	         "# %u of %u terms that ask the DNS, %u of %u look-ups that found nothing "
	         "(RFC 7208 §4.6.4)\n",
	         r->asks, SPF_TERMS_ASKING_MAX, r->voids, SPF_VOIDS_MAX);
}

static void show(const struct spf_report *r, bool trace, bool utf8)
{
	unsigned flags = utf8 ? 0 : DISPLAY_ASCII;
	struct buf out;

	buf_init(&out, 4u << 20);
	buf_addf(&out, "%s\t", spf_result_name(r->result));
	show_line(&out, span_of(r->explanation ? r->explanation : r->reason), flags);
	if (trace)
		show_trace(r, &out, flags);
	fputs(out.data, stdout);
	buf_release(&out);
}

static int status_of(enum spf_result r)
{
	switch (r) {
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_PERMERROR: return 4;
	case SPF_TEMPERROR: return 3;
	default: return 0;
	}
}

/* The sender with its domain in ASCII; heap. */
static char *ascii_sender(const char *from)
{
	struct span text = span_of(from ? from : ""), domain;
	struct buf out;
	char *name;
	size_t at;

	if (text.n > 1 && text.p[0] == '<' && text.p[text.n - 1] == '>')
		text = span_from(text.p + 1, text.n - 2);
	for (at = text.n; at > 0 && text.p[at - 1] != '@'; at--)
		;
	domain = span_skip(text, at);
	name = idn_to_ascii(domain, NULL);
	buf_init(&out, 64u << 10);
	buf_addspan(&out, span_first(text, at));
	if (name)
		buf_addstr(&out, name);
	else
		buf_addspan(&out, domain);
	free(name);
	return buf_take(&out);
}

int check_spf_main(const struct options *o, struct network *n, bool utf8, struct diags *ds)
{
	struct asking a = {.loop = n->loop};
	char *from;
	int status;

	if (!o->ip || net_address_parse(span_of(o->ip), 0, &a.query.ip) != 0) {
		diag_hint(diags_add(ds, DIAG_USAGE, "--ip", "%s",
		                    o->ip ? "is no IP address" : "is missing"),
		          "SPF asks whether an address may send, such as --ip 192.0.2.1");
		return 1;
	}
	from = ascii_sender(o->from);
	a.query.from = from;
	a.query.helo = o->helo ? o->helo : "";
	a.query.now = time(NULL);
	spf_report_init(&a.report);
	a.lookups = lookups_new(n, 1000 * (int64_t)(o->timeout > 0 ? o->timeout : PATIENCE_S),
	                        changed, &a);
	if (spf_check(a.lookups, &a.query, &a.report) == SPF_PENDING)
		loop_run(n->loop);
	show(&a.report, o->explain == OPTIONS_EXPLAIN_FULL, utf8);
	status = status_of(a.report.result);
	spf_report_release(&a.report);
	lookups_free(a.lookups);
	free(from);
	return status;
}
