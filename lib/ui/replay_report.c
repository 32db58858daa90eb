/*
 * A log's items and a report's exchanges are nearly the same; what differs is put together here, so
 * that no form of a report knows how a replay keeps its log.
 */
#include "ui/replay_report.h"

#include <stdlib.h>

#include "base/mem.h"

static void add_fault(struct diags *ds, const struct diag *d)
{
	struct diag *one = diags_add(ds, d->kind, d->where, "%s", d->what);

	if (one && d->hint)
		diag_hint(one, "%s", d->hint);
}

static int begin_one(struct replay_reports *r, const char *what, size_t total, struct diags *ds)
{
	struct report *one;
	struct diag d;

	diag_init(&d);
	one = report_new(what, total, &d);
	if (!one) {
		add_fault(ds, &d);
		diag_release(&d);
		return -1;
	}
	r->list[r->count++] = one;
	if (report_on_stdout(one) && r->on_stdout) {
		diag_hint(diags_add(ds, DIAG_USAGE, "--report",
		                    "two reports cannot both go to standard output"),
		          "give all but one a file: FORM=FILE");
		return -1;
	}
	r->on_stdout |= report_on_stdout(one);
	return 0;
}

int replay_reports_begin(struct replay_reports *r, const struct options *o, size_t total,
                         struct diags *ds)
{
	int result = 0;

	*r = (struct replay_reports){0};
	r->list = mem_zero(o->reports.count * sizeof(struct report *));
	for (size_t i = 0; i < o->reports.count && result == 0; i++)
		result = begin_one(r, o->reports.items[i], total, ds);
	return result;
}

static struct report_exchange exchange_of(const struct replay_item *i)
{
	bool retry = i->type == RUNNER_RETRY;

	return (struct report_exchange){
	        .place = i->place,
	        .verb = i->verb,
	        .sent = i->sent_before ? SPAN("") : buf_span(&i->sent),
	        .expected = buf_span(&i->expected),
	        .came = buf_span(&i->came),
	        .difference = buf_span(&i->difference),
	        .note = span_of(i->note.brief),
	        .what = i->what,
	        .retry = retry,
	        .at_ms = i->at_ms,
	        .ms = retry ? 0 : i->ms,
	};
}

void replay_reports_tell(struct replay_reports *r, const char *path, const char *where,
                         time_t started, const struct replay_log *l,
                         const struct runner_result *result)
{
	struct report_exchange *list;
	struct report_case c = {.path = path, .host = where, .started = started, .result = result};

	if (r->count == 0)
		return;
	list = mem_zero(l->count * sizeof(*list));
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].type == RUNNER_EXCHANGE || l->items[i].type == RUNNER_RETRY)
			list[c.count++] = exchange_of(&l->items[i]);
	c.exchanges = list;
	for (size_t i = 0; i < r->count; i++)
		report_case(r->list[i], &c);
	free(list);
}

int replay_reports_end(struct replay_reports *r, const struct replay_counts *c, struct diags *ds)
{
	struct report_summary s = {.files = c->files,
	                           .passed = c->passed,
	                           .mismatched = c->mismatched,
	                           .failed = c->failed,
	                           .skipped = c->skipped,
	                           .exchanges = c->exchanges,
	                           .retries = c->retries,
	                           .ms = c->ms};
	int result = 0;

	for (size_t i = 0; i < r->count; i++) {
		struct diag d;

		diag_init(&d);
		if (report_end(r->list[i], &s, &d) != 0) {
			add_fault(ds, &d);
			result = -1;
		}
		diag_release(&d);
	}
	free(r->list);
	*r = (struct replay_reports){0};
	return result;
}
