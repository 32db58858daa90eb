/*
 * By hand, and not with a library: GMime is the one in the distribution that is kept and streams.
 * It brings GObject, which takes longer to load than this program takes to send a message, and it
 * writes header fields and parts in its own order and folding, while scripts that were written for
 * swaks expect swaks' bytes. What is needed of MIME here is two encodings and a tree of three
 * levels.
 */
#include "send/mime_encode.h"

#include <string.h>

#include "base/base64.h"

#define COLUMNS 76u

static const char hex[] = "0123456789ABCDEF";

static void base64_lines(struct span s, struct buf *out)
{
	char lines[32 * (COLUMNS + 2)];
	size_t used = 0;

	while (s.n > 0) {
		size_t n = s.n < MIME_BASE64_LINE ? s.n : MIME_BASE64_LINE;

		used += base64_write(lines + used, s.p, n);
		lines[used++] = '\r';
		lines[used++] = '\n';
		s = span_skip(s, n);
		if (used + COLUMNS + 2 > sizeof(lines) || s.n == 0) {
			buf_add(out, lines, used);
			used = 0;
		}
	}
}

static void base64_add(struct mime_encoder *e, struct span s, struct buf *out)
{
	size_t n = MIME_BASE64_LINE - e->held_len;

	if (s.n == 0)
		return;
	if (e->held_len > 0 || s.n < n) {
		n = s.n < n ? s.n : n;
		memcpy(e->held + e->held_len, s.p, n);
		e->held_len += n;
		s = span_skip(s, n);
		if (e->held_len < MIME_BASE64_LINE)
			return;
		base64_lines(span_from(e->held, e->held_len), out);
		e->held_len = 0;
	}
	n = s.n - s.n % MIME_BASE64_LINE;
	base64_lines(span_first(s, n), out);
	e->held_len = s.n - n;
	if (e->held_len > 0)
		memcpy(e->held, s.p + n, e->held_len);
}

/* One byte as it is or as =XX, after a soft line break when the line is full: 75 and the "=". */
static void quoted_put(struct mime_encoder *e, char c, bool escape, struct buf *out)
{
	size_t n = escape ? 3 : 1;

	if (e->column + n >= COLUMNS) {
		buf_addstr(out, "=\r\n");
		e->column = 0;
	}
	if (escape) {
		char code[3] = {'=', hex[(unsigned char)c >> 4], hex[(unsigned char)c & 15]};

		buf_add(out, code, sizeof(code));
	} else {
		buf_addch(out, c);
	}
	e->column += n;
}

/* What is held is a blank, which must not end a line as it is, or a CR, which may begin a line end.
 */
static void quoted_release(struct mime_encoder *e, bool at_end_of_line, struct buf *out)
{
	if (e->held_len > 0)
		quoted_put(e, e->held[0], at_end_of_line || e->held[0] == '\r', out);
	e->held_len = 0;
}

static void quoted_add(struct mime_encoder *e, struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\n' && e->held_len > 0 && e->held[0] == '\r') {
			e->held_len = 0;
			e->column = 0;
			buf_addstr(out, "\r\n");
			continue;
		}
		quoted_release(e, c == '\r', out);
		if (c == ' ' || c == '\t' || c == '\r') {
			e->held[0] = c;
			e->held_len = 1;
		} else {
			quoted_put(e, c, c < ' ' || c >= 127 || c == '=', out);
		}
	}
}

void mime_encode_add(struct mime_encoder *e, struct span piece, struct buf *out)
{
	if (e->coding == MIME_AS_IS)
		buf_addspan(out, piece);
	else if (e->coding == MIME_BASE64)
		base64_add(e, piece, out);
	else
		quoted_add(e, piece, out);
}

void mime_encode_end(struct mime_encoder *e, struct buf *out)
{
	if (e->coding == MIME_BASE64)
		base64_lines(span_from(e->held, e->held_len), out);
	else if (e->coding == MIME_QUOTED_PRINTABLE)
		quoted_release(e, true, out);
	e->held_len = 0;
}

unsigned long long mime_base64_size(unsigned long long n)
{
	unsigned long long lines = (n + MIME_BASE64_LINE - 1) / MIME_BASE64_LINE;

	return (n + 2) / 3 * 4 + 2 * lines;
}
