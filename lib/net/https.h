/*
 * https: fetches one small file over HTTPS, through a network, as a policy host must be asked (RFC
 * 8461 §3.3): the certificate has to be proven before anything is asked, redirects are told and not
 * followed, one deadline covers connecting, the handshake and the reply.
 *
 * The addresses are tried one after the other; what is left of the time is shared among them. The
 * callback comes once, from the loop, unless the fetch is cancelled before. A result is owned by
 * who got it; its strings and its body are the server's and not safe to show.
 */
#ifndef NET_HTTPS_H
#define NET_HTTPS_H

#include "net/http_reply.h"
#include "net/network.h"
#include "net/tls.h"

struct https_question { /* borrowed during https_get() */
	const char *host, *path;
	const struct net_address *addresses; /* their ports do not count */
	size_t count;                        /* at most HTTPS_ADDRESSES_MAX are tried */
	unsigned port;
	struct tls_context *tls; /* borrowed until the end */
	size_t body_max;
	int64_t ms;
};
#define HTTPS_ADDRESSES_MAX 8u

enum https_end {
	HTTPS_REPLY,         /* one came, whole; its status may be any */
	HTTPS_NO_CONNECTION, /* `error` is the last errno value */
	HTTPS_NO_TLS,        /* connected, but there was no handshake */
	HTTPS_UNPROVEN,      /* the certificate proves nothing: nothing was asked */
	HTTPS_BROKEN,        /* the reply breaks a rule, or is not whole */
	HTTPS_TOO_LONG,      /* its body is longer than body_max */
	HTTPS_LATE,          /* the deadline */
};

struct https_result {
	enum https_end end;
	int error;
	char *why; /* a sentence part; NULL for HTTPS_REPLY */
	struct http_reply reply;
	struct tls_report *tls; /* NULL: no handshake was begun */
	struct net_address from;
	bool connected; /* `from` counts */
	int64_t elapsed_ms;
};

struct https_fetch;
typedef void https_fn(void *arg, struct https_result *result); /* handed over, never NULL */

struct https_fetch *https_get(struct network *n, const struct https_question *q, https_fn *fn,
                              void *arg);
void https_cancel(struct https_fetch *f); /* NULL is allowed; not after the callback */
void https_result_free(struct https_result *r);

#endif
