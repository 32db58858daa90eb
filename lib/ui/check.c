/*
 * The command only chooses: what is checked is in lib/check, how it is shown in check_*.c.
 */
#include "ui/check.h"

#include "net/loop.h"
#include "ui/check_names.h"
#include "ui/check_spf.h"
#include "ui/internet.h"

int check_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct loop *l = loop_new();
	struct network *n = NULL;
	struct world *w = NULL;
	int status;

	if (internet_open(o, l, &n, &w, ds) != 0)
		status = diag_exit_status(&ds->list[0]);
	else if (o->spf_only)
		status = check_spf_main(o, n, utf8, ds);
	else
		status = check_names_main(o, n, utf8, ds);
	if (n)
		network_free(n);
	if (w)
		world_free(w);
	loop_free(l);
	return status;
}
