/*
 * Exim's main log (its specification, chapter "Log files"): `<=` a message came in, `=>` and `->`
 * it was delivered, `==` it was put off, `**` it failed for ever, `Completed` it left the queue.
 */
#include <string.h>

#include "explain/log_state.h"

static struct span find_after(struct span text, const char *mark)
{
	size_t n = strlen(mark);
	const char *at = text.n >= n ? memmem(text.p, text.n, mark, n) : NULL;

	return at ? span_skip(text, (size_t)(at - text.p) + n) : (struct span){NULL, 0};
}

/* "H=name [address]" up to the bracket. */
static struct span host_of(struct span text)
{
	struct span host = find_after(text, " H=");

	return host.p ? span_first(host, span_find(host, ']') + 1) : host;
}

static void read_arrival(struct log *l, const struct log_line *line, struct log_message *m,
                         struct span text)
{
	struct span rest = text, sender = span_word(&rest);
	struct span host = host_of(text), size = find_after(text, " S=");

	if (span_eq(sender, SPAN("<>")))
		sender = span_of(NULL);
	log_copy(m->from, sizeof(m->from), sender);
	m->has_from = true;
	if (!host.p)
		host = find_after(text, " U=");
	log_copy(m->client, sizeof(m->client), span_first(host, 64));
	log_story_from(l, m, line);
	log_story_add(l, m, "sender <%s>, " SPAN_FMT " bytes", m->from,
	              SPAN_ARG(span_first(size, span_find(size, ' '))));
}

/* "address <original> R=… T=…: words" or "… defer (-44): words". */
static struct span words_of(struct span text)
{
	static const char *const MARKS[] = {" C=\"", ": SMTP error from remote mail server ",
	                                    " defer (", ": "};
	struct span words;

	words = find_after(text, MARKS[0]);
	if (words.p)
		return span_first(words, words.n > 0 ? words.n - 1 : 0);
	words = find_after(text, MARKS[1]);
	if (words.p)
		return words;
	words = find_after(text, MARKS[2]);
	if (words.p)
		words = find_after(words, ": ");
	return words.p ? words : find_after(text, MARKS[3]);
}

static void read_delivery(struct log *l, const struct log_line *line, struct log_message *m,
                          enum log_event_kind kind, struct span text)
{
	struct log_event ev = {.kind = kind,
	                       .stamp = line->stamp,
	                       .id = span_from(m->id, m->id_n),
	                       .from = span_of(m->from),
	                       .from_known = m->has_from,
	                       .delay = -1};
	struct span rest = text, delay = find_after(text, " DT="),
	            queued = find_after(text, " QT=");
	struct span words = words_of(text);

	memset(ev.parts, -1, sizeof(ev.parts));
	ev.to = span_word(&rest);
	if (ev.to.n > 0 && ev.to.p[ev.to.n - 1] == ':')
		ev.to.n--;
	ev.relay = host_of(text);
	ev.delay = log_hundredths(queued.p ? queued : delay);
	explain_said_read(words.p ? words : span_of(NULL), &ev.said);
	if (kind == LOG_EVENT_DELIVERED)
		ev.said.verb = SMTP_VERB_COUNT;
	if (ev.said.host.n == 0)
		ev.said.host = span_first(ev.relay, span_find(ev.relay, ' '));
	if (kind == LOG_EVENT_BOUNCED && find_after(text, "retry timeout exceeded").p)
		ev.kind = LOG_EVENT_EXPIRED;
	m->tries += kind == LOG_EVENT_DEFERRED;
	log_tell(l, &ev);
	log_story_event(l, m, &ev, line);
}

/* "H=host [ip] F=<a> rejected RCPT <b>: words". */
static void read_rejected(struct log *l, const struct log_line *line, struct span text)
{
	static const struct {
		const char *mark;
		enum smtp_verb verb;
	} WHERE[] = {
	        {" rejected RCPT ", SMTP_VERB_RCPT},
	        {" rejected MAIL ", SMTP_VERB_MAIL},
	        {" rejected after DATA", SMTP_VERB_MESSAGE},
	        {" rejected DATA", SMTP_VERB_DATA},
	        {" rejected EHLO", SMTP_VERB_EHLO},
	        {" rejected HELO", SMTP_VERB_EHLO},
	        {" rejected connection", SMTP_VERB_CONNECT},
	        {" temporarily rejected RCPT ", SMTP_VERB_RCPT},
	};
	struct log_event ev = {.kind = LOG_EVENT_REJECTED, .stamp = line->stamp, .delay = -1};
	struct span rest = {NULL, 0};
	size_t i = 0;

	while (i < sizeof(WHERE) / sizeof(WHERE[0]) && !rest.p)
		rest = find_after(text, WHERE[i++].mark);
	if (!rest.p)
		return;
	memset(ev.parts, -1, sizeof(ev.parts));
	ev.relay = host_of(text);
	if (!ev.relay.p && span_starts(text, SPAN("H=")))
		ev.relay = span_first(span_skip(text, 2), span_find(span_skip(text, 2), ']') + 1);
	ev.from = find_after(text, " F=<");
	ev.from_known = ev.from.p != NULL;
	ev.from = span_first(ev.from, span_find(ev.from, '>'));
	if (rest.n > 0 && rest.p[0] == '<')
		ev.to = span_first(span_skip(rest, 1), span_find(span_skip(rest, 1), '>'));
	rest = find_after(rest, ": ");
	explain_said_read(rest, &ev.said);
	ev.said.verb = WHERE[i - 1].verb;
	log_tell(l, &ev);
}

static const struct {
	struct span mark;
	enum log_event_kind kind;
} MARKS[] = {
        {{"=> ", 3}, LOG_EVENT_DELIVERED}, {{"-> ", 3}, LOG_EVENT_DELIVERED},
        {{">> ", 3}, LOG_EVENT_DELIVERED}, {{"** ", 3}, LOG_EVENT_BOUNCED},
        {{"== ", 3}, LOG_EVENT_DEFERRED},
};

void log_read_exim(struct log *l, const struct log_line *line)
{
	struct span text = line->text, id = span_word(&text);
	struct log_message *m;

	if (id.n < 16 || id.p[6] != '-') {
		read_rejected(l, line, line->text);
		return;
	}
	if (span_starts(text, SPAN("H=")) || find_after(text, " rejected ").p) {
		read_rejected(l, line, text);
		return;
	}
	if (span_starts(text, SPAN("Completed"))) {
		m = log_table_find(&l->table, id);
		if (m)
			log_gone(l, m);
		return;
	}
	if (span_starts(text, SPAN("<= "))) {
		read_arrival(l, line, log_message(l, id), span_skip(text, 3));
		return;
	}
	for (size_t i = 0; i < sizeof(MARKS) / sizeof(MARKS[0]); i++)
		if (span_starts(text, MARKS[i].mark))
			read_delivery(l, line, log_message(l, id), MARKS[i].kind,
			              span_skip(text, 3));
}
