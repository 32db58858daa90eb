/*
 * hypotheses_state: what hypotheses.c and its lint share.
 */
#ifndef EXPLAIN_HYPOTHESES_STATE_H
#define EXPLAIN_HYPOTHESES_STATE_H

#include "explain/hypotheses.h"
#include "explain/notes.h"

struct hypotheses {
	struct record *record;
	struct notes words;
};

/* The keys of a [check …], in the order of enum hypothesis_verdict. */
extern const char *const HYPOTHESIS_KEYS[];
/* Whether a list of words, parted by blanks or commas, has the word. */
bool hypotheses_lists(const char *list, struct span word);

#endif
