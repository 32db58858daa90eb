/*
 * From the text that came to what lies in the queue, as Postfix's cleanup does it: Bcc and
 * Return-Path of the sender taken out, an empty line put between header and body where it was
 * forgotten, bare LF made a line end, bare CR a blank; virtual aliases followed.
 *
 * Missing Date, From and Message-ID are not added: Postfix does that for its own users only.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/queue_state.h"

#define EXPAND_DEPTH_MAX 10

/* --- a message that is being made --- */

char *queue_new_id(struct world_host *host)
{
	host->next_id += 0x2f1;
	return world_text("%011lX", host->next_id);
}

const struct site *queue_site(const struct queue_message *m)
{
	return &m->host->sites[0];
}

struct queue_message *cleanup_begin(struct world *w, struct world_host *host, const char *sender)
{
	struct queue_message *m = mem_zero(sizeof *m);

	m->host = host;
	m->id = queue_new_id(host);
	m->sender = mem_dup(sender);
	m->began = m->arrived = world_ms(w);
	return m;
}

static void add_recipient(struct queue_message *m, const struct queue_recipient *like,
                          const char *address)
{
	for (size_t i = 0; i < m->count; i++)
		if (span_eq_nocase(span_of(m->recipients[i].address), span_of(address)) &&
		    span_eq_nocase(span_of(m->recipients[i].original), span_of(like->original)))
			return;
	if (m->count >= QUEUE_RECIPIENTS_MAX)
		return;
	m->recipients = mem_grow(m->recipients, m->count, &m->room, sizeof *m->recipients);
	m->recipients[m->count++] = (struct queue_recipient){.address = mem_dup(address),
	                                                     .original = mem_dup(like->original),
	                                                     .orcpt = mem_dup(like->orcpt),
	                                                     .notify = like->notify};
}

void cleanup_recipient(struct queue_message *m, const char *address, const char *orcpt,
                       unsigned notify)
{
	struct queue_recipient r = {.original = mem_dup(address), .notify = notify};

	r.orcpt = mem_dup(orcpt);
	add_recipient(m, &r, address);
	free(r.original);
	free(r.orcpt);
}

static void recipient_release(struct queue_recipient *r)
{
	free(r->address);
	free(r->original);
	free(r->orcpt);
	free(r->reason);
}

void queue_message_free(struct queue_message *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->count; i++)
		recipient_release(&m->recipients[i]);
	free(m->recipients);
	free(m->id);
	free(m->sender);
	free(m->text);
	free(m->envid);
	free(m);
}

/* --- the text --- */

/* How long the name of a header field at the start of the line is; 0: it is none. */
static size_t field_name(struct span line)
{
	size_t n = 0, end;

	while (n < line.n && line.p[n] > ' ' && line.p[n] < 0x7f && line.p[n] != ':')
		n++;
	end = n;
	while (end < line.n && ascii_is_blank(line.p[end]))
		end++;
	return n > 0 && end < line.n && line.p[end] == ':' ? n : 0;
}

/* message_drop_headers */
static bool is_dropped(struct span name)
{
	static const char *const dropped[] = {"Bcc", "Content-Length", "Resent-Bcc", "Return-Path"};

	for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
		if (span_eq_nocase(name, span_of(dropped[i])))
			return true;
	return false;
}

static void add_line(struct buf *out, struct span line)
{
	for (;;) {
		size_t cr = span_find(line, '\r');

		buf_addspan(out, span_first(line, cr));
		if (cr == line.n)
			break;
		buf_addch(out, ' ');
		line = span_skip(line, cr + 1);
	}
	buf_addstr(out, "\r\n");
}

static struct span next_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	if (rest->p && line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (rest->n == 0)
		rest->p = NULL;
	return line;
}

/* Copies the text; gives the number of Received fields, which tells a mail that goes in circles. */
static unsigned copy_text(struct span text, struct buf *out)
{
	bool header = true, dropping = false;
	unsigned hops = 0;

	while (text.p && text.n > 0) {
		struct span line = next_line(&text);
		bool continues = line.n > 0 && ascii_is_blank(line.p[0]);
		size_t name = header ? field_name(line) : 0;

		if (header && !continues) {
			if (name == 0 && line.n > 0)
				buf_addstr(out, "\r\n");
			header = name > 0;
			dropping = header && is_dropped(span_first(line, name));
			if (header && span_eq_nocase(span_first(line, name), SPAN("Received")))
				hops++;
		}
		if (!header || !dropping)
			add_line(out, line);
	}
	return hops;
}

