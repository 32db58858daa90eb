/*
 * The practice internet is read from its files when a command asks for it, never before: the real
 * one must start without them.
 */
#include "ui/internet.h"

#include <stdlib.h>

#include "base/datadir.h"
#include "net/resolver.h"
#include "practice/internet.h"

static void practice(struct loop *l, struct network **n, struct world **w, struct diags *ds,
                     struct diag *d)
{
	char *datadir = datadir_find(d);

	*w = datadir ? world_load(datadir, ds) : NULL;
	free(datadir);
	if (*w)
		*n = practice_internet_new(l, *w);
}

int internet_open(const struct options *o, struct loop *l, struct network **n, struct world **w,
                  struct diags *ds)
{
	struct resolver_config *dns = NULL;
	struct diag d;

	*n = NULL;
	*w = NULL;
	diag_init(&d);
	if (o->practice) {
		practice(l, n, w, ds, &d);
	} else {
		if (o->dns)
			dns = resolver_config_parse(o->dns, &d);
		if (d.kind == DIAG_NONE)
			*n = network_real_new(l, dns);
	}
	if (d.kind != DIAG_NONE)
		diags_add_copy(ds, &d);
	diag_release(&d);
	return *n ? 0 : -1;
}
