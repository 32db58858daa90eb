/*
 * The story of one message is put together while the lines come, as sentence parts; each is written
 * once and never changed. Bytes of the log are made safe here.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "explain/log_state.h"

enum { PART_MAX = 1024 };

/* A part begins after "; " unless it is the first. */
void log_story_add(struct log *l, struct log_message *m, const char *format, ...)
{
	size_t before = m->story.len;
	va_list args;
	struct buf part;

	if (!l->callbacks.story)
		return;
	buf_init(&part, PART_MAX);
	va_start(args, format);
	buf_vaddf(&part, format, args);
	va_end(args);
	if (before > 0)
		buf_addstr(&m->story, "; ");
	display_add(&m->story, buf_span(&part), 0);
	buf_release(&part);
	l->story_bytes += m->story.len - before;
}

void log_story_from(struct log *l, struct log_message *m, const struct log_line *line)
{
	m->known = true;
	log_copy(m->clock, sizeof(m->clock), line->clock);
	if (m->client[0])
		log_story_add(l, m, "accepted from %s at %s, queued as %s", m->client, m->clock,
		              m->id);
	else
		log_story_add(l, m, "accepted at %s, queued as %s", m->clock, m->id);
}

void log_story_queued(struct log *l, struct log_message *m, struct span size, struct span count)
{
	if (!l->callbacks.story)
		return;
	log_story_add(l, m, "sender <%s>, " SPAN_FMT " bytes, recipients: " SPAN_FMT, m->from,
	              SPAN_ARG(span_first(size, 20)), SPAN_ARG(span_first(count, 8)));
}

static void add_seconds(struct buf *out, long hundredths)
{
	buf_addf(out, "%ld.%02ld", hundredths / 100, hundredths % 100);
}

static void add_delays(struct buf *out, const struct log_event *ev)
{
	static const char *const WHERE[4] = {"before the queue", "in it", "connecting", "sending"};

	if (ev->delay < 0)
		return;
	buf_addstr(out, " in ");
	add_seconds(out, ev->delay);
	buf_addstr(out, " s");
	for (int i = 0; i < 4 && ev->parts[i] >= 0; i++) {
		buf_addstr(out, i ? ", " : ": ");
		add_seconds(out, ev->parts[i]);
		buf_addf(out, " %s", WHERE[i]);
	}
}

static const char *tls_of(const struct log *l, const struct log_line *line)
{
	for (size_t i = 0; i < LOG_TLS_SLOTS; i++)
		if (l->tls[i].text[0] && span_eq(span_of(l->tls[i].pid), line->pid))
			return l->tls[i].text;
	return NULL;
}

static const char *ending(const struct log_event *ev)
{
	switch (ev->kind) {
	case LOG_EVENT_DELIVERED: return "delivered";
	case LOG_EVENT_DEFERRED: return "put off, and tried again later";
	case LOG_EVENT_BOUNCED: return "given back to the sender";
	case LOG_EVENT_EXPIRED:
		return "given up after too long in the queue, and given back to the sender";
	case LOG_EVENT_REJECTED: return "refused by this server";
	case LOG_EVENT_DISCARDED: return "thrown away";
	default: return "";
	}
}

void log_story_event(struct log *l, struct log_message *m, const struct log_event *ev,
                     const struct log_line *line)
{
	const char *tls;
	struct buf b;

	if (!l->callbacks.story)
		return;
	buf_init(&b, PART_MAX);
	if (ev->to.n > 0)
		buf_addf(&b, "for <" SPAN_FMT ">: ", SPAN_ARG(span_first(ev->to, 256)));
	if (ev->relay.n > 0 && !span_eq(ev->relay, SPAN("none")))
		buf_addf(&b, "handed to " SPAN_FMT, SPAN_ARG(span_first(ev->relay, 256)));
	else if (ev->delay >= 0)
		buf_addstr(&b, "tried");
	tls = tls_of(l, line);
	if (tls && ev->relay.n > 0)
		buf_addf(&b, " (%s)", tls);
	add_delays(&b, ev);
	log_story_add(l, m, "%s%s%s", b.data, b.len > 0 ? "; " : "", ending(ev));
	if (ev->kind != LOG_EVENT_DELIVERED)
		log_story_add(l, m, "at " SPAN_FMT ", reason: %s: " SPAN_FMT, SPAN_ARG(line->clock),
		              explain_reason_name(ev->verdict.reason),
		              SPAN_ARG(span_first(ev->said.text, 300)));
	buf_release(&b);
}
