/*
 * secret: where a password comes from when nobody is asked for it, and how the process keeps it.
 */
#ifndef UI_SECRET_H
#define UI_SECRET_H

#include "base/buf.h"
#include "base/diag.h"
#include "ui/options.h"

/* From now on no core file is written, and no other process of the same user may read this one. */
void secret_guard(void);

/* The password (or token) that --auth-password-env, --auth-password-file or ~/.netrc has for the
 * host: 1 and `password` (a secret buf) filled; 0: none of them has one; -1 and d: one of them
 * cannot be used. netrc's machine may also be `domain` (may be NULL). *user NULL: netrc's login is
 * taken and set (heap). */
int secret_find(const struct options *o, const char *host, const char *domain, char **user,
                struct buf *password, struct diag *d);

#endif
