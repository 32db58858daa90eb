/*
 * fetch: the file that a check fetches over HTTPS, once, and who may fetch it.
 *
 * Kept like a look-up: asked for again and again by a part, fetched once. Owns the result. Limit:
 * one file a check.
 */
#ifndef CHECK_FETCH_H
#define CHECK_FETCH_H

#include "net/https.h"

struct fetcher { /* borrowed as long as the check lives */
	struct network *network;
	struct tls_context *tls;
	unsigned port;    /* 443, unless --https-port says another */
	int64_t ms;       /* for the whole of one fetch */
	bool private_too; /* also from private and loopback addresses */
};

struct fetch;
/* by NULL: nothing is fetched. `changed` is called from the loop when the result came. */
struct fetch *fetch_new(const struct fetcher *by, void (*changed)(void *arg), void *arg);
void fetch_free(struct fetch *f); /* NULL is allowed */
const struct fetcher *fetch_by(const struct fetch *f);
/* The result, borrowed; NULL: it is on its way. fetch_by() must not be NULL. */
const struct https_result *fetch_ask(struct fetch *f, const char *host, const char *path,
                                     const struct net_address *addresses, size_t count,
                                     size_t body_max);

#endif
