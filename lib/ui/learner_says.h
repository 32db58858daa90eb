/*
 * learner_says: the sentences of a lesson; for learner.c.
 */
#ifndef UI_LEARNER_SAYS_H
#define UI_LEARNER_SAYS_H

#include "ui/learner.h"

bool learner_is_done(const struct learner *l);
bool learner_is_own(const char *name); /* a local command that is a lesson's */
void learner_say_lesson(struct learner *l);
void learner_say_task(struct learner *l);
void learner_say_hint(struct learner *l, struct span arguments);
void learner_say_progress(struct learner *l, struct span arguments);

#endif
