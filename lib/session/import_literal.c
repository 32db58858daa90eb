/*
 * Programs that print what they send as a literal of their own language show every byte of it; the
 * escapes of Python and Ruby are read here, and the markup that a browser would have read.
 */
#include <stdint.h>

#include "base/ascii.h"
#include "session/import_state.h"

/* `digits` hexadecimal digits. How many bytes were taken, 0 when they are none. */
static size_t take_hex(struct span s, size_t digits, uint32_t *value)
{
	*value = 0;
	if (s.n < digits)
		return 0;
	for (size_t i = 0; i < digits; i++) {
		int v = ascii_hex(s.p[i]);

		if (v < 0)
			return 0;
		*value = *value * 16 + (uint32_t)v;
	}
	return digits;
}

static const struct {
	char name, byte;
} simple[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'0', '\0'},  {'a', '\a'},
              {'b', '\b'}, {'f', '\f'}, {'v', '\v'}, {'e', '\033'}};

/* What follows a backslash; how many bytes it took, at least 1. */
static size_t take_escape(struct span s, struct buf *out)
{
	uint32_t value;

	if (s.p[0] == 'x' && take_hex(span_skip(s, 1), 2, &value)) {
		buf_addch(out, (char)value);
		return 3;
	}
	for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
		if (s.p[0] == simple[i].name) {
			buf_addch(out, simple[i].byte);
			return 1;
		}
	}
	buf_addch(out, s.p[0]);
	return 1;
}

static void add_lines(struct import_scan *s, enum import_kind kind, struct span bytes)
{
	while (bytes.p && bytes.n > 0) {
		struct span line = span_cut(&bytes, '\n');

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		import_add(s, kind, line);
	}
}

/* 'text', b'text' or "text"; a quote in the mark counts as the first. */
void import_decode_literal(struct import_scan *s, enum import_kind kind, struct span text)
{
	const char *before = text.p;
	char quote = before > s->here->text.p && before[-1] == '"' ? '"' : '\0';
	struct buf out;

	text = span_trim_right(text);
	if (!quote && span_starts(text, SPAN("b")))
		text = span_skip(text, 1);
	if (!quote && text.n > 0 && (text.p[0] == '\'' || text.p[0] == '"')) {
		quote = text.p[0];
		text = span_skip(text, 1);
	}
	if (!quote) {
		import_note(s);
		return;
	}
	buf_init_secret(&out, text.n + 4);
	while (text.n > 0 && text.p[0] != quote) {
		bool escaped = text.p[0] == '\\' && text.n > 1;

		if (!escaped)
			buf_addch(&out, text.p[0]);
		text = span_skip(text, 1);
		if (escaped)
			text = span_skip(text, take_escape(text, &out));
	}
	add_lines(s, kind, buf_span(&out));
	buf_release(&out);
}

/* --- markup --- */

static const struct {
	struct span markup, text;
} entities[] = {
        {SPAN("&lt;"), SPAN("<")},   {SPAN("&gt;"), SPAN(">")},  {SPAN("&quot;"), SPAN("\"")},
        {SPAN("&#039;"), SPAN("'")}, {SPAN("&#39;"), SPAN("'")}, {SPAN("&amp;"), SPAN("&")},
        {SPAN("<br>"), SPAN("")},    {SPAN("<br/>"), SPAN("")},  {SPAN("<br />"), SPAN("")},
        {SPAN("&nbsp;"), SPAN(" ")},
};

void import_decode_html(struct import_scan *s, enum import_kind kind, struct span text)
{
	struct buf out;

	buf_init_secret(&out, text.n + 4);
	while (text.n > 0) {
		size_t i = 0;

		while (i < sizeof(entities) / sizeof(entities[0]) &&
		       !span_starts(text, entities[i].markup))
			i++;
		if (i < sizeof(entities) / sizeof(entities[0])) {
			buf_addspan(&out, entities[i].text);
			text = span_skip(text, entities[i].markup.n);
		} else {
			buf_addch(&out, text.p[0]);
			text = span_skip(text, 1);
		}
	}
	import_add(s, kind, buf_span(&out));
	buf_release(&out);
}
