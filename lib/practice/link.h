/*
 * link: the hosts' ends of connections: a practice server for each, on a stream.
 *
 * Where the other end is does not matter: inside the process (internet.h) or beyond a port
 * (ports.h). Streams are handed over; the world must outlive the links.
 */
#ifndef PRACTICE_LINK_H
#define PRACTICE_LINK_H

#include "net/stream.h"
#include "practice/world.h"

struct links;

enum link_event_type {
	LINK_OPENED, /* `reply` is the greeting; empty on a port that begins with TLS */
	LINK_ANSWERED,
	LINK_SECURED,  /* TLS has begun */
	LINK_INSECURE, /* the handshake failed: `why` says how */
	LINK_CLOSED,
	LINK_TURNED_AWAY, /* by ports.h, with `reply`: there was no session */
};
struct link_event {
	enum link_event_type type;
	const struct world_host *host;
	unsigned port;                  /* as the host sees it: 25, 587, 465 */
	const struct net_address *peer; /* as the stream sees it */
	struct span command; /* the line; empty for message text, chunks and answers of AUTH. Bytes
	                        of the client, and for AUTH a secret */
	struct span reply;   /* lines, each with CRLF */
	const char *why;     /* as world_why(); "" */
};
typedef void link_fn(void *arg, const struct link_event *ev);

/* `fn`, which may be NULL, hears of everything; it must not free the links. */
struct links *links_new(struct world *w, link_fn *fn, void *arg);
/* Links that begin from now on end when the client says nothing for smtpd_timeout. */
void links_limit_idle(struct links *ls);
void links_free(struct links *ls); /* cuts all; NULL is allowed */
size_t links_count(const struct links *ls);
/* Begins a session of the host. `client` is the address that the host sees. */
void links_serve(struct links *ls, struct world_host *host, struct stream *stream,
                 const struct net_address *client, unsigned port);

#endif
