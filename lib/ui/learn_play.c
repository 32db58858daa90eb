/*
 * The lines are entered one at a time, when the talk would show its prompt to a person, so nothing
 * here waits for a time.
 */
#include "ui/learn_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/world.h"

enum { PLAY_TIMEOUT_S = 20 };

void learn_play_begin(struct learn_play *p, struct learn_bench *b, size_t steps)
{
	*p = (struct learn_play){.bench = b};
	for (size_t i = 0; i < steps; i++)
		for (size_t j = 0; lesson_model(b->lesson, i, j); j++)
			learn_play_line(p, lesson_model(b->lesson, i, j));
	p->watched = p->count;
}

void learn_play_line(struct learn_play *p, const char *line)
{
	p->lines = mem_grow(p->lines, p->count, &p->room, sizeof *p->lines);
	p->lines[p->count++] = line;
}

void learn_play_release(struct learn_play *p)
{
	free(p->lines);
}

/* --- what was reached --- */

static void count_mails(void *arg, const struct world_mailbox *m)
{
	struct learn_state *s = arg;

	s->mails += m->count;
}

static void look(struct learn_play *p)
{
	const struct smtp_dialogue *d = talk_dialogue(p->learner.talk);
	const char *server = talk_server(p->learner.talk);
	struct lesson_facts f = {0};
	const char *sender = d ? smtp_dialogue_envelope(d)->sender : NULL;

	lesson_facts_look(&f, d);
	p->state =
	        (struct learn_state){.state = f.state, .accepted = f.accepted, .secure = f.secure};
	snprintf(p->state.sender, sizeof p->state.sender, "%s", sender ? sender : "-");
	snprintf(p->state.server, sizeof p->state.server, "%s", server ? server : "-");
	world_each_mailbox(talk_world(p->learner.talk), count_mails, &p->state);
}

bool learn_state_equal(const struct learn_state *a, const struct learn_state *b)
{
	return a->state == b->state && a->accepted == b->accepted && a->mails == b->mails &&
	       a->secure == b->secure && strcmp(a->sender, b->sender) == 0 &&
	       strcmp(a->server, b->server) == 0;
}

/* --- playing --- */

static void heard(void *arg, const struct lesson_judgement *j)
{
	struct learn_play *p = arg;

	if (j->verdict == LESSON_WRONG && p->watching && p->wrongs++ == 0)
		p->wrong = j->wrong;
}

/* Where NOOP is what the step asks for, it is not nothing. */
static struct span nothing(const struct learn_play *p)
{
	const char *model = lesson_model(p->bench->lesson, p->learner.run.step, 0);

	return model && strcmp(model, "NOOP") == 0 ? SPAN("/next") : SPAN("NOOP");
}

static void enter(struct learn_play *p, const char *line)
{
	struct talk *t = p->learner.talk;
	const struct smtp_dialogue *d = talk_dialogue(t);
	bool in_text = d && smtp_dialogue_state(d) == SMTP_STATE_MESSAGE;

	if (strcmp(line, LEARN_PLAY_NOTHING) == 0)
		talk_enter(t, in_text ? SPAN("text") : nothing(p));
	else if (line[0] == '\001')
		talk_command(t, span_of(line + 1));
	else
		talk_enter(t, span_of(line));
}

static bool idle(void *arg)
{
	struct learn_play *p = arg;

	if (p->next == p->watched && !p->watching) {
		p->watching = true;
		p->step_before = p->learner.run.step;
	}
	if (p->next == p->count) {
		look(p);
		talk_finish(p->learner.talk);
		return false;
	}
	enter(p, p->lines[p->next++]);
	return true;
}

static void talk_through(struct learn_play *p, struct talk_settings *s)
{
	struct learner *l = &p->learner;
	struct target target;
	bool open = learner_target(l, &target, p->bench->ds);

	l->talk = talk_new(s, p->bench->ds);
	if (l->talk) {
		learner_begin(l, p->resume);
		talk_run(l->talk, open ? &target : NULL);
		p->connected = !open || l->greeted;
		talk_free(l->talk);
	}
	target_release(&target);
}

void learn_play_run(struct learn_play *p)
{
	struct learn_bench *b = p->bench;
	struct talk_hooks hooks = learner_hooks;
	struct options o;
	struct talk_settings s = {.options = &o,
	                          .utf8 = true,
	                          .explain = OPTIONS_EXPLAIN_OFF,
	                          .hooks = &hooks,
	                          .stays = true,
	                          .unattended = true};

	options_init(&o);
	o.timeout = PLAY_TIMEOUT_S;
	o.yes = 1;
	p->learner = (struct learner){.options = &o,
	                              .datadir = b->datadir,
	                              .course = b->course,
	                              .number = b->number,
	                              .lesson = b->lesson,
	                              .borrowed = true,
	                              .heard = heard,
	                              .idle = idle,
	                              .arg = p};
	hooks.arg = &p->learner;
	lesson_begin(&p->learner.run, b->lesson);
	s.world = lesson_world(b->lesson, b->datadir, b->ds);
	if (s.world)
		talk_through(p, &s);
	learner_release(&p->learner);
	options_release(&o);
}
