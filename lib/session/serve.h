/*
 * serve: plays a session file's server side to everybody who connects to a local port.
 *
 * Each connection has a player of its own, so several may go on at once. Of a file with several
 * parts (parts.h) each connection plays the next one, whoever makes it, and the one after the last
 * begins anew; the parts of one round share their variables. Owned by who made it; freeing it cuts
 * all connections. The file is borrowed and must outlive it.
 */
#ifndef SESSION_SERVE_H
#define SESSION_SERVE_H

#include <stdbool.h>

#include "base/diag.h"
#include "net/address.h"
#include "net/loop.h"
#include "session/player.h"
#include "session/vars.h"

struct serve;

struct serve_event {
	enum serve_event_type {
		SERVE_LISTENING, /* `address` is the port that was taken */
		SERVE_CONNECTED, /* `address` is the client's */
		SERVE_PLAYED,    /* `address` likewise, and `result` */
	} type;
	const struct net_address *address;
	size_t part, parts; /* CONNECTED, PLAYED: which it is, from 1, and of how many */
	const struct player_result *result;
	bool last; /* PLAYED, with `once`: all is played, and no connection is left */
};

typedef void serve_fn(void *arg, const struct serve_event *ev);

/* `once`: one connection is taken for each part, and no other. LISTENING is told from the loop.
 * `timeout_ms` is how long each line of the client is awaited. NULL and d when the port cannot be
 * had, or the file has a step that no server can play. */
struct serve *serve_new(struct loop *l, const struct net_address *at, const struct session_file *f,
                        int64_t timeout_ms, bool once, serve_fn *fn, void *arg, struct diag *d);
/* With a certificate, sessions with TLS can be played, too; the context must outlive the serve. */
void serve_use_tls(struct serve *s, struct tls_context *c);
/* What every round begins with; copied. */
void serve_use_vars(struct serve *s, const struct session_vars *v);
void serve_free(struct serve *s); /* NULL is allowed; also from its callback */

#endif
