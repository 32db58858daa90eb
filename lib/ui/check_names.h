/*
 * check_names: checks one name or many, side by side, and shows the results in the order given.
 */
#ifndef UI_CHECK_NAMES_H
#define UI_CHECK_NAMES_H

#include "base/diag.h"
#include "net/network.h"
#include "ui/options.h"

/* The names are o->args, "-": one a line on standard input; without any, the domain of --from.
 * `prober` may be NULL: no mail host is spoken to. The exit status: the worst of all (4 bad, then 3
 * could not tell, then 0); 1 and ds: usage. */
struct check_prober;
int check_names_main(const struct options *o, struct network *n, const struct check_prober *prober,
                     bool utf8, struct diags *ds);

#endif
