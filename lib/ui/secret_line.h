/*
 * secret_line: one line that is typed without being shown, key by key.
 *
 * It knows no terminal. What is typed is kept in a secret buffer, outside of any line editor, whose
 * undo list and kill ring would keep it for ever. Backspace and ^U work; arrows and the marks of a
 * paste are left out.
 */
#ifndef UI_SECRET_LINE_H
#define UI_SECRET_LINE_H

#include "base/buf.h"

struct secret_line {
	struct buf text;
	int escape; /* bytes into an escape sequence; 0: outside */
};

enum secret_key {
	SECRET_KEY_TAKEN,
	SECRET_KEY_ENTER, /* `text` is whole */
	SECRET_KEY_END,   /* ^D on an empty line */
	SECRET_KEY_LOCAL, /* ^] */
};

void secret_line_init(struct secret_line *s);
void secret_line_clear(struct secret_line *s); /* wiped */
void secret_line_release(struct secret_line *s);
enum secret_key secret_line_key(struct secret_line *s, int c);

#endif
