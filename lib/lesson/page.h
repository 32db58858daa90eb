/*
 * page: how far the learner is, as plain text of at most 76 columns: to be looked at, kept, or
 * shown to a teacher. It says what was done, when, and with which mistakes.
 */
#ifndef LESSON_PAGE_H
#define LESSON_PAGE_H

#include "lesson/course.h"
#include "lesson/diary.h"

/* How many lessons of a part (NULL: of all) are done; *of: how many there are. */
size_t page_done(const struct course *c, const struct diary *p, const char *part, size_t *of);
/* "[#####---------------] 12 of 48 lessons done" */
void page_bar(const struct course *c, const struct diary *p, struct buf *out);
/* The bar and a line for each part; `current` is the lesson that the learner is at, or c->count. */
void page_parts(const struct course *c, const struct diary *p, size_t current, struct buf *out);
/* Every lesson with its part. */
void page_list(const struct course *c, const struct diary *p, struct buf *out);
/* The page to keep, with dates and mistakes. */
void page_report(const struct course *c, const struct diary *p, time_t now, struct buf *out);
/* The first lesson that is not done; c->count: all are. */
size_t page_first_open(const struct course *c, const struct diary *p);

#endif
