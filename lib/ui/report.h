/*
 * report: what a replay tells of each session file, in one of several forms.
 *
 * A report is owned by who made it. Everything it is given is borrowed for the call. Text is
 * without secrets but not safe to show: each form makes it safe in its own way. A report that
 * cannot be written fails once, with the path and the reason; the replay goes on.
 */
#ifndef UI_REPORT_H
#define UI_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/diag.h"
#include "base/span.h"
#include "session/runner.h"

struct report_exchange {
	const char *place;      /* "path:line:column" of what was expected */
	const char *verb;       /* "MAIL", "greeting", "message" */
	struct span sent;       /* lines, LF between them; empty for the greeting, and for what went
	                           out together with the exchange before */
	struct span expected;   /* likewise, as in the file */
	struct span came;       /* the whole reply */
	struct span difference; /* comparison_show()'s three lines; empty when it is as expected */
	struct span note;       /* what the reply means; may be empty */
	const char *what;       /* how it differs, or NULL */
	bool retry;             /* its command was sent once more */
	int64_t at_ms, ms;      /* since the file was begun; from the sending to the reply */
};

struct report_case {
	const char *path;
	const char *host; /* where it was played, "host:port"; or NULL */
	time_t started;
	const struct runner_result *result;
	const struct report_exchange *exchanges;
	size_t count;
};

struct report_summary {
	size_t files, passed, mismatched, failed, skipped;
	size_t exchanges, retries;
	int64_t ms;
};

struct report;

/* "FORM" or "FORM=PATH"; without a path, or with "-", it goes to standard output. Forms: tap,
 * junit, json (an object a line), html. NULL and d (usage, or the file cannot be written). `total`:
 * how many files will follow. */
struct report *report_new(const char *what, size_t total, struct diag *d);
/* Told once a file, in the order of the command line. */
void report_case(struct report *r, const struct report_case *c);
/* Ends it and frees it. 0, or -1 and d: not everything could be written. */
int report_end(struct report *r, const struct report_summary *s, struct diag *d);
/* Whether it writes to standard output, where nothing else may then go. */
bool report_on_stdout(const struct report *r);

#endif
