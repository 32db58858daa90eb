/*
 * A reader by hand: libevent's works only on connections that it opens itself, and ours have to
 * lead into the practice internet too. It reads what a static file needs, and refuses what could be
 * read in two ways (RFC 9112 §6.3: a length beside chunks, two lengths).
 */
#include "net/http_reply.h"

#include <stdlib.h>

#include "base/ascii.h"
#include "base/mem.h"

enum { STATUS, FIELD, SIZED, TO_END, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, DONE, FAULT };

void http_reply_init(struct http_reply *r, size_t body_max)
{
	*r = (struct http_reply){.state = STATUS};
	buf_init(&r->body, body_max);
	buf_init(&r->line, HTTP_HEAD_MAX);
}

void http_reply_release(struct http_reply *r)
{
	free(r->type);
	free(r->location);
	buf_release(&r->body);
	buf_release(&r->line);
}

static void fault(struct http_reply *r, const char *what)
{
	r->fault = what;
	r->state = FAULT;
}

static void too_long(struct http_reply *r)
{
	r->too_long = true;
	fault(r, "it is too long");
}

/* --- lines --- */

/* "HTTP/1.1 200 OK" */
static void take_status(struct http_reply *r, struct span line)
{
	unsigned long code = 0;
	bool good = line.n >= 12 && span_starts(line, SPAN("HTTP/1.")) &&
	            ascii_is_digit(line.p[7]) && line.p[8] == ' ' &&
	            (line.n == 12 || line.p[12] == ' ') &&
	            span_number(span_first(span_skip(line, 9), 3), 599, &code) == 0 && code >= 100;

	if (!good) {
		fault(r, "it is no HTTP/1.1");
		return;
	}
	r->status = (int)code;
	r->state = FIELD;
}

static void take_length(struct http_reply *r, struct span value)
{
	unsigned long n;

	if (r->sized || span_number(value, 1ul << 40, &n) != 0) {
		fault(r, "its length (Content-Length) makes no sense");
		return;
	}
	r->sized = true;
	r->due = n;
}

static void keep(char **to, struct span value)
{
	if (!*to)
		*to = mem_dupn(value.p, value.n);
}

static void take_field(struct http_reply *r, struct span line)
{
	size_t colon = span_find(line, ':');
	struct span name = span_first(line, colon), value = span_trim(span_skip(line, colon + 1));

	if (colon == line.n)
		fault(r, "a line of its header has no colon");
	else if (span_eq_nocase(name, SPAN("Content-Type")))
		keep(&r->type, value);
	else if (span_eq_nocase(name, SPAN("Location")))
		keep(&r->location, value);
	else if (span_eq_nocase(name, SPAN("Content-Length")))
		take_length(r, value);
	else if (span_eq_nocase(name, SPAN("Transfer-Encoding")) &&
	         span_eq_nocase(value, SPAN("chunked")))
		r->chunked = true;
	else if (span_eq_nocase(name, SPAN("Transfer-Encoding")))
		fault(r, "its transfer coding is not known");
}

/* The empty line behind the header. */
static void begin_body(struct http_reply *r)
{
	if (r->status < 200) { /* only informs; the reply follows (RFC 9110 §15.2) */
		r->state = STATUS;
		return;
	}
	if (r->chunked && r->sized)
		fault(r, "it gives a length and comes in chunks too");
	else if (r->sized && r->due > r->body.cap)
		too_long(r);
	else if (r->status == 204 || r->status == 304 || (r->sized && r->due == 0))
		r->state = DONE;
	else
		r->state = r->chunked ? CHUNK_SIZE : r->sized ? SIZED : TO_END;
}

/* "1a;extension" */
static void take_chunk_size(struct http_reply *r, struct span line)
{
	struct span text = span_trim(span_first(line, span_find(line, ';')));

	r->due = 0;
	for (size_t i = 0; i < text.n && i < 8 && ascii_hex(text.p[i]) >= 0; i++)
		r->due = r->due * 16 + (unsigned)ascii_hex(text.p[i]);
	for (size_t i = 0; i < text.n; i++) {
		if (i >= 8 || ascii_hex(text.p[i]) < 0)
			text.n = 0;
	}
	if (text.n == 0)
		fault(r, "the size of a chunk makes no sense");
	else
		r->state = r->due ? CHUNK : TRAILER;
}

static void take_line(struct http_reply *r, struct span line)
{
	switch (r->state) {
	case STATUS: take_status(r, line); break;
	case FIELD:
		if (line.n == 0)
			begin_body(r);
		else
			take_field(r, line);
		break;
	case CHUNK_SIZE: take_chunk_size(r, line); break;
	case CHUNK_END:
		r->state = CHUNK_SIZE;
		if (line.n != 0)
			fault(r, "a chunk is longer than it says");
		break;
	default: /* TRAILER */
		if (line.n == 0)
			r->state = DONE;
	}
}

/* How much of the bytes was used: up to a line feed, or all. */
static size_t feed_line(struct http_reply *r, struct span bytes)
{
	size_t end = span_find(bytes, '\n'), used = end < bytes.n ? end + 1 : end;
	struct span line;

	r->head += used;
	/* chunks may be of one byte, so their lines may be more than what they bring */
	if (r->head > HTTP_HEAD_MAX + 8 * r->body.len ||
	    buf_addspan(&r->line, span_first(bytes, end)) != 0) {
		fault(r, "its header is too long");
		return used;
	}
	if (end == bytes.n)
		return used;
	line = buf_span(&r->line);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	take_line(r, line);
	buf_clear(&r->line);
	return used;
}

/* --- the body --- */

static size_t feed_body(struct http_reply *r, struct span bytes)
{
	if (r->state != TO_END && bytes.n > r->due)
		bytes.n = (size_t)r->due;
	if (buf_addspan(&r->body, bytes) != 0) {
		too_long(r);
		return bytes.n;
	}
	if (r->state == TO_END)
		return bytes.n;
	r->due -= bytes.n;
	if (r->due == 0)
		r->state = r->state == CHUNK ? CHUNK_END : DONE;
	return bytes.n;
}

static enum http_progress progress(const struct http_reply *r)
{
	return r->state == FAULT ? HTTP_FAULT : r->state == DONE ? HTTP_DONE : HTTP_MORE;
}

enum http_progress http_reply_feed(struct http_reply *r, struct span bytes)
{
	while (bytes.n > 0 && progress(r) == HTTP_MORE) {
		bool body = r->state == SIZED || r->state == TO_END || r->state == CHUNK;

		bytes = span_skip(bytes, body ? feed_body(r, bytes) : feed_line(r, bytes));
	}
	return progress(r);
}

enum http_progress http_reply_end(struct http_reply *r)
{
	if (r->state == TO_END)
		r->state = DONE;
	else if (progress(r) == HTTP_MORE)
		fault(r, r->status == 0 ? "the connection was closed without a reply"
		                        : "the connection was closed before all of it had come");
	return progress(r);
}
