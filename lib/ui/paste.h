/*
 * paste: the text of a bracketed paste, from the terminal's bytes.
 *
 * Line ends become LF, as Enter would make them; NUL bytes, which no line can hold, are dropped.
 */
#ifndef UI_PASTE_H
#define UI_PASTE_H

#include "base/buf.h"

enum { PASTE_MAX = 1 << 20, PASTE_REMARK = 120 };

/* Reads up to and with the end mark, ESC [ 201 ~, through next() (a byte, or -1: the terminal is
 * gone, or nobody waits any longer). Text beyond the buffer's cap is read and dropped; text->full
 * says so. `remark` gets what the user should know, or stays as it is. */
void paste_read(struct buf *text, int (*next)(void), char remark[PASTE_REMARK]);

#endif
