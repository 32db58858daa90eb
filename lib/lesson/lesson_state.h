/*
 * lesson_state: what the files of a lesson share. Nobody else includes it.
 */
#ifndef LESSON_LESSON_STATE_H
#define LESSON_LESSON_STATE_H

#include "lesson/condition.h"
#include "lesson/lesson.h"

#define LESSON_HINTS 3

struct lesson_lines {
	char **list;
	size_t count, room;
};

struct lesson_conditions { /* any of them is enough */
	struct lesson_condition *list;
	size_t count, room;
};

struct lesson_wrong { /* a known mistake */
	char *name, *text;
	struct lesson_conditions when;
	struct lesson_lines before; /* what is typed before `tries`, for the test of the lesson */
	struct lesson_lines tries;  /* each alone provokes it */
};

struct lesson_step {
	char *name, *task, *passed;
	char *hints[LESSON_HINTS];
	struct lesson_conditions pass;
	struct lesson_lines models;
	struct lesson_wrong *wrongs;
	size_t wrong_count, wrong_room;
};

struct lesson {
	char *title, *target, *why, *done;
	struct lesson_step *steps;
	size_t step_count, step_room;
};

/* words.c: fills in the texts from `path`; faults go to ds. */
void lesson_read_words(struct lesson *l, const char *path, struct diags *ds);

#endif
