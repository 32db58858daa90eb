/*
 * What the learner sees of a lesson, and what its local commands do. The model lines go the way of
 * all entered lines, so a skipped step looks like a typed one.
 */
#include "ui/learner.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/display.h"
#include "base/mem.h"
#include "practice/world.h"
#include "ui/learner_says.h"
#include "ui/talk_state.h"

/* --- lessons --- */

struct world *learner_load(struct learner *l, size_t number, struct diags *ds)
{
	struct lesson *lesson =
	        lesson_load(l->course->lessons[number].folder, l->options->lang, ds);
	struct world *w = lesson ? lesson_world(lesson, l->datadir, ds) : NULL;

	if (!w) {
		lesson_free(lesson);
		return NULL;
	}
	learner_release(l);
	l->lesson = lesson;
	l->borrowed = false;
	l->number = number;
	lesson_begin(&l->run, lesson);
	return w;
}

void learner_release(struct learner *l)
{
	if (!l->borrowed)
		lesson_free(l->lesson);
	l->lesson = NULL;
}

bool learner_target(const struct learner *l, struct target *out, struct diags *ds)
{
	char *word = mem_dup(lesson_target(l->lesson));
	struct options none;
	struct diag d;
	bool found;

	*out = (struct target){0};
	if (!word)
		return false;
	diag_init(&d);
	options_init(&none);
	found = target_read(out, &word, 1, &none, &d) == 0;
	if (!found)
		diags_add(ds, DIAG_INPUT, d.where, "%s", d.what);
	diag_release(&d);
	free(word);
	return found;
}

static struct diary_entry *entry(struct learner *l)
{
	return l->diary ? diary_entry(l->diary, l->course->lessons[l->number].name) : NULL;
}

static void keep(struct learner *l)
{
	struct diag d;

	if (!l->diary)
		return;
	diag_init(&d);
	if (diary_save(l->diary, l->course->lessons[l->number].name, &d) != 0 && !l->told) {
		l->told = true;
		view_diag(talk_view(l->talk), &d);
	}
	diag_release(&d);
}

size_t learner_resume_step(const struct learner *l)
{
	const struct diary_entry *e =
	        l->diary ? diary_find(l->diary, l->course->lessons[l->number].name) : NULL;

	if (!e || !e->step || e->done)
		return 0;
	for (size_t i = 0; i < lesson_steps(l->lesson); i++)
		if (strcmp(lesson_step_name(l->lesson, i), e->step) == 0)
			return i + 1 < lesson_steps(l->lesson) ? i + 1 : 0;
	return 0;
}

/* The open step's predecessor was passed. */
static void keep_step(struct learner *l)
{
	struct diary_entry *e = entry(l);
	size_t step = l->run.step;

	if (!e || step == 0)
		return;
	free(e->step);
	e->step = mem_dup(lesson_step_name(l->lesson, step - 1));
	if (step == lesson_steps(l->lesson) && !e->done)
		e->done = time(NULL);
	keep(l);
}

/* --- typing the model lines --- */

static void stop_playing(struct learner *l)
{
	l->playing = false;
	keep_step(l);
	talk_set_explain(l->talk, l->explain);
	learner_say_task(l);
}

static void type_models(struct learner *l, size_t from, size_t to)
{
	for (size_t step = from; step < to; step++)
		for (size_t i = 0; lesson_model(l->lesson, step, i); i++)
			talk_enter(l->talk, span_of(lesson_model(l->lesson, step, i)));
}

static void play(struct learner *l, size_t to, bool quiet)
{
	l->playing = true;
	l->rebuilt = quiet;
	l->quiet = quiet;
	l->play_to = to;
	l->explain = l->talk->explain;
	if (quiet)
		talk_set_explain(l->talk, OPTIONS_EXPLAIN_OFF);
	type_models(l, l->run.step, to);
}

