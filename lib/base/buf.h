/*
 * buf: a growing byte buffer with a cap that it is given at birth.
 *
 * The buffer owns its bytes, which are always followed by a NUL that does not count. Adding fails
 * only by reaching the cap: the function returns -1, nothing is added, and `full` stays set until
 * buf_clear(), so that a run of additions may be checked once at its end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf {
	char *data; /* not NULL, but for a buf that was handed over and not added to since */
	size_t len;
	size_t room;
	size_t cap;  /* the most bytes it may hold */
	bool full;   /* something did not fit */
	bool secret; /* no byte that it let go of stays in memory */
};

void buf_init(struct buf *b, size_t cap);
/* For passwords and what is made of them: wiped when it grows, shrinks or is released. */
void buf_init_secret(struct buf *b, size_t cap);
void buf_release(struct buf *b); /* may be called on a zeroed or released buf */

/* Makes room for n more bytes at once, as far as the cap allows; a hint, nothing is added. */
void buf_reserve(struct buf *b, size_t n);
int buf_add(struct buf *b, const void *p, size_t n);
int buf_addspan(struct buf *b, struct span s);
int buf_addstr(struct buf *b, const char *s);
int buf_addch(struct buf *b, char c);
int buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buf_vaddf(struct buf *b, const char *format, va_list args)
        __attribute__((format(printf, 2, 0)));

void buf_clear(struct buf *b);             /* empties it and clears `full`; keeps the room */
void buf_drop(struct buf *b, size_t n);    /* forgets the first n bytes */
void buf_cut(struct buf *b, size_t len);   /* forgets all after the first len bytes */
struct span buf_span(const struct buf *b); /* borrowed until the next change */
char *buf_take(struct buf *b);             /* hands over the NUL-terminated bytes; b is empty, keeps
                                        nothing on the heap, and may be used again or forgotten */

#endif
