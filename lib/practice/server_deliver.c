/*
 * From the text that came to what lies in the mailbox, as Postfix's cleanup and local do it: trace
 * lines on top (RFC 5321 §4.4), Bcc and Return-Path of the sender taken out, an empty line put
 * between header and body where it was forgotten, bare LF made a line end, bare CR a blank.
 *
 * Missing Date, From and Message-ID are not added: Postfix does that for its own users only.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/mailbox.h"
#include "practice/server_state.h"

#define TRACE_MAX 8192

/* --- the header as it came --- */

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
	for (size_t i = 0; i < line.n; i++)
		buf_addch(out, line.p[i] == '\r' ? ' ' : line.p[i]);
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
		size_t name = field_name(line);

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

/* --- the trace lines --- */

static void add_date(time_t when, struct buf *out)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm t;

	/* Not strftime(): its names would be those of the user's language. */
	gmtime_r(&when, &t);
	buf_addf(out, "%s, %2d %s %d %02d:%02d:%02d +0000 (UTC)", days[t.tm_wday], t.tm_mday,
	         months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

/* RFC 3848, and RFC 6531 §4.3 for UTF8SMTP: S over TLS, A after a login. */
static void add_protocol(const struct practice_server *s, struct buf *out)
{
	buf_addstr(out, s->utf8 ? "UTF8SMTP" : s->esmtp ? "ESMTP" : "SMTP");
	if (s->tls && (s->utf8 || s->esmtp))
		buf_addch(out, 'S');
	if (s->user && (s->utf8 || s->esmtp))
		buf_addch(out, 'A');
}

static void add_received(const struct practice_server *s, const char *id, time_t when,
                         struct buf *out)
{
	const char *helo = s->helo && *s->helo ? s->helo : "unknown";

	buf_addf(out, "Received: from %s (%s [%s])\r\n", helo, s->names.name, s->client);
	buf_addf(out, "\tby %s (Postfix) with ", s->host->name);
	add_protocol(s, out);
	buf_addf(out, " id %s", id);
	if (s->accepted == 1)
		buf_addf(out, "\r\n\tfor <%s>; ", s->recipients[0].address);
	else
		buf_addstr(out, ";\r\n\t");
	add_date(when, out);
	buf_addstr(out, "\r\n");
}

/* --- delivery --- */

/* --- who gets it --- */

#define EXPAND_DEPTH_MAX 10
#define EXPAND_MAX       1000

struct expansion {
	struct practice_server *s;
	struct world_mailbox *boxes[EXPAND_MAX]; /* each once */
	size_t count;
};

static void expand(struct expansion *x, struct span address, int depth);

static void add_box(struct expansion *x, struct world_mailbox *box)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->boxes[i] == box)
			return;
	if (box && x->count < EXPAND_MAX)
		x->boxes[x->count++] = box;
}

/* "alice, bob@other.test": what a table says instead of an address. */
static void expand_list(struct expansion *x, const char *list, int depth)
{
	char *own = mem_dup(list); /* the next look-up may overwrite it */
	struct span rest = span_of(own), word;

	while (maincf_word(&rest, &word)) {
		if (word.n > 1 && word.p[0] == '\\')
			expand(x, span_skip(word, 1), EXPAND_DEPTH_MAX); /* "\alice": not again */
		else
			expand(x, word, depth + 1);
	}
	free(own);
}

static void expand_local(struct expansion *x, struct span local, int depth)
{
	const struct site *site = x->s->site;
	struct world_mailbox *box = world_host_mailbox(x->s->host, local);
	const char *list = NULL;

	if (depth < EXPAND_DEPTH_MAX)
		maps_find(site->maps, span_of(maincf_text(site->cf, MAINCF_ALIAS_MAPS)), local,
		          MAPS_WHOLE, &list);
	if (list)
		expand_list(x, list, depth);
	else
		add_box(x, box ? box
		               : world_host_mailbox(x->s->host,
		                                    span_first(local, span_find(local, '+'))));
}

