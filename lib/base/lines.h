/*
 * lines: a queue of lines, such as those of a paste, that wait to be sent.
 *
 * Owns its bytes, and wipes them when they are gone, since a line may hold a password. Capped at
 * birth: a line takes its length and a few bytes more.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>

#include "base/buf.h"

struct lines {
	struct buf bytes; /* a size_t and as many bytes, again and again */
	size_t at;        /* what is before this was taken */
	struct buf taken; /* the line that was taken last */
	size_t count;
};

void lines_init(struct lines *l, size_t cap);
void lines_release(struct lines *l);
int lines_push(struct lines *l, struct span line); /* 0, or -1: it is full */
/* The oldest; good until the next is taken. False when there is none. */
bool lines_take(struct lines *l, struct span *line);
void lines_clear(struct lines *l);

#endif
