/*
 * The receiver is a machine of five states over single bytes, because an attacker chooses where the
 * segments are cut and where a CR or LF stands alone (SMTP smuggling lives in that gap). Runs of
 * ordinary bytes are copied at once. What has been held back is only what may still turn out to be
 * the end: a dot, a CR.
 */
#include "smtp/dot.h"

#include <stdint.h>
#include <string.h>

enum { AT_START, IN_LINE, AFTER_CR, AFTER_DOT, AFTER_DOT_CR };

static void put(struct smtp_dot_reader *d, struct buf *out, const char *p, size_t n)
{
	/* After the first piece that did not fit nothing may be added: there would be a hole. */
	if (!out->full)
		buf_add(out, p, n);
	d->line += n;
	if (d->line > d->longest)
		d->longest = d->line;
}

static void end_line(struct smtp_dot_reader *d, struct buf *out)
{
	if (!out->full)
		buf_add(out, "\r\n", 2);
	d->line = 0;
	d->state = AT_START;
}

static void bare_cr(struct smtp_dot_reader *d, struct buf *out)
{
	d->bare_cr++;
	put(d, out, "\r", 1);
}

/* A byte that ends no line. */
static void put_byte(struct smtp_dot_reader *d, struct buf *out, char c)
{
	d->state = c == '\r' ? AFTER_CR : IN_LINE;
	if (c == '\r')
		return;
	if (c == '\n')
		d->bare_lf++;
	put(d, out, &c, 1);
}

/* Takes one byte; true when it ends the message. */
static bool step(struct smtp_dot_reader *d, struct buf *out, char c)
{
	switch (d->state) {
	case AT_START:
		if (c == '.')
			d->state = AFTER_DOT;
		else
			put_byte(d, out, c);
		return false;
	case AFTER_DOT:
		if (c == '\r')
			d->state = AFTER_DOT_CR;
		else
			put_byte(d, out, c);
		return false;
	case AFTER_DOT_CR:
		if (c == '\n')
			return true;
		bare_cr(d, out);
		put_byte(d, out, c);
		return false;
	case AFTER_CR:
		if (c == '\n') {
			end_line(d, out);
			return false;
		}
		bare_cr(d, out);
		put_byte(d, out, c);
		return false;
	default: put_byte(d, out, c); return false;
	}
}

/* Whether one of the eight bytes is this one. */
static bool has_byte(uint64_t eight, unsigned char c)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	eight ^= ones * c;
	return ((eight - ones) & ~eight & (ones << 7)) != 0;
}

/* How many bytes stand before the next CR or LF: nearly all of a message, so eight at a time. */
static size_t plain_run(struct span s)
{
	uint64_t eight;
	size_t n = 0;

	for (; n + sizeof(eight) <= s.n; n += sizeof(eight)) {
		memcpy(&eight, s.p + n, sizeof(eight));
		if (has_byte(eight, '\r') || has_byte(eight, '\n'))
			break;
	}
	while (n < s.n && s.p[n] != '\r' && s.p[n] != '\n')
		n++;
	return n;
}

bool smtp_dot_read(struct smtp_dot_reader *d, struct span *in, struct buf *out)
{
	while (in->n > 0) {
		size_t run = d->state == IN_LINE ? plain_run(*in) : 0;

		if (run > 0) {
			put(d, out, in->p, run);
			*in = span_skip(*in, run);
			continue;
		}
		char c = in->p[0];

		*in = span_skip(*in, 1);
		if (step(d, out, c)) {
			d->state = AT_START;
			d->line = 0;
			return true;
		}
	}
	return false;
}

/* Up to the next line end: the line so far, or the rest of it. */
static void write_run(struct smtp_dot_writer *w, struct span run, struct buf *out)
{
	if (run.n == 0)
		return;
	if (!w->inside && run.p[0] == '.')
		buf_addch(out, '.');
	buf_addspan(out, run);
	w->inside = true;
}

int smtp_dot_write_piece(struct smtp_dot_writer *w, struct span piece, struct buf *out)
{
	bool lf = w->after_cr && piece.n > 0 && piece.p[0] == '\n';

	w->after_cr = w->after_cr && piece.n == 0;
	if (lf)
		piece = span_skip(piece, 1);
	while (piece.n > 0) {
		size_t n = plain_run(piece);

		write_run(w, span_first(piece, n), out);
		piece = span_skip(piece, n);
		if (piece.n == 0)
			break;
		buf_add(out, "\r\n", 2);
		w->inside = false;
		w->after_cr = piece.n == 1 && piece.p[0] == '\r';
		if (piece.n >= 2 && piece.p[0] == '\r' && piece.p[1] == '\n')
			piece = span_skip(piece, 1);
		piece = span_skip(piece, 1);
	}
	return out->full ? -1 : 0;
}

int smtp_dot_write_end(struct smtp_dot_writer *w, struct buf *out)
{
	if (w->inside)
		buf_add(out, "\r\n", 2);
	*w = (struct smtp_dot_writer){0};
	buf_add(out, ".\r\n", 3);
	return out->full ? -1 : 0;
}

int smtp_dot_write(struct span text, struct buf *out)
{
	struct smtp_dot_writer w = {0};

	smtp_dot_write_piece(&w, text, out);
	return smtp_dot_write_end(&w, out);
}
