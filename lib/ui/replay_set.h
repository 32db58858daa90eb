/*
 * replay_set: the variables that come from outside: --set-file first, then --set, so that the
 * command line wins.
 *
 * A file has a line NAME=VALUE each, byte for byte; '#' in the first column is a comment, empty
 * lines are nothing, a CR before the line end is dropped. Regular files of 1 MiB.
 */
#ifndef UI_REPLAY_SET_H
#define UI_REPLAY_SET_H

#include "session/vars.h"
#include "ui/options.h"

/* 0, or -1 and ds: DIAG_USAGE for --set, DIAG_INPUT with file:line:column for a file. */
int replay_set_variables(struct session_vars *v, const struct options *o, struct diags *ds);

#endif
