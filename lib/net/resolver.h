/*
 * resolver: asynchronous DNS look-ups over our own sockets.
 *
 * Each try is a connected, non-blocking UDP socket of its own (random port by the kernel) with a
 * random id; answers that are not ours are dropped and waiting goes on (RFC 5452); truncation
 * leads to TCP; one deadline covers all tries of a look-up. Servers are tried in order, `attempts`
 * rounds; a server that answers SERVFAIL or REFUSED is remembered as the reason and the next is
 * asked. At most RESOLVER_OPEN_MAX look-ups are under way at a time, so that a crowd of them
 * neither floods a server nor runs out of sockets; the others wait their turn, and their clock with
 * them.
 */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include <stdint.h>

#include "base/diag.h"
#include "net/dns.h"
#include "net/loop.h"

#define RESOLVER_SERVERS_MAX 3
#define RESOLVER_OPEN_MAX    400
#define RESOLV_CONF          "/etc/resolv.conf"

struct resolver_config {
	struct net_address servers[RESOLVER_SERVERS_MAX]; /* with port */
	int count;
	int timeout_ms;               /* of one try; default 5000, as resolv.conf(5) */
	int attempts;                 /* rounds over all servers; default 2 */
	struct resolver_given *given; /* addresses that are not asked for */
	size_t given_count, given_room;
};

/* Reads resolv.conf: nameserver (IPv6 with %scope too; port 53), options timeout:n attempts:n;
 * comments (# and ;) and unknown words are passed over. No nameserver: 127.0.0.1, as libc does. A
 * missing file counts as empty. NULL and d when the file exists but cannot be read. */
struct resolver_config *resolver_config_load(const char *path, struct diag *d);
/* From text "ADDR[:PORT]" or "[V6]:PORT". NULL and d (DIAG_USAGE) otherwise. */
struct resolver_config *resolver_config_parse(const char *text, struct diag *d);
/* How long one look-up may take, over all its tries. */
void resolver_config_limit(struct resolver_config *c, int64_t ms);
/* From text "HOST:ADDR": A and AAAA of that host are answered with this, and nobody is asked. -1
 * and d (DIAG_USAGE) otherwise. */
int resolver_config_give(struct resolver_config *c, const char *text, struct diag *d);
/* What is given for that question, an answer with `given` set; NULL: it has to be asked. */
struct dns_answer *resolver_config_given(const struct resolver_config *c, const char *name,
                                         enum dns_type type);
void resolver_config_free(struct resolver_config *c); /* NULL is allowed */

struct resolver;
struct resolver_query;
typedef void resolver_fn(void *arg, struct dns_answer *answer); /* handed over */

/* The resolver must outlive its queries. */
struct resolver *resolver_new(struct loop *l, struct resolver_config *take);
void resolver_free(struct resolver *r);
/* The callback comes once, from the loop, unless cancelled. CNAMEs are followed across answers. */
struct resolver_query *resolver_ask(struct resolver *r, const char *name, enum dns_type type,
                                    resolver_fn *fn, void *arg);
void resolver_cancel(struct resolver_query *q);

#endif
