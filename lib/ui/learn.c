/*
 * The lesson only looks on: it hears the talk's events through its hooks and speaks beside them.
 * The learner can do anything that a talk can do; nothing is blocked, nothing is corrected.
 */
#include "ui/learn.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/datadir.h"
#include "base/mem.h"
#include "lesson/lesson.h"
#include "ui/signals.h"
#include "ui/talk.h"
#include "ui/view.h"

enum { COURSE_MAX = 200 };

struct course {
	char *folder;
	struct dirent **entries;
	int count;
};

struct learner {
	struct lesson *lesson;
	struct lesson_run run;
	const struct course *course;
	int number;   /* in the course */
	bool greeted; /* the first task was told */
	struct view *view;
};

/* --- the course --- */

static int is_lesson(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

static int course_open(struct course *c, struct diags *ds)
{
	struct diag d;
	struct buf path;
	char *datadir;

	memset(c, 0, sizeof(*c));
	diag_init(&d);
	datadir = datadir_find(&d);
	if (!datadir) {
		diag_hint(diags_add(ds, d.kind, d.where, "%s", d.what), "%s",
		          d.hint ? d.hint : "set SMTPTALK_DATA to the folder of the lessons");
		diag_release(&d);
		return -1;
	}
	buf_init(&path, 4096);
	buf_addf(&path, "%s/course", datadir);
	free(datadir);
	c->folder = buf_take(&path);
	c->count = scandir(c->folder, &c->entries, is_lesson, alphasort);
	if (c->count > 0)
		return 0;
	diags_add(ds, DIAG_INPUT, c->folder, "there is no lesson in it");
	return -1;
}

static void course_close(struct course *c)
{
	for (int i = 0; i < c->count; i++)
		free(c->entries[i]);
	free(c->entries);
	free(c->folder);
}

/* By its name, its number, or its name without the number. */
static int course_find(const struct course *c, const char *wanted)
{
	unsigned long number;

	if (!wanted)
		return 0;
	for (int i = 0; i < c->count; i++) {
		const char *name = c->entries[i]->d_name, *dash = strchr(name, '-');
		struct span digits = span_from(name, dash ? (size_t)(dash - name) : 0);

		if (strcmp(name, wanted) == 0 || (dash && strcmp(dash + 1, wanted) == 0))
			return i;
		unsigned long own;
		if (span_number(span_of(wanted), COURSE_MAX, &number) == 0 &&
		    span_number(digits, COURSE_MAX, &own) == 0 && own == number)
			return i;
	}
	return -1;
}

/* --- what the lesson says --- */

static void say_task(struct learner *l)
{
	const struct lesson_run *r = &l->run;

	if (r->step < lesson_steps(l->lesson)) {
		view_say(l->view, "step %zu of %zu: %s", r->step + 1, lesson_steps(l->lesson),
		         lesson_task(l->lesson, r->step));
		return;
	}
	view_say(l->view, "done: %s", lesson_done(l->lesson));
	if (l->number + 1 < l->course->count)
		view_say(l->view, "the next lesson is  smtptalk learn %s",
		         l->course->entries[l->number + 1]->d_name);
	view_say(l->view, "go on as you like; /mailbox shows what was delivered, /quit leaves");
}

static void observe(void *arg, struct talk *t, const struct conversation_event *ev,
                    const struct smtp_dialogue *d)
{
	struct learner *l = arg;
	struct lesson_judgement j;

	(void)t;
	if (l->run.step >= lesson_steps(l->lesson))
		return;
	j = lesson_observe(&l->run, ev, d);
	if (ev->type == CONVERSATION_REPLY && !l->greeted) {
		l->greeted = true;
		if (j.verdict != LESSON_PASSED)
			say_task(l);
	}
	switch (j.verdict) {
	case LESSON_NOTHING: break;
	case LESSON_WRONG: view_say(l->view, "lesson: %s", j.text); break;
	case LESSON_PASSED:
		if (j.text)
			view_say(l->view, "passed: %s", j.text);
		say_task(l);
		break;
	}
}

static void hint(void *arg, struct talk *t)
{
	struct learner *l = arg;
	const char *text = NULL, *model = NULL;

	(void)t;
	if (l->run.step >= lesson_steps(l->lesson)) {
		view_say(l->view, "the lesson is done; /quit leaves");
		return;
	}
	text = lesson_hint(l->lesson, l->run.step, l->run.hints);
	if (text) {
		l->run.hints++;
		view_say(l->view, "hint: %s", text);
		return;
	}
	model = lesson_model(l->lesson, l->run.step, 0);
	if (model)
		view_say(l->view, "no more hints; you could type  %s", model);
}

/* --- the command --- */

static int teach(struct learner *l, const struct options *o, bool utf8, struct diags *ds)
{
	struct talk_hooks hooks = {observe, hint, l};
	struct talk_settings s = {.options = o,
	                          .utf8 = utf8,
	                          .practice = true,
	                          .explain = OPTIONS_EXPLAIN_SHORT,
	                          .hooks = &hooks};
	char *words[1] = {mem_dup(lesson_target(l->lesson))};
	struct target target;
	struct options none;
	struct diag d;
	struct talk *t = NULL;
	int status = 2, death = 0;

	diag_init(&d);
	options_init(&none);
	if (target_read(&target, words, 1, &none, &d) == 0)
		t = talk_new(&s, ds);
	else
		diags_add(ds, DIAG_INPUT, d.where, "%s", d.what);
	if (t) {
		l->view = talk_view(t);
		view_say(l->view, "%s\n%s\n/hint helps, /quit leaves", lesson_title(l->lesson),
		         lesson_why(l->lesson));
		status = talk_run(t, &target);
		death = talk_death(t);
		talk_free(t);
	} else if (ds->count) {
		status = diag_exit_status(&ds->list[0]);
	}
	target_release(&target);
	diag_release(&d);
	free(words[0]);
	if (death)
		signals_die(death);
	return status;
}

int learn_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct learner l = {0};
	struct course course;
	struct buf path;
	int status = 2;

	if (o->count > 1) {
		diag_hint(diags_add(ds, DIAG_USAGE, "learn", "takes one lesson"),
		          "smtptalk learn [LESSON]");
		return 1;
	}
	if (course_open(&course, ds) == 0) {
		l.course = &course;
		l.number = course_find(&course, o->count ? o->args[0] : NULL);
		buf_init(&path, 8192);
		if (l.number < 0) {
			diag_hint(diags_add(ds, DIAG_USAGE, o->args[0], "there is no such lesson"),
			          "the first is %s", course.entries[0]->d_name);
			status = 1;
		} else {
			buf_addf(&path, "%s/%s", course.folder, course.entries[l.number]->d_name);
			l.lesson = lesson_load(path.data, o->lang, ds);
		}
		buf_release(&path);
	}
	if (l.lesson) {
		lesson_begin(&l.run, l.lesson);
		status = teach(&l, o, utf8, ds);
		lesson_free(l.lesson);
	}
	course_close(&course);
	return status;
}
