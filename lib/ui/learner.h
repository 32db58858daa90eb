/*
 * learner: a lesson beside a talk: it hears what happens through the talk's hooks, judges, and
 * speaks. Nothing that the learner does is blocked or corrected.
 *
 * Skipping and resuming type the lesson's model lines into the talk, where they can be seen: so the
 * conversation, the mailboxes and the hosts are as if the learner had typed them. When that does
 * not lead there, because the learner was exploring, the lesson is rebuilt from its beginning in a
 * fresh world. learn.c owns one for a person; learn_test.c one for each play of a lesson's test.
 */
#ifndef UI_LEARNER_H
#define UI_LEARNER_H

#include "lesson/course.h"
#include "lesson/diary.h"
#include "lesson/lesson.h"
#include "ui/options.h"
#include "ui/talk.h"

struct learner {
	const struct options *options;
	const char *datadir;
	const struct course *course;
	struct diary *diary; /* NULL: nothing is kept */
	size_t number;       /* in the course */
	struct lesson *lesson;
	bool borrowed; /* the lesson is */
	struct lesson_run run;
	struct talk *talk;
	bool greeted; /* the task was told since the lesson was opened */
	bool told;    /* that the progress cannot be kept */

	/* The model lines are being typed. */
	bool playing, rebuilt, quiet;
	size_t play_to; /* the step to come to */
	int explain;    /* what to go back to afterwards */

	/* For the test of lessons. */
	void (*heard)(void *arg, const struct lesson_judgement *j); /* or NULL */
	bool (*idle)(void *arg);                                    /* as the talk's; or NULL */
	void *arg;
};

/* Loads a lesson and its world. NULL and ds; then the learner has the lesson that it had. */
struct world *learner_load(struct learner *l, size_t number, struct diags *ds);
/* Tells title, reason and task, and types the steps before `step`. The talk is open, or about to
 * be. */
void learner_begin(struct learner *l, size_t step);
/* The step to go on with: after the last that was passed. */
size_t learner_resume_step(const struct learner *l);
/* The target of the lesson; false: nobody at first. To be released. */
bool learner_target(const struct learner *l, struct target *out, struct diags *ds);
void learner_release(struct learner *l);

extern const struct talk_hooks learner_hooks; /* arg must be set to the learner, in a copy */

#endif
