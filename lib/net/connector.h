/*
 * connector: tries every address of every host of a route, in order, until one connects.
 *
 * Within a host the addresses race as RFC 8305 says: the next starts when the one before failed or
 * 250 ms after it started; the first to connect wins and the others are dropped. The hosts go one
 * after another. Each step is told. The connector is owned by who made it; freeing it cancels all.
 * The route is borrowed and must outlive it.
 */
#ifndef NET_CONNECTOR_H
#define NET_CONNECTOR_H

#include "net/network.h"
#include "net/route.h"

#define CONNECTOR_STAGGER_MS 250

enum connector_event_type {
	CONNECTOR_HOST,      /* begins with `host` */
	CONNECTOR_TRYING,    /* began to dial `address` */
	CONNECTOR_FAILED,    /* `address` failed with `error` after `ms` */
	CONNECTOR_CONNECTED, /* `stream` is handed over; the connector is done */
	CONNECTOR_GAVE_UP,   /* every address of every host failed; the connector is done */
};

struct connector_event {
	enum connector_event_type type;
	const struct route_host *host;
	size_t host_index; /* in the route */
	const struct net_address *address;
	int error;  /* errno value */
	int64_t ms; /* since this address was begun */
	struct stream *stream;
	/* GAVE_UP: how they failed, each address once */
	size_t tried, timed_out, refused, unreachable, other;
};

typedef void connector_fn(void *arg, const struct connector_event *ev);
struct connector;

/* Begins with host `from` of the route. `ms` is the deadline of each address (default 30 s where
 * 0). */
struct connector *connector_new(struct network *n, const struct route *r, size_t from, int64_t ms,
                                connector_fn *fn, void *arg);
void connector_free(struct connector *c); /* NULL is allowed; also from its callback */

/* "host[address]:port", or "address:port" when there is no name; heap. */
char *connector_where(const struct route_host *h, const struct net_address *a);

/* Four different sentences for the four ways a connection fails (and one for the rest): "refused:
 * …". Static text. */
const char *connector_error_text(int error);

#endif
