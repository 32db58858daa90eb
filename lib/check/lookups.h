/*
 * lookups: what was asked of the DNS for one check, and what came.
 *
 * A check is a function over what is known: it asks for each answer that it needs, stops where one
 * is still on its way, and is called again when something came. So it is written as if everything
 * were there at once, everything it can ask is asked in parallel, and nothing is asked twice.
 *
 * Owned by who made it, with the answers. Freeing it cancels what is on its way. The network is
 * borrowed. Limits: LOOKUPS_MAX questions (more get an answer with DNS_STATUS_OTHER), and one
 * deadline over all of them: what is not there by then is DNS_STATUS_TIMEOUT.
 */
#ifndef CHECK_LOOKUPS_H
#define CHECK_LOOKUPS_H

#include "net/dns.h"
#include "net/network.h"

#define LOOKUPS_MAX 2000u

struct lookups;

/* Called from the loop whenever an answer came. */
typedef void lookups_fn(void *arg);

/* ms: the deadline, from now. */
struct lookups *lookups_new(struct network *n, int64_t ms, lookups_fn *changed, void *arg);
void lookups_free(struct lookups *l); /* NULL is allowed; also from its callback */

/* The answer, borrowed; NULL: it was asked for, now or before, and is on its way. Names are ASCII,
 * in any case, with or without a final dot. */
const struct dns_answer *lookups_ask(struct lookups *l, const char *name, enum dns_type type);
size_t lookups_waiting(const struct lookups *l); /* how many are on their way */
size_t lookups_count(const struct lookups *l);   /* how many were asked */

#endif
