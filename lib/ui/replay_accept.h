/*
 * replay_accept: --accept and --diff: what a play brought against what its file expects.
 */
#ifndef UI_REPLAY_ACCEPT_H
#define UI_REPLAY_ACCEPT_H

#include "session/accept.h"
#include "ui/replay_play.h"

struct replay_accept {
	struct session_accept *edits;
	struct diag refused; /* a reply that cannot be rewritten */
	struct buf diff;     /* after replay_accept_settle(): what --diff shows; not safe to show */
	size_t changed;      /* replies that differ, when the file can be rewritten */
	bool written;
};

void replay_accept_init(struct replay_accept *a, const struct replay_file *f);
void replay_accept_release(struct replay_accept *a); /* also of a zeroed one */
/* A reply that was compared. */
void replay_accept_reply(struct replay_accept *a, const struct runner_event *ev,
                         const struct session_vars *v);
/* At the end of the play: makes the diff (with --diff), rewrites the file (with --accept). The
 * result passes when the file then holds; else its first diag says why it could not be done. */
void replay_accept_settle(struct replay_accept *a, const struct replay_file *f,
                          const struct options *o, struct runner_result *r);

#endif
