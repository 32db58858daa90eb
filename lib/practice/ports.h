/*
 * ports: the practice internet's hosts and its DNS on real ports, so that any program can talk to
 * them.
 *
 * Each port of each host has a port of this machine, counted upwards from the first. A host that
 * refuses has a number but no listener. One that is dead takes connections and says nothing: a real
 * port cannot do worse. Connections beyond a number, and new ones of one address beyond a number a
 * minute, are turned away with 421. Mailboxes keep their newest 100 messages. The world must
 * outlive the ports; freeing cuts all connections.
 */
#ifndef PRACTICE_PORTS_H
#define PRACTICE_PORTS_H

#include "base/diag.h"
#include "practice/link.h"

struct ports_settings {
	struct net_address at;     /* whose port is not looked at */
	unsigned first, dns;       /* 0: the kernel chooses */
	struct world_host *only;   /* NULL: all hosts */
	struct net_address client; /* as whom the hosts see everybody; len 0: as who they are */
	unsigned most;             /* connections at once */
	unsigned rate;             /* new ones of an address in a minute; 0: any number */
	link_fn *fn;               /* may be NULL */
	void *arg;
};

struct port {
	struct world_host *host;
	unsigned port;              /* of the host: 25, 587, 465 */
	struct net_address address; /* here; its port is 0 for a host that refuses where the kernel
	                               chooses */
};

struct ports;

/* NULL and d when a port cannot be had; then none is open. */
struct ports *ports_new(struct loop *l, struct world *w, const struct ports_settings *s,
                        struct diag *d);
void ports_free(struct ports *p);                             /* NULL is allowed */
const struct port *ports_at(const struct ports *p, size_t i); /* NULL past the end */
const struct net_address *ports_dns(const struct ports *p);

#endif
