/*
 * words: whether the texts of a language file are whole: see lint.h.
 */
#ifndef EXPLAIN_WORDS_H
#define EXPLAIN_WORDS_H

#include "explain/notes.h"

/* Six lines of a terminal: a longer text belongs into a lesson. */
#define WORDS_TEXT_MAX (6 * 76)

void words_lint(const struct notes *n, struct diags *ds); /* what is there */
/* What is missing: words for every state, verb and fault. */
void words_lint_complete(const struct notes *n, struct diags *ds);
void words_need(const struct notes *n, const char *kind, const char *name, struct diags *ds);

#endif