size_t cleanup_header_length(struct span text)
{
	const char *end;

	if (span_starts(text, SPAN("\r\n")))
		return 0;
	end = memmem(text.p, text.n, "\r\n\r\n", 4);
	return end ? (size_t)(end - text.p) + 2 : text.n;
}

struct span cleanup_header_find(struct span text, const char *name)
{
	struct span rest = span_first(text, cleanup_header_length(text));

	while (rest.p && rest.n > 0) {
		struct span line = next_line(&rest);
		size_t n = field_name(line);

		if (n > 0 && span_eq_nocase(span_first(line, n), span_of(name)))
			return span_trim(span_skip(line, span_find(line, ':') + 1));
	}
	return (struct span){NULL, 0};
}

/* Every line end is one byte in a queue file. */
static size_t size_of(struct span text)
{
	size_t size = text.n;

	for (const char *p = text.p; p && (p = memchr(p, '\r', text.n - (size_t)(p - text.p))); p++)
		size--;
	return size;
}

/* --- virtual aliases --- */

static void expand(struct queue_message *m, const struct queue_recipient *r, struct span address,
                   int depth)
{
	const struct site *site = queue_site(m);
	const char *list = NULL;
	struct resolved to;

	site_resolve(site, address, &to);
	if (depth < EXPAND_DEPTH_MAX)
		site_find_address(site, maincf_text(site->cf, MAINCF_VIRTUAL_ALIAS_MAPS),
		                  span_of(to.address), &list);
	if (list) {
		char *own = mem_dup(list); /* the next look-up may overwrite it */
		struct span rest = span_of(own), word;

		while (maincf_word(&rest, &word)) {
			bool same = span_eq_nocase(word, span_of(to.address));

			expand(m, r, word, same ? EXPAND_DEPTH_MAX : depth + 1);
		}
		free(own);
	} else {
		add_recipient(m, r, to.address);
	}
	resolved_release(&to);
}

static void expand_all(struct queue_message *m)
{
	struct queue_recipient *given = m->recipients;
	size_t count = m->count;

	m->recipients = NULL;
	m->count = m->room = 0;
	for (size_t i = 0; i < count; i++) {
		expand(m, &given[i], span_of(given[i].address), 0);
		recipient_release(&given[i]);
	}
	free(given);
}

/* --- the end --- */

static bool is_too_much(const struct world *w, size_t len)
{
	return w->queue.count >= QUEUE_MESSAGES_MAX || len > QUEUE_TEXT_MAX - w->queue.bytes ||
	       len > WORLD_MAIL_MAX - w->mail_bytes;
}

static void log_message_id(struct world *w, const struct queue_message *m)
{
	struct span id = cleanup_header_find(span_from(m->text, m->len), "Message-ID");

	maillog_add(w, m->host, DAEMON_CLEANUP, 0, "%s: message-id=" SPAN_FMT, m->id,
	            (int)(id.n ? id.n : 2), id.n ? id.p : "<>");
}

enum cleanup_result cleanup_end(struct world *w, struct queue_message *m, struct span top,
                                struct span text)
{
	long hops_max = maincf_number(queue_site(m)->cf, MAINCF_HOPCOUNT_LIMIT);
	enum cleanup_result result = CLEANUP_OK;
	struct buf whole;

	/* Every bare LF may become two bytes; an empty line and, after a chunk, the last line's end
	 * may be added. */
	buf_init(&whole, top.n + 2 * text.n + 4);
	buf_addspan(&whole, top);
	if (copy_text(text, &whole) >= hops_max)
		result = CLEANUP_HOPS;
	else if (is_too_much(w, whole.len))
		result = CLEANUP_FULL;
	m->len = whole.len;
	m->text = buf_take(&whole);
	buf_release(&whole);
	m->size = size_of(span_from(m->text, m->len));
	m->arrived = world_ms(w);
	if (result == CLEANUP_OK) {
		expand_all(m);
		log_message_id(w, m);
		queue_add(w, m);
		return result;
	}
	if (result == CLEANUP_HOPS)
		maillog_add(w, m->host, DAEMON_CLEANUP, 0,
		            "warning: %s: message rejected: hopcount exceeded", m->id);
	queue_message_free(m);
	return result;
}
