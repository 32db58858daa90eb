/*
 * explain_cmd: `smtptalk explain [TEXT…]`: what a verb, a code, a keyword or a reply means.
 */
#ifndef UI_EXPLAIN_CMD_H
#define UI_EXPLAIN_CMD_H

#include <stdbool.h>

#include "ui/options.h"

/* Gives the exit status: 1 when nothing is known about the text. */
int explain_main(const struct options *o, bool utf8, struct diags *ds);

#endif
