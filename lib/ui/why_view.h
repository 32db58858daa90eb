/*
 * why_view: looks for the proof of a refusal: which hypotheses its kind has, the checks that settle
 * each, all at once, told as they come, then the conclusion. Of /why and of `send --why`.
 *
 * Owned by who made it; what it is given is borrowed until it is freed. Texts that are told are
 * safe to show, and without line ends.
 */
#ifndef UI_WHY_VIEW_H
#define UI_WHY_VIEW_H

#include "check/why.h"
#include "explain/hypotheses.h"

struct why_view_settings {
	struct network *network;
	const struct explain *notes;
	const struct hypotheses *hypotheses;
	struct why_facts *facts;     /* what the verdict says of time is put into it */
	const struct prober *prober; /* NULL: nobody is spoken to */
	int64_t ms;                  /* over everything; 0: 20 s */
	bool full;                   /* also what was asked, and details */
	/* A line: `mark` is "bad" and the like, "" for what belongs to the line before, NULL for a
	 * paragraph of its own. */
	void (*tell)(void *arg, const char *mark, const char *text);
	/* All is told. bad: some check found a fault. May free the view. */
	void (*done)(void *arg, bool bad);
	void *arg;
};

struct why_view;

/* The facts must hold a refusal, or a connection that failed. Everything is told from the loop. */
struct why_view *why_view_new(const struct why_view_settings *s);
void why_view_free(struct why_view *v); /* NULL is allowed; also from its callbacks */

#endif
