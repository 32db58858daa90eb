/*
 * Passing comes first: an answer that reaches the state is right, whatever else may be said of it.
 * Only then is it looked for among the known mistakes, in the order of the file.
 */
#include "lesson/lesson_state.h"

void lesson_begin(struct lesson_run *run, const struct lesson *l)
{
	*run = (struct lesson_run){.lesson = l};
}

static bool any_holds(const struct lesson_conditions *c, const struct lesson_facts *facts)
{
	for (size_t i = 0; i < c->count; i++)
		if (lesson_condition_holds(&c->list[i], facts))
			return true;
	return false;
}

struct lesson_judgement lesson_observe(struct lesson_run *run, const struct conversation_event *ev,
                                       const struct smtp_dialogue *d)
{
	const struct lesson_step *step;
	struct lesson_facts facts;

	if ((ev->type != CONVERSATION_SENT && ev->type != CONVERSATION_REPLY) ||
	    run->step >= run->lesson->step_count)
		return (struct lesson_judgement){.verdict = LESSON_NOTHING};
	step = &run->lesson->steps[run->step];
	lesson_facts_read(&facts, ev, d);
	if (any_holds(&step->pass, &facts)) {
		run->step++;
		run->hints = 0;
		return (struct lesson_judgement){LESSON_PASSED, step->passed, NULL};
	}
	for (size_t i = 0; i < step->wrong_count; i++)
		if (any_holds(&step->wrongs[i].when, &facts))
			return (struct lesson_judgement){LESSON_WRONG, step->wrongs[i].text,
			                                 step->wrongs[i].name};
	return (struct lesson_judgement){.verdict = LESSON_NOTHING};
}
