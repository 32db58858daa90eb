/*
 * sendmail's lines: "ID: from=…" when a message came in, "ID: to=…, stat=…" for each try, and
 * "ID: ruleset=…, reject=…" when its own rules refuse. There is no line for leaving the queue: a
 * message is gone when its last recipient is.
 */
#include <string.h>

#include "explain/log_state.h"

/* The value of the last field, which may hold commas itself. */
static struct span last_field(struct span text, const char *key)
{
	size_t n = strlen(key);
	const char *at = text.n >= n ? memmem(text.p, text.n, key, n) : NULL;

	return at ? span_skip(text, (size_t)(at - text.p) + n) : (struct span){NULL, 0};
}

static void read_arrival(struct log *l, const struct log_line *line, struct log_message *m,
                         struct span text)
{
	log_copy(m->from, sizeof(m->from), log_field(text, SPAN("from=")));
	m->has_from = true;
	log_copy(m->client, sizeof(m->client), log_field(text, SPAN("relay=")));
	log_story_from(l, m, line);
	log_story_queued(l, m, log_field(text, SPAN("size=")), log_field(text, SPAN("nrcpts=")));
}

/* "00:00:01" and "1+02:03:04" (days). */
static long read_delay(struct span value)
{
	unsigned long part, seconds = 0;
	size_t plus = span_find(value, '+');

	if (value.n == 0)
		return -1;
	if (plus < value.n) {
		if (span_number(span_first(value, plus), 999, &part) < 0)
			return -1;
		seconds = part * 24;
		value = span_skip(value, plus + 1);
	}
	for (int i = 0; i < 3; i++) {
		if (span_number(span_cut(&value, ':'), 9999, &part) < 0)
			return -1;
		seconds = i == 0 ? seconds + part : seconds * 60 + part;
	}
	return (long)seconds * 100;
}

static void set_kind(struct log_event *ev, struct span stat)
{
	if (span_starts(stat, SPAN("Sent")))
		ev->kind = LOG_EVENT_DELIVERED;
	else if (span_starts(stat, SPAN("Deferred")) || span_starts(stat, SPAN("queued")))
		ev->kind = LOG_EVENT_DEFERRED;
	else
		ev->kind = LOG_EVENT_BOUNCED;
}

static void read_try(struct log *l, const struct log_line *line, struct span id, struct span text)
{
	struct log_event ev = {.stamp = line->stamp, .id = id, .delay = -1};
	struct span stat = last_field(text, "stat="), dsn = log_field(text, SPAN("dsn="));
	struct log_message *m;

	if (!stat.p || span_starts(stat, SPAN("queued")))
		return;
	memset(ev.parts, -1, sizeof(ev.parts));
	set_kind(&ev, stat);
	ev.to = log_field(text, SPAN("to="));
	ev.relay = log_field(text, SPAN("relay="));
	ev.delay = read_delay(log_field(text, SPAN("delay=")));
	explain_said_read(stat, &ev.said);
	if (!ev.said.enhanced.present)
		smtp_enhanced_parse(dsn, &ev.said.enhanced);
	if (ev.said.host.n == 0)
		ev.said.host = span_first(ev.relay, span_find(ev.relay, ' '));
	m = log_message(l, id);
	ev.from = span_of(m->from);
	ev.from_known = m->has_from;
	m->tries += ev.kind == LOG_EVENT_DEFERRED;
	log_tell(l, &ev);
	log_story_event(l, m, &ev, line);
}

static void read_reject(struct log *l, const struct log_line *line, struct span text)
{
	struct log_event ev = {.kind = LOG_EVENT_REJECTED, .stamp = line->stamp, .delay = -1};
	struct span rule = log_field(text, SPAN("ruleset="));

	memset(ev.parts, -1, sizeof(ev.parts));
	explain_said_read(last_field(text, "reject="), &ev.said);
	if (span_eq(rule, SPAN("check_rcpt")))
		ev.said.verb = SMTP_VERB_RCPT;
	else if (span_eq(rule, SPAN("check_mail")))
		ev.said.verb = SMTP_VERB_MAIL;
	else if (span_eq(rule, SPAN("check_relay")))
		ev.said.verb = SMTP_VERB_CONNECT;
	ev.relay = log_field(text, SPAN("relay="));
	if (ev.said.verb == SMTP_VERB_RCPT)
		ev.to = log_field(text, SPAN("arg1="));
	else
		ev.from = log_field(text, SPAN("arg1="));
	log_tell(l, &ev);
}

void log_read_sendmail(struct log *l, const struct log_line *line)
{
	size_t end = span_find(span_first(line->text, 24), ':');
	struct span id = span_first(line->text, end), text;

	if (end >= 24 || end < 8 || end + 2 >= line->text.n)
		return;
	text = span_skip(line->text, end + 2);
	if (span_starts(text, SPAN("from=")))
		read_arrival(l, line, log_message(l, id), text);
	else if (span_starts(text, SPAN("to=")))
		read_try(l, line, id, text);
	else if (span_starts(text, SPAN("ruleset=")))
		read_reject(l, line, text);
}
