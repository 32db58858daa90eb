/*
 * lesson_state: what the files of a lesson share, and the test of lessons. Nobody else includes it.
 */
#ifndef LESSON_LESSON_STATE_H
#define LESSON_LESSON_STATE_H

#include "lesson/lesson.h"

struct lesson_lines {
	struct lesson_line {
		char *text;
		unsigned line; /* of the file */
	} * list;
	size_t count, room;
};

struct lesson_conditions { /* any of them is enough */
	struct lesson_condition *list;
	size_t count, room;
};

struct lesson_wrong { /* a known mistake */
	char *name, *text;
	unsigned line;
	struct lesson_conditions when;
	struct lesson_lines before; /* what is typed before `tries`, for the test of the lesson */
	struct lesson_lines tries;  /* each alone provokes it */
};

struct lesson_step {
	char *name, *task, *passed;
	unsigned line;
	char *hints[LESSON_HINTS];
	struct lesson_conditions pass;
	struct lesson_lines models;
	struct lesson_wrong *wrongs;
	size_t wrong_count, wrong_room;
};

struct lesson {
	char *folder, *file; /* `file`: the path of its steps */
	char *title, *target, *part, *why, *done;
	struct lesson_lines settings;   /* "HOST name = value" */
	struct lesson_lines deliveries; /* "ADDRESS FILE" */
	struct lesson_lines sessions;   /* session files, played before the learner comes */
	struct lesson_step *steps;
	size_t step_count, step_room;
};

/* Adds a copy. */
void lesson_add_line(struct lesson_lines *lines, const char *text, unsigned line);
/* "FOLDER/NAMESUFFIX"; heap. */
char *lesson_path(const char *folder, const char *name, const char *suffix);
/* The file of the words: in that language, or in English; heap. */
char *lesson_words_path(const char *folder, const char *lang);
/* words.c: fills in the texts from `path`; faults go to ds. */
void lesson_read_words(struct lesson *l, const char *path, struct diags *ds);
/* A fault at a line of the lesson's steps. */
void lesson_fault(const struct lesson *l, unsigned line, struct diags *ds, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#endif
