/*
 * listener: takes connections on a local port.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "base/diag.h"
#include "net/stream.h"

struct listener;
typedef void listener_fn(void *arg, struct stream *stream); /* handed over */

/* Port 0 lets the kernel choose. NULL and d on failure. */
struct listener *listener_new(struct loop *l, const struct net_address *at, listener_fn *fn,
                              void *arg, struct diag *d);
const struct net_address *listener_address(const struct listener *l);
void listener_free(struct listener *l);

#endif
