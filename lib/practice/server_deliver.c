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

	buf_addf(out, "Received: from %s (unknown [%s])\r\n", helo, s->client);
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

static enum practice_reply deliver_one(struct practice_server *s, const struct server_recipient *to,
                                       const char *id, struct span body, time_t when)
{
	struct world_message m = {.when = when};
	struct buf text;

	buf_init(&text, body.n + TRACE_MAX);
	buf_addf(&text, "Return-Path: <%s>\r\n", s->sender);
	buf_addf(&text, "X-Original-To: %s\r\n", to->address);
	buf_addf(&text, "Delivered-To: %s\r\n", to->address);
	add_received(s, id, when, &text);
	buf_addspan(&text, body);
	m.len = text.len;
	m.text = buf_take(&text);
	buf_release(&text);
	m.sender = mem_dup(s->sender);
	m.recipient = mem_dup(to->address);
	m.queue_id = mem_dup(id);
	return world_deliver(s->world, to->mailbox, &m) == 0 ? PRACTICE_QUEUED
	                                                     : PRACTICE_NO_STORAGE;
}

enum practice_reply server_deliver(struct practice_server *s, const char *id)
{
	enum practice_reply reply = PRACTICE_QUEUED;
	time_t when = time(NULL);
	struct buf body;

	if (s->text.full)
		return PRACTICE_MESSAGE_TOO_BIG;
	/* Every bare LF may become two bytes; an empty line and, after a chunk, the last line's end
	 * may be added. */
	buf_init(&body, 2 * s->text.len + 4);
	if (copy_text(buf_span(&s->text), &body) >= SERVER_HOPS_MAX)
		reply = PRACTICE_TOO_MANY_HOPS;
	for (size_t i = 0; reply == PRACTICE_QUEUED && i < s->recipient_count; i++)
		reply = deliver_one(s, &s->recipients[i], id, buf_span(&body), when);
	buf_release(&body);
	return reply;
}
