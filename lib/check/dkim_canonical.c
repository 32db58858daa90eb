/*
 * The canonical forms of RFC 6376 §3.4. The text has CRLF line ends (mail.h).
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "check/dkim.h"
#include "check/tags.h"

/* Appends s with each run of blanks as one, none at the end. */
static void add_squeezed(struct span s, struct buf *out)
{
	bool blank = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (ascii_is_blank(c)) {
			blank = true;
			continue;
		}
		if (blank)
			buf_addch(out, ' ');
		blank = false;
		buf_addch(out, c);
	}
}

void dkim_canonical_field(struct span whole, bool relaxed, struct buf *out)
{
	size_t colon = span_find(whole, ':');
	struct span name = span_trim(span_first(whole, colon));
	struct buf value;

	if (!relaxed) {
		buf_addspan(out, whole);
		return;
	}
	for (size_t i = 0; i < name.n; i++)
		buf_addch(out, ascii_lower(name.p[i]));
	buf_addch(out, ':');
	buf_init(&value, whole.n + 1);
	for (size_t i = colon + 1; i < whole.n; i++) {
		if (whole.p[i] == '\r' && i + 1 < whole.n && whole.p[i + 1] == '\n')
			i++;
		else
			buf_addch(&value, whole.p[i]);
	}
	add_squeezed(span_trim(buf_span(&value)), out);
	buf_addstr(out, "\r\n");
	buf_release(&value);
}

static bool is_content(const struct dkim_body *b, char c)
{
	return c != '\r' && !(b->relaxed && ascii_is_blank(c));
}

static void add_content(struct dkim_body *b, struct span s, struct buf *out)
{
	for (; b->empty > 0; b->empty--)
		buf_addstr(out, "\r\n");
	if (b->blank)
		buf_addch(out, ' ');
	buf_addspan(out, s);
	b->blank = false;
	b->open = b->any = true;
}

static void end_line(struct dkim_body *b, struct buf *out)
{
	if (b->open)
		buf_addstr(out, "\r\n");
	else
		b->empty++;
	b->open = b->blank = false;
}

void dkim_body_add(struct dkim_body *b, struct span piece, struct buf *out)
{
	for (size_t i = 0, n; i < piece.n; i += n) {
		n = 1;
		if (b->cr) {
			b->cr = false;
			if (piece.p[i] == '\n') {
				end_line(b, out);
				continue;
			}
			add_content(b, SPAN("\r"), out);
		}
		if (piece.p[i] == '\r') {
			b->cr = true;
		} else if (!is_content(b, piece.p[i])) {
			b->blank = true;
		} else {
			while (i + n < piece.n && is_content(b, piece.p[i + n]))
				n++;
			add_content(b, span_from(piece.p + i, n), out);
		}
	}
}

void dkim_body_end(struct dkim_body *b, struct buf *out)
{
	if (b->cr)
		add_content(b, SPAN("\r"), out);
	if (b->open || (!b->relaxed && !b->any))
		buf_addstr(out, "\r\n");
}

void dkim_canonical_body(struct span body, bool relaxed, struct buf *out)
{
	struct dkim_body b = {.relaxed = relaxed};

	dkim_body_add(&b, body, out);
	dkim_body_end(&b, out);
}

/* The field itself without the value of b= and without its line end (§3.5, §3.7). */
static void add_self(const struct mail_field *f, bool relaxed, struct buf *out)
{
	struct span rest = f->value;
	struct buf self;

	buf_init(&self, f->whole.n + 2);
	buf_add(&self, f->whole.p, (size_t)(f->value.p - f->whole.p));
	while (rest.p) {
		struct span one = span_cut(&rest, ';');
		size_t equals = span_find(one, '=');

		if (span_eq(tags_trim(span_first(one, equals)), SPAN("b")))
			one = span_first(one, equals + 1);
		buf_addspan(&self, one);
		if (rest.p)
			buf_addch(&self, ';');
	}
	dkim_canonical_field(buf_span(&self), relaxed, out);
	if (out->len >= 2 && memcmp(out->data + out->len - 2, "\r\n", 2) == 0)
		buf_cut(out, out->len - 2);
	buf_release(&self);
}

/* A field of the header without a line end is the last of a message that was cut off. */
static void add_named(const struct mail_field *f, bool relaxed, struct buf *out)
{
	dkim_canonical_field(f->whole, relaxed, out);
	if (out->len < 2 || out->data[out->len - 1] != '\n')
		buf_addstr(out, "\r\n");
}

/* §5.4.2: the fields of one name are taken from the bottom up, each once; one that is not there is
 * nothing. */
void dkim_canonical_header(const struct mail *m, const struct mail_field *field,
                           const struct dkim_signature *s, struct buf *out)
{
	bool *used = mem_zero(m->count);
	struct span names = s->headers;

	used[field - m->fields] = true;
	while (names.p) {
		struct span name = tags_trim(span_cut(&names, ':'));

		for (size_t i = m->count; i-- > 0;) {
			if (used[i] || !span_eq_nocase(m->fields[i].name, name))
				continue;
			used[i] = true;
			add_named(&m->fields[i], s->relaxed_header, out);
			break;
		}
	}
	add_self(field, s->relaxed_header, out);
	free(used);
}