/* From the beginning, in a fresh world. */
static bool rebuild(struct learner *l)
{
	struct diags ds;
	struct world *w;
	struct target target;
	bool open;

	diags_init(&ds);
	w = lesson_world(l->lesson, l->datadir, &ds);
	open = w && learner_target(l, &target, &ds);
	view_diags(talk_view(l->talk), &ds);
	diags_release(&ds);
	if (!w)
		return false;
	lesson_begin(&l->run, l->lesson);
	talk_restart(l->talk, w, open ? &target : NULL);
	return true;
}

/* Up to the step that is to be come to. False: the world cannot be made. */
static bool play_anew(struct learner *l)
{
	l->rebuilt = l->quiet = true;
	talk_set_explain(l->talk, OPTIONS_EXPLAIN_OFF);
	view_say(talk_view(l->talk),
	         "the conversation is not where this step begins, so the lesson "
	         "is built anew up to there");
	if (!rebuild(l))
		return false;
	type_models(l, 0, l->play_to);
	return true;
}

/* The model lines are typed, and it is our turn again. */
static bool played(struct learner *l)
{
	struct view *v = talk_view(l->talk);

	if (l->run.step < l->play_to && !l->rebuilt && play_anew(l))
		return true;
	if (l->run.step < l->play_to) {
		view_say(v, "the steps before could not be repeated here; /reset begins the "
		            "lesson anew");
		l->run.step = l->play_to;
	}
	stop_playing(l);
	return false;
}

static bool idle(void *arg, struct talk *t)
{
	struct learner *l = arg;

	if (talk_state(t) == SMTP_STATE_LEAVING)
		return false; /* until the connection is closed */
	if (l->playing && played(l))
		return t->lines.count > 0;
	return l->idle && l->idle(l->arg);
}

/* --- judging --- */

static void passed(struct learner *l, const struct lesson_judgement *j)
{
	if (!l->playing || !l->quiet)
		view_say(talk_view(l->talk), "passed: %s", j->text);
	if (l->playing)
		return;
	keep_step(l);
	learner_say_task(l);
}

static void wrong(struct learner *l, const struct lesson_judgement *j)
{
	struct diary_entry *e = l->playing ? NULL : entry(l);

	if (e) {
		diary_mistake(e, j->wrong);
		keep(l);
	}
	if (!l->playing)
		view_say(talk_view(l->talk), "lesson: %s", j->text);
}

static enum lesson_verdict judge(struct learner *l, struct lesson_facts *facts)
{
	struct lesson_judgement j;

	facts->host = talk_server(l->talk);
	facts->world = talk_world(l->talk);
	j = lesson_observe(&l->run, facts);
	if (l->heard)
		l->heard(l->arg, &j);
	if (j.verdict == LESSON_PASSED)
		passed(l, &j);
	if (j.verdict == LESSON_WRONG)
		wrong(l, &j);
	return j.verdict;
}

static void observe(void *arg, struct talk *t, const struct conversation_event *ev,
                    const struct smtp_dialogue *d)
{
	struct learner *l = arg;
	struct lesson_facts facts;

	(void)t;
	if (!lesson_facts_read(&facts, ev, d))
		return;
	bool first = ev->type == CONVERSATION_REPLY && !l->greeted;

	if (first)
		l->greeted = true;
	if (judge(l, &facts) != LESSON_PASSED && first && !l->playing)
		learner_say_task(l);
}

static enum lesson_verdict judge_local(struct learner *l, enum lesson_event event, const char *name,
                                       struct span arguments)
{
	struct lesson_facts facts = {.event = event};

	lesson_facts_look(&facts, talk_dialogue(l->talk));
	facts.command = span_of(name);
	facts.argument = arguments;
	return judge(l, &facts);
}

static void used(void *arg, struct talk *t, const char *name, struct span arguments)
{
	(void)t;
	if (learner_is_own(name))
		return;
	judge_local(arg, strcmp(name, "replayed") == 0 ? LESSON_REPLAYED : LESSON_LOCAL, name,
	            arguments);
}

/* --- the lesson's commands --- */

