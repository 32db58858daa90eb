/*
 * diary: what a learner has done, in a small text file: one line a lesson.
 *
 *     12-partial-failure: begun 2026-11-24T20:30:05Z done 2026-11-24T20:41:30Z step quit
 *       hints 2 skips 0 mistakes no-colon=1,relay=3            (all on one line)
 *
 * `step` names the last step that was passed; unknown pairs are passed over. A line that cannot be
 * read is told and left out; the others count. The file is replaced in one step, and only the line
 * of the lesson that changed is new: two learners at once lose nothing of other lessons. The
 * progress owns its strings.
 */
#ifndef LESSON_DIARY_H
#define LESSON_DIARY_H

#include <time.h>

#include "base/buf.h"
#include "base/diag.h"

struct diary_mistake {
	char *name;
	unsigned long count;
};

struct diary_entry {
	char *lesson;       /* the name of its folder */
	time_t begun, done; /* 0: not yet */
	char *step;         /* the last that was passed, or NULL */
	unsigned long hints, skips;
	struct diary_mistake *mistakes;
	size_t count, room;
};

struct diary {
	char *path; /* NULL: nothing is kept */
	struct diary_entry *entries;
	size_t count, room;
};

/* Always gives one that can be used; what could not be read is told in ds. A file that does not
 * exist is an empty one. path NULL: nothing is kept. */
void diary_load(struct diary *p, const char *path, struct diags *ds);
void diary_release(struct diary *p);
/* The entry of a lesson; made when there is none. Good until another is made. */
struct diary_entry *diary_entry(struct diary *p, const char *lesson);
const struct diary_entry *diary_find(const struct diary *p, const char *lesson);
void diary_mistake(struct diary_entry *e, const char *name);
/* Forgets a lesson, or all when it is NULL. */
void diary_forget(struct diary *p, const char *lesson);
/* Writes the line of this lesson (NULL: the whole file, as it is here). 0, or -1 and d. */
int diary_save(const struct diary *p, const char *lesson, struct diag *d);

/* "2026-11-24T20:30:05Z" */
void diary_add_time(time_t when, struct buf *out);

#endif
