/*
 * compare: whether a reply is the expected one, and where and how it differs.
 *
 *     class    the first digit of the code
 *     code     the code
 *     status   and the enhanced code, when both sides have one; of the keywords of EHLO, those
 *              expected must be among those offered
 *     text     and the text of every line (blanks at its end and how many stand together do not
 *              count); of EHLO the keywords with their arguments, in any order
 *     exact    every byte, line ends too
 *
 * Below `text`, a line of S*, S~ or S= must be like some line of the reply, whichever it is, and
 * for S* and S~ it does not matter whether that line has "-" or " " after the code. From `text` on,
 * and when all lines are S=, line stands beside line. Codes are taken from the last lines, as
 * smtp_reply.code is.
 */
#ifndef SESSION_COMPARE_H
#define SESSION_COMPARE_H

#include "session/expected.h"
#include "session/glob.h"
#include "smtp/reply.h"

struct comparison {
	bool equal;
	const char *what;                   /* how it differs, a sentence part */
	const struct session_step *step;    /* the expected line, NULL: none was expected */
	const struct expected_line *wanted; /* the same with its values */
	size_t line;   /* of the reply, from 0; its count when no line of it is meant */
	size_t column; /* in that line, from 0: the first byte that differs */
	struct session_capture captures[SESSION_CAPTURES_MAX]; /* when it is equal; borrowed */
	size_t count;
};

/* `ehlo`: the reply answers EHLO or LHLO. The result borrows from both. */
void session_compare(const struct expected_reply *wanted, const struct smtp_reply *came, bool ehlo,
                     struct comparison *out);
/* Whether a line of a reply is what this expected line asks for at that level, whatever stands
 * around it; "-" or " " after the code does not matter. `keyword`: it names a keyword of EHLO. */
bool compare_line_holds(const struct expected_line *l, enum session_level level, bool keyword,
                        const struct smtp_reply *came, size_t line);
/* Puts the captures into `v`. 0, or -1 and d: a value that cannot be one. */
int comparison_keep(const struct comparison *c, struct session_vars *v, struct diag *d);
/* Three lines, safe to show and without secrets:
 *     expected: 250 2.1.0 Ok
 *          got: 550 5.7.1 No
 *               ^
 * v may be NULL. */
void comparison_show(const struct comparison *c, const struct smtp_reply *came,
                     const struct session_vars *v, struct buf *out);

#endif
