/*
 * The message of a play: made when it is known what the server offers, and anew for each round, and
 * given to the runner in pieces, so that its size does not matter.
 */
#include "base/mem.h"
#include "send/play_state.h"

int send_play_read_message(void *arg, struct buf *out, bool *end, struct diag *d)
{
	struct send_play *p = arg;

	return send_outgoing_wire(p->s.message, out, end, d);
}

int send_play_make_message(struct send_play *p)
{
	bool utf8 = send_course_offers(&p->course, "SMTPUTF8");

	if (p->message_ready)
		return 0;
	if (!p->s.message && p->s.make(p->s.arg, send_course_offers(&p->course, "8BITMIME"), utf8,
	                               &p->s.message, &p->fault) != 0)
		return -1;
	send_outgoing_needs(p->s.message, &p->course.needs);
	p->message_ready = true;
	return 0;
}

/* The message of the round that begins is made anew: its Message-ID is another. */
void send_play_begin_round(struct send_play *p)
{
	if (p->course.message > 0 && p->message_ready) {
		send_outgoing_free(p->s.message);
		p->s.message = NULL;
		p->message_ready = false;
	}
}

int send_play_write_message(struct send_play *p, struct session_writer *w)
{
	struct session_step s = {
	        .type = SESSION_MESSAGE, .client = true, .text = "message", .len = 7};

	(void)p;
	session_write_step(w, &s);
	send_course_write_replies(&p->course, w);
	return 0;
}

int send_play_write_chunk(struct send_play *p, struct session_writer *w)
{
	struct buf line;
	size_t n;

	while (!p->chunk_end && p->chunk.len <= SEND_CHUNK)
		if (send_outgoing_text(p->s.message, &p->chunk, &p->chunk_end, &p->fault) != 0)
			return -1;
	n = p->chunk.len > SEND_CHUNK ? SEND_CHUNK : p->chunk.len;
	p->course.chunks_over = p->chunk_end && n == p->chunk.len;
	buf_init(&line, 64);
	buf_addf(&line, "BDAT %zu%s\r\n", n, p->course.chunks_over ? " LAST" : "");
	session_write_bytes(w, true, buf_span(&line));
	buf_release(&line);
	session_write_bytes(w, true, span_from(p->chunk.data, n));
	buf_drop(&p->chunk, n);
	if (p->course.chunks_over)
		send_course_write_replies(&p->course, w);
	else
		session_write_bytes(w, false, SPAN("250 go on\r\n"));
	p->chunk_end = p->chunk_end && !p->course.chunks_over;
	return 0;
}
