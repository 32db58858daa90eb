/*
 * The words of a lesson, in one language: the same sections as the lesson has, each with its texts.
 * Nothing may be missing and nothing may be left over: a learner must never see a key instead of a
 * sentence, nor a teacher write a sentence that is never shown.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/record.h"
#include "lesson/lesson_state.h"

struct reading {
	const struct record *record;
	struct diags *ds;
};

/* Takes exactly one text of that key. */
static void take(struct reading *r, const struct record_section *s, const char *key, char **to)
{
	const struct record_field *f = record_find(s, key, NULL);

	if (!f || !*f->value) {
		record_fault(r->record, s, f, r->ds, "the text \"%s:\" is missing here", key);
		return;
	}
	if (record_find(s, key, f))
		record_fault(r->record, s, record_find(s, key, f), r->ds,
		             "the text \"%s:\" is here twice", key);
	free(*to);
	*to = mem_dup(f->value);
}

static void take_hints(struct reading *r, const struct record_section *s, struct lesson_step *step)
{
	const struct record_field *f = NULL;
	size_t n = 0;

	while ((f = record_find(s, "Hint", f))) {
		if (n < LESSON_HINTS && !step->hints[n])
			step->hints[n] = mem_dup(f->value);
		if (!*f->value)
			record_fault(r->record, s, f, r->ds, "a hint must say something");
		n++;
	}
	if (n != LESSON_HINTS)
		record_fault(r->record, s, NULL, r->ds, "a step has 3 hints; here are %zu", n);
}

static void check_keys(struct reading *r, const struct record_section *s, const char *known)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct record_field *f = &s->fields[i];
		struct span rest = span_of(known);
		bool found = false;

		while (rest.p && !found)
			found = span_eq_nocase(span_cut(&rest, ' '), span_of(f->key));
		if (!found)
			record_fault(r->record, s, f, r->ds, "\"%s\" does not belong here", f->key);
	}
}

static const struct record_section *need_section(struct reading *r, const char *kind,
                                                 const char *name)
{
	const struct record_section *s = record_section(r->record, kind, name);

	if (!s)
		diags_add(r->ds, DIAG_INPUT, r->record->path, "has no section [%s%s%s]", kind,
		          *kind ? " " : "", name);
	return s;
}

static void take_step(struct reading *r, struct lesson_step *step)
{
	const struct record_section *s = need_section(r, "step", step->name);

	if (s) {
		check_keys(r, s, "Task Passed Hint");
		take(r, s, "Task", &step->task);
		take(r, s, "Passed", &step->passed);
		take_hints(r, s, step);
	}
	for (size_t i = 0; i < step->wrong_count; i++) {
		struct lesson_wrong *w = &step->wrongs[i];

		s = need_section(r, "wrong", w->name);
		if (s) {
			check_keys(r, s, "Text");
			take(r, s, "Text", &w->text);
		}
	}
}

static bool is_used(const struct lesson *l, const struct record_section *s)
{
	bool step = strcmp(s->kind, "step") == 0, wrong = strcmp(s->kind, "wrong") == 0;

	for (size_t i = 0; i < l->step_count; i++) {
		if (step && strcmp(l->steps[i].name, s->name) == 0)
			return true;
		for (size_t j = 0; wrong && j < l->steps[i].wrong_count; j++)
			if (strcmp(l->steps[i].wrongs[j].name, s->name) == 0)
				return true;
	}
	return !*s->kind;
}

void lesson_read_words(struct lesson *l, const char *path, struct diags *ds)
{
	struct record *record = record_load(path, ds);
	struct reading r = {record, ds};
	const struct record_section *top;

	if (!record)
		return;
	top = need_section(&r, "", "");
	if (top) {
		check_keys(&r, top, "Title Why Done");
		take(&r, top, "Title", &l->title);
		take(&r, top, "Why", &l->why);
		take(&r, top, "Done", &l->done);
	}
	for (size_t i = 0; i < l->step_count; i++)
		take_step(&r, &l->steps[i]);
	for (size_t i = 0; i < record->count; i++)
		if (!is_used(l, &record->sections[i]))
			record_fault(record, &record->sections[i], NULL, ds,
			             "the lesson has no [%s %s]", record->sections[i].kind,
			             record->sections[i].name);
	record_free(record);
}
