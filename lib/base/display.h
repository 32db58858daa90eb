/*
 * display: makes bytes of a peer safe to show. The only function that does.
 *
 * Whatever a server, the DNS or a file sends goes through here before it reaches a terminal, a
 * report or a log. Printable text passes; everything that could move a cursor, change a title,
 * reorder or hide text is shown as an escape: bytes as \xHH, characters as \u{HEX}.
 * Escaped: C0 controls and DEL, C1 controls (also as UTF-8), bidi controls, zero-width and other
 * format characters, tag and variation-selector characters, line and paragraph separators, private
 * use, surrogates, noncharacters, and each byte of invalid UTF-8. A backslash is shown as it is:
 * the result is for eyes, not for decoding.
 */
#ifndef BASE_DISPLAY_H
#define BASE_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

enum {
	DISPLAY_ASCII = 1,   /* the terminal cannot show UTF-8: escape all above 0x7e */
	DISPLAY_NEWLINE = 2, /* let \n pass (for text of many lines that is our own layout) */
	DISPLAY_TAB = 4,     /* let \t pass */
};

/* Appends s, made safe, to out. Returns -1 when out's cap was reached, as buf_add() does. */
int display_add(struct buf *out, struct span s, unsigned flags);
/* Whether one character is let through. */
bool display_allows(uint32_t cp, unsigned flags);
/* A heap copy of s, made safe, at most `max` (3 or more) bytes long, then ended by "…"; the caller
 * frees it.
 */
char *display_dup(struct span s, size_t max);

#endif
