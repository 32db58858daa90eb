/*
 * A table would be larger than the few keys that count. Escape sequences are followed to their
 * final byte (ECMA-48 §5.4), so that an arrow key does not become part of a password.
 */
#include "ui/secret_line.h"

enum { LINE_MAX_BYTES = 64 << 10, ESC = 0x1b, RUBOUT = 0x7f };

#define CTRL(c) ((c)&0x1f)

void secret_line_init(struct secret_line *s)
{
	buf_init_secret(&s->text, LINE_MAX_BYTES);
	s->escape = 0;
}

void secret_line_clear(struct secret_line *s)
{
	buf_clear(&s->text);
	s->escape = 0;
}

void secret_line_release(struct secret_line *s)
{
	buf_release(&s->text);
}

/* ESC, then either one more byte, or [ or O and all up to a letter or ~. */
static void follow_escape(struct secret_line *s, int c)
{
	if (s->escape == 1)
		s->escape = c == '[' || c == 'O' ? 2 : 0;
	else if (c >= 0x40 && c <= 0x7e)
		s->escape = 0;
}

enum secret_key secret_line_key(struct secret_line *s, int c)
{
	if (s->escape) {
		follow_escape(s, c);
		return SECRET_KEY_TAKEN;
	}
	switch (c) {
	case '\r':
	case '\n': return SECRET_KEY_ENTER;
	case ESC: s->escape = 1; break;
	case CTRL(']'): return SECRET_KEY_LOCAL;
	case CTRL('D'):
		if (s->text.len == 0)
			return SECRET_KEY_END;
		break;
	case CTRL('U'): secret_line_clear(s); break;
	case CTRL('H'):
	case RUBOUT:
		if (s->text.len > 0)
			buf_cut(&s->text, s->text.len - 1);
		break;
	default:
		if ((unsigned char)c >= 0x20)
			buf_addch(&s->text, (char)c);
	}
	return SECRET_KEY_TAKEN;
}
