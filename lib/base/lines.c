/*
 * One buffer instead of a list of strings: a paste of thousands of lines is one allocation. The
 * room of lines that were taken is given back when they are the bigger half, so that a queue that
 * is never empty does not creep towards its cap, and a line costs constant time on average.
 */
#include "base/lines.h"

#include <string.h>

void lines_init(struct lines *l, size_t cap)
{
	buf_init_secret(&l->bytes, cap);
	buf_init_secret(&l->taken, cap);
	l->at = l->count = 0;
}

void lines_release(struct lines *l)
{
	buf_release(&l->bytes);
	buf_release(&l->taken);
	l->at = l->count = 0;
}

void lines_clear(struct lines *l)
{
	buf_clear(&l->bytes);
	l->at = l->count = 0;
}

int lines_push(struct lines *l, struct span line)
{
	size_t before = l->bytes.len;

	/* A short line may still fit where its length did not: `full` knows of both. */
	buf_add(&l->bytes, &line.n, sizeof(line.n));
	buf_addspan(&l->bytes, line);
	if (l->bytes.full) {
		buf_cut(&l->bytes, before);
		l->bytes.full = false;
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
	buf_clear(&l->taken);
	buf_add(&l->taken, l->bytes.data + l->at + sizeof(n), n);
	*line = buf_span(&l->taken);
	l->at += sizeof(n) + n;
	l->count--;
	if (l->at > l->bytes.len / 2) {
		buf_drop(&l->bytes, l->at);
		l->at = 0;
	}
	return true;
}
