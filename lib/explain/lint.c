/*
 * The rules' side: every rule is proved by running its examples through the matcher.
 */
#include "explain/lint.h"

#include <string.h>

#include "explain/example.h"
#include "explain/internal.h"
#include "explain/words.h"

enum { TEXT_MAX = 4096 };

static void lint_example(const struct explain *e, const struct rule *r,
                         const struct record_field *f, struct diags *ds)
{
	const struct rule *best, *rival;
	struct example x;
	struct rule_case rc;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	if (example_parse(&x, f->value) < 0) {
		record_fault(e->rules.record, r->section, f, ds,
		             "this example is not in the form VERB | reply");
	} else {
		explain_case(&x.context, &text, &rc);
		best = rules_best(&e->rules, &rc, &rival);
		if (best != r && rival != r)
			record_fault(e->rules.record, r->section, f, ds,
			             "this example reaches [rule %s]", best ? best->id : "-");
		else if (rival)
			record_fault(e->rules.record, r->section, f, ds,
			             "[rule %s] claims this example, too",
			             best == r ? rival->id : best->id);
	}
	example_release(&x);
	buf_release(&text);
}

static void lint_rule(const struct explain *e, const struct rule *r, struct diags *ds)
{
	const struct record_field *f = NULL;
	size_t count = 0;

	while ((f = record_find(r->section, "Example", f))) {
		lint_example(e, r, f, ds);
		count++;
	}
	if (count == 0)
		record_fault(e->rules.record, r->section, NULL, ds, "[rule %s] has no example",
		             r->id);
	for (const struct rule *other = e->rules.list; other < r; other++)
		if (span_eq_nocase(span_of(other->id), span_of(r->id)))
			record_fault(e->rules.record, r->section, NULL, ds,
			             "[rule %s] is there twice", r->id);
}

static bool is_fixed(const char *id)
{
	for (size_t i = 0; EXPLAIN_FIXED_NOTES[i]; i++)
		if (span_eq_nocase(span_of(EXPLAIN_FIXED_NOTES[i]), span_of(id)))
			return true;
	return false;
}

static void lint_note(const struct explain *e, const struct record_section *s, struct diags *ds)
{
	bool used = is_fixed(s->name);

	for (size_t i = 0; !used && i < e->rules.count; i++)
		used = e->rules.list[i].note == s;
	if (!used)
		record_fault(e->notes.record, s, NULL, ds, "nothing uses [note %s]", s->name);
	if (!record_value(s, "Source"))
		record_fault(e->notes.record, s, NULL, ds, "[note %s] has no Source:", s->name);
}

void explain_lint(const struct explain *e, struct diags *ds)
{
	for (size_t i = 0; i < e->rules.count; i++)
		lint_rule(e, &e->rules.list[i], ds);
	for (size_t i = 0; i < e->notes.count; i++)
		if (span_eq_nocase(span_of(e->notes.sorted[i]->kind), span_of("note")))
			lint_note(e, e->notes.sorted[i], ds);
	words_lint(&e->notes, ds);
	for (size_t i = 0; EXPLAIN_FIXED_NOTES[i]; i++)
		words_need(&e->notes, "note", EXPLAIN_FIXED_NOTES[i], ds);
	words_lint_complete(&e->notes, ds);
}
