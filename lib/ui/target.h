/*
 * target: whom to talk to, from what the user wrote.
 *
 *     host port   host:port   [v6]:port   user@domain   domain   address
 *     smtp://host[:port]   smtps://…   lmtp://…   unix:/path
 *
 * A bare name is a mail domain, whose MX is asked for; an address or an explicit port is a host
 * that is connected to straight away, as with telnet. A target owns its strings.
 */
#ifndef UI_TARGET_H
#define UI_TARGET_H

#include <stdbool.h>

#include "base/diag.h"
#include "net/route.h"
#include "ui/options.h"

enum target_kind {
	TARGET_DOMAIN, /* `name`: ask for its MX */
	TARGET_HOST,   /* `name`: a host or an address */
	TARGET_UNIX,   /* `name`: a path */
};

struct target {
	enum target_kind kind;
	char *name;    /* ASCII; an IPv6 address without brackets */
	char *domain;  /* the mail domain that was named, or NULL */
	char *mailbox; /* "user@domain" as written, or NULL */
	unsigned port;
	bool tls;  /* smtps:// */
	bool lmtp; /* lmtp:// */
};

/* Reads one or two words; --port and --host of `o` count. 0, or -1 and d (DIAG_USAGE). */
int target_read(struct target *t, char *const *words, size_t count, const struct options *o,
                struct diag *d);
/* Looks up where a domain's mail goes, or a host's address, as -4 and -6 allow; not for a socket.
 */
struct route_search *target_find_route(const struct target *t, struct network *n,
                                       const struct options *o, route_fn *fn, void *arg);
/* The way to a socket; NULL and d (DIAG_USAGE) when its path is too long. */
struct route *target_local_route(const struct target *t, struct diag *d);
void target_release(struct target *t); /* also of a zeroed one */

#endif
