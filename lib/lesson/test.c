/*
 * Each claim of the lesson is one play: a fresh conversation, the model lines of the steps before,
 * then the lines in question, and a look at what the judge said about those. Plays are short and
 * all in the process, so that the whole course can be proved with every build.
 */
#include "lesson/test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lesson/lesson_state.h"
#include "practice/internet.h"

#define PLAY_TIMEOUT_MS 5000

struct bench { /* what all plays share */
	struct loop *loop;
	struct world *world;
	struct network *net;
	const struct lesson *lesson;
	const char *folder;
	struct net_address at;
	struct diags *ds;
};

struct play {
	struct bench *bench;
	const char **lines; /* borrowed */
	size_t count, room, next;
	size_t watched; /* the lines from here on are in question */
	struct conversation *conversation;
	struct lesson_run run;
	size_t step_before; /* the open step when the watched lines began */
	size_t wrongs;      /* since then */
	const char *wrong;  /* the first of them */
	size_t early_wrongs;
	int error; /* of the dial */
};

/* --- playing --- */

static void add_line(struct play *p, const char *line)
{
	p->lines = mem_grow(p->lines, p->count, &p->room, sizeof *p->lines);
	p->lines[p->count++] = line;
}

static void send_next(struct play *p)
{
	if (p->next == p->watched) {
		p->step_before = p->run.step;
		p->early_wrongs = p->wrongs;
		p->wrongs = 0;
		p->wrong = NULL;
	}
	if (p->next == p->count) {
		loop_stop(p->bench->loop);
		return;
	}
	conversation_line(p->conversation, span_of(p->lines[p->next++]));
}

static void judge(struct play *p, const struct conversation_event *ev)
{
	struct lesson_judgement j;

	j = lesson_observe(&p->run, ev, conversation_dialogue(p->conversation));
	if (j.verdict != LESSON_WRONG)
		return;
	if (p->wrongs++ == 0)
		p->wrong = j.wrong;
}

static void on_event(void *arg, const struct conversation_event *ev)
{
	struct play *p = arg;

	switch (ev->type) {
	case CONVERSATION_READY: send_next(p); break;
	case CONVERSATION_SENT:
	case CONVERSATION_REPLY: judge(p, ev); break;
	case CONVERSATION_CLOSED:
	case CONVERSATION_BROKEN:
	case CONVERSATION_TIMEOUT: loop_stop(p->bench->loop); break;
	default: break;
	}
}

static void on_dial(void *arg, struct stream *stream, int error)
{
	struct play *p = arg;

	p->error = error;
	if (stream)
		p->conversation = conversation_new(stream, PLAY_TIMEOUT_MS, on_event, p);
	else
		loop_stop(p->bench->loop);
}

static void run_play(struct play *p)
{
	struct bench *b = p->bench;

	lesson_begin(&p->run, b->lesson);
	network_dial(b->net, &b->at, PLAY_TIMEOUT_MS, on_dial, p);
	loop_run(b->loop);
	if (p->conversation)
		conversation_free(p->conversation);
}

/* --- the claims --- */

/* Every finding is about one step, and often about one of its mistakes. */
static void __attribute__((format(printf, 3, 4)))
fault(const struct bench *b, const struct lesson_step *step, const char *format, ...)
{
	char *where = NULL, *what = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&what, format, args) < 0)
		what = NULL;
	va_end(args);
	if (asprintf(&where, "%s/lesson: step %s", b->folder, step->name) < 0)
		where = NULL;
	diags_add(b->ds, DIAG_INPUT, where, "%s", what ? what : "a fault");
	free(where);
	free(what);
}

static void add_models(struct play *p, size_t steps)
{
	for (size_t i = 0; i < steps; i++)
		for (size_t j = 0; lesson_model(p->bench->lesson, i, j); j++)
			add_line(p, lesson_model(p->bench->lesson, i, j));
}

/* False when the play did not get as far as the lines in question. */
static bool came_to(const struct play *p, size_t step)
{
	const struct lesson_step *s = &p->bench->lesson->steps[step];

	if (p->error)
		fault(p->bench, s, "the target cannot be reached: %s", strerror(p->error));
	else if (p->next < p->watched || p->step_before != step)
		fault(p->bench, s, "the model lines before it do not lead here");
	else
		return true;
	return false;
}

