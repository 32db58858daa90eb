/*
 * replay_load: `smtptalk replay --repeat N --parallel N FILE…`: session files as a load.
 *
 * Every host is looked up once, before the load; towards one that is not on this machine or in a
 * private network it needs --allow-load with the host's name. Exit status as for a replay.
 */
#ifndef UI_REPLAY_LOAD_H
#define UI_REPLAY_LOAD_H

#include "session/load.h"
#include "ui/replay_plan.h"
#include "ui/view.h"

/* Whether the options ask for one. */
bool replay_load_wanted(const struct options *o);
/* Plays the files of a plan that was read. The exit status; faults are in ds. ^C begins no further
 * session, and a second one ends it. */
int replay_load(struct replay_plan *p, struct view *v, struct diags *ds);

/* replay_load_show.c: what was measured, as text or, with `json`, as one object. */
void replay_load_show(struct view *v, const struct load_result *r, bool json);

#endif
