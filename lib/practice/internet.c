/*
 * A dial makes a pair of streams: one end for who dialled, the other for the host (link.c). Both
 * live on the loop, so that a conversation on the practice internet takes the same ways through
 * the program as one on the real one. A dial to a dead host waits as a real one would, but not
 * longer than a learner's patience.
 */
#include "practice/internet.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "practice/link.h"

#define PATIENCE_MS 3000   /* of a dial to a dead host, and a question that is never answered */
#define TRAVEL_MS   0      /* of a dial that is answered */
#define FIRST_PORT  49152u /* the dynamic ports, RFC 6335 §6 */
#define LAST_PORT   65535u

static const char client_address[] = "192.0.2.77";

struct internet {
	struct network base;
	struct world *world;
	struct links *links;
	unsigned next_port;
	int64_t patience;
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

/* --- dialling --- */

static struct stream *connect_to(struct internet *n, const struct net_address *to)
{
	struct stream *near = NULL, *far = NULL;
	struct net_address here;

	net_address_parse(span_of(client_address), n->next_port, &here);
	n->next_port = n->next_port < LAST_PORT ? n->next_port + 1 : FIRST_PORT;
	stream_pair(n->base.loop, &here, to, &near, &far);
	links_serve(n->links, world_host_at(n->world, to), far, &here, net_address_port(to));
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
		wait = ms < d->net->patience ? ms : d->net->patience;
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
	q->timer = loop_timer_new(base->loop,
	                          q->answer->status == DNS_STATUS_TIMEOUT ? q->net->patience : 0,
	                          query_due, q);
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

	links_free(n->links);
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
	n->links = links_new(w, NULL, NULL);
	n->next_port = FIRST_PORT;
	n->patience = PATIENCE_MS;
	return &n->base;
}

void practice_internet_set_patience(struct network *base, int64_t ms)
{
	struct internet *n = (struct internet *)base;

	n->patience = ms;
}
