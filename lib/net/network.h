/*
 * network: the one interface behind which there are two internets, the real one and the practice
 * one. A network can dial and can query; everything above knows no more than that.
 *
 * dial() and query() never fail at once: the callback comes from the loop, exactly once, unless
 * the handle is cancelled before. A handle is gone after its callback. The network must outlive
 * its handles; the loop must outlive the network.
 */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include <stdint.h>

#include "net/address.h"
#include "net/dns.h"
#include "net/loop.h"
#include "net/stream.h"

struct network;
struct network_dial;
struct network_query;

/* stream is NULL on failure; error is then an errno value (ECONNREFUSED, ETIMEDOUT, ENETUNREACH,
 * EHOSTUNREACH, ECONNRESET, …). The stream is handed over. */
typedef void network_dial_fn(void *arg, struct stream *stream, int error);
/* The answer is handed over; never NULL. */
typedef void network_query_fn(void *arg, struct dns_answer *answer);

struct network_ops {
	struct network_dial *(*dial)(struct network *n, const struct net_address *to, int64_t ms,
	                             network_dial_fn *fn, void *arg);
	void (*dial_cancel)(struct network_dial *d);
	struct network_query *(*query)(struct network *n, const char *name, enum dns_type type,
	                               network_query_fn *fn, void *arg);
	void (*query_cancel)(struct network_query *q);
	void (*free)(struct network *n);
};

struct network { /* the first member of each implementation */
	const struct network_ops *ops;
	struct loop *loop;
	const char *name; /* "internet", "practice" */
};

struct network_dial *network_dial(struct network *n, const struct net_address *to, int64_t ms,
                                  network_dial_fn *fn, void *arg);
void network_dial_cancel(struct network_dial *d, struct network *n);
/* CNAMEs are followed, also across answers, to DNS_CNAME_MAX. Names are ASCII (see idn.h). */
struct network_query *network_query(struct network *n, const char *name, enum dns_type type,
                                    network_query_fn *fn, void *arg);
void network_query_cancel(struct network_query *q, struct network *n);
void network_free(struct network *n);

/* --- the real one (real.c) --- */
struct resolver_config;
/* Takes over `dns` (see resolver.h); NULL: /etc/resolv.conf is read when the first query needs it.
 */
struct network *network_real_new(struct loop *l, struct resolver_config *dns);
/* Connections go out from this address and port; a port of 0 is any. Addresses of the other family
 * can then not be connected to. Only for a network of network_real_new(). */
void network_real_set_local(struct network *n, const struct net_address *from);

#endif
