/*
 * course: which lessons there are, in order, and which parts they make.
 *
 * A course is a folder with a folder for each lesson, "NUMBER-NAME", and a file of words with a
 * section [part NAME] and its Title for each part. A single lesson's folder is a course of one. The
 * course owns its strings.
 */
#ifndef LESSON_COURSE_H
#define LESSON_COURSE_H

#include <stdbool.h>

#include "base/diag.h"

#define COURSE_LESSONS_MAX 200

struct course_lesson {
	char *name;      /* of its folder: "12-partial-failure" */
	char *folder;    /* its path */
	unsigned number; /* 0: the name begins with none */
	char *title, *part;
};

struct course {
	char *folder;
	struct course_lesson *lessons;
	size_t count, room;
	struct course_part {
		char *name, *title;
	} * parts;
	size_t part_count, part_room;
};

/* Titles in that language, or in English. 0, or -1 and ds: there is no lesson. A lesson that cannot
 * be read is told when it is begun; here it has its name for a title. */
int course_open(struct course *c, const char *folder, const char *lang, struct diags *ds);
void course_close(struct course *c); /* also of a zeroed one */
/* Whether the folder is a lesson itself. */
bool course_is_lesson(const char *folder);
/* The place of the lesson that is meant by its name, its number, or its name without the number;
 * c->count: there is none. */
size_t course_find(const struct course *c, const char *wanted);

#endif
