/*
 * replay_report: the reports that --report asks for, fed from the logs of a replay.
 *
 * Owned by who made it. At most one of them may go to standard output, which is then its own.
 */
#ifndef UI_REPLAY_REPORT_H
#define UI_REPLAY_REPORT_H

#include "ui/replay_log.h"
#include "ui/replay_show.h"
#include "ui/report.h"

struct replay_reports {
	struct report **list;
	size_t count;
	bool on_stdout;
};

/* 0, or -1 and ds; to be ended in both cases. */
int replay_reports_begin(struct replay_reports *r, const struct options *o, size_t total,
                         struct diags *ds);
void replay_reports_tell(struct replay_reports *r, const char *path, const char *where,
                         time_t started, const struct replay_log *l,
                         const struct runner_result *result);
/* 0, or -1 and ds: not everything could be written. */
int replay_reports_end(struct replay_reports *r, const struct replay_counts *c, struct diags *ds);

#endif
