/*
 * Who is told what, as Postfix's bounce(8): the sender, from the null sender, so that no
 * notification is ever about a notification. What cannot be told to the null sender is lost, unless
 * notify_classes has 2bounce: then the postmaster gets a copy.
 */
#include "practice/bounce.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TEXT_ROOM (1u << 20)

bool bounce_tells(const struct report *r, enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILURE:
		return r->status == DELIVERY_BOUNCED &&
		       (r->notify == 0 || (r->notify & QUEUE_NOTIFY_FAILURE));
	case BOUNCE_POSTMASTER: return r->status == DELIVERY_BOUNCED;
	case BOUNCE_DELAY:
		return r->status == DELIVERY_DEFERRED &&
		       (r->notify == 0 || (r->notify & QUEUE_NOTIFY_DELAY));
	case BOUNCE_SUCCESS:
		return (r->status == DELIVERY_SENT || r->status == DELIVERY_RELAYED) &&
		       (r->notify & QUEUE_NOTIFY_SUCCESS);
	}
	return false;
}

static bool any(const struct attempt *a, enum bounce_kind kind)
{
	for (size_t i = 0; i < a->count; i++)
		if (bounce_tells(&a->reports[i], kind))
			return true;
	return false;
}

/* Without RET a long message comes back as its header. */
static bool is_full(const struct attempt *a, enum bounce_kind kind)
{
	long limit = maincf_number(a->site->cf, MAINCF_BOUNCE_SIZE_LIMIT);

	if (kind == BOUNCE_DELAY || kind == BOUNCE_SUCCESS)
		return false;
	if (a->m->ret != QUEUE_RETURN_UNSAID)
		return a->m->ret == QUEUE_RETURN_FULL;
	return limit <= 0 || a->m->size <= (size_t)limit;
}

static bool notifies(const struct attempt *a, const char *class)
{
	struct span rest = span_of(maincf_text(a->site->cf, MAINCF_NOTIFY_CLASSES)), word;

	while (maincf_word(&rest, &word))
		if (span_eq(word, span_of(class)))
			return true;
	return false;
}

static char *double_bounce(const struct attempt *a)
{
	return world_text("%s@%s", maincf_text(a->site->cf, MAINCF_DOUBLE_BOUNCE_SENDER),
	                  maincf_text(a->site->cf, MAINCF_MYORIGIN));
}

static void notify(const struct attempt *a, enum bounce_kind kind, const char *from, const char *to,
                   const char *what)
{
	struct queue_message *m = cleanup_begin(a->w, a->m->host, from);
	char *id = mem_dup(m->id);
	struct bounce b = {kind, a, id, to, is_full(a, kind)};
	struct buf text;

	cleanup_recipient(m, to, NULL, *from ? QUEUE_NOTIFY_NEVER : 0);
	buf_init(&text, a->m->len + TEXT_ROOM);
	bounce_write(&b, &text);
	if (cleanup_end(a->w, m, SPAN(""), buf_span(&text)) == CLEANUP_OK)
		maillog_add(a->w, a->m->host, DAEMON_BOUNCE, 0, "%s: %s: %s", a->m->id, what, id);
	buf_release(&text);
	free(id);
}

static void tell_postmaster(struct attempt *a)
{
	char *from = double_bounce(a), *to;

	to = world_text("postmaster@%s", maincf_text(a->site->cf, MAINCF_MYORIGIN));
	notify(a, BOUNCE_POSTMASTER, from, to, "postmaster non-delivery notification");
	free(from);
	free(to);
}

void bounce_failures(struct attempt *a)
{
	char *double_sender = double_bounce(a);
	bool is_double = span_eq_nocase(span_of(a->m->sender), span_of(double_sender));

	free(double_sender);
	if (!any(a, BOUNCE_POSTMASTER))
		return;
	if (is_double) {
		maillog_add(a->w, a->m->host, DAEMON_BOUNCE, 0,
		            "warning: %s: undeliverable postmaster notification discarded",
		            a->m->id);
	} else if (!*a->m->sender) {
		if (notifies(a, "2bounce"))
			tell_postmaster(a);
	} else if (any(a, BOUNCE_FAILURE)) {
		notify(a, BOUNCE_FAILURE, "", a->m->sender, "sender non-delivery notification");
		if (notifies(a, "bounce"))
			tell_postmaster(a);
	}
}

void bounce_successes(struct attempt *a)
{
	if (*a->m->sender && any(a, BOUNCE_SUCCESS))
		notify(a, BOUNCE_SUCCESS, "", a->m->sender, "sender delivery status notification");
}

void bounce_delay(struct attempt *a)
{
	if (*a->m->sender && any(a, BOUNCE_DELAY))
		notify(a, BOUNCE_DELAY, "", a->m->sender, "sender delay notification");
}
