/*
 * Between the composer, which knows no SMTP, and the runner, which knows no messages.
 */
#include "send/outgoing.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "send/compose.h"
#include "smtp/dot.h"

enum { TAIL = 5 }; /* CRLF . CRLF */

struct send_outgoing {
	struct compose *compose;
	const struct message_spec *spec;
	struct smtp_dot_writer writer;
	struct buf piece;
	char tail[TAIL]; /* the last bytes, of what goes out as it is */
	size_t tail_length;
};

int send_outgoing_open(struct send_outgoing **out, const struct message_spec *spec, struct diag *d)
{
	struct compose *c = NULL;

	if (compose_open(&c, spec, d) != 0)
		return -1;
	*out = mem_zero(sizeof(**out));
	(*out)->compose = c;
	(*out)->spec = spec;
	buf_init(&(*out)->piece, 2u * COMPOSE_PIECE_MAX);
	return 0;
}

void send_outgoing_free(struct send_outgoing *o)
{
	if (!o)
		return;
	compose_free(o->compose);
	buf_release(&o->piece);
	free(o);
}

void send_outgoing_rewind(struct send_outgoing *o)
{
	compose_rewind(o->compose);
	memset(&o->writer, 0, sizeof(o->writer));
	o->tail_length = 0;
}

void send_outgoing_needs(const struct send_outgoing *o, struct send_message_needs *out)
{
	out->eightbit = compose_needs_8bit(o->compose);
	out->utf8 = compose_needs_utf8(o->compose);
}

int send_outgoing_text(struct send_outgoing *o, struct buf *out, bool *end, struct diag *d)
{
	return compose_read(o->compose, out, end, d);
}

static void keep_tail(struct send_outgoing *o, struct span bytes)
{
	size_t from = bytes.n > TAIL ? bytes.n - TAIL : 0;

	for (size_t i = from; i < bytes.n; i++) {
		if (o->tail_length == TAIL)
			memmove(o->tail, o->tail + 1, --o->tail_length);
		o->tail[o->tail_length++] = bytes.p[i];
	}
}

static bool tail_is(const struct send_outgoing *o, const char *text)
{
	size_t n = strlen(text);

	return o->tail_length >= n && memcmp(o->tail + o->tail_length - n, text, n) == 0;
}

/* What swaks sends behind it is CRLF; so a lone dot at the end is the end of the message. */
static void finish_as_it_is(const struct send_outgoing *o, struct buf *out)
{
	if (tail_is(o, "\r\n.\r\n"))
		return;
	if (tail_is(o, "\r\n."))
		buf_addstr(out, "\r\n");
	else
		buf_addstr(out, tail_is(o, "\r\n") ? ".\r\n" : "\r\n.\r\n");
}

int send_outgoing_wire(struct send_outgoing *o, struct buf *out, bool *end, struct diag *d)
{
	bool raw = o->spec->no_data_fixup && o->spec->data.source != MESSAGE_CONTENT_NONE;

	buf_clear(&o->piece);
	if (compose_read(o->compose, &o->piece, end, d) != 0)
		return -1;
	if (raw) {
		buf_addspan(out, buf_span(&o->piece));
		keep_tail(o, buf_span(&o->piece));
		if (*end)
			finish_as_it_is(o, out);
		return 0;
	}
	smtp_dot_write_piece(&o->writer, buf_span(&o->piece), out);
	if (*end)
		smtp_dot_write_end(&o->writer, out);
	return 0;
}
