/*
 * The real internet. A dial is one non-blocking connect() and one event that waits for it to become
 * writable or for the deadline; a connect() that fails at once waits for the loop all the same,
 * because the callback never comes from within network_dial(). Queries go through the resolver,
 * which is made when the first one comes: a talk to an address needs no resolv.conf.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/loop_base.h"
#include "net/network.h"
#include "net/resolver.h"

struct network_dial {
	struct loop *loop;
	int fd; /* -1 when it failed at once */
	int error;
	struct event *event;
	network_dial_fn *fn;
	void *arg;
};

struct real_network {
	struct network network; /* first */
	struct resolver_config *config;
	struct resolver *resolver;
	struct net_address from; /* len 0: any */
};

static void dial_free(struct network_dial *d)
{
	event_free(d->event);
	if (d->fd >= 0)
		close(d->fd);
	free(d);
}

/* How connect() ended on a socket that became writable. */
static int connect_error(int fd)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) != 0)
		return errno;
	return error;
}

static void dial_done(evutil_socket_t fd, short what, void *arg)
{
	struct network_dial *d = arg;
	network_dial_fn *fn = d->fn;
	void *fn_arg = d->arg;
	struct stream *stream = NULL;
	int error = d->error;

	(void)fd;
	if (loop_closing(d->loop))
		return;
	if (!error)
		error = (what & EV_TIMEOUT) ? ETIMEDOUT : connect_error(d->fd);
	if (!error) {
		stream = stream_from_socket(d->loop, d->fd);
		d->fd = -1;
	}
	dial_free(d);
	fn(fn_arg, stream, error);
}

/* A port that was named may still be busy with the last connection from it. */
static int bind_local(int fd, const struct net_address *from)
{
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return bind(fd, (const struct sockaddr *)&from->sa, from->len) == 0 ? 0 : errno;
}

static int begin_connect(const struct net_address *from, const struct net_address *to, int *fd)
{
	int error = 0;

	*fd = socket(to->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return errno;
	if (from->len > 0)
		error = bind_local(*fd, from);
	if (error)
		return error;
	if (connect(*fd, (const struct sockaddr *)&to->sa, to->len) == 0 || errno == EINPROGRESS)
		return 0;
	return errno;
}

static struct network_dial *real_dial(struct network *n, const struct net_address *to, int64_t ms,
                                      network_dial_fn *fn, void *arg)
{
	struct network_dial *d = mem_zero(sizeof(*d));
	struct timeval tv;

	d->loop = n->loop;
	d->fn = fn;
	d->arg = arg;
	d->error = begin_connect(&((struct real_network *)n)->from, to, &d->fd);
	tv = loop_timeval(d->error ? 0 : ms);
	d->event = event_new(loop_base(n->loop), d->error ? -1 : d->fd,
	                     EV_TIMEOUT | (d->error ? 0 : EV_WRITE), dial_done, d);
	event_add(d->event, &tv);
	return d;
}

static void real_dial_cancel(struct network_dial *d)
{
	dial_free(d);
}

/* --- queries --- */

/* An unreadable resolv.conf counts as an empty one: what then fails is a look-up, with a status
 * that says so. */
static struct resolver *resolver_of(struct real_network *r)
{
	struct diag d;

	if (r->resolver)
		return r->resolver;
	diag_init(&d);
	if (!r->config)
		r->config = resolver_config_load(RESOLV_CONF, &d);
	if (!r->config)
		r->config = resolver_config_parse("127.0.0.1", &d);
	diag_release(&d);
	r->resolver = resolver_new(r->network.loop, r->config);
	r->config = NULL;
	return r->resolver;
}

static struct network_query *real_query(struct network *n, const char *name, enum dns_type type,
                                        network_query_fn *fn, void *arg)
{
	struct real_network *r = (struct real_network *)n;

	return (struct network_query *)resolver_ask(resolver_of(r), name, type, fn, arg);
}

static void real_query_cancel(struct network_query *q)
{
	resolver_cancel((struct resolver_query *)q);
}

static void real_free(struct network *n)
{
	struct real_network *r = (struct real_network *)n;

	if (r->resolver)
		resolver_free(r->resolver);
	resolver_config_free(r->config);
	free(r);
}

static const struct network_ops real_ops = {
        .dial = real_dial,
        .dial_cancel = real_dial_cancel,
        .query = real_query,
        .query_cancel = real_query_cancel,
        .free = real_free,
};

void network_real_set_local(struct network *n, const struct net_address *from)
{
	((struct real_network *)n)->from = *from;
}

struct network *network_real_new(struct loop *l, struct resolver_config *dns)
{
	struct real_network *r = mem_zero(sizeof(*r));

	r->network.ops = &real_ops;
	r->network.loop = l;
	r->network.name = "internet";
	r->config = dns;
	return &r->network;
}
