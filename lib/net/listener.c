/*
 * A listener is libevent's evconnlistener. When accept() fails for want of descriptors the same
 * connection would be reported again at once, for ever; so it rests a moment first.
 */
#include "net/listener.h"

#include <errno.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/loop_base.h"

#define REST_MS 200

struct listener {
	struct loop *loop;
	struct evconnlistener *inner;
	struct loop_timer *rest;
	struct net_address address;
	listener_fn *fn;
	void *arg;
};

static void on_accept(struct evconnlistener *inner, evutil_socket_t fd, struct sockaddr *sa, int n,
                      void *arg)
{
	struct listener *l = arg;

	(void)inner, (void)sa, (void)n;
	l->fn(l->arg, stream_from_socket(l->loop, fd));
}

static void rested(void *arg)
{
	struct listener *l = arg;

	loop_timer_free(l->rest);
	l->rest = NULL;
	evconnlistener_enable(l->inner);
}

static void on_error(struct evconnlistener *inner, void *arg)
{
	struct listener *l = arg;

	evconnlistener_disable(inner);
	if (!l->rest)
		l->rest = loop_timer_new(l->loop, REST_MS, rested, l);
}

static void listen_fault(const struct net_address *at, int error, struct diag *d)
{
	char text[NET_ADDRESS_TEXT];

	diag_set(d, DIAG_NETWORK, NULL, "cannot listen on %s: %s", net_address_port_text(at, text),
	         strerror(error));
	if (error == EACCES)
		diag_hint(d, "ports below 1024 are for root; try 2525");
	else if (error == EADDRINUSE)
		diag_hint(d, "another program listens there; choose another port");
}

struct listener *listener_new(struct loop *l, const struct net_address *at, listener_fn *fn,
                              void *arg, struct diag *d)
{
	struct listener *new = mem_zero(sizeof(*new));

	*new = (struct listener){.loop = l, .fn = fn, .arg = arg};
	new->inner = evconnlistener_new_bind(loop_base(l), on_accept, new,
	                                     LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
	                                             LEV_OPT_REUSEABLE,
	                                     -1, (const struct sockaddr *)&at->sa, (int)at->len);
	if (!new->inner) {
		listen_fault(at, errno, d);
		free(new);
		return NULL;
	}
	evconnlistener_set_error_cb(new->inner, on_error);
	new->address.len = sizeof(new->address.sa);
	if (getsockname(evconnlistener_get_fd(new->inner), (struct sockaddr *)&new->address.sa,
	                &new->address.len) != 0)
		new->address = *at;
	return new;
}

const struct net_address *listener_address(const struct listener *l)
{
	return &l->address;
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	loop_timer_free(l->rest);
	evconnlistener_free(l->inner);
	free(l);
}
