/*
 * route_view: a route in words: which hosts, in which order, and why; or why there is none.
 *
 * Owns nothing.
 */
#ifndef UI_ROUTE_VIEW_H
#define UI_ROUTE_VIEW_H

#include <stdbool.h>

#include "net/route.h"
#include "ui/view.h"

/* As notes (`answer` false) or as the answer to a question (true: shown always, all hosts). */
void route_view(struct view *v, const struct route *r, bool answer);
/* Fills d (DIAG_NETWORK) with why nobody can be connected to. False when somebody can. */
bool route_dead_end(const struct route *r, struct diag *d);
/* The first host whose mail route leads into a network that no public mail host can be in, or NULL:
 * something to ask about. Hosts that were named outright are never asked about. */
const struct route_host *route_suspicious(const struct route *r);

#endif
