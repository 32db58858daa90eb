/*
 * Nothing may be named that is not there, and nothing be there that is not named: in the file, in
 * its words, and in the program.
 */
#include "explain/example.h"
#include "explain/hypotheses_state.h"
#include "explain/internal.h"

enum { TEXT_MAX = 4096 };

struct lint {
	const struct hypotheses *h;
	const struct explain *e;
	const struct hypotheses_check *checks;
	size_t count;
	struct diags *ds;
};

static const struct hypotheses_check *find_check(const struct lint *l, struct span name)
{
	for (size_t i = 0; i < l->count; i++)
		if (span_eq(span_of(l->checks[i].name), name))
			return &l->checks[i];
	return NULL;
}

static void fault(const struct lint *l, const struct record_section *s,
                  const struct record_field *f, const char *what, struct span at)
{
	record_fault(l->h->record, s, f, l->ds, "%s: " SPAN_FMT, what, SPAN_ARG(at));
}

/* --- the refusals --- */

static bool known_in_list(const struct lint *l, const char *key, struct span word)
{
	if (span_eq_nocase(span_of(key), SPAN("Reason")))
		return explain_reason_find(word) != EXPLAIN_REASON_NONE;
	if (span_eq_nocase(span_of(key), SPAN("Provider")))
		return provider_find(&l->e->rules.providers, word) >= 0;
	if (span_eq_nocase(span_of(key), SPAN("Stage")))
		return explain_stage_find(word) != EXPLAIN_STAGE_NONE;
	if (span_eq_nocase(span_of(key), SPAN("Ask")))
		return find_check(l, word) != NULL;
	return true;
}

static void lint_lists(const struct lint *l, const struct record_section *s)
{
	static const char *const keys[] = {"Reason", "Provider", "Stage", "Ask"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const struct record_field *f = record_find(s, keys[i], NULL);
		struct span rest = span_of(f ? f->value : NULL);

		while (f && rest.n > 0) {
			struct span word = span_trim(span_cut(&rest, ','));

			if (!known_in_list(l, keys[i], word))
				fault(l, s, f, "there is no such thing", word);
		}
	}
}

static void lint_example(const struct lint *l, const struct record_section *s,
                         const struct record_field *f)
{
	struct explain_verdict v;
	struct rule_case rc;
	struct refusal found = {.id = "-"};
	struct example x;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	if (example_parse(&x, f->value) < 0) {
		fault(l, s, f, "this example is not in the form VERB | reply", SPAN(""));
	} else {
		explain_judge(l->e, &x.context, &v);
		explain_case(l->e, &x.context, &text, &rc);
		hypotheses_find(l->h, &v, buf_span(&text), &found);
		if (!span_eq(span_of(found.id), span_of(s->name)))
			record_fault(l->h->record, s, f, l->ds,
			             "this example reaches [refusal %s], by its reason %s",
			             found.id, explain_reason_name(v.reason));
	}
	example_release(&x);
	buf_release(&text);
}

static void lint_refusal(const struct lint *l, const struct record_section *s)
{
	const struct record_field *f = NULL;
	size_t examples = 0;

	lint_lists(l, s);
	for (; (f = record_find(s, "Example", f)); examples++)
		lint_example(l, s, f);
	if (examples == 0)
		fault(l, s, NULL, "it has no example", span_of(s->name));
	if (!record_find(s, "Ask", NULL))
		fault(l, s, NULL, "it has no Ask:", span_of(s->name));
	if (!notes_find(&l->h->words, "refusal", s->name))
		fault(l, s, NULL, "there are no words for it", span_of(s->name));
}

/* --- the checks --- */

