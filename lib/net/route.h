/*
 * route: which hosts take a domain's mail, in the order in which they are to be tried (RFC 5321
 * §5.1, RFC 7505), and everything a reader should know about how that was found out.
 *
 * The route is owned by who got it. A failed look-up is a status, with the evidence beside it.
 * Limits: all MX records are kept (dns.h's cap), the addresses of the first ROUTE_HOSTS_TRIED hosts
 * are looked up, in parallel.
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/dns.h"
#include "net/network.h"

#define ROUTE_HOSTS_TRIED   5
#define ROUTE_ADDRESSES_MAX 16

enum route_kind {
	ROUTE_MX,       /* the hosts are MX records */
	ROUTE_IMPLICIT, /* no MX record: the domain's own address (RFC 5321 §5.1) */
	ROUTE_NULL_MX,  /* one "MX 0 .": the domain takes no mail (RFC 7505); no hosts */
	ROUTE_NONE,     /* neither MX nor address, or no such name; no hosts */
	ROUTE_UNKNOWN,  /* the MX look-up failed: we do not know; no hosts */
	ROUTE_DIRECT,   /* a host or address that was named outright; not looked up as a mail domain
	                 */
};

struct route_host {
	char *name;          /* as in the record, or the address literal */
	unsigned preference; /* MX only */
	bool looked_up;      /* false for hosts beyond ROUTE_HOSTS_TRIED */
	bool is_literal; /* the MX is an IP address, which RFC 5321 §5.1 / RFC 1035 does not allow
	                  */
	bool is_null;    /* "." beside other MX records: a fault of the domain */
	char *alias;     /* the MX is a CNAME to this, which RFC 2181 §10.3 forbids; or NULL */
	enum dns_status v4, v6; /* how the two address look-ups ended; DNS_STATUS_COUNT: not made */
	struct net_address
	        addresses[ROUTE_ADDRESSES_MAX]; /* with port; IPv6 and IPv4 in turn (RFC 8305) */
	size_t address_count, dropped;
	enum net_range worst; /* of its addresses: PUBLIC, or the first that is not */
};

struct route {
	enum route_kind kind;
	char *domain; /* ASCII */
	/* The evidence: the MX answer. For NONE and UNKNOWN the answer that decided, which may be
	 * one to A or AAAA (see its type). NULL for ROUTE_DIRECT. */
	struct dns_answer *mx;
	struct route_host *hosts; /* in the order of trying; equal preferences shuffled */
	size_t count;
};

void route_free(struct route *r);
/* The way to a socket in the file system, which nobody need be asked for: ROUTE_DIRECT. */
struct route *route_new_local(const char *path, const struct net_address *a);

enum route_family { ROUTE_BOTH, ROUTE_V4, ROUTE_V6 };

struct route_search;
typedef void route_fn(void *arg, struct route *route); /* handed over; never NULL */

/* Looks a mail domain up. `domain` is ASCII (idn.h). An address, with or without the brackets of a
 * literal, is ROUTE_DIRECT; brackets around something else are UNKNOWN with BAD_NAME. */
struct route_search *route_find(struct network *n, const char *domain, unsigned port,
                                enum route_family family, route_fn *fn, void *arg);
/* A host by name or address, without asking for MX: ROUTE_DIRECT (count 1), or NONE/UNKNOWN. */
struct route_search *route_find_host(struct network *n, const char *host, unsigned port,
                                     enum route_family family, route_fn *fn, void *arg);
void route_cancel(struct route_search *s);

#endif
