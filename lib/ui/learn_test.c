/*
 * Each claim is one play: a fresh world, a talk that nobody sees, the lines of the steps before,
 * then the lines in question, and a look at what the judge said about those. What is played is what
 * a learner plays: the same talk, the same hooks.
 */
#include "ui/learn_test.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lesson/lesson_state.h"
#include "practice/mailbox.h"
#include "ui/learn_play.h"

/* --- the claims --- */

#define FAULT(b, line, ...) lesson_fault((b)->lesson, line, (b)->ds, __VA_ARGS__)

/* False when the play did not get as far as the lines in question. */
static bool came_to(const struct learn_play *p, size_t step)
{
	const struct learn_bench *b = p->bench;
	const struct lesson_step *s = &b->lesson->steps[step];

	if (!p->connected)
		FAULT(b, s->line, "step %s: the target cannot be reached", s->name);
	else if (!p->watching || p->step_before != step)
		FAULT(b, s->line, "step %s: the model lines before it do not lead here", s->name);
	else
		return true;
	return false;
}

static bool prove_model(struct learn_bench *b, size_t step, struct learn_state *after)
{
	const struct lesson_step *s = &b->lesson->steps[step];
	struct learn_play p;
	bool passed;

	learn_play_begin(&p, b, step);
	for (size_t j = 0; j < s->models.count; j++)
		learn_play_line(&p, s->models.list[j].text);
	learn_play_run(&p);
	if (came_to(&p, step)) {
		if (p.learner.run.step != step + 1)
			FAULT(b, s->models.list[0].line, "step %s: its own model lines do not pass",
			      s->name);
		if (p.wrongs)
			FAULT(b, s->models.list[0].line,
			      "step %s: its own model lines are taken for the mistake \"%s\"",
			      s->name, p.wrong);
	}
	*after = p.state;
	passed = p.learner.run.step == step + 1;
	learn_play_release(&p);
	return passed;
}

static void prove_untouched(struct learn_bench *b, size_t step)
{
	const struct lesson_step *s = &b->lesson->steps[step];
	struct learn_play p;

	learn_play_begin(&p, b, step);
	learn_play_line(&p, LEARN_PLAY_NOTHING);
	learn_play_run(&p);
	if (came_to(&p, step) && p.learner.run.step != step)
		FAULT(b, s->line, "step %s: a line that does nothing passes", s->name);
	learn_play_release(&p);
}

static void prove_try(struct learn_bench *b, size_t step, const struct lesson_wrong *w,
                      const struct lesson_line *line)
{
	const struct lesson_step *s = &b->lesson->steps[step];
	struct learn_play p;

	learn_play_begin(&p, b, step);
	for (size_t i = 0; i < w->before.count; i++)
		learn_play_line(&p, w->before.list[i].text);
	p.watched = p.count;
	learn_play_line(&p, line->text);
	learn_play_run(&p);
	if (came_to(&p, step)) {
		if (p.learner.run.step != step)
			FAULT(b, line->line, "step %s: a line of the mistake \"%s\" passes",
			      s->name, w->name);
		else if (p.wrongs != 1)
			FAULT(b, line->line,
			      "step %s: a line of the mistake \"%s\" gets no feedback, or more "
			      "than "
			      "one",
			      s->name, w->name);
		else if (strcmp(p.wrong, w->name) != 0)
			FAULT(b, line->line,
			      "step %s: a line of the mistake \"%s\" gets the feedback of \"%s\"",
			      s->name, w->name, p.wrong);
	}
	learn_play_release(&p);
}

static void say_states(struct learn_bench *b, unsigned line, const struct lesson_step *s,
                       const char *deed, const struct learn_state *got,
                       const struct learn_state *wanted)
{
	FAULT(b, line,
	      "step %s: %s comes to another state than typing: %s at %s, sender %s, %zu "
	      "recipients, %zu mails; not %s at %s, sender %s, %zu recipients, %zu mails",
	      s->name, deed, smtp_state_name(got->state), got->server, got->sender, got->accepted,
	      got->mails, smtp_state_name(wanted->state), wanted->server, wanted->sender,
	      wanted->accepted, wanted->mails);
}

