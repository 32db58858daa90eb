/*
 * learn_play: one unattended play of a lesson: lines in, what the judge said and the state that was
 * reached out. For learn_test.c.
 */
#ifndef UI_LEARN_PLAY_H
#define UI_LEARN_PLAY_H

#include "ui/learner.h"

struct learn_bench { /* what all plays of a lesson share */
	const struct course *course;
	size_t number; /* of the lesson in the course */
	const char *datadir;
	struct lesson *lesson;
	struct diags *ds;
};

/* What typing, skipping and resuming must agree on. */
struct learn_state {
	enum smtp_state state;
	size_t accepted, mails;
	unsigned secure;
	char sender[100], server[100];
};
bool learn_state_equal(const struct learn_state *a, const struct learn_state *b);

/* Lines that are not typed as they stand. */
#define LEARN_PLAY_NOTHING "\001nothing" /* NOOP, or a line of a message */
#define LEARN_PLAY_CLOSE   "\001close"   /* /close and /skip, as from the prompt of ^] */
#define LEARN_PLAY_SKIP    "\001skip"

struct learn_play {
	struct learn_bench *bench;
	struct learner learner;
	const char **lines; /* borrowed */
	size_t count, room, next;
	size_t watched; /* the lines from here on are in question */
	size_t resume;  /* the step to resume at; 0: none */

	bool connected; /* or there is nobody to connect to */
	bool watching;
	size_t step_before;       /* the open step when the watched lines began */
	size_t wrongs;            /* since then */
	const char *wrong;        /* the first of them; of the bench's lesson */
	struct learn_state state; /* at the end */
};

/* With the model lines of the first `steps` steps, none of them watched. */
void learn_play_begin(struct learn_play *p, struct learn_bench *b, size_t steps);
void learn_play_line(struct learn_play *p, const char *line);
void learn_play_run(struct learn_play *p);
void learn_play_release(struct learn_play *p);

#endif
