/*
 * test: proves a lesson, unattended: it is played on the practice internet, in the process.
 *
 * At every step NOOP alone must not pass, the model lines must pass, and each `Try:` of each known
 * mistake must get that mistake's feedback, once, and must not pass.
 */
#ifndef LESSON_TEST_H
#define LESSON_TEST_H

#include "base/diag.h"

/* 0, or -1 and ds: reading faults, or what the play showed. */
int lesson_test(const char *datadir, const char *folder, const char *lang, struct diags *ds);

#endif
