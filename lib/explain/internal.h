/*
 * internal: what the files of this folder share about `struct explain`.
 */
#ifndef EXPLAIN_INTERNAL_H
#define EXPLAIN_INTERNAL_H

#include "explain/explain.h"
#include "explain/notes.h"
#include "explain/rules.h"

struct explain {
	struct notes notes;
	struct rules rules;
};

/* As much of a reply's text as is compared with patterns. */
#define EXPLAIN_TEXT_MAX 2048

/* What the rules look at, from a context with a reply. `text` (given to be filled) must live as
 * long as the result. */
void explain_case(const struct explain *e, const struct explain_context *c, struct buf *text,
                  struct rule_case *out);

/* The verdict of the rule that won (its rule may be NULL). */
void verdict_make(const struct rules *rs, const struct rule_case *rc, const struct rule_winner *w,
                  struct explain_verdict *v);

/* Appends the path of the words in that language when there is such a file, else in English:
 * notes/PREFIXlang.txt. */
void explain_words_path(const char *datadir, const char *prefix, const char *lang, struct buf *out);

/* The ids that explain_note() is called with, NULL at the end. */
extern const char *const EXPLAIN_FIXED_NOTES[];

#endif
