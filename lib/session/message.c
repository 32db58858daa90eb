/*
 * What a server has is found by sending the file to a receiver, not by a second set of rules: so
 * both sides of a session agree about line ends and dots.
 */
#include "session/message.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "smtp/dot.h"

/* Every byte may be a dot or a line end, and the final dot comes with the last of them. */
#define WIRE_MAX (2u * SESSION_MESSAGE_PIECE + 5)

struct session_message {
	int fd;
	char *path;
	session_source_fn *source; /* NULL: the file */
	void *arg;
	struct smtp_dot_writer writer;
	struct smtp_dot_reader reader; /* of session_message_text() */
	char piece[SESSION_MESSAGE_PIECE];
};

struct session_message *session_message_open(struct session_vars *v, const struct session_step *s,
                                             struct diag *d)
{
	struct session_message *m = NULL;
	struct buf path;
	struct diag why;
	char *whole, *place;
	int fd;

	buf_init(&path, 2u * SESSION_VALUE_MAX);
	if (session_vars_expand(v, s, NULL, &path, d) == 0) {
		diag_init(&why);
		whole = session_step_path(s, buf_span(&path));
		place = session_step_place(s);
		fd = file_open(whole, &why);
		if (fd >= 0) {
			m = mem_zero(sizeof(*m));
			m->fd = fd;
			m->path = mem_dup(whole);
		} else {
			diag_set(d, DIAG_INPUT, place, "%s: %s", why.where, why.what);
		}
		free(place);
		free(whole);
		diag_release(&why);
	}
	buf_release(&path);
	return m;
}

struct session_message *session_message_from(session_source_fn *read, void *arg)
{
	struct session_message *m = mem_zero(sizeof(*m));

	m->fd = -1;
	m->source = read;
	m->arg = arg;
	return m;
}

void session_message_free(struct session_message *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		close(m->fd);
	free(m->path);
	free(m);
}

int session_message_wire(struct session_message *m, struct buf *out, bool *end, struct diag *d)
{
	ssize_t n;

	if (m->source)
		return m->source(m->arg, out, end, d);
	n = file_next(m->fd, m->path, m->piece, sizeof(m->piece), d);

	if (n < 0)
		return -1;
	*end = n == 0;
	if (n == 0)
		smtp_dot_write_end(&m->writer, out);
	else
		smtp_dot_write_piece(&m->writer, span_from(m->piece, (size_t)n), out);
	return 0;
}

int session_message_text(struct session_message *m, struct buf *out, bool *end, struct diag *d)
{
	struct buf wire;
	struct span in;
	int result;

	buf_init(&wire, WIRE_MAX);
	result = session_message_wire(m, &wire, end, d);
	in = buf_span(&wire);
	if (result == 0)
		smtp_dot_read(&m->reader, &in, out);
	buf_release(&wire);
	return result;
}
