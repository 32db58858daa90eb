/*
 * serve: `smtptalk serve FILE`: plays a session file's server side on a local port.
 */
#ifndef UI_SERVE_H
#define UI_SERVE_H

#include <stdbool.h>

#include "ui/options.h"

/* Gives the exit status: 4 when a client's lines differed from the file's. */
int serve_main(const struct options *o, bool utf8, struct diags *ds);

#endif
