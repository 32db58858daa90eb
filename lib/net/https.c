/*
 * A chain of callbacks: dial, handshake, reply. Every way it can end passes through conclude(),
 * which only sets a timer: the callback comes from the loop and never from within the stream that
 * is about to be freed.
 */
#include "net/https.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/connector.h"

#define WHY_MAX 4096

struct https_fetch {
	struct network *network;
	struct tls_context *tls;
	char *host, *path;
	struct net_address addresses[HTTPS_ADDRESSES_MAX];
	size_t count, next;
	unsigned port;
	int64_t since, until;
	struct network_dial *dial;
	struct stream *stream;
	struct loop_timer *deadline, *over;
	struct https_result *result;
	https_fn *fn;
	void *arg;
};

void https_result_free(struct https_result *r)
{
	if (!r)
		return;
	http_reply_release(&r->reply);
	tls_report_free(r->tls);
	free(r->why);
	free(r);
}

void https_cancel(struct https_fetch *f)
{
	if (!f)
		return;
	loop_timer_free(f->deadline);
	loop_timer_free(f->over);
	network_dial_cancel(f->dial, f->network);
	stream_free(f->stream);
	https_result_free(f->result);
	free(f->host);
	free(f->path);
	free(f);
}

static void tell(void *arg)
{
	struct https_fetch *f = arg;
	struct https_result *r = f->result;
	https_fn *fn = f->fn;
	void *fn_arg = f->arg;

	r->elapsed_ms = clock_ms() - f->since;
	f->result = NULL;
	https_cancel(f);
	fn(fn_arg, r);
}

static void conclude(struct https_fetch *f, enum https_end end, const char *why)
{
	if (f->over)
		return;
	f->result->end = end;
	f->result->why = mem_dup(why);
	f->over = loop_timer_new(f->network->loop, 0, tell, f);
}

static void late(void *arg)
{
	struct https_fetch *f = arg;

	conclude(f, HTTPS_LATE,
	         !f->stream              ? "no connection could be made in time"
	         : !f->result->tls       ? "the TLS handshake was not done in time"
	         : f->result->reply.head ? "the reply had not come whole in time"
	                                 : "no reply came in time");
}

/* --- the reply --- */

static void judge(struct https_fetch *f, enum http_progress p)
{
	const struct http_reply *r = &f->result->reply;

	if (p == HTTP_DONE)
		conclude(f, HTTPS_REPLY, NULL);
	else if (p == HTTP_FAULT)
		conclude(f, r->too_long ? HTTPS_TOO_LONG : HTTPS_BROKEN, r->fault);
}

static void on_data(void *arg, struct span bytes)
{
	struct https_fetch *f = arg;

	if (!f->over)
		judge(f, http_reply_feed(&f->result->reply, bytes));
}

/* A reply that ends with the connection may have been cut by somebody on the way: then TLS has not
 * said goodbye. */
static void on_ended(void *arg, enum stream_end why, int error)
{
	struct https_fetch *f = arg;

	(void)error;
	if (f->over)
		return;
	if (why == STREAM_END_EOF)
		judge(f, http_reply_end(&f->result->reply));
	else
		conclude(f, HTTPS_BROKEN, "the connection was lost before all of it had come");
}

static const struct stream_handler handler = {.data = on_data, .ended = on_ended};

static void ask(struct https_fetch *f)
{
	struct buf b;

	buf_init(&b, WHY_MAX);
	buf_addf(&b, "GET %s HTTP/1.1\r\nHost: %s", f->path, f->host);
	if (f->port != 443)
		buf_addf(&b, ":%u", f->port);
	buf_addstr(&b, "\r\nUser-Agent: smtptalk\r\nAccept: text/plain\r\n"
	               "Connection: close\r\n\r\n");
	stream_handle(f->stream, &handler, f);
	if (b.full || stream_write(f->stream, buf_span(&b)) != 0)
		conclude(f, HTTPS_BROKEN, "the question could not be sent");
	buf_release(&b);
}

/* --- the handshake --- */

static void secured(void *arg, struct tls_report *report)
{
	struct https_fetch *f = arg;
	struct buf why;

	f->result->tls = report;
	if (f->over)
		return;
	buf_init(&why, WHY_MAX);
	if (!report->done) {
		buf_addstr(&why, tls_failure_text(report->failure));
		if (report->detail)
			buf_addf(&why, " (%s)", report->detail);
		conclude(f, HTTPS_NO_TLS, why.data);
	} else if (!tls_report_verified(report)) {
		tls_report_explain(report, &why);
		conclude(f, HTTPS_UNPROVEN, why.data);
	} else {
		ask(f);
	}
	buf_release(&why);
}

/* --- the connection --- */

static void try_next(struct https_fetch *f);

static void dialled(void *arg, struct stream *stream, int error)
{
	struct https_fetch *f = arg;
	struct tls_target target = {.name = f->host, .ms = f->until - clock_ms()};

	f->dial = NULL;
	if (f->over) {
		stream_free(stream);
		return;
	}
	if (!stream) {
		f->result->error = error;
		try_next(f);
		return;
	}
	f->stream = stream;
	f->result->connected = true;
	f->result->from = f->addresses[f->next - 1];
	if (target.ms < 1)
		target.ms = 1;
	tls_start(stream, f->tls, &target, secured, f);
}

static void try_next(struct https_fetch *f)
{
	int64_t left = f->until - clock_ms();

	if (f->next == f->count || left <= 0) {
		conclude(f, HTTPS_NO_CONNECTION, connector_error_text(f->result->error));
		return;
	}
	left /= (int64_t)(f->count - f->next);
	f->dial =
	        network_dial(f->network, &f->addresses[f->next++], left > 0 ? left : 1, dialled, f);
}

struct https_fetch *https_get(struct network *n, const struct https_question *q, https_fn *fn,
                              void *arg)
{
	struct https_fetch *f = mem_zero(sizeof(*f));

	f->network = n;
	f->tls = q->tls;
	f->host = mem_dup(q->host);
	f->path = mem_dup(q->path);
	f->port = q->port;
	for (size_t i = 0; i < q->count && i < HTTPS_ADDRESSES_MAX; i++) {
		f->addresses[f->count] = q->addresses[i];
		net_address_set_port(&f->addresses[f->count++], q->port);
	}
	f->since = clock_ms();
	f->until = f->since + q->ms;
	f->fn = fn;
	f->arg = arg;
	f->result = mem_zero(sizeof(*f->result));
	f->result->error = EHOSTUNREACH;
	http_reply_init(&f->result->reply, q->body_max);
	f->deadline = loop_timer_new(n->loop, q->ms, late, f);
	try_next(f);
	return f;
}
