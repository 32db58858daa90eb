/*
 * check_show: how the findings of a check are shown to people: grouped by question, a verdict a
 * line.
 */
#ifndef UI_CHECK_SHOW_H
#define UI_CHECK_SHOW_H

#include "base/buf.h"
#include "check/finding.h"

/* The worst of them; not tested where there is none. */
enum check_verdict check_show_verdict(const struct findings *f);
/* Appends what is to be said of `name`, safe to show. `full`: with what was asked, and details. */
void check_show(const char *name, const struct findings *f, bool full, bool utf8, struct buf *out);
/* 0 nothing bad, 4 something bad, 3 could not tell. */
int check_show_status(const struct findings *f);

#endif
