/*
 * Spans into the message, and one buffer for the part at hand: nothing is kept of a part once it
 * was told.
 */
#include "explain/mime.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/ascii.h"

enum { FIELD_MAX = 8 << 10, CHARSET_MAX = 64 };

static struct span cut_line(struct span *rest)
{
	struct span line = span_cut(rest, '\n');

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

void mime_split(struct span message, struct span *header, struct span *body)
{
	struct span rest = message;

	*header = message;
	*body = span_of(NULL);
	while (rest.p) {
		const char *at = rest.p;

		if (cut_line(&rest).n > 0)
			continue;
		*header = span_first(message, (size_t)(at - message.p));
		*body = rest.p ? rest : span_of(NULL);
		return;
	}
}

bool mime_field(struct span header, const char *name, struct buf *out)
{
	struct span want = span_of(name);
	bool found = false;

	while (header.p) {
		struct span line = cut_line(&header);

		if (found && line.n > 0 && ascii_is_blank(line.p[0])) {
			buf_addch(out, ' ');
			buf_addspan(out, span_trim(line));
			continue;
		}
		if (found)
			return true;
		if (line.n <= want.n || line.p[want.n] != ':' || !span_starts_nocase(line, want))
			continue;
		found = true;
		buf_addspan(out, span_trim(span_skip(line, want.n + 1)));
	}
	return found;
}

/* A quoted string up to its end, else a token. */
static void add_value(struct span v, struct buf *out)
{
	bool quoted = v.n > 0 && v.p[0] == '"';

	for (size_t i = quoted; i < v.n; i++) {
		if (quoted ? v.p[i] == '"' : v.p[i] == ';' || ascii_is_blank(v.p[i]))
			return;
		if (quoted && v.p[i] == '\\' && i + 1 < v.n)
			i++;
		buf_addch(out, v.p[i]);
	}
}

bool mime_parameter(struct span value, const char *name, struct buf *out)
{
	struct span want = span_of(name);
	bool quoted = false;

	for (size_t i = 0; i < value.n; i++) {
		struct span at;

		quoted ^= value.p[i] == '"';
		if (quoted || value.p[i] != ';')
			continue;
		at = span_trim_left(span_skip(value, i + 1));
		if (at.n <= want.n || !span_starts_nocase(at, want))
			continue;
		at = span_trim_left(span_skip(at, want.n));
		if (at.n == 0 || at.p[0] != '=')
			continue;
		add_value(span_trim_left(span_skip(at, 1)), out);
		return true;
	}
	return false;
}

static int digit64(char c)
{
	if (ascii_is_upper(c))
		return c - 'A';
	if (ascii_is_lower(c))
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 2045 §6.8: other bytes than the alphabet's are passed over. */
static void add_base64(struct span in, struct buf *out)
{
	unsigned bits = 0, count = 0;

	for (size_t i = 0; i < in.n && in.p[i] != '='; i++) {
		int d = digit64(in.p[i]);

		if (d < 0)
			continue;
		bits = bits << 6 | (unsigned)d;
		count += 6;
		if (count < 8)
			continue;
		count -= 8;
		if (buf_addch(out, (char)(bits >> count & 0xff)) < 0)
			return;
	}
}

/* RFC 2045 §6.7; what is no escape stays as it is. */
static void add_quoted_printable(struct span in, struct buf *out)
{
	for (size_t i = 0; i < in.n; i++) {
		int high, low;

		if (in.p[i] != '=') {
			if (buf_addch(out, in.p[i]) < 0)
				return;
			continue;
		}
		if (i + 1 < in.n && in.p[i + 1] == '\n') {
			i++;
			continue;
		}
		if (i + 2 < in.n && in.p[i + 1] == '\r' && in.p[i + 2] == '\n') {
			i += 2;
			continue;
		}
		high = i + 2 < in.n ? ascii_hex(in.p[i + 1]) : -1;
		low = high >= 0 ? ascii_hex(in.p[i + 2]) : -1;
		if (low < 0) {
			buf_addch(out, '=');
			continue;
		}
		buf_addch(out, (char)(high << 4 | low));
		i += 2;
	}
}

static bool convert(iconv_t cd, struct span text, struct buf *out)
{
	char *in = (char *)text.p, block[4096];
	size_t left = text.n;

	while (left > 0) {
		char *to = block;
		size_t room = sizeof(block);
		size_t done = iconv(cd, &in, &left, &to, &room);
		int error = errno;

		if (buf_add(out, block, sizeof(block) - room) < 0)
			return false;
		if (done != (size_t)-1 || error == E2BIG)
			continue;
		buf_addch(out, '?');
		in++;
		left--;
	}
	return true;
}

void mime_to_utf8(struct span text, struct span charset, struct buf *out)
{
	char name[CHARSET_MAX];
	iconv_t cd;

	if (charset.n == 0 || charset.n >= sizeof(name) || memchr(charset.p, '/', charset.n)) {
		buf_addspan(out, text);
		return;
	}
	memcpy(name, charset.p, charset.n);
	name[charset.n] = '\0';
	cd = iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1) {
		buf_addspan(out, text);
		return;
	}
	convert(cd, text, out);
	iconv_close(cd);
}

static void decode(struct span header, struct span body, struct buf *out)
{
	struct buf encoding;

	buf_init(&encoding, FIELD_MAX);
	mime_field(header, "Content-Transfer-Encoding", &encoding);
	if (span_starts_nocase(buf_span(&encoding), SPAN("base64")))
		add_base64(body, out);
	else if (span_starts_nocase(buf_span(&encoding), SPAN("quoted-printable")))
		add_quoted_printable(body, out);
	else
		buf_addspan(out, span_first(body, MIME_BYTES_MAX));
	buf_release(&encoding);
}

/* A part without parts of its own. */
static void tell(struct mime_walk *w, struct span header, struct span body, struct span value)
{
	struct span type = span_trim(span_first(value, span_find(value, ';')));
	struct buf bytes, text, charset;

	if (w->parts >= MIME_PARTS_MAX || w->bytes >= MIME_BYTES_MAX) {
		w->limited = true;
		return;
	}
	w->parts++;
	buf_init(&bytes, MIME_BYTES_MAX - w->bytes);
	buf_init(&text, MIME_BYTES_MAX);
	buf_init(&charset, CHARSET_MAX);
	decode(header, body, &bytes);
	w->limited |= bytes.full;
	w->bytes += bytes.len;
	if (mime_parameter(value, "charset", &charset))
		mime_to_utf8(buf_span(&bytes), buf_span(&charset), &text);
	else
		buf_addspan(&text, buf_span(&bytes));
	w->part(w->arg, &(struct mime_part){.type = type.n > 0 ? type : SPAN("text/plain"),
	                                    .header = header,
	                                    .body = buf_span(&text)});
	buf_release(&charset);
	buf_release(&text);
	buf_release(&bytes);
}

static void walk(struct mime_walk *w, struct span message, int depth);

/* RFC 2046 §5.1.1: what stands before the first "--boundary" and after the last is no part. */
static void walk_parts(struct mime_walk *w, struct span body, struct span boundary, int depth)
{
	const char *start = NULL;
	struct span rest = body;

	while (rest.p && rest.n > 0 && w->parts < MIME_PARTS_MAX) {
		const char *at = rest.p;
		struct span line = span_trim_right(cut_line(&rest)), tail;

		if (line.n < boundary.n + 2 || !span_starts(line, SPAN("--")) ||
		    !span_starts(span_skip(line, 2), boundary))
			continue;
		tail = span_skip(line, boundary.n + 2);
		if (tail.n > 0 && !span_eq(tail, SPAN("--")))
			continue;
		if (start)
			walk(w, span_from(start, (size_t)(at - start)), depth + 1);
		if (tail.n > 0)
			return;
		start = rest.p ? rest.p : body.p + body.n;
	}
	w->truncated = true;
	if (start)
		walk(w, span_from(start, (size_t)(body.p + body.n - start)), depth + 1);
}

static void walk(struct mime_walk *w, struct span message, int depth)
{
	struct span header, body;
	struct buf type, boundary;

	if (depth > MIME_DEPTH_MAX || w->parts >= MIME_PARTS_MAX) {
		w->limited = true;
		return;
	}
	mime_split(message, &header, &body);
	buf_init(&type, FIELD_MAX);
	buf_init(&boundary, 256);
	mime_field(header, "Content-Type", &type);
	if (span_starts_nocase(buf_span(&type), SPAN("multipart/")) &&
	    mime_parameter(buf_span(&type), "boundary", &boundary) && boundary.len > 0)
		walk_parts(w, body, buf_span(&boundary), depth);
	else
		tell(w, header, body, buf_span(&type));
	buf_release(&boundary);
	buf_release(&type);
}

void mime_walk(struct mime_walk *w, struct span message)
{
	walk(w, message, 0);
}
