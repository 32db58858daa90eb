/*
 * Only passes on: what a network does is in its implementation.
 */
#include "net/network.h"

struct network_dial *network_dial(struct network *n, const struct net_address *to, int64_t ms,
                                  network_dial_fn *fn, void *arg)
{
	return n->ops->dial(n, to, ms, fn, arg);
}

void network_dial_cancel(struct network_dial *d, struct network *n)
{
	if (d)
		n->ops->dial_cancel(d);
}

struct network_query *network_query(struct network *n, const char *name, enum dns_type type,
                                    network_query_fn *fn, void *arg)
{
	return n->ops->query(n, name, type, fn, arg);
}

void network_query_cancel(struct network_query *q, struct network *n)
{
	if (q)
		n->ops->query_cancel(q);
}

void network_free(struct network *n)
{
	if (n)
		n->ops->free(n);
}
