/*
 * resolver_try: one question to one name server: over UDP, and over TCP when the answer was cut.
 *
 * For resolver.c. The callback comes once, from the loop, and the try is gone before it is called.
 */
#ifndef NET_RESOLVER_TRY_H
#define NET_RESOLVER_TRY_H

#include <stdint.h>

#include "net/dns.h"
#include "net/loop.h"

struct resolver_question {
	struct net_address server;
	const char *name;
	enum dns_type type;
	int64_t ms;       /* for UDP, and again for TCP */
	int64_t deadline; /* clock_ms() at which both must be over */
};

struct resolver_try;
/* The answer is handed over. TIMEOUT and UNREACHABLE are answers without `server`. */
typedef void resolver_try_fn(void *arg, struct dns_answer *answer);

struct resolver_try *resolver_try_new(struct loop *l, const struct resolver_question *q,
                                      resolver_try_fn *fn, void *arg);
void resolver_try_free(struct resolver_try *t); /* NULL is allowed */

#endif