/* Follows virtual_alias_maps and alias_maps to mailboxes, here or on another host. */
static void expand(struct expansion *x, struct span address, int depth)
{
	const struct site *site = x->s->site;
	const char *list = NULL;
	struct resolved to;

	site_resolve(site, address, &to);
	if (depth < EXPAND_DEPTH_MAX)
		site_find_address(site, maincf_text(site->cf, MAINCF_VIRTUAL_ALIAS_MAPS),
		                  span_of(to.address), &list);
	if (list)
		expand_list(x, list, depth);
	else if (to.class == ADDRESS_LOCAL)
		expand_local(x, span_from(to.address, to.domain - 1), depth);
	else if (to.class == ADDRESS_VIRTUAL_MAILBOX)
		add_box(x, world_host_mailbox(x->s->host, span_from(to.address, to.domain - 1)));
	else
		add_box(x, world_mailbox(x->s->world, span_of(to.address), NULL));
	resolved_release(&to);
}

/* --- delivery --- */

static size_t last_at(struct span address)
{
	size_t at = address.n;

	while (at > 0 && address.p[at - 1] != '@')
		at--;
	return at > 0 ? at - 1 : address.n;
}

struct letter {
	struct practice_server *s;
	const char *id;
	struct span body;
	time_t when;
};

/* The address as it was given, unless an alias led elsewhere. */
static const char *delivered_to(const struct practice_server *s, const char *address,
                                const struct world_mailbox *box)
{
	struct span local = span_first(span_of(address), last_at(span_of(address)));

	return world_host_mailbox(s->host, local) == box ? address : box->address;
}

static enum practice_reply deliver_to(const struct letter *l, const char *address,
                                      struct world_mailbox *box)
{
	struct practice_server *s = l->s;
	struct world_message m = {.when = l->when};
	struct buf text;

	buf_init(&text, l->body.n + TRACE_MAX + s->prepended.len);
	buf_addf(&text, "Return-Path: <%s>\r\n", s->sender);
	buf_addf(&text, "X-Original-To: %s\r\n", address);
	buf_addf(&text, "Delivered-To: %s\r\n", delivered_to(s, address, box));
	add_received(s, l->id, l->when, &text);
	buf_addspan(&text, buf_span(&s->prepended));
	buf_addspan(&text, l->body);
	m.len = text.len;
	m.text = buf_take(&text);
	buf_release(&text);
	m.sender = mem_dup(s->sender);
	m.recipient = mem_dup(address);
	m.queue_id = mem_dup(l->id);
	return world_deliver(s->world, box, &m) == 0 ? PRACTICE_QUEUED : PRACTICE_NO_STORAGE;
}

static enum practice_reply deliver_one(const struct letter *l, const char *address)
{
	struct expansion *x = mem_zero(sizeof *x);
	enum practice_reply reply = PRACTICE_QUEUED;

	x->s = l->s;
	expand(x, span_of(address), 0);
	for (size_t i = 0; reply == PRACTICE_QUEUED && i < x->count; i++)
		reply = deliver_to(l, address, x->boxes[i]);
	free(x);
	return reply;
}

enum practice_reply server_deliver(struct practice_server *s, const char *id)
{
	enum practice_reply reply = PRACTICE_QUEUED;
	struct letter l = {.s = s, .id = id, .when = time(NULL)};
	long hops_max = maincf_number(server_cf(s), MAINCF_HOPCOUNT_LIMIT);
	struct buf body;

	if (s->text.full)
		return PRACTICE_MESSAGE_TOO_BIG;
	/* Every bare LF may become two bytes; an empty line and, after a chunk, the last line's end
	 * may be added. */
	buf_init(&body, 2 * s->text.len + 4);
	if (copy_text(buf_span(&s->text), &body) >= hops_max)
		reply = PRACTICE_TOO_MANY_HOPS;
	l.body = buf_span(&body);
	for (size_t i = 0; reply == PRACTICE_QUEUED && !s->memory.discard && i < s->recipient_count;
	     i++)
		reply = deliver_one(&l, s->recipients[i].address);
	buf_release(&body);
	return reply;
}
