/*
 * replay_show: a replay on the screen, in the notation of session files.
 *
 * A file that passed is one line. Of one that did not, the exchange that was not as expected stands
 * before it, and the sentence about it goes to standard error. With --explain full every exchange
 * is shown, each with its explanation; with off there are none; with --quiet only what goes to
 * standard error is left.
 */
#ifndef UI_REPLAY_SHOW_H
#define UI_REPLAY_SHOW_H

#include "ui/replay_accept.h"
#include "ui/replay_log.h"
#include "ui/view.h"

struct replay_show {
	struct view *view; /* notes are off with --quiet */
	int explain;       /* OPTIONS_EXPLAIN_OFF, _SHORT or _FULL */
	bool quiet;
	bool accepting; /* --accept or --diff: what is not as expected is no fault */
};

struct replay_counts {
	size_t files, passed, mismatched, failed, skipped, unplayed;
	size_t exchanges, retries;
	int64_t ms;
};

void replay_show_item(struct replay_show *s, const struct replay_item *i);
void replay_show_result(struct replay_show *s, const char *path, const struct runner_result *r);
/* In place of the result, when something was or would be rewritten. */
void replay_show_accepted(struct replay_show *s, const char *path, const struct replay_accept *a);
void replay_show_summary(struct replay_show *s, const struct replay_counts *c);

#endif
