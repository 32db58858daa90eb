/*
 * Postfix's lines, by the daemon that wrote them (their forms: src/global/log_adhoc.c,
 * src/smtpd/smtpd_check.c and src/qmgr of Postfix). A queue id is what stands before the first
 * colon: hexadecimal digits, or the longer ids in base 51 that enable_long_queue_ids gives.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "explain/log_state.h"

static bool is_queue_id(struct span id)
{
	if (id.n < 6 || id.n > 20)
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (!ascii_is_alnum(id.p[i]))
			return false;
	return true;
}

/* "ID: rest". */
static bool take_id(struct span *text, struct span *id)
{
	size_t end = span_find(span_first(*text, 24), ':');

	*id = span_first(*text, end);
	if (end >= 24 || end + 1 >= text->n || !is_queue_id(*id))
		return false;
	*text = span_skip(*text, end + 2);
	return true;
}

static void read_smtpd(struct log *l, const struct log_line *line, struct span id, struct span text)
{
	struct log_message *m = log_message(l, id);

	log_copy(m->client, sizeof(m->client), log_field(text, SPAN("client=")));
	log_story_from(l, m, line);
}

static void read_pickup(struct log *l, const struct log_line *line, struct span id,
                        struct span text)
{
	struct log_message *m = log_message(l, id);
	size_t at = text.n > 0 ? span_find(text, '<') : text.n;

	if (at < text.n)
		log_copy(m->client, sizeof(m->client),
		         span_first(span_skip(text, at + 1),
		                    span_find(span_skip(text, at + 1), '>')));
	log_story_from(l, m, line);
}

static void fill_sender(struct log_event *ev, const struct log_message *m)
{
	ev->from = span_of(m->from);
	ev->from_known = m->has_from;
}

static void read_qmgr(struct log *l, const struct log_line *line, struct span id, struct span text)
{
	struct log_message *m;
	struct span count;

	if (span_starts(text, SPAN("removed"))) {
		m = log_table_find(&l->table, id);
		if (m) {
			log_story_add(l, m, "removed from the queue at " SPAN_FMT,
			              SPAN_ARG(line->clock));
			log_gone(l, m);
		}
		return;
	}
	if (!span_starts(text, SPAN("from=<")))
		return;
	m = log_message(l, id);
	if (!m->has_from) {
		log_copy(m->from, sizeof(m->from), log_field(text, SPAN("from=")));
		m->has_from = true;
		count = log_field(text, SPAN("nrcpt="));
		log_story_queued(l, m, log_field(text, SPAN("size=")),
		                 span_first(count, span_find(count, ' ')));
	}
	if (memmem(text.p, text.n, "status=expired", 14)) {
		struct log_event ev = {
		        .kind = LOG_EVENT_EXPIRED, .stamp = line->stamp, .id = id, .delay = -1};

		memset(ev.parts, -1, sizeof(ev.parts));
		explain_said_read(SPAN("returned to sender"), &ev.said);
		fill_sender(&ev, m);
		log_tell(l, &ev);
		log_story_event(l, m, &ev, line);
	}
}

/* "(250 2.0.0 Ok)", without the brackets. */
static struct span inside(struct span text)
{
	text = span_trim(text);
	if (text.n > 1 && text.p[0] == '(' && text.p[text.n - 1] == ')')
		return span_from(text.p + 1, text.n - 2);
	return text;
}

static bool read_status(struct span text, struct log_event *ev)
{
	static const struct {
		struct span word;
		enum log_event_kind kind;
	} KINDS[] = {
	        {{"sent", 4}, LOG_EVENT_DELIVERED},
	        {{"deferred", 8}, LOG_EVENT_DEFERRED},
	        {{"bounced", 7}, LOG_EVENT_BOUNCED},
	        {{"expired", 7}, LOG_EVENT_EXPIRED},
	        {{"undeliverable", 13}, LOG_EVENT_BOUNCED},
	        {{"deliverable", 11}, LOG_EVENT_DELIVERED},
	};
	const char *at = memmem(text.p, text.n, "status=", 7);
	struct span status;

	if (!at)
		return false;
	status = span_skip(text, (size_t)(at - text.p) + 7);
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		if (span_starts(status, KINDS[i].word)) {
			ev->kind = KINDS[i].kind;
			ev->said.text = inside(span_skip(status, KINDS[i].word.n));
			return true;
		}
	return false;
}

