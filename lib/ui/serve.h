/*
 * serve: `smtptalk serve FILE`: plays a session file's server side on a local port; without a file
 * the practice internet is served (serve_world.h).
 */
#ifndef UI_SERVE_H
#define UI_SERVE_H

#include <stdbool.h>

#include "net/address.h"
#include "ui/options.h"

/* Gives the exit status: 4 when a client's lines differed from the file's. */
int serve_main(const struct options *o, bool utf8, struct diags *ds);

/* By --listen and --port; `port` where neither says one. 0, or -1 and d. */
int serve_listen_address(const struct options *o, unsigned port, struct net_address *at,
                         struct diag *d);

#endif
