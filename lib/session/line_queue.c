/*
 * One buffer for all lines: a paste of a hundred thousand is then no hundred thousand allocations.
 * What was taken is dropped when it is more than half of the buffer, so each byte moves a bounded
 * number of times.
 */
#include "session/line_queue.h"

#include <string.h>

void line_queue_init(struct line_queue *q, size_t cap)
{
	*q = (struct line_queue){0};
	buf_init_secret(&q->bytes, cap);
	buf_init_secret(&q->taken, cap);
}

void line_queue_release(struct line_queue *q)
{
	buf_release(&q->bytes);
	buf_release(&q->taken);
	q->at = q->count = 0;
}

int line_queue_add(struct line_queue *q, struct span line)
{
	size_t len = q->bytes.len;

	buf_add(&q->bytes, &line.n, sizeof(line.n));
	if (buf_addspan(&q->bytes, line) != 0) {
		buf_cut(&q->bytes, len);
		q->bytes.full = false;
		return -1;
	}
	q->count++;
	return 0;
}

struct span line_queue_next(struct line_queue *q)
{
	size_t n;

	memcpy(&n, q->bytes.data + q->at, sizeof(n));
	buf_clear(&q->taken);
	buf_add(&q->taken, q->bytes.data + q->at + sizeof(n), n);
	q->at += sizeof(n) + n;
	q->count--;
	if (q->at > q->bytes.len / 2) {
		buf_drop(&q->bytes, q->at);
		q->at = 0;
	}
	return buf_span(&q->taken);
}

void line_queue_clear(struct line_queue *q)
{
	buf_clear(&q->bytes);
	buf_clear(&q->taken);
	q->at = q->count = 0;
}
