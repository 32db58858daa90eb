/*
 * One buffer instead of a list of strings: a paste of thousands of lines is one allocation, and the
 * room is given back in one piece when the last line was taken.
 */
#include "ui/lines.h"

#include <string.h>

void lines_init(struct lines *l)
{
	buf_init(&l->bytes, LINES_MAX);
	l->at = l->count = 0;
}

void lines_release(struct lines *l)
{
	buf_release(&l->bytes);
}

void lines_clear(struct lines *l)
{
	buf_clear(&l->bytes);
	l->at = l->count = 0;
}

int lines_push(struct lines *l, struct span line)
{
	size_t before;

	if (l->count == 0)
		lines_clear(l);
	before = l->bytes.len;
	buf_add(&l->bytes, &line.n, sizeof(line.n));
	if (buf_addspan(&l->bytes, line) != 0) {
		buf_cut(&l->bytes, before);
		return -1;
	}
	l->count++;
	return 0;
}

bool lines_take(struct lines *l, struct span *line)
{
	size_t n;

	if (l->count == 0)
		return false;
	memcpy(&n, l->bytes.data + l->at, sizeof(n));
	*line = span_from(l->bytes.data + l->at + sizeof(n), n);
	l->at += sizeof(n) + n;
	l->count--;
	return true;
}
