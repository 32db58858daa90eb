/*
 * One list for all hosts, in the order of arrival, since a message may pass several of them before
 * anything else happens: a host that takes a message while another is being tried puts it at the
 * end of the list, and its turn comes. So the hosts never run inside each other, but for the
 * conversation in which one hands over to the next.
 */
#include "practice/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/queue_state.h"

void queue_add(struct world *w, struct queue_message *m)
{
	struct queue *q = &w->queue;

	q->list = mem_grow(q->list, q->count, &q->room, sizeof *q->list);
	q->list[q->count++] = m;
	q->bytes += m->len;
	m->active = true;
}

static void remove_at(struct queue *q, size_t i)
{
	q->bytes -= q->list[i]->len;
	queue_message_free(q->list[i]);
	q->count--;
	memmove(q->list + i, q->list + i + 1, (q->count - i) * sizeof *q->list);
}

void queue_release(struct queue *q)
{
	for (size_t i = 0; i < q->count; i++)
		queue_message_free(q->list[i]);
	free(q->list);
	*q = (struct queue){0};
}

static long setting(const struct queue_message *m, enum maincf_parameter p)
{
	return maincf_number(queue_site(m)->cf, p);
}

/* --- qmgr --- */

static size_t waiting(const struct queue_message *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		n += !m->recipients[i].done;
	return n;
}

static bool is_expired(const struct world *w, const struct queue_message *m)
{
	long lifetime = setting(m, *m->sender ? MAINCF_MAXIMAL_QUEUE_LIFETIME
	                                      : MAINCF_BOUNCE_QUEUE_LIFETIME);

	return world_ms(w) - m->arrived >= (int64_t)lifetime * 1000;
}

/* What was put off is now given up. */
static void expire(struct attempt *a)
{
	struct queue_message *m = a->m;

	maillog_add(a->w, m->host, DAEMON_QMGR, 0,
	            "%s: from=<%s>, status=expired, returned to sender", m->id, m->sender);
	for (size_t i = 0; i < a->count; i++)
		if (a->reports[i].status == DELIVERY_DEFERRED)
			a->reports[i].status = DELIVERY_BOUNCED;
	for (size_t i = 0; i < m->count; i++)
		m->recipients[i].done = true;
}

static void put_off(struct attempt *a)
{
	struct queue_message *m = a->m;
	int64_t now = world_ms(a->w), wait = now - m->arrived;
	int64_t least = (int64_t)setting(m, MAINCF_MINIMAL_BACKOFF_TIME) * 1000;
	int64_t most = (int64_t)setting(m, MAINCF_MAXIMAL_BACKOFF_TIME) * 1000;
	int64_t warn = (int64_t)setting(m, MAINCF_DELAY_WARNING_TIME) * 1000;

	if (warn > 0 && !m->warned && wait >= warn) {
		m->warned = true;
		bounce_delay(a);
	}
	if (wait > most)
		wait = most;
	if (wait < least)
		wait = least;
	m->next = now + (wait > 0 ? wait : 1);
}

/* The message's turn. False: nothing is left of it. */
static bool try_message(struct world *w, struct queue_message *m)
{
	struct attempt a = {.w = w, .m = m, .site = queue_site(m), .began = world_ms(w)};
	bool left;

	maillog_add(w, m->host, DAEMON_QMGR, 0, "%s: from=<%s>, size=%zu, nrcpt=%zu (queue active)",
	            m->id, m->sender, m->size, waiting(m));
	deliver_message(&a);
	m->active = false;
	if (waiting(m) > 0 && is_expired(w, m))
		expire(&a);
	bounce_failures(&a);
	bounce_successes(&a);
	left = waiting(m) > 0;
	if (left)
		put_off(&a);
	else
		maillog_add(w, m->host, DAEMON_QMGR, 0, "%s: removed", m->id);
	attempt_release(&a);
	return left;
}

static size_t find_active(const struct queue *q)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->list[i]->active)
			return i;
	return q->count;
}