static void local_answer_given(struct learner *l, struct span text)
{
	struct view *v = talk_view(l->talk);

	if (text.n == 0)
		view_say(v, "/answer and your answer, for example  /answer mail.school.test");
	else if (judge_local(l, LESSON_ANSWER, "answer", text) == LESSON_NOTHING)
		view_say(v, learner_is_done(l) ? "there is no question now"
		                               : "that is not the answer of this step; /lesson "
		                                 "tells the task again, /hint helps");
}

/* What is typed now would reach nobody. */
static bool is_cut_off(const struct learner *l)
{
	const struct talk *t = l->talk;

	return (lesson_target(l->lesson) || l->run.step > 0) &&
	       (!talk_is_connected(t) || t->closing || talk_state(t) == SMTP_STATE_LEAVING);
}

static void skip(struct learner *l, struct span text)
{
	struct diary_entry *e = entry(l);

	(void)text;
	if (learner_is_done(l)) {
		learner_say_task(l);
		return;
	}
	if (l->playing)
		return;
	if (e) {
		e->skips++;
		keep(l);
	}
	view_say(talk_view(l->talk), "skipped: this is how it can be typed");
	play(l, l->run.step + 1, false);
	if (is_cut_off(l)) {
		lines_clear(&l->talk->lines);
		play_anew(l);
	}
}

static void reopen(struct learner *l, size_t number, size_t step)
{
	struct diags ds;
	struct world *w;
	struct target target;
	bool open;

	diags_init(&ds);
	w = learner_load(l, number, &ds);
	open = w && learner_target(l, &target, &ds);
	view_diags(talk_view(l->talk), &ds);
	diags_release(&ds);
	if (!w)
		return;
	if (l->playing)
		talk_set_explain(l->talk, l->explain);
	l->playing = false;
	talk_restart(l->talk, w, open ? &target : NULL);
	learner_begin(l, step);
}

static void reset(struct learner *l, struct span text)
{
	(void)text;
	reopen(l, l->number, 0);
}

static void lesson(struct learner *l, struct span text)
{
	struct view *v = talk_view(l->talk);
	size_t number = l->number + 1;
	char *wanted;

	if (text.n == 0) {
		learner_say_lesson(l);
		learner_say_task(l);
		return;
	}
	if (!span_eq_nocase(text, SPAN("next"))) {
		wanted = mem_dupn(text.p, text.n);
		number = course_find(l->course, wanted);
		free(wanted);
	}
	if (number < l->course->count)
		reopen(l, number, 0);
	else
		view_say(v, "there is no such lesson; /progress lists all");
}

static const struct {
	const char *name;
	void (*run)(struct learner *l, struct span arguments);
} own[] = {
        {"hint", learner_say_hint},
        {"answer", local_answer_given},
        {"skip", skip},
        {"reset", reset},
        {"lesson", lesson},
        {"progress", learner_say_progress},
};
enum { OWN_COUNT = sizeof own / sizeof *own };

bool learner_is_own(const char *name)
{
	for (size_t i = 0; i < OWN_COUNT; i++)
		if (strcmp(own[i].name, name) == 0)
			return true;
	return false;
}

static void command(void *arg, struct talk *t, const char *name, struct span arguments)
{
	(void)t;
	for (size_t i = 0; i < OWN_COUNT; i++)
		if (strcmp(own[i].name, name) == 0)
			own[i].run(arg, arguments);
}

const struct talk_hooks learner_hooks = {
        .observe = observe, .command = command, .used = used, .idle = idle};

/* --- beginning --- */

void learner_begin(struct learner *l, size_t step)
{
	struct diary_entry *e = entry(l);

	if (e && !e->begun) {
		e->begun = time(NULL);
		keep(l);
	}
	l->greeted = lesson_target(l->lesson) == NULL;
	learner_say_lesson(l);
	if (step > 0) {
		view_say(talk_view(l->talk),
		         "you were at step %zu; the steps before it are typed for you. /reset "
		         "begins at the first",
		         step + 1);
		l->greeted = true;
		play(l, step, true);
	} else if (l->greeted) {
		learner_say_task(l);
	}
}
