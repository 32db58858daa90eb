/*
 * check_spf: `smtptalk check --spf-only`: one line for scripts, or the trace.
 */
#ifndef UI_CHECK_SPF_H
#define UI_CHECK_SPF_H

#include "base/diag.h"
#include "net/network.h"
#include "ui/options.h"

/* Prints RESULT, a tab and the explanation on standard output; with --explain full, the trace
 * after it. Returns the exit status: 0 pass, neutral or none, 4 fail, softfail or permerror,
 * 3 temperror; 1 and ds: usage. */
int check_spf_main(const struct options *o, struct network *n, bool utf8, struct diags *ds);

#endif