static void read_delays(struct span value, struct log_event *ev)
{
	for (int i = 0; i < 4; i++)
		ev->parts[i] = log_hundredths(span_cut(&value, '/'));
}

/* What the daemon itself found has only its dsn= for a code. */
static void read_words(struct log_event *ev, struct span dsn)
{
	struct span words = ev->said.text;

	if (ev->kind == LOG_EVENT_DELIVERED) {
		ev->said = (struct explain_said){.verb = SMTP_VERB_COUNT, .text = words};
		smtp_enhanced_parse(dsn, &ev->said.enhanced);
		return;
	}
	explain_said_read(words, &ev->said);
	if (!ev->said.enhanced.present)
		smtp_enhanced_parse(dsn, &ev->said.enhanced);
	if (ev->said.host.n == 0)
		ev->said.host = span_first(ev->relay, span_find(ev->relay, '['));
}

static void read_delivery(struct log *l, const struct log_line *line, struct span id,
                          struct span text)
{
	struct log_event ev = {.stamp = line->stamp, .id = id, .delay = -1};
	struct log_message *m;
	struct span head = text;

	if (!span_starts(text, SPAN("to=<")) || !read_status(text, &ev))
		return;
	head.n = (size_t)(ev.said.text.p - text.p);
	ev.to = log_field(head, SPAN("to="));
	head = span_skip(head, ev.to.n + 5);
	ev.relay = log_field(head, SPAN("relay="));
	ev.delay = log_hundredths(log_field(head, SPAN("delay=")));
	read_delays(log_field(head, SPAN("delays=")), &ev);
	read_words(&ev, log_field(head, SPAN("dsn=")));
	m = log_message(l, id);
	fill_sender(&ev, m);
	m->tries += ev.kind == LOG_EVENT_DEFERRED;
	log_tell(l, &ev);
	log_story_event(l, m, &ev, line);
}

/* "reject: RCPT from host[ip]: 554 5.7.1 <x@y>: words; from=<a> to=<b> proto=ESMTP helo=<c>". */
static void read_reject(struct log *l, const struct log_line *line, struct span id,
                        struct span text)
{
	struct log_event ev = {
	        .kind = LOG_EVENT_REJECTED, .stamp = line->stamp, .id = id, .delay = -1};
	const char *tail = memmem(text.p, text.n, "; from=<", 8);
	const char *from = memmem(text.p, text.n, " from ", 6);
	struct span rest;

	memset(ev.parts, -1, sizeof(ev.parts));
	explain_said_read(span_first(text, tail ? (size_t)(tail - text.p) : text.n), &ev.said);
	if (from) {
		ev.relay = span_skip(text, (size_t)(from - text.p) + 6);
		ev.relay = span_first(ev.relay, span_find(ev.relay, ']') + 1);
	}
	if (tail) {
		rest = span_skip(text, (size_t)(tail - text.p) + 8);
		ev.from = span_first(rest, span_find(rest, '>'));
		ev.from_known = true;
		tail = memmem(rest.p, rest.n, " to=<", 5);
		if (tail) {
			rest = span_skip(rest, (size_t)(tail - rest.p) + 5);
			ev.to = span_first(rest, span_find(rest, '>'));
		}
	}
	ev.said.host = span_of(NULL); /* it is ourselves who speak */
	log_tell(l, &ev);
	if (id.n > 0)
		log_story_event(l, log_message(l, id), &ev, line);
}

static bool is_reject(struct span text)
{
	return span_starts(text, SPAN("reject")) || span_starts(text, SPAN("milter-reject"));
}

/* "connect to host[ip]:25: Connection refused": of no message, since it may be for several. */
static void read_connect(struct log *l, const struct log_line *line, struct span text)
{
	struct log_event ev = {.kind = LOG_EVENT_NETWORK, .stamp = line->stamp, .delay = -1};

	memset(ev.parts, -1, sizeof(ev.parts));
	ev.relay = span_first(text, span_find(text, ']') + 1);
	explain_said_read(text, &ev.said);
	ev.said.text = text;
	log_tell(l, &ev);
}

