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

/* What the rules look at, from a context with a reply. `text` (given to be filled) must live as
 * long as the result. */
void explain_case(const struct explain_context *c, struct buf *text, struct rule_case *out);

/* The ids that explain_note() is called with, NULL at the end. */
extern const char *const EXPLAIN_FIXED_NOTES[];

#endif
