/*
 * The reader of a lesson: what happens (`lesson`) here, the words in words.c. All faults are told
 * at once, since a teacher edits several places before trying.
 */
#include "lesson/lesson.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "lesson/lesson_state.h"

struct reading {
	struct lesson *lesson;
	const struct record *record;
	const struct record_section *section;
	struct lesson_step *step;   /* the one that the section is or belongs to */
	struct lesson_wrong *wrong; /* likewise, or NULL */
	struct diags *ds;
};

void lesson_add_line(struct lesson_lines *lines, const char *text, unsigned line)
{
	lines->list = mem_grow(lines->list, lines->count, &lines->room, sizeof *lines->list);
	lines->list[lines->count++] = (struct lesson_line){mem_dup(text), line};
}

void lesson_fault(const struct lesson *l, unsigned line, struct diags *ds, const char *format, ...)
{
	char *where = NULL, *what = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&what, format, args) < 0)
		what = NULL;
	va_end(args);
	if (asprintf(&where, "%s:%u", l->file, line) < 0)
		where = NULL;
	diags_add(ds, DIAG_INPUT, where, "%s", what ? what : "a fault");
	free(where);
	free(what);
}

static void add_condition(struct reading *r, struct lesson_conditions *to,
                          const struct record_field *f)
{
	struct lesson_condition c;
	struct lesson_facts untouched;

	lesson_facts_untouched(&untouched);
	if (lesson_condition_read(&c, r->record, r->section, f, r->ds) != 0) {
		lesson_condition_release(&c);
		return;
	}
	if (c.event == LESSON_REPLY && lesson_condition_holds(&c, &untouched)) {
		record_fault(r->record, r->section, f, r->ds,
		             "this holds before anything was typed");
		lesson_condition_release(&c);
		return;
	}
	to->list = mem_grow(to->list, to->count, &to->room, sizeof *to->list);
	to->list[to->count++] = c;
}

static void read_target(struct reading *r, const struct record_field *f)
{
	free(r->lesson->target);
	r->lesson->target = mem_dup(f->value);
}

static void read_part(struct reading *r, const struct record_field *f)
{
	free(r->lesson->part);
	r->lesson->part = mem_dup(f->value);
}

static void read_setting(struct reading *r, const struct record_field *f)
{
	lesson_add_line(&r->lesson->settings, f->value, f->line);
}

static void read_delivery(struct reading *r, const struct record_field *f)
{
	lesson_add_line(&r->lesson->deliveries, f->value, f->line);
}

static void read_session(struct reading *r, const struct record_field *f)
{
	lesson_add_line(&r->lesson->sessions, f->value, f->line);
}

static void read_pass(struct reading *r, const struct record_field *f)
{
	add_condition(r, &r->step->pass, f);
}

static void read_model(struct reading *r, const struct record_field *f)
{
	lesson_add_line(&r->step->models, f->value, f->line);
}

static void read_when(struct reading *r, const struct record_field *f)
{
	add_condition(r, &r->wrong->when, f);
}

static void read_before(struct reading *r, const struct record_field *f)
{
	lesson_add_line(&r->wrong->before, f->value, f->line);
}

static void read_try(struct reading *r, const struct record_field *f)
{
	lesson_add_line(&r->wrong->tries, f->value, f->line);
}

/* One row a key: in which kind of section it stands, and whether that needs it. */
static const struct {
	const char *kind, *key;
	bool needed;
	void (*read)(struct reading *r, const struct record_field *f);
} keys[] = {
        {"", "Target", false, read_target},      {"", "Part", false, read_part},
        {"", "Set", false, read_setting},        {"", "Deliver", false, read_delivery},
        {"", "Prepare", false, read_session},    {"step", "Pass", true, read_pass},
        {"step", "Model", true, read_model},     {"wrong", "When", true, read_when},
        {"wrong", "Before", false, read_before}, {"wrong", "Try", true, read_try},
};
#define KEY_COUNT (sizeof keys / sizeof *keys)

static void read_field(struct reading *r, const struct record_field *f)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (strcmp(r->section->kind, keys[i].kind) == 0 &&
		    span_eq_nocase(span_of(f->key), span_of(keys[i].key))) {
			keys[i].read(r, f);
			return;
		}
	record_fault(r->record, r->section, f, r->ds, "\"%s\" does not belong here", f->key);
}

static bool open_step(struct reading *r)
{
	struct lesson *l = r->lesson;

	for (size_t i = 0; i < l->step_count; i++)
		if (strcmp(l->steps[i].name, r->section->name) == 0)
			record_fault(r->record, r->section, NULL, r->ds,
			             "there is a step of this name already");
	l->steps = mem_grow(l->steps, l->step_count, &l->step_room, sizeof *l->steps);
	r->step = &l->steps[l->step_count++];
	*r->step =
	        (struct lesson_step){.name = mem_dup(r->section->name), .line = r->section->line};
	return true;
}

static bool open_wrong(struct reading *r)
{
	struct lesson_step *s = r->step;

	if (!s) {
		record_fault(r->record, r->section, NULL, r->ds,
		             "a mistake belongs to a step: it must stand after one");
		return false;
	}
	s->wrongs = mem_grow(s->wrongs, s->wrong_count, &s->wrong_room, sizeof *s->wrongs);
	r->wrong = &s->wrongs[s->wrong_count++];
	*r->wrong =
	        (struct lesson_wrong){.name = mem_dup(r->section->name), .line = r->section->line};
	return true;
}