static bool is_tls(struct span text)
{
	struct span kind = span_first(text, span_find(span_first(text, 16), ' '));

	return (span_eq(kind, SPAN("Trusted")) || span_eq(kind, SPAN("Untrusted")) ||
	        span_eq(kind, SPAN("Verified")) || span_eq(kind, SPAN("Anonymous"))) &&
	       span_starts(span_skip(text, kind.n), SPAN(" TLS connection established to"));
}

static struct log_tls *tls_slot(struct log *l, struct span pid)
{
	unsigned h = 0;

	for (size_t i = 0; i < pid.n; i++)
		h = h * 10 + (unsigned char)pid.p[i];
	return &l->tls[h % LOG_TLS_SLOTS];
}

/* "Trusted TLS connection established to host[ip]:25: TLSv1.3 with cipher …": only the story says
 * more than that it happened. */
static void read_tls(struct log *l, const struct log_line *line)
{
	struct log_tls *slot = tls_slot(l, line->pid);
	struct span kind = span_first(line->text, span_find(line->text, ' '));
	const char *at;
	struct buf b;

	l->summary.tls++;
	if (!l->callbacks.story)
		return;
	at = memmem(line->text.p, line->text.n, ": ", 2);
	log_copy(slot->pid, sizeof(slot->pid), line->pid);
	buf_init(&b, sizeof(slot->text));
	if (at) {
		struct span rest = span_skip(line->text, (size_t)(at - line->text.p) + 2);

		buf_addf(&b, SPAN_FMT ", %.*s", SPAN_ARG(span_first(rest, span_find(rest, ' '))),
		         (int)(kind.n < 16 ? kind.n : 16), kind.p);
	}
	log_copy(slot->text, sizeof(slot->text), buf_span(&b));
	buf_release(&b);
}

static void read_client(struct log *l, const struct log_line *line, struct span id,
                        struct span text)
{
	if (span_starts(text, SPAN("to=<"))) {
		read_delivery(l, line, id, text);
	} else if (span_starts(text, SPAN("host "))) {
		struct explain_said said;

		explain_said_read(text, &said);
		log_story_add(l, log_message(l, id), "a host first answered: %d " SPAN_FMT,
		              said.code, SPAN_ARG(span_first(said.text, 200)));
	}
}

static void read_bounce(struct log *l, struct span id, struct span text)
{
	const char *at = memmem(text.p, text.n, "notification: ", 14);
	struct span other;

	if (!at)
		return;
	other = span_skip(text, (size_t)(at - text.p) + 14);
	log_story_add(l, log_message(l, id), "a notice went to the sender as " SPAN_FMT,
	              SPAN_ARG(span_first(other, 24)));
}

static void read_with_id(struct log *l, const struct log_line *line, struct span id,
                         struct span text)
{
	if (is_reject(text))
		read_reject(l, line, id, text);
	else if (span_starts(text, SPAN("client=")))
		read_smtpd(l, line, id, text);
	else if (span_starts(text, SPAN("uid=")))
		read_pickup(l, line, id, text);
	else if (span_eq(line->daemon, SPAN("qmgr")))
		read_qmgr(l, line, id, text);
	else if (span_eq(line->daemon, SPAN("bounce")))
		read_bounce(l, id, text);
	else if (!span_eq(line->daemon, SPAN("cleanup")))
		read_client(l, line, id, text);
}

void log_read_postfix(struct log *l, const struct log_line *line)
{
	struct span text = line->text, id;

	if (span_starts(text, SPAN("NOQUEUE: "))) {
		text = span_skip(text, 9);
		if (is_reject(text))
			read_reject(l, line, span_of(NULL), text);
	} else if (span_starts(text, SPAN("connect to "))) {
		read_connect(l, line, text);
	} else if (is_tls(text)) {
		read_tls(l, line);
	} else if (take_id(&text, &id)) {
		read_with_id(l, line, id, text);
	}
}
