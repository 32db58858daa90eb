/*
 * The rules' side: every rule is proved by running its examples through the matcher.
 */
#include "explain/lint.h"

#include <string.h>

#include "explain/example.h"
#include "explain/internal.h"
#include "explain/words.h"

enum { TEXT_MAX = 4096 };

/* An example of a rule that gives words and a reason must win both; of two rules for which it is as
 * good, the file must say which is meant. */
static void lint_winner(const struct rule *r, const struct record_field *f,
                        const struct rule_winner *w, const char *what, struct diags *ds)
{
	if (w->rule != r && w->rival != r)
		record_fault(r->record, r->section, f, ds, "this example reaches [rule %s]%s",
		             w->rule ? w->rule->id : "-", what);
	else if (w->rival)
		record_fault(r->record, r->section, f, ds, "[rule %s] claims this example, too%s",
		             w->rule == r ? w->rival->id : w->rule->id, what);
}

static void lint_example(const struct explain *e, const struct rule *r,
                         const struct record_field *f, struct diags *ds)
{
	struct rule_winner words, reason;
	struct example x;
	struct rule_case rc;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	if (example_parse(&x, f->value) < 0) {
		record_fault(r->record, r->section, f, ds,
		             "this example is not in the form VERB | reply");
	} else {
		explain_case(e, &x.context, &text, &rc);
		rules_match(&e->rules, &rc, &words, &reason);
		if (r->reason)
			lint_winner(r, f, &reason, " for its reason", ds);
		else
			lint_winner(r, f, &words, "", ds);
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
		record_fault(r->record, r->section, NULL, ds, "[rule %s] has no example", r->id);
	for (const struct rule *other = e->rules.list; other < r; other++)
		if (span_eq_nocase(span_of(other->id), span_of(r->id)))
			record_fault(r->record, r->section, NULL, ds, "[rule %s] is there twice",
			             r->id);
}

static bool is_fixed(const char *id)
{
	for (size_t i = 0; EXPLAIN_FIXED_NOTES[i]; i++)
		if (span_eq_nocase(span_of(EXPLAIN_FIXED_NOTES[i]), span_of(id)))
			return true;
	return false;
}

static void lint_source(const struct explain *e, const struct record_section *s, struct diags *ds)
{
	if (!record_value(s, "Source"))
		record_fault(e->notes.record, s, NULL, ds, "[%s %s] has no Source:", s->kind,
		             s->name);
}

static void lint_note(const struct explain *e, const struct record_section *s, struct diags *ds)
{
	bool used = is_fixed(s->name);

	for (size_t i = 0; !used && i < e->rules.count; i++)
		used = e->rules.list[i].note == s;
	if (!used)
		record_fault(e->notes.record, s, NULL, ds, "nothing uses [note %s]", s->name);
	lint_source(e, s, ds);
}

static bool has_reason_row(const struct explain *e, const char *name)
{
	return record_section(e->rules.record, "reason", name) != NULL;
}

/* Every reason and every side has words, and every reason a row that says whose side it is on. */
static void lint_reasons(const struct explain *e, struct diags *ds)
{
	for (int i = 1; i < EXPLAIN_REASON_COUNT; i++) {
		const char *name = explain_reason_name((enum explain_reason)i);

		words_need(&e->notes, "reason", name, ds);
		if (!has_reason_row(e, name))
			diags_add(ds, DIAG_INPUT, e->rules.record->path, "there is no [reason %s]",
			          name);
	}
	for (int i = 1; i < EXPLAIN_SIDE_COUNT; i++)
		words_need(&e->notes, "side", explain_side_name((enum explain_side)i), ds);
}

void explain_lint(const struct explain *e, struct diags *ds)
{
	for (size_t i = 0; i < e->rules.count; i++)
		lint_rule(e, &e->rules.list[i], ds);
	for (size_t i = 0; i < e->notes.count; i++)
		if (span_eq_nocase(span_of(e->notes.sorted[i]->kind), span_of("note")))
			lint_note(e, e->notes.sorted[i], ds);
		else if (span_eq_nocase(span_of(e->notes.sorted[i]->kind), span_of("reason")))
			lint_source(e, e->notes.sorted[i], ds);
	words_lint(&e->notes, ds);
	for (size_t i = 0; EXPLAIN_FIXED_NOTES[i]; i++)
		words_need(&e->notes, "note", EXPLAIN_FIXED_NOTES[i], ds);
	words_lint_complete(&e->notes, ds);
	lint_reasons(e, ds);
}
