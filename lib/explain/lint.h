/*
 * lint: whether the rules and the words of lessons/notes/ hold what they promise.
 *
 * For the tests and for authors: each rule has an example that reaches it and no other rule; each
 * note is used and names its source; each placeholder exists and cannot leave a hole; each text
 * fits. Faults are put into ds as file:line:column; nothing else can fail.
 */
#ifndef EXPLAIN_LINT_H
#define EXPLAIN_LINT_H

#include "explain/explain.h"

void explain_lint(const struct explain *e, struct diags *ds);

#endif
