/*
 * The command only chooses: what is checked is in lib/check, how it is shown in check_*.c.
 */
#include "ui/check.h"

#include <stdlib.h>

#include "net/loop.h"
#include "ui/check_names.h"
#include "ui/check_probe.h"
#include "ui/check_spf.h"
#include "ui/internet.h"

enum { PROBE_S = 30, HTTPS_PORT = 443 };

static int names(const struct options *o, struct network *n, struct world *w, bool utf8,
                 struct diags *ds)
{
	struct tls_context *tls = internet_tls(o, w, ds);
	char *me = internet_own_name(o);
	struct check_prober prober;
	int status = 1;

	if (tls) {
		check_prober_init(&prober, n, tls, me,
		                  1000 * (int64_t)(o->timeout > 0 ? o->timeout : PROBE_S));
		prober.fetcher = (struct fetcher){
		        .network = n,
		        .tls = tls,
		        .port = o->https_port > 0 ? (unsigned)o->https_port : HTTPS_PORT,
		        .ms = prober.ms,
		        .private_too = o->yes || o->practice || o->https_port > 0};
		status = check_names_main(o, n, o->dns_only ? NULL : &prober, utf8, ds);
	} else {
		status = diag_exit_status(&ds->list[0]);
	}
	tls_context_free(tls);
	free(me);
	return status;
}

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
		status = names(o, n, w, utf8, ds);
	if (n)
		network_free(n);
	if (w)
		world_free(w);
	loop_free(l);
	return status;
}
