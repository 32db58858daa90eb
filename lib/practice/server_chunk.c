/*
 * BDAT (RFC 3030): message text by byte count, without dots. The bytes of a chunk are taken even
 * when they are refused: they are announced, and would be read as commands otherwise. After a
 * refusal all further chunks of the transaction are dropped until RSET, HELO or EHLO.
 */
#include "practice/server_state.h"

#define CHUNK_MAX 0x7fffffffUL

static void end_of_chunk(struct practice_server *s)
{
	struct server_chunks *c = &s->chunks;

	s->phase = SERVER_COMMANDS;
	if (c->last)
		server_take_message(s);
	else
		server_say_bytes(s, PRACTICE_CHUNK_OK, c->size, NULL);
}

static void refuse_chunk(struct practice_server *s)
{
	struct server_chunks *c = &s->chunks;

	s->phase = SERVER_COMMANDS;
	server_fail(s);
	if (c->size == 0 && !c->last)
		server_say(s, PRACTICE_CHUNK_EMPTY, SPAN(""));
	else if (c->failed)
		server_say_bytes(s, PRACTICE_CHUNK_DROPPED, c->size, NULL);
	else if (!s->sender)
		server_say(s, PRACTICE_NEED_RCPT, SPAN(""));
	else if (s->recipient_count == 0)
		server_say(s, PRACTICE_NO_RECIPIENTS, SPAN(""));
	else if (c->refused)
		server_say_text(s, s->memory.reply);
	else
		server_say_bytes(s, PRACTICE_CHUNK_TOO_BIG, c->size, NULL);
	if (c->last)
		server_forget_transaction(s);
	else
		c->failed = true;
}

static void chunk_done(struct practice_server *s)
{
	if (s->chunks.keep)
		end_of_chunk(s);
	else
		refuse_chunk(s);
}

static bool is_welcome(const struct practice_server *s)
{
	const struct server_chunks *c = &s->chunks;

	return s->recipient_count > 0 && !c->failed && (c->size > 0 || c->last) &&
	       c->size <= server_size_limit(s) - s->text.len;
}

/* smtpd_data_restrictions, once a message. */
static bool is_allowed(struct practice_server *s)
{
	struct server_chunks *c = &s->chunks;

	if (c->open || s->recipient_count == 0 || c->failed || (c->size == 0 && !c->last))
		return true;
	c->refused = server_judge_data(s) != 0;
	return !c->refused;
}

void server_bdat(struct practice_server *s, struct span arguments)
{
	struct server_chunks *c = &s->chunks;
	struct span rest = arguments, count = span_word(&rest);
	bool last = span_eq_nocase(rest, SPAN("LAST"));

	if (!server_offers(s, KEYWORD_CHUNKING)) {
		server_say(s, PRACTICE_BDAT_OFF, arguments);
		s->phase = SERVER_DONE;
		return;
	}
	if (span_number(count, CHUNK_MAX, &c->size) != 0 || (rest.n > 0 && !last)) {
		/* Where the chunk ends is not known: nothing after it can be trusted. */
		server_say(s, PRACTICE_BDAT_SYNTAX, arguments);
		s->phase = SERVER_DONE;
		return;
	}
	c->last = last;
	c->left = c->size;
	c->refused = false;
	c->keep = is_allowed(s) && is_welcome(s);
	c->open = c->open || c->keep;
	if (c->left == 0)
		chunk_done(s);
	else
		s->phase = SERVER_CHUNK;
}

void server_chunk_feed(struct practice_server *s, struct span *bytes)
{
	struct server_chunks *c = &s->chunks;
	struct span part = span_first(*bytes, c->left);

	if (c->keep)
		buf_addspan(&s->text, part);
	c->left -= part.n;
	*bytes = span_skip(*bytes, part.n);
	if (c->left == 0)
		chunk_done(s);
}
