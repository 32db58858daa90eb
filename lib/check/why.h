/*
 * why: the checks that settle what is behind a refusal, run in parallel.
 *
 * Each check is a function over what is known (why_facts.h), the lookups and the probes; it ends in
 * one of a closed list of outcomes, with the values that its words need. Which checks belong to a
 * refusal, and the words, are data: lessons/notes/hypotheses. Owned by who made it; facts, network
 * and prober are borrowed until it is freed. Values are not safe to show.
 */
#ifndef CHECK_WHY_H
#define CHECK_WHY_H

#include "check/finding.h"
#include "check/probe.h"
#include "check/why_facts.h"
#include "net/network.h"

#define WHY_VALUES_MAX 8
#define WHY_CHECKS_MAX 12 /* of one refusal */

struct why_value {
	const char *name;
	char *value;
};

struct why_answer {
	const char *outcome;
	struct why_value values[WHY_VALUES_MAX];
	size_t count;
	struct findings evidence; /* one finding: only `asked` and `detail` count */
};

/* --- the list of checks --- */

/* The number of the check of that name, or -1. */
int why_check_find(struct span name);
const char *why_check_name(size_t i);     /* NULL past the end */
const char *why_check_outcomes(size_t i); /* "pass fail none": all it may end in */
const char *why_check_values(size_t i);   /* "domain ip": all that it gives */

/* --- a run --- */

struct why;

/* The answer of the n-th of the checks; NULL: all have been told. From the loop. */
typedef void why_fn(void *arg, size_t n, const struct why_answer *a);

/* checks: numbers of checks, at most WHY_CHECKS_MAX. prober NULL: nobody is spoken to. ms: over
 * everything. now: seconds since 1970. */
struct why *why_new(struct network *n, const struct why_facts *f, const struct prober *prober,
                    const int *checks, size_t count, int64_t ms, int64_t now, why_fn *fn,
                    void *arg);
void why_free(struct why *w); /* NULL is allowed; also from its callback */

#endif
