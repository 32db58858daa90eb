/*
 * replay_play: one play of one file of a plan: fresh variables, fresh connections.
 *
 * A play is owned by who made it; it borrows plan and file. Its events are the runner's, as they
 * come; after RUNNER_DONE it is only to be freed. Several may run at once on the plan's loop.
 */
#ifndef UI_REPLAY_PLAY_H
#define UI_REPLAY_PLAY_H

#include "explain/explain.h"
#include "session/runner.h"
#include "ui/replay_plan.h"

struct replay_play;
typedef void replay_play_fn(void *arg, const struct runner_event *ev);

struct replay_play *replay_play_new(struct replay_plan *p, const struct replay_file *f,
                                    replay_play_fn *fn, void *arg);
void replay_play_free(struct replay_play *p); /* NULL is allowed; also from its callback */
struct session_vars *replay_play_vars(struct replay_play *p);
/* "host[address]:port" of its last connection, or NULL; borrowed until the next. */
const char *replay_play_where(const struct replay_play *p);
/* What is known about the connection, for an explanation. */
void replay_play_context(const struct replay_play *p, struct explain_context *c);

#endif
