/*
 * replay_dry: what a replay would do, told without connecting.
 */
#ifndef UI_REPLAY_DRY_H
#define UI_REPLAY_DRY_H

#include "ui/replay_plan.h"
#include "ui/view.h"

/* One path a line. */
void replay_list(const struct replay_plan *p, struct view *v);
/* A line a file: what would be sent, compared, and with whom. Finds what only a play would have:
 * variables without a value, patterns that are none with their values, messages that cannot be
 * read. 0, or -1 and ds. */
int replay_dry_run(const struct replay_plan *p, struct view *v, struct diags *ds);

#endif
