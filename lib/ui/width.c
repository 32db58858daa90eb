/*
 * wcwidth() needs a UTF-8 locale to know anything; under another one the text shown is ASCII (see
 * locale.h), so counting a column for each character is right there too.
 */
#include "ui/width.h"

#include <wchar.h>

#include "base/utf8.h"

int width_of(struct span text)
{
	int total = 0;

	while (text.n > 0) {
		uint32_t cp;
		size_t n = utf8_decode(text, &cp);
		int w = n > 1 ? wcwidth((wchar_t)cp) : 1;

		total += w < 0 ? 1 : w;
		text = span_skip(text, n ? n : 1);
	}
	return total;
}

static void wrap_line(struct buf *out, struct span text, int columns, const struct width_margin *m)
{
	int at = m->first_width;
	bool empty = true; /* no word stands on this line yet */

	buf_addstr(out, m->first);
	while (text.n > 0) {
		size_t blanks = 0, n;

		while (blanks < text.n && text.p[blanks] == ' ')
			blanks++;
		n = blanks + span_find(span_skip(text, blanks), ' ');
		struct span word = span_first(text, n);
		if (n == blanks) /* blanks at the end */
			break;
		if (!empty && at + width_of(word) > columns) {
			buf_addch(out, '\n');
			buf_addstr(out, m->rest);
			at = m->rest_width;
			word = span_skip(word, blanks);
		}
		buf_addspan(out, word);
		at += width_of(word);
		empty = false;
		text = span_skip(text, n);
	}
	buf_addch(out, '\n');
}

void width_wrap(struct buf *out, struct span text, int columns, const struct width_margin *m)
{
	do {
		wrap_line(out, span_cut(&text, '\n'), columns, m);
	} while (text.p);
}
