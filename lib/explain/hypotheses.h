/*
 * hypotheses: what may be behind a refusal, which checks settle it, and the words of each answer.
 *
 * Reads lessons/notes/hypotheses, whose form is described at its top, and why.<lang>.txt beside it
 * (fallback en). It knows the checks only by name: they are run elsewhere (check/why.h). Owns its
 * records; what it gives is borrowed from them, but for filled texts. Filled texts are safe to
 * show.
 */
#ifndef EXPLAIN_HYPOTHESES_H
#define EXPLAIN_HYPOTHESES_H

#include "explain/explain.h"
#include "explain/fill.h"

struct hypotheses;

/* NULL and ds on any fault. */
struct hypotheses *hypotheses_load(const char *datadir, const char *lang, struct diags *ds);
void hypotheses_free(struct hypotheses *h); /* NULL is allowed */

struct refusal {
	const char *id;
	struct span ask; /* "spf, dkim" */
	const char *name, *otherwise;
	bool guess; /* the server does not say what it looked at */
};

/* The kind of a refusal, from its verdict and its text (all lines, without codes). False: none. */
bool hypotheses_find(const struct hypotheses *h, const struct explain_verdict *v, struct span text,
                     struct refusal *out);

enum hypothesis_verdict {
	HYPOTHESIS_OK,
	HYPOTHESIS_BAD,
	HYPOTHESIS_UNKNOWN,
	HYPOTHESIS_NOT_TESTED
};

struct hypothesis_answer {
	enum hypothesis_verdict verdict;
	char *says, *change; /* heap; change may be NULL */
};

/* What an outcome of a check means, in words. */
void hypotheses_answer(const struct hypotheses *h, const char *check, const char *outcome,
                       const struct fill_extra *values, size_t count,
                       struct hypothesis_answer *out);
void hypothesis_answer_release(struct hypothesis_answer *a);
/* A text with its values; heap. */
char *hypotheses_fill(const struct hypotheses *h, const char *text, const struct fill_extra *values,
                      size_t count);

/* What the program's checks may end in, and the values that they give. */
struct hypotheses_check {
	const char *name, *outcomes, *values;
};
/* Whether the file and its words are whole: each refusal has words and an example that reaches it,
 * each outcome of each check a meaning and words, each value exists. */
void hypotheses_lint(const struct hypotheses *h, const struct explain *e,
                     const struct hypotheses_check *checks, size_t count, struct diags *ds);

#endif
