/*
 * internet: which of the two internets a command works on: the real one, or the practice one.
 */
#ifndef UI_INTERNET_H
#define UI_INTERNET_H

#include "base/diag.h"
#include "net/network.h"
#include "practice/world.h"
#include "ui/options.h"

/* By --practice and --dns. 0, and *n, with *w for the practice internet (else NULL); both are the
 * caller's, the network is to be freed first. -1 and ds. */
int internet_open(const struct options *o, struct loop *l, struct network **n, struct world **w,
                  struct diags *ds);

#endif
