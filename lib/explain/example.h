/*
 * example: an Example: line of lessons/notes/rules as a context, for the lint and the tests.
 *
 *     VERB | state=ready | typed=RCPT TO:<a@b> | host=mx ESMTP | unsolicited=yes | 503 5.5.1 Bad
 *
 * Only the verb and the reply are needed; for the verb may stand a stage, or `-` when it is not
 * known. The spans borrow from the line.
 */
#ifndef EXPLAIN_EXAMPLE_H
#define EXPLAIN_EXAMPLE_H

#include "explain/explain.h"

struct example {
	struct explain_context context; /* points into this struct: do not copy it */
	struct smtp_command command;
	struct smtp_reply_parser parser;
};

/* 0, or -1: not in that form (a name is unknown, or there is no reply). Release it in both cases.
 */
int example_parse(struct example *x, const char *line);
void example_release(struct example *x);

#endif
