/*
 * lines: a queue of lines that wait to be sent, such as those of a paste.
 *
 * Owns its bytes; capped at LINES_MAX bytes.
 */
#ifndef UI_LINES_H
#define UI_LINES_H

#include <stdbool.h>

#include "base/buf.h"

#define LINES_MAX (16u << 20)

struct lines {
	struct buf bytes; /* a size_t and as many bytes, again and again */
	size_t at;        /* what is before this was taken */
	size_t count;
};

void lines_init(struct lines *l);
void lines_release(struct lines *l);
int lines_push(struct lines *l, struct span line); /* 0, or -1: it is full */
/* The oldest; good until the next push. False when there is none. */
bool lines_take(struct lines *l, struct span *line);
void lines_clear(struct lines *l);

#endif
