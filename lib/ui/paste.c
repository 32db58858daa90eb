/*
 * Readline's own paste turns CR LF into two line ends and is silent about how many lines there are.
 */
#include "ui/paste.h"

#include <stdio.h>
#include <string.h>

#define PASTE_END "\033[201~"
enum { MARK = sizeof(PASTE_END) - 1 };

static void read_all(struct buf *text, int (*next)(void))
{
	char tail[MARK] = "";
	int before = 0, c;

	while ((c = next()) >= 0) {
		memmove(tail, tail + 1, MARK - 1);
		tail[MARK - 1] = (char)c;
		if (c != 0 && !(c == '\n' && before == '\r'))
			buf_addch(text, c == '\r' ? '\n' : (char)c);
		before = c;
		if (memcmp(tail, PASTE_END, MARK) == 0) {
			if (!text->full)
				buf_cut(text, text->len - MARK);
			return;
		}
	}
}

static size_t count_lines(const struct buf *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < text->len; i++)
		lines += text->data[i] == '\n';
	return lines + (text->len && text->data[text->len - 1] != '\n');
}

void paste_read(struct buf *text, int (*next)(void), char remark[PASTE_REMARK])
{
	size_t lines;

	read_all(text, next);
	lines = count_lines(text);
	if (text->full)
		snprintf(remark, PASTE_REMARK, "that was more than 1 MiB: nothing was pasted");
	else if (lines > 1)
		snprintf(remark, PASTE_REMARK,
		         "%zu lines pasted. Enter sends them one at a time; ^C drops them", lines);
}
