/*
 * learn_test: `smtptalk learn --test`: proves lessons, unattended, in the process.
 *
 * For every step of every lesson: a line that does nothing does not pass; the model lines pass, and
 * are taken for no mistake; each `Try:` of each known mistake gets that mistake's words, once, and
 * does not pass; /skip comes to the next step, also when the connection was closed before, and
 * resuming comes to this step, both into the same state as typing does; without its model lines the
 * lesson does not end. And every text exists in every language, and lesson_lint() finds nothing.
 * Each play is a talk as a learner has it, on a fresh practice internet. Faults are told as
 * file:line.
 */
#ifndef UI_LEARN_TEST_H
#define UI_LEARN_TEST_H

#include "base/diag.h"
#include "lesson/course.h"

/* The lesson of that number, or all when it is c->count. The exit status: 0, or 2 and ds. */
int learn_test(const struct course *c, size_t number, const char *datadir, struct diags *ds);

#endif
