/*
 * check: the command `smtptalk check`: find out why mail is, or would be, refused.
 */
#ifndef UI_CHECK_H
#define UI_CHECK_H

#include "base/diag.h"
#include "ui/options.h"

/* The exit status: 0 nothing bad, 4 something bad, 3 could not tell; 1 and ds: usage. */
int check_main(const struct options *o, bool utf8, struct diags *ds);

#endif
