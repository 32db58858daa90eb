/*
 * From the server to the queue: the trace line (RFC 5321 §4.4), the recipients, and cleanup, which
 * makes of the text what lies in the queue.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "practice/queue_state.h"
#include "practice/server_state.h"

#define TRACE_MAX 8192

/* RFC 3848, and RFC 6531 §4.3 for UTF8SMTP: S over TLS, A after a login. */
static void add_protocol(const struct practice_server *s, struct buf *out)
{
	buf_addstr(out, s->utf8 ? "UTF8SMTP" : s->esmtp ? "ESMTP" : "SMTP");
	if (s->tls && (s->utf8 || s->esmtp))
		buf_addch(out, 'S');
	if (s->user && (s->utf8 || s->esmtp))
		buf_addch(out, 'A');
}

static void add_received(const struct practice_server *s, struct buf *out)
{
	const char *helo = s->helo && *s->helo ? s->helo : "unknown";

	buf_addf(out, "Received: from %s (%s [%s])\r\n", helo, s->names.name, s->client);
	buf_addf(out, "\tby %s (Postfix) with ", s->host->name);
	add_protocol(s, out);
	buf_addf(out, " id %s", s->mail->id);
	if (s->accepted == 1)
		buf_addf(out, "\r\n\tfor <%s>; ", s->recipients[0].address);
	else
		buf_addstr(out, ";\r\n\t");
	world_date_mail(world_time(s->world), out);
	buf_addstr(out, "\r\n");
}

void server_open_mail(struct practice_server *s)
{
	s->mail = cleanup_begin(s->world, s->host, s->sender);
	server_log_client(s);
}

static enum practice_reply reply_of(enum cleanup_result result)
{
	switch (result) {
	case CLEANUP_OK: return PRACTICE_QUEUED;
	case CLEANUP_HOPS: return PRACTICE_TOO_MANY_HOPS;
	case CLEANUP_FULL: return PRACTICE_NO_STORAGE;
	}
	return PRACTICE_NO_STORAGE;
}

enum practice_reply server_deliver(struct practice_server *s)
{
	enum cleanup_result result;
	struct buf top;

	if (s->text.full)
		return PRACTICE_MESSAGE_TOO_BIG;
	if (s->memory.discard)
		return PRACTICE_QUEUED;
	s->mail->utf8 = s->utf8;
	s->mail->ret = s->returns;
	s->mail->envid = mem_dup(s->envid);
	for (size_t i = 0; i < s->recipient_count; i++)
		cleanup_recipient(s->mail, s->recipients[i].address, s->recipients[i].orcpt,
		                  s->recipients[i].notify);
	buf_init(&top, TRACE_MAX + s->prepended.len);
	add_received(s, &top);
	buf_addspan(&top, buf_span(&s->prepended));
	result = cleanup_end(s->world, s->mail, buf_span(&top), buf_span(&s->text));
	s->mail = NULL;
	buf_release(&top);
	return reply_of(result);
}
