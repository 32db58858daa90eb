/*
 * Which lesson it is, and where the learner was; the rest is a talk with a lesson beside it.
 */
#include "ui/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "lesson/page.h"
#include "ui/learn_test.h"
#include "ui/learner.h"
#include "ui/signals.h"
#include "ui/teaching.h"
#include "ui/view.h"

enum { PAGE_MAX = 256 << 10 };

struct desk { /* what all ways of `learn` share */
	const struct options *options;
	bool utf8;
	char *datadir;
	struct course course;
	struct diary diary;
	size_t number; /* of the lesson that was named; course.count: none was */
};

/* --- the desk --- */

/* A path, and not the name of a lesson. */
static bool is_folder(const char *word)
{
	return strchr(word, '/') || strcmp(word, ".") == 0;
}

static const char *named(const struct options *o)
{
	return o->lesson ? o->lesson : o->count ? o->args[0] : NULL;
}

static int open_course(struct desk *k, struct diags *ds)
{
	const char *word = named(k->options);
	struct buf path;
	int result;

	buf_init(&path, 8192);
	if (word && is_folder(word))
		buf_addstr(&path, word);
	else
		buf_addf(&path, "%s/course", k->datadir);
	result = course_open(&k->course, path.data, k->options->lang, ds);
	buf_release(&path);
	if (result != 0)
		return -1;
	k->number = k->course.count;
	if (!word || is_folder(word))
		return 0;
	k->number = course_find(&k->course, word);
	if (k->number < k->course.count)
		return 0;
	diag_hint(diags_add(ds, DIAG_USAGE, word, "there is no such lesson"),
	          "smtptalk learn --list shows all");
	return -1;
}

static void open_progress(struct desk *k)
{
	char *path = options_user_path("XDG_STATE_HOME", ".local/state", "progress");
	struct diags ds;

	diags_init(&ds);
	diary_load(&k->diary, path, &ds);
	for (size_t i = 0; i < ds.count; i++) {
		struct buf b;

		buf_init(&b, 64u << 10);
		diag_format(&ds.list[i], &b);
		fprintf(stderr, "smtptalk: %s\n", b.data);
		buf_release(&b);
	}
	diags_release(&ds);
	free(path);
}

static void close_desk(struct desk *k)
{
	course_close(&k->course);
	diary_release(&k->diary);
	free(k->datadir);
}

/* --- ways that show and leave --- */

static void print(const struct desk *k, const struct buf *text)
{
	struct loop *loop = loop_new();
	struct view_settings look = {.ascii = !k->utf8};
	struct view *v = view_new(loop, &look);
	struct span rest = buf_span(text);

	if (rest.n && rest.p[rest.n - 1] == '\n')
		rest.n--;
	while (rest.p)
		view_plain(v, span_cut(&rest, '\n'));
	view_free(v);
	loop_free(loop);
}

static int show(const struct desk *k, bool page)
{
	struct buf text;

	buf_init(&text, PAGE_MAX);
	if (page)
		page_report(&k->course, &k->diary, time(NULL), &text);
	else
		page_list(&k->course, &k->diary, &text);
	print(k, &text);
	buf_release(&text);
	return 0;
}

static int forget(struct desk *k, struct diags *ds)
{
	struct diag d;
	int status = 0;

	diary_forget(&k->diary,
	             k->number < k->course.count ? k->course.lessons[k->number].name : NULL);
	diag_init(&d);
	if (diary_save(&k->diary, NULL, &d) != 0) {
		diags_add_copy(ds, &d);
		status = diag_exit_status(&d);
	}
	diag_release(&d);
	return status;
}

/* --- learning --- */

static void say_welcome(const struct desk *k, const struct learner *l)
{
	struct buf text;
	size_t of;

	if (k->options->lesson || k->number < k->course.count || k->course.count == 1)
		return;
	buf_init(&text, PAGE_MAX);
	if (page_done(&k->course, &k->diary, NULL, &of) == 0)
		view_say(talk_view(l->talk),
		         "SMTP by hand, in %zu lessons. Nothing here leaves this computer, and "
		         "nothing can break.",
		         of);
	page_parts(&k->course, &k->diary, l->number, &text);
	view_block(talk_view(l->talk), buf_span(&text));
	view_say(talk_view(l->talk), "/progress lists the lessons, /lesson and a number goes to "
	                             "one");
	buf_release(&text);
}

static int teach(struct desk *k, struct learner *l, struct world *w, struct diags *ds)
{
	struct talk_hooks hooks = learner_hooks;
	struct talk_settings s = {.options = k->options,
	                          .utf8 = k->utf8,
	                          .explain = OPTIONS_EXPLAIN_SHORT,
	                          .hooks = &hooks,
	                          .world = w,
	                          .stays = true};
	struct target target;
	bool open = learner_target(l, &target, ds);
	int status, death;

	hooks.arg = l;
	l->talk = talk_new(&s, ds);
	if (!l->talk || ds->count) {
		if (l->talk)
			talk_free(l->talk);
		target_release(&target);
		return ds->count ? diag_exit_status(&ds->list[0]) : 2;
	}
	say_welcome(k, l);
	learner_begin(l, k->options->lesson ? 0 : learner_resume_step(l));
	status = talk_run(l->talk, open ? &target : NULL);
	death = talk_death(l->talk);
	talk_free(l->talk);
	target_release(&target);
	if (death)
		signals_die(death);
	return status == 4 ? 0 : status; /* a refused command is a part of learning */
}

static int learn(struct desk *k, struct diags *ds)
{
	struct learner l = {.options = k->options,
	                    .datadir = k->datadir,
	                    .course = &k->course,
	                    .diary = &k->diary};
	size_t number = k->number;
	struct world *w;
	int status = 2;

	if (number == k->course.count)
		number = page_first_open(&k->course, &k->diary);
	if (number == k->course.count)
		number = 0;
	w = learner_load(&l, number, ds);
	if (w)
		status = teach(k, &l, w, ds);
	learner_release(&l);
	return status;
}

int learn_main(const struct options *o, bool utf8, struct diags *ds)
{
	struct desk k = {.options = o, .utf8 = utf8};
	int status = 2;

	if (o->count + (o->lesson != NULL) > 1) {
		diag_hint(diags_add(ds, DIAG_USAGE, "learn", "takes one lesson"),
		          "smtptalk learn [LESSON]");
		return 1;
	}
	k.datadir = teaching_folder(ds);
	if (k.datadir && open_course(&k, ds) == 0) {
		open_progress(&k);
		status = o->test    ? learn_test(&k.course, k.number, k.datadir, ds)
		         : o->list  ? show(&k, false)
		         : o->page  ? show(&k, true)
		         : o->reset ? forget(&k, ds)
		                    : learn(&k, ds);
	} else if (ds->count) {
		status = diag_exit_status(&ds->list[0]);
	}
	close_desk(&k);
	return status;
}
