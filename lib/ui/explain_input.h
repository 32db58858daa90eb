/*
 * explain_input: what somebody has in hand, read in pieces, and what it is.
 *
 * A line longer than EXPLAIN_LINE_MAX is cut and counted; memory does not grow with the input. Owns
 * its buffer, not the descriptor.
 */
#ifndef UI_EXPLAIN_INPUT_H
#define UI_EXPLAIN_INPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"

#define EXPLAIN_LINE_MAX (16u << 10)
#define EXPLAIN_MAIL_MAX (32u << 20) /* of a message */

enum explain_kind {
	EXPLAIN_EMPTY,
	EXPLAIN_LINES, /* replies or topics, one a line */
	EXPLAIN_TRANSCRIPT,
	EXPLAIN_LOG,
	EXPLAIN_MAIL, /* a message: perhaps a bounce */
};

struct explain_input {
	int fd;
	const char *name; /* for messages */
	struct buf buf;   /* what was read and not taken, from `at` on */
	size_t at;
	bool eof;
	int error;        /* errno of a read that failed */
	size_t cut_lines; /* lines that were longer than EXPLAIN_LINE_MAX */
	unsigned lines,
	        first_cut; /* number of the line that was taken last, and of the first cut */
};

void explain_input_init(struct explain_input *in, int fd, const char *name);
void explain_input_release(struct explain_input *in);
/* Looks at the beginning. -1 and d: it cannot be read, or is no text. */
int explain_input_kind(struct explain_input *in, enum explain_kind *kind, struct diag *d);
/* The next line without its end, good until the next call. False at the end. */
bool explain_input_line(struct explain_input *in, struct span *line);
/* All of it, up to EXPLAIN_MAIL_MAX. */
struct span explain_input_all(struct explain_input *in, bool *cut);

#endif