/* Skipped, or skipped after the connection was closed: the step after it, in the same state. */
static void prove_skip(struct learn_bench *b, size_t step, bool closed,
                       const struct learn_state *wanted)
{
	const struct lesson_step *s = &b->lesson->steps[step];
	struct learn_play p;

	learn_play_begin(&p, b, step);
	if (closed)
		learn_play_line(&p, LEARN_PLAY_CLOSE);
	learn_play_line(&p, LEARN_PLAY_SKIP);
	learn_play_run(&p);
	if (came_to(&p, step)) {
		if (p.learner.run.step != step + 1)
			FAULT(b, s->line, "step %s: /skip%s does not come to the next step",
			      s->name, closed ? " after /close" : "");
		else if (!learn_state_equal(&p.state, wanted))
			say_states(b, s->line, s, closed ? "/skip after /close" : "/skip", &p.state,
			           wanted);
	}
	learn_play_release(&p);
}

static void prove_resume(struct learn_bench *b, size_t step, const struct learn_state *wanted)
{
	const struct lesson_step *s = &b->lesson->steps[step];
	struct learn_play p;

	learn_play_begin(&p, b, 0);
	p.resume = step;
	learn_play_run(&p);
	if (p.learner.run.step != step)
		FAULT(b, s->line, "step %s: resuming does not come here", s->name);
	else if (!learn_state_equal(&p.state, wanted))
		say_states(b, s->line, s, "resuming", &p.state, wanted);
	learn_play_release(&p);
}

/* Without a step's model lines the others must not be enough. */
static void prove_needed(struct learn_bench *b, size_t without)
{
	const struct lesson_step *s = &b->lesson->steps[without];
	struct learn_play p;

	learn_play_begin(&p, b, without);
	for (size_t i = without + 1; i < b->lesson->step_count; i++)
		for (size_t j = 0; j < b->lesson->steps[i].models.count; j++)
			learn_play_line(&p, b->lesson->steps[i].models.list[j].text);
	learn_play_run(&p);
	if (p.learner.run.step == b->lesson->step_count)
		FAULT(b, s->line, "step %s: the lesson ends without its model lines", s->name);
	learn_play_release(&p);
}

/* False when the lesson does not lead beyond it. */
static bool prove_step(struct learn_bench *b, size_t i, const struct learn_state *before,
                       struct learn_state *after)
{
	const struct lesson_step *s = &b->lesson->steps[i];

	prove_untouched(b, i);
	if (!prove_model(b, i, after))
		return false;
	for (size_t j = 0; j < s->wrong_count; j++)
		for (size_t k = 0; k < s->wrongs[j].tries.count; k++)
			prove_try(b, i, &s->wrongs[j], &s->wrongs[j].tries.list[k]);
	prove_skip(b, i, false, after);
	prove_skip(b, i, true, after);
	if (i > 0)
		prove_resume(b, i, before);
	prove_needed(b, i);
	return true;
}

static void prove(struct learn_bench *b)
{
	struct learn_state before = {0}, after = {0};

	for (size_t i = 0; i < b->lesson->step_count && b->ds->dropped == 0; i++) {
		if (!prove_step(b, i, &before, &after))
			return;
		before = after;
	}
}

/* --- the lessons --- */

static int is_words(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && strcmp(dot, ".txt") == 0 && dot - e->d_name >= 2 && dot - e->d_name <= 5 &&
	       e->d_name[0] != '.';
}

/* Every language has every text: reading tells what is missing. */
static void prove_words(const char *folder, struct diags *ds)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_words, alphasort);

	for (int i = 0; i < n; i++) {
		char *lang =
		        mem_dupn(entries[i]->d_name,
		                 (size_t)(strrchr(entries[i]->d_name, '.') - entries[i]->d_name));
		struct lesson *l = strcmp(lang, "en") ? lesson_load(folder, lang, ds) : NULL;

		if (l)
			lesson_lint(l, lang, ds);
		lesson_free(l);
		free(lang);
		free(entries[i]);
	}
	free(entries);
}

static void prove_lesson(const struct course *c, size_t i, const char *datadir, struct diags *ds)
{
	struct learn_bench b = {.course = c, .number = i, .datadir = datadir, .ds = ds};
	struct world *w;

	prove_words(c->lessons[i].folder, ds);
	b.lesson = lesson_load(c->lessons[i].folder, "en", ds);
	if (!b.lesson)
		return;
	lesson_lint(b.lesson, "en", ds);
	w = lesson_world(b.lesson, datadir, ds);
	world_free(w);
	if (w)
		prove(&b);
	lesson_free(b.lesson);
}

int learn_test(const struct course *c, size_t number, const char *datadir, struct diags *ds)
{
	size_t faults = ds->count + ds->dropped;

	for (size_t i = 0; i < c->count; i++)
		if (number == c->count || number == i)
			prove_lesson(c, i, datadir, ds);
	return ds->count + ds->dropped == faults ? 0 : 2;
}
