/*
 * line_queue: lines that wait for their turn, in order.
 *
 * Owns their bytes, and wipes them when they are gone, since a line may hold a password. Adding
 * fails when all waiting lines together would pass the cap.
 */
#ifndef SESSION_LINE_QUEUE_H
#define SESSION_LINE_QUEUE_H

#include "base/buf.h"

struct line_queue {
	struct buf bytes; /* a size_t and as many bytes, again and again */
	size_t at;        /* what is before this was taken */
	struct buf taken; /* the line that was taken last */
	size_t count;
};

void line_queue_init(struct line_queue *q, size_t cap);
void line_queue_release(struct line_queue *q);
int line_queue_add(struct line_queue *q, struct span line); /* 0, or -1: it would be too much */
/* Takes the oldest, count > 0; borrowed until the next call. */
struct span line_queue_next(struct line_queue *q);
void line_queue_clear(struct line_queue *q);

#endif
