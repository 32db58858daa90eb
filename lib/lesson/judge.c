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

/* "=?UTF-8?B?…?=" (RFC 2047 §2) */
static bool has_encoded_word(struct span line)
{
	for (; line.n > 1; line = span_skip(line, 1))
		if (line.p[0] == '=' && line.p[1] == '?')
			return true;
	return false;
}

static unsigned look_at_line(const struct lesson_facts *f)
{
	unsigned found = 0;

	if (f->look == SMTP_TEXT_HEADER)
		found |= LESSON_BIT(LESSON_MESSAGE_HEADER);
	if (f->look == SMTP_TEXT_TOO_LONG)
		found |= LESSON_BIT(LESSON_MESSAGE_TOO_LONG);
	if (f->look == SMTP_TEXT_STUFFING)
		found |= LESSON_BIT(LESSON_MESSAGE_STUFFED);
	if (has_encoded_word(f->line))
		found |= LESSON_BIT(LESSON_MESSAGE_ENCODED_WORD);
	for (size_t i = 0; i < f->line.n; i++)
		if ((unsigned char)f->line.p[i] >= 0x80)
			found |= LESSON_BIT(LESSON_MESSAGE_EIGHT_BIT);
	return found;
}

/* What is known of a message is gathered line by line, from DATA's 354 to the reply after it. */
static void follow_message(struct lesson_run *run, struct lesson_facts *facts)
{
	if (facts->event == LESSON_REPLY && facts->verb == SMTP_VERB_DATA)
		run->message = 0;
	if (facts->event == LESSON_SENT && facts->in_text)
		run->message |= look_at_line(facts);
	facts->message = run->message;
}

struct lesson_judgement lesson_observe(struct lesson_run *run, struct lesson_facts *facts)
{
	const struct lesson_step *step;

	follow_message(run, facts);
	if (run->step >= run->lesson->step_count)
		return (struct lesson_judgement){.verdict = LESSON_NOTHING};
	step = &run->lesson->steps[run->step];
	if (any_holds(&step->pass, facts)) {
		run->step++;
		run->hints = 0;
		return (struct lesson_judgement){LESSON_PASSED, step->passed, NULL};
	}
	for (size_t i = 0; i < step->wrong_count; i++)
		if (any_holds(&step->wrongs[i].when, facts))
			return (struct lesson_judgement){LESSON_WRONG, step->wrongs[i].text,
			                                 step->wrongs[i].name};
	return (struct lesson_judgement){.verdict = LESSON_NOTHING};
}
