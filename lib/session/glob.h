/*
 * glob: the patterns of S* and C*.
 *
 *     *        any run of bytes, also none
 *     ?        any one byte
 *     {name}   a run of one or more bytes, captured under that name
 *     \        takes the meaning from the byte after it
 *
 * All else stands for itself, brackets too. A pattern must match the whole line; case counts. Each
 * run is as short as it can be. Time is at most pattern × text. Owns nothing; captures borrow.
 */
#ifndef SESSION_GLOB_H
#define SESSION_GLOB_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

#define SESSION_CAPTURES_MAX 16

struct session_capture {
	struct span name;  /* in the pattern */
	struct span value; /* in the text */
};

struct session_match {
	struct session_capture captures[SESSION_CAPTURES_MAX];
	size_t count;
	size_t reached; /* when it does not match: how far into the text it did */
};

/* 0, or -1 with *at, the byte of the pattern that is wrong, and *what, a sentence part. */
int session_glob_check(struct span pattern, size_t *at, const char **what);
/* The pattern must have passed the check. */
bool session_glob_match(struct span pattern, struct span text, struct session_match *m);
/* Appends text so that in a pattern it stands for itself. */
void session_glob_quote(struct span text, struct buf *out);

#endif
