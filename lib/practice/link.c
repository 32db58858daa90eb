/*
 * A link pumps bytes between a stream and a practice server. All links are in one list, so that
 * whoever made them can cut them.
 *
 * The clock of an idle client is not set anew with each byte: it is looked at when it is due, and
 * goes on by what is missing then.
 */
#include "practice/link.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "practice/certificates.h"
#include "practice/server.h"

#define TLS_MS 300000 /* smtpd_starttls_timeout */

struct link {
	struct link *next, **back;
	struct links *all;
	struct stream *stream;
	struct practice_server *server;
	struct world_host *host;
	unsigned port;
	struct loop_timer *idle, *delay;
	int64_t heard_ms; /* when the client said something, or was let in */
};

struct links {
	struct world *world;
	struct link *first;
	size_t count;
	bool limit_idle;
	link_fn *fn;
	void *arg;
};

static void tell(const struct link *k, struct link_event *ev)
{
	ev->host = k->host;
	ev->port = k->port;
	ev->peer = stream_peer(k->stream);
	if (k->all->fn)
		k->all->fn(k->all->arg, ev);
}

/* Takes it out of the list, and frees all but the stream. */
static void link_remove(struct link *k)
{
	tell(k, &(struct link_event){.type = LINK_CLOSED, .why = ""});
	*k->back = k->next;
	if (k->next)
		k->next->back = k->back;
	k->all->count--;
	loop_timer_free(k->idle);
	loop_timer_free(k->delay);
	practice_server_free(k->server);
	free(k);
}

static void link_close(struct link *k)
{
	struct stream *stream = k->stream;

	link_remove(k);
	stream_finish(stream);
}

/* --- TLS --- */

static void link_answer(struct link *k);

static void link_secured(void *arg, struct tls_report *report)
{
	struct link *k = arg;
	struct link_event ev = {.type = LINK_SECURED, .why = ""};
	bool done = report->done;

	if (!done)
		ev = (struct link_event){.type = LINK_INSECURE,
		                         .why = tls_failure_text(report->failure)};
	tell(k, &ev);
	tls_report_free(report);
	if (!done) {
		link_close(k);
		return;
	}
	practice_server_tls_started(k->server);
	link_answer(k);
}

static void link_secure(struct link *k)
{
	struct tls_context *context = world_host_tls(k->all->world, k->host);
	struct tls_target nobody = {.ms = TLS_MS};

	if (context)
		tls_start(k->stream, context, &nobody, link_secured, k);
	else
		link_close(k);
}

/* --- bytes --- */

/* Sends what the server has said. False: the link is gone. */
static bool link_flush(struct link *k)
{
	struct buf *out = practice_server_output(k->server);
	struct stream *stream = k->stream;
	int sent = out->len > 0 ? stream_write(stream, buf_span(out)) : 0;

	buf_clear(out);
	if (sent == 0)
		return true;
	link_remove(k);
	stream_free(stream); /* it takes no more: the client never read */
	return false;
}

/* What came during the delay is answered after it. */
static void delay_due(void *arg)
{
	struct link *k = arg;

	loop_timer_free(k->delay);
	k->delay = NULL;
	if (!link_flush(k))
		return;
	practice_server_waited(k->server);
	link_answer(k);
}

/* Does what the server wants done, when it is time to. The link may be gone afterwards. */
static void link_answer(struct link *k)
{
	int64_t ms = practice_server_delay_ms(k->server);

	if (ms > 0 && !k->delay)
		k->delay = loop_timer_new(stream_loop(k->stream), ms, delay_due, k);
	if (ms > 0 || !link_flush(k))
		return;
	if (practice_server_done(k->server))
		link_close(k);
	else if (practice_server_wants_tls(k->server))
		link_secure(k);
}

static void link_data(void *arg, struct span bytes)
{
	struct link *k = arg;

	k->heard_ms = clock_ms();
	practice_server_feed(k->server, bytes);
	link_answer(k);
}

static void link_ended(void *arg, enum stream_end why, int error)
{
	struct link *k = arg;
	struct stream *stream = k->stream;

	(void)why;
	(void)error;
	link_remove(k);
	stream_free(stream);
}

static const struct stream_handler handler = {.data = link_data, .ended = link_ended};

static void idle_due(void *arg)
{
	struct link *k = arg;
	int64_t limit = practice_server_patience_ms(k->server);
	int64_t left = k->heard_ms + limit - clock_ms();

	loop_timer_free(k->idle);
	k->idle = NULL;
	if (left > 0) {
		k->idle = loop_timer_new(stream_loop(k->stream), left, idle_due, k);
		return;
	}
	practice_server_time_out(k->server);
	link_answer(k);
}

static void answered(void *arg, struct span command, struct span reply)
{
	struct link *k = arg;

	tell(k, &(struct link_event){.type = LINK_ANSWERED,
	                             .command = command,
	                             .reply = reply,
	                             .why = world_why(k->all->world)});
}

/* --- all of them --- */

struct links *links_new(struct world *w, link_fn *fn, void *arg)
{
	struct links *ls = mem_zero(sizeof *ls);

	*ls = (struct links){.world = w, .fn = fn, .arg = arg};
	return ls;
}

void links_free(struct links *ls)
{
	if (!ls)
		return;
	while (ls->first) {
		struct stream *stream = ls->first->stream;

		link_remove(ls->first);
		stream_free(stream);
	}
	free(ls);
}

void links_limit_idle(struct links *ls)
{
	ls->limit_idle = true;
}

size_t links_count(const struct links *ls)
{
	return ls->count;
}

void links_serve(struct links *ls, struct world_host *host, struct stream *stream,
                 const struct net_address *client, unsigned port)
{
	struct link *k = mem_zero(sizeof *k);

	*k = (struct link){.next = ls->first,
	                   .back = &ls->first,
	                   .all = ls,
	                   .stream = stream,
	                   .host = host,
	                   .port = port,
	                   .heard_ms = clock_ms()};
	if (k->next)
		k->next->back = &k->next;
	ls->first = k;
	ls->count++;
	k->server = practice_server_new(ls->world, host, client, port);
	if (ls->fn)
		practice_server_watch(k->server, answered, k);
	if (ls->limit_idle)
		k->idle = loop_timer_new(stream_loop(stream),
		                         practice_server_patience_ms(k->server), idle_due, k);
	stream_handle(stream, &handler, k);
	tell(k, &(struct link_event){.type = LINK_OPENED,
	                             .reply = buf_span(practice_server_output(k->server)),
	                             .why = world_why(ls->world)});
	link_answer(k);
}
