/*
 * What a server has is found by sending the file to a receiver, not by a second set of rules: so
 * both sides of a session agree about line ends and dots.
 */
#include "session/message.h"

#include <stdlib.h>

#include "base/file.h"
#include "smtp/dot.h"

#define WIRE_MAX (2u * SESSION_MESSAGE_MAX)

static int read_file(struct session_vars *v, const struct session_step *s, struct buf *out,
                     struct diag *d)
{
	struct buf path;
	struct diag why;
	char *whole, *place;
	int result;

	buf_init(&path, 2u * SESSION_VALUE_MAX);
	result = session_vars_expand(v, s, NULL, &path, d);
	if (result == 0) {
		diag_init(&why);
		whole = session_step_path(s, buf_span(&path));
		place = session_step_place(s);
		result = file_read(whole, out, &why);
		if (result != 0)
			diag_set(d, DIAG_INPUT, place, "%s: %s", why.where, why.what);
		free(place);
		free(whole);
		diag_release(&why);
	}
	buf_release(&path);
	return result;
}

int session_message_wire(struct session_vars *v, const struct session_step *s, struct buf *out,
                         struct diag *d)
{
	struct buf text;
	int result;

	buf_init(&text, SESSION_MESSAGE_MAX);
	result = read_file(v, s, &text, d);
	if (result == 0 && smtp_dot_write(buf_span(&text), out) != 0)
		result = diag_set(d, DIAG_INPUT, NULL, "this message is too large to be sent");
	buf_release(&text);
	return result;
}

int session_message_text(struct session_vars *v, const struct session_step *s, struct buf *out,
                         struct diag *d)
{
	struct smtp_dot_reader dot = {0};
	struct buf wire;
	struct span in;
	int result;

	buf_init(&wire, WIRE_MAX);
	result = session_message_wire(v, s, &wire, d);
	in = buf_span(&wire);
	if (result == 0)
		smtp_dot_read(&dot, &in, out);
	buf_release(&wire);
	return result;
}