/* False when the section cannot be read. */
static bool open_section(struct reading *r)
{
	const char *kind = r->section->kind;

	if (*kind && !*r->section->name) {
		record_fault(r->record, r->section, NULL, r->ds, "the section needs a name");
		return false;
	}
	if (strcmp(kind, "step") == 0)
		return open_step(r);
	if (strcmp(kind, "wrong") == 0)
		return open_wrong(r);
	if (!*kind)
		return true;
	record_fault(r->record, r->section, NULL, r->ds,
	             "a lesson has sections [step NAME] and [wrong NAME]");
	return false;
}

static void read_section(struct reading *r)
{
	if (!open_section(r))
		return;
	for (size_t i = 0; i < r->section->count; i++)
		read_field(r, &r->section->fields[i]);
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (keys[i].needed && strcmp(keys[i].kind, r->section->kind) == 0 &&
		    !record_find(r->section, keys[i].key, NULL))
			record_fault(r->record, r->section, NULL, r->ds, "\"%s:\" is missing here",
			             keys[i].key);
}

static void read_steps(struct lesson *l, struct diags *ds)
{
	struct reading r = {.lesson = l, .ds = ds};
	struct record *record = record_load(l->file, ds);

	r.record = record;
	for (size_t i = 0; record && i < record->count; i++) {
		r.section = &record->sections[i];
		read_section(&r);
	}
	if (record && !l->target)
		diags_add(ds, DIAG_INPUT, l->file, "says at its top no \"Target:\" to talk to");
	if (record && l->step_count == 0)
		diags_add(ds, DIAG_INPUT, l->file, "has no step");
	record_free(record);
}

char *lesson_path(const char *folder, const char *name, const char *suffix)
{
	struct buf path;
	char *taken;

	buf_init(&path, 8192);
	buf_addf(&path, "%s/%s%s", folder, name, suffix);
	taken = buf_take(&path);
	buf_release(&path);
	return taken;
}

char *lesson_words_path(const char *folder, const char *lang)
{
	char *words = lesson_path(folder, lang, ".txt");

	if (access(words, R_OK) == 0)
		return words;
	free(words);
	return lesson_path(folder, "en", ".txt");
}

struct lesson *lesson_load(const char *folder, const char *lang, struct diags *ds)
{
	struct lesson *l = mem_zero(sizeof *l);
	size_t faults = ds->count + ds->dropped;
	char *words = lesson_words_path(folder, lang);

	l->folder = mem_dup(folder);
	l->file = lesson_path(folder, "lesson", "");
	read_steps(l, ds);
	lesson_read_words(l, words, ds);
	free(words);
	if (ds->count + ds->dropped == faults)
		return l;
	lesson_free(l);
	return NULL;
}

/* --- releasing --- */

static void release_lines(struct lesson_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->list[i].text);
	free(lines->list);
}

static void release_conditions(struct lesson_conditions *c)
{
	for (size_t i = 0; i < c->count; i++)
		lesson_condition_release(&c->list[i]);
	free(c->list);
}

static void release_wrong(struct lesson_wrong *w)
{
	release_lines(&w->before);
	release_lines(&w->tries);
	release_conditions(&w->when);
	free(w->name);
	free(w->text);
}

static void release_step(struct lesson_step *s)
{
	for (size_t i = 0; i < s->wrong_count; i++)
		release_wrong(&s->wrongs[i]);
	for (size_t i = 0; i < LESSON_HINTS; i++)
		free(s->hints[i]);
	release_lines(&s->models);
	free(s->wrongs);
	release_conditions(&s->pass);
	free(s->name);
	free(s->task);
	free(s->passed);
}

void lesson_free(struct lesson *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->step_count; i++)
		release_step(&l->steps[i]);
	free(l->steps);
	release_lines(&l->settings);
	release_lines(&l->deliveries);
	release_lines(&l->sessions);
	free(l->folder);
	free(l->file);
	free(l->part);
	free(l->title);
	free(l->target);
	free(l->why);
	free(l->done);
	free(l);
}

/* --- looking --- */

const char *lesson_title(const struct lesson *l)
{
	return l->title;
}

const char *lesson_folder(const struct lesson *l)
{
	return l->folder;
}

const char *lesson_target(const struct lesson *l)
{
	return strcmp(l->target, "none") == 0 ? NULL : l->target;
}

const char *lesson_part(const struct lesson *l)
{
	return l->part;
}

const char *lesson_why(const struct lesson *l)
{
	return l->why;
}

const char *lesson_done(const struct lesson *l)
{
	return l->done;
}

size_t lesson_steps(const struct lesson *l)
{
	return l->step_count;
}

const char *lesson_step_name(const struct lesson *l, size_t step)
{
	return step < l->step_count ? l->steps[step].name : NULL;
}

const char *lesson_task(const struct lesson *l, size_t step)
{
	return step < l->step_count ? l->steps[step].task : NULL;
}

const char *lesson_hint(const struct lesson *l, size_t step, int level)
{
	if (step >= l->step_count || level < 0 || level >= LESSON_HINTS)
		return NULL;
	return l->steps[step].hints[level];
}

const char *lesson_model(const struct lesson *l, size_t step, size_t i)
{
	if (step >= l->step_count || i >= l->steps[step].models.count)
		return NULL;
	return l->steps[step].models.list[i].text;
}
