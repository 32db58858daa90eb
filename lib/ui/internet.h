/*
 * internet: which of the two internets a command works on: the real one, or the practice one.
 */
#ifndef UI_INTERNET_H
#define UI_INTERNET_H

#include "base/diag.h"
#include "net/network.h"
#include "net/resolver.h"
#include "net/tls.h"
#include "practice/world.h"
#include "ui/options.h"

/* By --practice and --dns. 0, and *n, with *w for the practice internet (else NULL); both are the
 * caller's, the network is to be freed first. -1 and ds. */
int internet_open(const struct options *o, struct loop *l, struct network **n, struct world **w,
                  struct diags *ds);

/* Whom to ask, by --dns, --dns-timeout and --resolve; NULL: nothing of that was said. -1 and d. */
int internet_dns(const struct options *o, struct resolver_config **out, struct diag *d);

/* A client's TLS context by --ca-file, --tls-min and the like; the practice internet has an
 * authority of its own. NULL and ds. */
struct tls_context *internet_tls(const struct options *o, struct world *w, struct diags *ds);

/* The name that this machine gives of itself: --helo, or what the system says; heap. */
char *internet_own_name(const struct options *o);

#endif
