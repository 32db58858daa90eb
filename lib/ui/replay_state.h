/*
 * replay_state: what the files of a replay share; nobody else includes it.
 *
 * replay.c starts plays and takes their ends, replay_show.c shows them.
 */
#ifndef UI_REPLAY_STATE_H
#define UI_REPLAY_STATE_H

#include <time.h>

#include "ui/bar.h"
#include "ui/replay_accept.h"
#include "ui/replay_log.h"
#include "ui/replay_report.h"
#include "ui/replay_show.h"

struct replay;

struct replay_case { /* a file's turn */
	struct replay *replay;
	const struct replay_file *file;
	struct replay_log log;
	struct replay_accept accept; /* with --accept or --diff */
	struct replay_play *play;    /* NULL: not begun, or over */
	char *where;                 /* of its last connection */
	size_t shown;                /* items of the log */
	time_t started;
	bool begun, done;
	struct runner_result result; /* first is a copy */
};

struct replay {
	struct replay_plan plan;
	struct replay_show show;
	struct explain *notes;
	bool notes_tried;
	struct replay_case *cases; /* one a file */
	size_t next;               /* to be begun */
	size_t turn;               /* to be shown */
	size_t running, jobs;
	bool stopping; /* --fail-fast: no more are begun */
	struct replay_counts counts;
	struct bar *bar;
	struct replay_reports reports;
	int status;
	int death; /* a signal that ended it; 0: none */
};

#endif
