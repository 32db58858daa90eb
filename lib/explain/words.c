/*
 * The words' side of the lint: each placeholder exists and cannot leave a hole in a sentence, each
 * name means something, and every name of the program that needs words has them.
 */
#include "explain/words.h"

#include "base/ascii.h"
#include "explain/internal.h"
#include "explain/reason.h"
#include "explain/values.h"
#include "smtp/dialogue.h"

struct text {
	const struct notes *notes;
	const struct record_section *section;
	const struct record_field *field;
	struct diags *ds;
};

static void fault(const struct text *t, const char *what, struct span at)
{
	record_fault(t->notes->record, t->section, t->field, t->ds, "%s: %.*s", what,
	             (int)(at.n < 30 ? at.n : 30), at.p);
}

/* `guarded`: a missing value takes the whole group away, or a fallback is there. */
static void lint_placeholder(const struct text *t, struct span inside, bool guarded)
{
	size_t bar = span_find(inside, '|');
	size_t end = span_find(inside, '}');
	struct span name = span_first(inside, bar < end ? bar : end);
	const struct value *v = value_find(name);

	if (!v)
		fault(t, "there is no such placeholder", name);
	else if (!v->always && !guarded && bar >= end)
		fault(t, "a placeholder that may be empty needs {name|words} or [[ ]]", name);
}

static void lint_text(const struct text *t)
{
	struct span s = span_of(t->field->value);
	int groups = 0, braces = 0;

	if (s.n > WORDS_TEXT_MAX)
		fault(t, "this text is too long", s);
	for (; s.n > 0; s = span_skip(s, 1)) {
		if (span_starts(s, SPAN("[[")) || (groups > 0 && span_starts(s, SPAN("]]")))) {
			groups += s.p[0] == '[' ? 1 : -1;
			s = span_skip(s, 1);
		} else if (s.p[0] == '{') {
			lint_placeholder(t, span_skip(s, 1), groups > 0);
			braces++;
		} else if (s.p[0] == '}') {
			braces--;
		}
	}
	if (groups != 0 || braces != 0)
		fault(t, "brackets do not match", span_of(t->field->value));
}

static bool known_state(const char *name)
{
	struct span s = span_of(name);
	struct span word = span_word(&s);

	return smtp_state_find(word) != SMTP_STATE_COUNT &&
	       (s.n == 0 || span_eq(s, SPAN("refused")) || span_eq(s, SPAN("starttls")) ||
	        span_eq(s, SPAN("login")) || span_eq(s, SPAN("encrypted")));
}

static bool known_look(const char *name)
{
	return smtp_text_look_find(span_of(name)) != SMTP_TEXT_LOOK_COUNT;
}

static bool known_verb(const char *name)
{
	return smtp_verb_find(span_of(name)) != SMTP_VERB_UNKNOWN;
}

static bool known_fault(const char *name)
{
	return smtp_typing_fault_find(span_of(name)) != SMTP_TYPING_COUNT;
}

static bool known_reason(const char *name)
{
	return explain_reason_find(span_of(name)) != EXPLAIN_REASON_NONE;
}

static bool known_side(const char *name)
{
	return explain_side_find(span_of(name)) != EXPLAIN_SIDE_NONE;
}

static const struct {
	const char *kind;
	bool (*known)(const char *name);
} NAMES[] = {
        {"state", known_state}, {"look", known_look},     {"verb", known_verb},
        {"fault", known_fault}, {"reason", known_reason}, {"side", known_side},
};

static void lint_section(const struct notes *n, const struct record_section *s, struct diags *ds)
{
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		if (span_eq_nocase(span_of(NAMES[i].kind), span_of(s->kind)) &&
		    !NAMES[i].known(s->name))
			record_fault(n->record, s, NULL, ds, "there is no %s %s", s->kind, s->name);
	for (size_t i = 0; i < s->count; i++) {
		struct text t = {n, s, &s->fields[i], ds};

		if (!span_eq_nocase(span_of(s->fields[i].key), span_of("Banner")))
			lint_text(&t);
	}
}

void words_need(const struct notes *n, const char *kind, const char *name, struct diags *ds)
{
	if (!notes_find(n, kind, name))
		diags_add(ds, DIAG_INPUT, n->record->path, "there is no [%s %s]", kind, name);
}

void words_lint_complete(const struct notes *n, struct diags *ds)
{
	for (int i = 0; i < SMTP_STATE_COUNT; i++)
		words_need(n, "state", smtp_state_name((enum smtp_state)i), ds);
	for (int i = 0; i < SMTP_TYPING_COUNT; i++)
		words_need(n, "fault", smtp_typing_fault_name((enum smtp_typing_fault)i), ds);
	for (int i = 1; i < SMTP_VERB_COUNT; i++) {
		const char *name = smtp_verb_info((enum smtp_verb)i)->name;

		if (ascii_is_upper(name[0]))
			words_need(n, "verb", name, ds);
	}
}

void words_lint(const struct notes *n, struct diags *ds)
{
	for (size_t i = 0; i < n->count; i++)
		lint_section(n, n->sorted[i], ds);
}
