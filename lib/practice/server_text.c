/*
 * Where a message ends. Nothing but CRLF . CRLF, with one exception that a lesson on smuggling
 * needs: a host whose smtpd_forbid_bare_newline is "no" takes LF for a line end, as Postfix did
 * until 2023, and any line with a single dot for the end.
 */
#include "practice/server_state.h"

enum { LAX_START, LAX_IN_LINE, LAX_DOT, LAX_DOT_CR };

static void put(struct practice_server *s, char c)
{
	if (!s->text.full)
		buf_addch(&s->text, c);
}

/* The line ends here: LF becomes CRLF. */
static void end_line(struct practice_server *s)
{
	while (!s->text.full && s->text.len > 0 && s->text.data[s->text.len - 1] == '\r')
		buf_cut(&s->text, s->text.len - 1);
	put(s, '\r');
	put(s, '\n');
	s->lax = LAX_START;
}

/* True at the end of the message. */
static bool step_lax(struct practice_server *s, char c)
{
	bool after_dot = s->lax == LAX_DOT || s->lax == LAX_DOT_CR;

	if (c == '\n' && after_dot)
		return true;
	if (s->lax == LAX_START && c == '.') {
		s->lax = LAX_DOT;
		return false;
	}
	if (after_dot && c == '\r') {
		s->lax = LAX_DOT_CR;
		return false;
	}
	if (s->lax == LAX_DOT_CR)
		put(s, '\r');
	if (c == '\n') {
		end_line(s);
	} else {
		put(s, c);
		s->lax = LAX_IN_LINE;
	}
	return false;
}

static bool read_lax(struct practice_server *s, struct span *bytes)
{
	while (bytes->n > 0) {
		char c = bytes->p[0];

		*bytes = span_skip(*bytes, 1);
		if (step_lax(s, c)) {
			s->lax = LAX_START;
			return true;
		}
	}
	return false;
}

bool server_text_read(struct practice_server *s, struct span *bytes)
{
	bool ended;

	if (s->bare_lf == BARE_LF_LAX)
		return read_lax(s, bytes);
	ended = smtp_dot_read(&s->dot, bytes, &s->text);
	s->bare = s->dot.bare_lf > 0;
	return ended;
}
