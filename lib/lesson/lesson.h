/*
 * lesson: a lesson's steps, and the judge that says which state has been reached.
 *
 * A lesson is a folder: `lesson` (steps, what passes, model answers, known mistakes; the form is
 * described in CONTRIBUTING.md) and `en.txt` (the words); a folder `world` beside them adds zones
 * and hosts to the practice world. Judging looks at what happened (verb, class of reply, envelope,
 * mailbox), never at keystrokes or at reply prose. The lesson owns its strings; a run borrows it.
 */
#ifndef LESSON_LESSON_H
#define LESSON_LESSON_H

#include "base/diag.h"
#include "lesson/condition.h"

#define LESSON_HINTS 3

struct lesson;
struct lesson *lesson_load(const char *folder, const char *lang, struct diags *ds);
void lesson_free(struct lesson *l);
const char *lesson_folder(const struct lesson *l);
const char *lesson_title(const struct lesson *l);
/* Whom to talk to: "bob@school.test"; NULL: nobody at first. */
const char *lesson_target(const struct lesson *l);
const char *lesson_part(const struct lesson *l); /* of the course: "A"; or NULL */
const char *lesson_why(const struct lesson *l);  /* the words before the first step */
const char *lesson_done(const struct lesson *l); /* the words after the last step */
size_t lesson_steps(const struct lesson *l);
const char *lesson_step_name(const struct lesson *l, size_t step);
const char *lesson_task(const struct lesson *l, size_t step);
const char *lesson_hint(const struct lesson *l, size_t step, int level); /* 0 to 2; NULL: no more */
/* The i-th model line of a step, or NULL: what a learner could type. */
const char *lesson_model(const struct lesson *l, size_t step, size_t i);

/* The practice world as the lesson wants it: with its own hosts, parameters and mail. NULL and ds
 * on any fault. */
struct world *lesson_world(const struct lesson *l, const char *datadir, struct diags *ds);

/* What can be wrong with a lesson that can be read: too few known mistakes, no RFC section, words
 * that do not fit on a line. Faults go to ds. */
void lesson_lint(const struct lesson *l, const char *lang, struct diags *ds);

struct lesson_run {
	const struct lesson *lesson;
	size_t step;      /* the one that is open; == lesson_steps() when done */
	int hints;        /* how many of it were shown */
	unsigned message; /* bit set of enum lesson_message: the message that is being sent */
};

enum lesson_verdict {
	LESSON_NOTHING, /* neither passed nor a known mistake */
	LESSON_PASSED,  /* the step; `text` is what just happened, run->step moved on */
	LESSON_WRONG,   /* a known mistake: `text` is its feedback, `wrong` its name */
};

struct lesson_judgement {
	enum lesson_verdict verdict;
	const char *text, *wrong; /* borrowed from the lesson */
};

void lesson_begin(struct lesson_run *run, const struct lesson *l);
/* Judges what happened; facts->message is filled in. */
struct lesson_judgement lesson_observe(struct lesson_run *run, struct lesson_facts *facts);

#endif
