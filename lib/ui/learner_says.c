/*
 * What a lesson says at its places: at the beginning, at each step, when asked for a hint, at the
 * end.
 */
#include "ui/learner_says.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "lesson/page.h"
#include "ui/view.h"

enum { PAGE_MAX = 256 << 10 };

bool learner_is_done(const struct learner *l)
{
	return l->run.step >= lesson_steps(l->lesson);
}

void learner_say_lesson(struct learner *l)
{
	const struct course_lesson *one = &l->course->lessons[l->number];
	struct view *v = talk_view(l->talk);

	if (one->number)
		view_say(v, "lesson %u: %s", one->number, lesson_title(l->lesson));
	else
		view_say(v, "lesson: %s", lesson_title(l->lesson));
	view_say(v, "%s", lesson_why(l->lesson));
	view_say(v, "/hint helps, /skip types a step for you, /quit leaves; what you have done is "
	            "kept");
}

static void say_end(struct learner *l)
{
	const struct course *c = l->course;
	struct view *v = talk_view(l->talk);
	struct buf bar;

	view_say(v, "done: %s", lesson_done(l->lesson));
	if (l->diary && c->count > 1) {
		buf_init(&bar, PAGE_MAX);
		page_bar(c, l->diary, &bar);
		view_block(v, buf_span(&bar));
		buf_release(&bar);
	}
	if (l->number + 1 < c->count)
		view_say(v,
		         "/lesson next goes on with lesson %u, %s; or look around as long as "
		         "you like, and /quit",
		         c->lessons[l->number + 1].number, c->lessons[l->number + 1].title);
	else if (c->count > 1)
		view_say(v, "this was the last lesson. /progress FILE keeps a page of what you "
		            "have done; /quit leaves");
	else
		view_say(v, "look around as long as you like; /quit leaves");
}

void learner_say_task(struct learner *l)
{
	const struct lesson_run *r = &l->run;

	if (learner_is_done(l))
		say_end(l);
	else
		view_say(talk_view(l->talk), "step %zu of %zu: %s", r->step + 1,
		         lesson_steps(l->lesson), lesson_task(l->lesson, r->step));
}

void learner_say_hint(struct learner *l, struct span arguments)
{
	const char *text = NULL, *model = NULL;
	struct view *v = talk_view(l->talk);

	(void)arguments;
	if (learner_is_done(l)) {
		learner_say_task(l);
		return;
	}
	text = lesson_hint(l->lesson, l->run.step, l->run.hints);
	if (text) {
		l->run.hints++;
		if (l->diary)
			diary_entry(l->diary, l->course->lessons[l->number].name)->hints++;
		view_say(v, "hint %d of %d: %s", l->run.hints, LESSON_HINTS, text);
		return;
	}
	view_say(v, "no more hints; /skip would type:");
	for (size_t i = 0; (model = lesson_model(l->lesson, l->run.step, i)); i++)
		view_block(v, *model ? span_of(model) : SPAN("(an empty line)"));
}

/* --- progress --- */

static int write_page(const char *path, struct span text)
{
	FILE *f = fopen(path, "wx");
	int error = 0;

	if (!f)
		return errno;
	if (fwrite(text.p, 1, text.n, f) != text.n)
		error = errno ? errno : EIO;
	if (fclose(f) != 0 && !error)
		error = errno;
	return error;
}

static void keep_page(struct learner *l, struct span name)
{
	struct view *v = talk_view(l->talk);
	char *path = mem_dupn(name.p, name.n);
	struct buf text;
	int error;

	buf_init(&text, PAGE_MAX);
	page_report(l->course, l->diary, time(NULL), &text);
	error = write_page(path, buf_span(&text));
	if (error)
		view_say(v, "%s was not written: %s", path, strerror(error));
	else
		view_say(v, "%s has the page", path);
	buf_release(&text);
	free(path);
}

void learner_say_progress(struct learner *l, struct span arguments)
{
	struct buf text;

	if (!l->diary)
		return;
	if (arguments.n) {
		keep_page(l, arguments);
		return;
	}
	buf_init(&text, PAGE_MAX);
	page_list(l->course, l->diary, &text);
	view_block(talk_view(l->talk), buf_span(&text));
	view_say(talk_view(l->talk), "/lesson and a number goes there; /progress FILE keeps a page "
	                             "with dates and mistakes");
	buf_release(&text);
}