static void lint_outcome(const struct lint *l, const struct record_section *s, struct span outcome)
{
	int meanings = 0;
	const struct record_section *words;
	struct buf name;

	for (int i = HYPOTHESIS_OK; i <= HYPOTHESIS_NOT_TESTED; i++)
		meanings += hypotheses_lists(record_value(s, HYPOTHESIS_KEYS[i]), outcome);
	if (meanings != 1)
		fault(l, s, NULL, "this outcome must stand there once", outcome);
	buf_init(&name, 200);
	buf_addf(&name, "%s " SPAN_FMT, s->name, SPAN_ARG(outcome));
	words = notes_find(&l->h->words, "answer", name.data);
	if (!words)
		fault(l, s, NULL, "there are no words for this outcome", outcome);
	else if ((record_value(words, "Change") != NULL) !=
	         hypotheses_lists(record_value(s, "Bad"), outcome))
		fault(l, s, NULL, "what is Bad, and only that, needs a Change:", outcome);
	buf_release(&name);
}

static void lint_check(const struct lint *l, const struct hypotheses_check *c)
{
	const struct record_section *s = record_section(l->h->record, "check", c->name);
	struct span rest = span_of(c->outcomes);

	if (!s) {
		diags_add(l->ds, DIAG_INPUT, l->h->record->path, "there is no [check %s]", c->name);
		return;
	}
	while (rest.n > 0)
		lint_outcome(l, s, span_word(&rest));
	for (int i = HYPOTHESIS_OK; i <= HYPOTHESIS_NOT_TESTED; i++) {
		rest = span_of(record_value(s, HYPOTHESIS_KEYS[i]));
		while (rest.n > 0) {
			struct span word = span_word(&rest);

			if (!hypotheses_lists(c->outcomes, word))
				fault(l, s, NULL, "the check has no such outcome", word);
		}
	}
}

/* --- the words --- */

static void lint_values(const struct lint *l, const struct record_section *s, const char *values)
{
	for (size_t i = 0; i < s->count; i++) {
		struct span text = span_of(s->fields[i].value);

		while (text.n > 0) {
			text = span_skip(text, span_find(text, '{') + 1);
			struct span name = span_first(text, span_find(text, '}'));

			name = span_first(name, span_find(name, '|'));
			if (text.n > 0 && !hypotheses_lists(values, name))
				record_fault(l->h->words.record, s, &s->fields[i], l->ds,
				             "there is no such value: " SPAN_FMT, SPAN_ARG(name));
		}
	}
}

static void lint_words(const struct lint *l, const struct record_section *s)
{
	struct span rest = span_of(s->name), name = span_word(&rest);
	const struct hypotheses_check *c;

	if (span_eq(span_of(s->kind), SPAN("refusal"))) {
		if (!record_section(l->h->record, "refusal", s->name))
			record_fault(l->h->words.record, s, NULL, l->ds, "there is no [refusal %s]",
			             s->name);
		lint_values(l, s, "server sender recipient");
		return;
	}
	c = find_check(l, name);
	if (!c || !hypotheses_lists(c->outcomes, rest))
		record_fault(l->h->words.record, s, NULL, l->ds, "no check ends so: %s", s->name);
	else
		lint_values(l, s, c->values);
}

void hypotheses_lint(const struct hypotheses *h, const struct explain *e,
                     const struct hypotheses_check *checks, size_t count, struct diags *ds)
{
	struct lint l = {.h = h, .e = e, .checks = checks, .count = count, .ds = ds};

	for (size_t i = 0; i < h->record->count; i++) {
		const struct record_section *s = &h->record->sections[i];

		if (span_eq(span_of(s->kind), SPAN("refusal")))
			lint_refusal(&l, s);
		else if (*s->kind && (!span_eq(span_of(s->kind), SPAN("check")) ||
		                      !find_check(&l, span_of(s->name))))
			fault(&l, s, NULL, "there is no such section", span_of(s->name));
	}
	for (size_t i = 0; i < count; i++)
		lint_check(&l, &checks[i]);
	for (size_t i = 0; i < h->words.count; i++)
		lint_words(&l, h->words.sorted[i]);
}
