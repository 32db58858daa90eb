/*
 * A dial makes a pair of streams: one end for who dialled, the other for the host's server. Both
 * live on the loop, so that a conversation on the practice internet takes the same ways through
 * the program as one on the real one. A dial to a dead host waits as a real one would, but not
 * longer than a learner's patience.
 */
#include "practice/internet.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "practice/certificates.h"
#include "practice/server.h"

#define PATIENCE_MS 3000   /* of a dial to a dead host */
#define TRAVEL_MS   0      /* of a dial that is answered */
#define TLS_MS      300000 /* smtpd_starttls_timeout */
#define FIRST_PORT  49152u /* the dynamic ports, RFC 6335 §6 */
#define LAST_PORT   65535u

static const char client_address[] = "192.0.2.77";

struct internet;

/* A connection that is served: the host's end. */
struct link {
	struct link *next, **back;
	struct stream *stream;
	struct practice_server *server;
	struct world *world;
	struct world_host *host;
};

struct internet {
	struct network base;
	struct world *world;
	struct link *links;
	unsigned next_port;
};

struct network_dial {
	struct internet *net;
	struct net_address to;
	network_dial_fn *fn;
	void *arg;
	struct loop_timer *timer;
	int error; /* 0: the host answers */
};

struct network_query {
	struct internet *net;
	struct dns_answer *answer;
	network_query_fn *fn;
	void *arg;
	struct loop_timer *timer;
};

/* --- the host's end --- */

static void link_answer(struct link *k);

/* Frees all but the stream. */
static void link_free(struct link *k)
{
	practice_server_free(k->server);
	free(k);
}

static void link_remove(struct link *k)
{
	*k->back = k->next;
	if (k->next)
		k->next->back = k->back;
	link_free(k);
}

static void link_close(struct link *k)
{
	struct stream *stream = k->stream;

	link_remove(k);
	stream_finish(stream);
}

static void link_secured(void *arg, struct tls_report *report)
{
	struct link *k = arg;
	bool done = report->done;

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
	struct tls_context *context = world_host_tls(k->world, k->host);
	struct tls_target nobody = {.ms = TLS_MS};

	if (context)
		tls_start(k->stream, context, &nobody, link_secured, k);
	else
		link_close(k);
}

/* Sends what the server has said. The link may be gone afterwards. */
static void link_answer(struct link *k)
{
	struct buf *out = practice_server_output(k->server);
	struct stream *stream = k->stream;
	int sent = out->len > 0 ? stream_write(stream, buf_span(out)) : 0;

	buf_clear(out);
	if (sent != 0) {
		link_remove(k);
		stream_free(stream); /* it takes no more: the client never read */
	} else if (practice_server_done(k->server)) {
		link_close(k);
	} else if (practice_server_wants_tls(k->server)) {
		link_secure(k);
	}
}

static void link_data(void *arg, struct span bytes)
{
	struct link *k = arg;

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

static const struct stream_handler link_handler = {.data = link_data, .ended = link_ended};

static void serve(struct internet *n, struct world_host *host, struct stream *stream)
{
	struct link *k = mem_zero(sizeof *k);

	k->stream = stream;
	k->world = n->world;
	k->host = host;
	k->server = practice_server_new(n->world, host, stream_peer(stream),
	                                net_address_port(stream_local(stream)));
	k->next = n->links;
	k->back = &n->links;
	if (k->next)
		k->next->back = &k->next;
	n->links = k;
	stream_handle(stream, &link_handler, k);
	link_answer(k);
}

/* --- dialling --- */

static struct stream *connect_to(struct internet *n, const struct net_address *to)
{
	struct stream *near = NULL, *far = NULL;
	struct net_address here;

	net_address_parse(span_of(client_address), n->next_port, &here);
	n->next_port = n->next_port < LAST_PORT ? n->next_port + 1 : FIRST_PORT;
	stream_pair(n->base.loop, &here, to, &near, &far);
	serve(n, world_host_at(n->world, to), far);
	return near;
}

static void dial_due(void *arg)
{
	struct network_dial *d = arg;
	struct network_dial done = *d;

	loop_timer_free(d->timer);
	free(d);
	done.fn(done.arg, done.error ? NULL : connect_to(done.net, &done.to), done.error);
}

static int dial_error(const struct internet *n, const struct net_address *to)
{
	const struct world_host *host = world_host_at(n->world, to);

	if (!host)
		return EHOSTUNREACH;
	switch (host->behaviour) {
	case HOST_SERVES: return world_host_listens(host, net_address_port(to)) ? 0 : ECONNREFUSED;
	case HOST_DEAD: return ETIMEDOUT;
	case HOST_REFUSES: return ECONNREFUSED;
	}
	return EHOSTUNREACH;
}

static struct network_dial *dial(struct network *base, const struct net_address *to, int64_t ms,
                                 network_dial_fn *fn, void *arg)
{
	struct network_dial *d = mem_zero(sizeof *d);
	int64_t wait = TRAVEL_MS;

	d->net = (struct internet *)base;
	d->to = *to;
	d->fn = fn;
	d->arg = arg;
	d->error = dial_error(d->net, to);
	if (d->error == ETIMEDOUT)
		wait = ms < PATIENCE_MS ? ms : PATIENCE_MS;
	d->timer = loop_timer_new(base->loop, wait, dial_due, d);
	return d;
}

static void dial_cancel(struct network_dial *d)
{
	loop_timer_free(d->timer);
	free(d);
}

/* --- asking --- */

static void query_due(void *arg)
{
	struct network_query *q = arg;
	struct network_query done = *q;

	loop_timer_free(q->timer);
	free(q);
	done.fn(done.arg, done.answer);
}

static struct network_query *query(struct network *base, const char *name, enum dns_type type,
                                   network_query_fn *fn, void *arg)
{
	struct network_query *q = mem_zero(sizeof *q);

	q->net = (struct internet *)base;
	q->fn = fn;
	q->arg = arg;
	q->answer = world_answer(q->net->world, name, type);
	q->timer = loop_timer_new(base->loop, 0, query_due, q);
	return q;
}

static void query_cancel(struct network_query *q)
{
	loop_timer_free(q->timer);
	dns_answer_free(q->answer);
	free(q);
}

/* --- the network --- */

static void internet_free(struct network *base)
{
	struct internet *n = (struct internet *)base;
	struct link *k = n->links;

	while (k) {
		struct link *next = k->next;

		stream_free(k->stream);
		link_free(k);
		k = next;
	}
	free(n);
}

static const struct network_ops ops = {
        .dial = dial,
        .dial_cancel = dial_cancel,
        .query = query,
        .query_cancel = query_cancel,
        .free = internet_free,
};

struct network *practice_internet_new(struct loop *l, struct world *w)
{
	struct internet *n = mem_zero(sizeof *n);

	n->base = (struct network){.ops = &ops, .loop = l, .name = "practice"};
	n->world = w;
	n->next_port = FIRST_PORT;
	return &n->base;
}
