/*
 * expected: what a run of server lines in a session file says will come, reply by reply, with the
 * values of its variables.
 *
 * A reply ends at a line whose fourth byte is not '-', or where the run ends; S? begins and ends a
 * reply of its own. S! may hold parts of a line or several lines. Owns its text; borrows the steps.
 */
#ifndef SESSION_EXPECTED_H
#define SESSION_EXPECTED_H

#include "session/vars.h"

enum expected_kind { EXPECTED_TEXT, EXPECTED_EXACT, EXPECTED_GLOB, EXPECTED_REGEX };

struct expected_line {
	enum expected_kind kind;
	const struct session_step *step;
	struct buf text; /* without line end; secret */
	struct span end; /* CRLF, LF, or nothing when S! gives none */
	const struct session_pattern *pattern;
	struct session_pattern *own_pattern; /* compiled here, with the values */
};

struct expected_reply {
	struct expected_line *lines;
	size_t count, room;
	bool optional;
	enum session_level level;
};

struct expected {
	struct expected_reply *replies;
	size_t count, room;
};

void expected_init(struct expected *e);
void expected_release(struct expected *e);
/* How many of the steps from `at` on are one run: the server's lines, and what the server does
 * between them that the client only has to wait for (<sleep>, <stall>). */
size_t expected_run(const struct session_file *f, size_t at);
/* Appends the replies of a run. 0, or -1 and d, nothing appended: a reference without a value, or a
 * pattern that is none with these values. */
int expected_build(struct expected *e, const struct session_step *steps, size_t count,
                   struct session_vars *v, struct diag *d);

#endif