/* Until no message is active any more: each attempt may have added some. */
static void try_active(struct world *w)
{
	struct queue *q = &w->queue;
	char *why = mem_dup(world_why(w));

	w->at_work = true;
	for (size_t i = find_active(q); i < q->count; i = find_active(q)) {
		struct queue_message *m = q->list[i];

		if (try_message(w, m))
			continue;
		while (q->list[i] != m)
			i++;
		remove_at(q, i);
	}
	w->at_work = false;
	/* What the hosts told each other is not what the learner asks about. */
	buf_clear(&w->why);
	buf_addstr(&w->why, why);
	free(why);
}

/* --- the deferred queue --- */

/* When a scan of its host's queue finds the message due. */
static int64_t scan_time(const struct world *w, const struct queue_message *m)
{
	int64_t step = (int64_t)setting(m, MAINCF_QUEUE_RUN_DELAY) * 1000;
	int64_t since = m->next - w->clock.began;

	if (step < 1000)
		step = 1000;
	return w->clock.began + (since + step - 1) / step * step;
}

static int64_t next_scan(const struct world *w)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < w->queue.count; i++) {
		int64_t at = scan_time(w, w->queue.list[i]);

		first = at < first ? at : first;
	}
	return first;
}

/* Goes from scan to scan up to that time. */
static void run_until(struct world *w, int64_t end)
{
	for (int64_t at = next_scan(w); at <= end; at = next_scan(w)) {
		if (at > w->clock.now)
			w->clock.now = at;
		for (size_t i = 0; i < w->queue.count; i++)
			if (scan_time(w, w->queue.list[i]) <= w->clock.now)
				w->queue.list[i]->active = true;
		try_active(w);
	}
	if (end > w->clock.now)
		w->clock.now = end;
}

void world_queue_run(struct world *w)
{
	if (w->at_work)
		return;
	if (find_active(&w->queue) < w->queue.count)
		try_active(w);
	run_until(w, world_clock_target(w));
}

void world_wait(struct world *w, int64_t seconds)
{
	int64_t ms = seconds * 1000, target;

	world_queue_run(w);
	target = w->clock.now + ms;
	run_until(w, target);
	w->clock.ahead += ms;
}

void world_queue_flush(struct world *w, const struct world_host *h)
{
	world_queue_run(w);
	for (size_t i = 0; i < w->queue.count; i++)
		if (!h || w->queue.list[i]->host == h)
			w->queue.list[i]->active = true;
	try_active(w);
}

/* --- looking --- */

size_t world_queue_length(const struct world *w, const struct world_host *h)
{
	size_t n = 0;

	for (size_t i = 0; i < w->queue.count; i++)
		n += !h || w->queue.list[i]->host == h;
	return n;
}

void world_each_queued(const struct world *w, const struct world_host *h,
                       void (*fn)(void *arg, const struct queue_message *m), void *arg)
{
	for (size_t i = 0; i < w->queue.count; i++)
		if (!h || w->queue.list[i]->host == h)
			fn(arg, w->queue.list[i]);
}

static size_t find_id(const struct queue *q, const char *id)
{
	size_t i = 0;

	while (i < q->count && strcmp(q->list[i]->id, id) != 0)
		i++;
	return i;
}

const struct queue_message *world_queued(const struct world *w, const char *id)
{
	size_t i = find_id(&w->queue, id);

	return i < w->queue.count ? w->queue.list[i] : NULL;
}

bool world_queue_delete(struct world *w, const char *id)
{
	size_t i = find_id(&w->queue, id);

	if (i == w->queue.count)
		return false;
	maillog_add(w, w->queue.list[i]->host, DAEMON_POSTSUPER, 0, "%s: removed", id);
	maillog_add(w, w->queue.list[i]->host, DAEMON_POSTSUPER, 0, "Deleted: 1 message");
	remove_at(&w->queue, i);
	return true;
}
