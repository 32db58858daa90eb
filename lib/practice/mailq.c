/*
 * The queue as `mailq` shows it (showq(8), postqueue(1)): its columns are what people know, so they
 * are kept to the blank.
 */
#include <string.h>

#include "practice/queue_state.h"

#define REASON_END 76

static void add_reason(const char *reason, struct buf *out)
{
	size_t n = strlen(reason), pad = n < REASON_END ? REASON_END - n : 0;

	buf_addf(out, "%*s(%s)\n", (int)pad, "", reason);
}

/* Recipients with the same reason stand together below it. */
static void add_recipients(const struct queue_message *m, struct buf *out)
{
	const char *last = NULL;

	for (size_t i = 0; i < m->count; i++) {
		const struct queue_recipient *r = &m->recipients[i];

		if (r->done)
			continue;
		if (r->reason && (!last || strcmp(last, r->reason) != 0))
			add_reason(r->reason, out);
		last = r->reason;
		buf_addf(out, "%-10s  %8s %-20s %s\n", "", "", "", r->address);
	}
}

static void add_message(const struct queue_message *m, struct buf *out)
{
	struct buf when;

	buf_init(&when, 100);
	world_date_short((time_t)(m->arrived / 1000), &when);
	buf_addf(out, "%s%c %8zu %20.20s  %s\n", m->id, m->active ? '*' : ' ', m->size, when.data,
	         *m->sender ? m->sender : "MAILER-DAEMON");
	buf_release(&when);
	add_recipients(m, out);
	buf_addch(out, '\n');
}

void world_queue_show(const struct world *w, const struct world_host *h, struct buf *out)
{
	size_t count = 0, bytes = 0;

	for (size_t i = 0; i < w->queue.count; i++) {
		const struct queue_message *m = w->queue.list[i];

		if (h && m->host != h)
			continue;
		if (count++ == 0)
			buf_addf(out, "%-10s  %8s %-20s %s\n", "-Queue ID-", "--Size--",
			         "----Arrival Time----", "-Sender/Recipient-------");
		bytes += m->size;
		add_message(m, out);
	}
	if (count == 0)
		buf_addstr(out, "Mail queue is empty\n");
	else
		buf_addf(out, "-- %zu Kbytes in %zu Request%s.\n", bytes / 1024, count,
		         count == 1 ? "" : "s");
}
