/*
 * The command only chooses: what is checked is in lib/check, how it is shown in check_*.c.
 */
#include "ui/check.h"

#include "net/loop.h"
#include "ui/check_spf.h"
#include "ui/internet.h"

static int usage(struct diags *ds)
{
	diag_hint(diags_add(ds, DIAG_USAGE, "check", "only --spf-only can be asked for"),
	          "smtptalk check --spf-only --ip 192.0.2.1 --from me@example.org --helo "
	          "mail.example.org");
	return 1;
}

int check_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct loop *l = loop_new();
	struct network *n = NULL;
	struct world *w = NULL;
	int status;

	if (!o->spf_only || o->count > 0)
		status = usage(ds);
	else if (internet_open(o, l, &n, &w, ds) != 0)
		status = diag_exit_status(&ds->list[0]);
	else
		status = check_spf_main(o, n, utf8, ds);
	if (n)
		network_free(n);
	if (w)
		world_free(w);
	loop_free(l);
	return status;
}