static void prove_model(struct bench *b, size_t step)
{
	const struct lesson_step *s = &b->lesson->steps[step];
	struct play p = {.bench = b};

	add_models(&p, step);
	p.watched = p.count;
	for (size_t j = 0; j < s->models.count; j++)
		add_line(&p, s->models.list[j]);
	run_play(&p);
	if (came_to(&p, step)) {
		if (p.run.step != step + 1)
			fault(b, s, "its own model lines do not pass");
		if (p.wrongs)
			fault(b, s, "its own model lines are taken for the mistake \"%s\"",
			      p.wrong);
	}
	free(p.lines);
}

static bool has_message_open(const struct bench *b, size_t step)
{
	size_t i = step;

	/* In message text NOOP is text. */
	return i > 0 && b->lesson->steps[i - 1].models.count > 0 &&
	       span_eq_nocase(span_of(lesson_model(b->lesson, i - 1,
	                                           b->lesson->steps[i - 1].models.count - 1)),
	                      SPAN("DATA"));
}

static void prove_untouched(struct bench *b, size_t step)
{
	const struct lesson_step *s = &b->lesson->steps[step];
	struct play p = {.bench = b};

	add_models(&p, step);
	p.watched = p.count;
	add_line(&p, has_message_open(b, step) ? "text" : "NOOP");
	run_play(&p);
	if (came_to(&p, step) && p.run.step != step)
		fault(b, s, "a line that does nothing passes");
	free(p.lines);
}

static void prove_try(struct bench *b, size_t step, const struct lesson_wrong *w, const char *line)
{
	const struct lesson_step *s = &b->lesson->steps[step];
	struct play p = {.bench = b};

	add_models(&p, step);
	for (size_t i = 0; i < w->before.count; i++)
		add_line(&p, w->before.list[i]);
	p.watched = p.count;
	add_line(&p, line);
	run_play(&p);
	if (came_to(&p, step)) {
		if (p.run.step != step)
			fault(b, s, "a line of the mistake \"%s\" passes", w->name);
		if (p.wrongs != 1)
			fault(b, s,
			      "a line of the mistake \"%s\" gets no feedback, or more than one",
			      w->name);
		else if (strcmp(p.wrong, w->name) != 0)
			fault(b, s, "a line of the mistake \"%s\" gets another's feedback",
			      w->name);
	}
	free(p.lines);
}

static void prove(struct bench *b)
{
	for (size_t i = 0; i < b->lesson->step_count; i++) {
		const struct lesson_step *s = &b->lesson->steps[i];

		prove_untouched(b, i);
		prove_model(b, i);
		for (size_t j = 0; j < s->wrong_count; j++)
			for (size_t k = 0; k < s->wrongs[j].tries.count; k++)
				prove_try(b, i, &s->wrongs[j], s->wrongs[j].tries.list[k]);
	}
}

/* --- the bench --- */

/* The first host's first address. */
static int find_target(struct bench *b)
{
	struct span domain = span_of(b->lesson->target);
	struct dns_answer *mx, *a = NULL;
	const char *host;
	int found = -1;

	domain = span_find(domain, '@') < domain.n ? span_skip(domain, span_find(domain, '@') + 1)
	                                           : domain;
	mx = world_answer(b->world, domain.p, DNS_MX);
	host = mx->count ? mx->records[0].name : domain.p;
	a = world_answer(b->world, host, DNS_A);
	if (a->count) {
		b->at = a->records[0].address;
		net_address_set_port(&b->at, 25);
		found = 0;
	} else {
		diags_add(b->ds, DIAG_INPUT, b->folder,
		          "its target \"%s\" is not in the practice world", b->lesson->target);
	}
	dns_answer_free(mx);
	dns_answer_free(a);
	return found;
}

int lesson_test(const char *datadir, const char *folder, const char *lang, struct diags *ds)
{
	struct bench b = {.folder = folder, .ds = ds};
	struct lesson *l = lesson_load(folder, lang, ds);
	size_t faults = ds->count + ds->dropped;

	b.lesson = l;
	b.world = l ? world_load(datadir, ds) : NULL;
	if (b.world && find_target(&b) == 0) {
		b.loop = loop_new();
		b.net = practice_internet_new(b.loop, b.world);
		prove(&b);
		network_free(b.net);
		loop_free(b.loop);
	}
	world_free(b.world);
	lesson_free(l);
	return l && ds->count + ds->dropped == faults ? 0 : -1;
}
