/*
 * serve_world: `smtptalk serve` without a file: the practice internet's hosts and its DNS on ports
 * of this machine; with --postfix one host, by a main.cf of the user's own.
 */
#ifndef UI_SERVE_WORLD_H
#define UI_SERVE_WORLD_H

#include <stdbool.h>

#include "ui/options.h"

/* Serves until SIGINT or SIGTERM. Gives the exit status. */
int serve_world_main(const struct options *o, bool utf8, struct diags *ds);

#endif
