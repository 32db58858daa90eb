/*
 * A few dozen sections are read once, when /why is first asked for, and searched from the start:
 * the first that matches is taken, so their order in the file is their order of trust.
 */
#include "explain/hypotheses.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "explain/glob.h"
#include "explain/hypotheses_state.h"
#include "explain/internal.h"

enum { PATH_BYTES = 4096 };

const char *const HYPOTHESIS_KEYS[] = {"Ok", "Bad", "Unknown", "Not-tested"};

void hypotheses_free(struct hypotheses *h)
{
	if (!h)
		return;
	record_free(h->record);
	notes_release(&h->words);
	free(h);
}

struct hypotheses *hypotheses_load(const char *datadir, const char *lang, struct diags *ds)
{
	struct hypotheses *h = mem_zero(sizeof(*h));
	struct buf path;

	buf_init(&path, PATH_BYTES);
	buf_addf(&path, "%s/notes/hypotheses", datadir);
	h->record = record_load(path.data, ds);
	buf_clear(&path);
	explain_words_path(datadir, "why.", lang, &path);
	if (h->record && notes_load(&h->words, path.data, ds) == 0) {
		buf_release(&path);
		return h;
	}
	buf_release(&path);
	record_free(h->record);
	free(h);
	return NULL;
}

/* --- which refusal --- */

static struct span next_word(struct span *rest)
{
	struct span word;

	do {
		word = span_cut(rest, ',');
		word = span_trim(word);
	} while (word.n == 0 && rest->p);
	return word;
}

bool hypotheses_lists(const char *list, struct span word)
{
	struct span rest = span_of(list);

	while (rest.p) {
		struct span one = next_word(&rest);

		while (one.n > 0)
			if (span_eq_nocase(span_word(&one), word))
				return true;
	}
	return false;
}

/* "5.7.26" and "*.7.26". */
static bool enhanced_matches(struct span pattern, struct smtp_enhanced e)
{
	const int have[] = {e.class, e.subject, e.detail};

	for (size_t i = 0; i < 3; i++) {
		struct span number = span_cut(&pattern, '.');
		unsigned long n;

		if (span_eq(number, SPAN("*")))
			continue;
		if (span_number(number, 999, &n) < 0 || (int)n != have[i])
			return false;
	}
	return e.present;
}

static bool list_matches(const char *key, struct span value, const struct explain_verdict *v)
{
	unsigned long code;

	if (span_eq(span_of(key), SPAN("Reason")))
		return span_eq_nocase(value, span_of(explain_reason_name(v->reason)));
	if (span_eq(span_of(key), SPAN("Provider")))
		return v->provider && span_eq_nocase(value, span_of(v->provider));
	if (span_eq(span_of(key), SPAN("Stage")))
		return v->stage && explain_stage_find(value) == v->stage;
	if (span_eq(span_of(key), SPAN("Enhanced")))
		return enhanced_matches(value, v->enhanced);
	return span_number(value, 599, &code) == 0 && (int)code == v->code;
}

static bool key_matches(const struct record_section *s, const char *key,
                        const struct explain_verdict *v)
{
	const char *list = record_value(s, key);
	struct span rest = span_of(list);

	if (!list)
		return true;
	while (rest.p)
		if (list_matches(key, next_word(&rest), v))
			return true;
	return false;
}

static bool text_matches(const struct record_section *s, struct span text)
{
	const struct record_field *f = record_find(s, "Text", NULL);

	if (!f)
		return true;
	for (; f; f = record_find(s, "Text", f))
		if (explain_glob_matches(f->value, text))
			return true;
	return false;
}

/* Text: and Enhanced: in one section are two ways to say the same thing. */
static bool section_matches(const struct record_section *s, const struct explain_verdict *v,
                            struct span text)
{
	bool either = record_value(s, "Enhanced") && record_value(s, "Text");
	bool enhanced = key_matches(s, "Enhanced", v), wording = text_matches(s, text);

	return key_matches(s, "Reason", v) && key_matches(s, "Provider", v) &&
	       key_matches(s, "Stage", v) && key_matches(s, "Code", v) &&
	       (either ? enhanced || wording : enhanced && wording);
}

bool hypotheses_find(const struct hypotheses *h, const struct explain_verdict *v, struct span text,
                     struct refusal *out)
{
	for (size_t i = 0; i < h->record->count; i++) {
		const struct record_section *s = &h->record->sections[i], *words;

		if (!span_eq(span_of(s->kind), SPAN("refusal")) || !section_matches(s, v, text))
			continue;
		words = notes_find(&h->words, "refusal", s->name);
		*out = (struct refusal){.id = s->name,
		                        .ask = span_of(record_value(s, "Ask")),
		                        .guess = record_value(s, "Guess") != NULL,
		                        .name = words ? record_value(words, "Name") : s->name,
		                        .otherwise =
		                                words ? record_value(words, "Otherwise") : NULL};
		return true;
	}
	return false;
}

/* --- words --- */

char *hypotheses_fill(const struct hypotheses *h, const char *text, const struct fill_extra *values,
                      size_t count)
{
	static const struct explain_context nothing;
	struct fill f = {
	        .context = &nothing, .notes = &h->words, .extra = values, .extra_count = count};

	return fill_text(&f, text);
}

static enum hypothesis_verdict verdict_of(const struct hypotheses *h, const char *check,
                                          const char *outcome)
{
	const struct record_section *s = record_section(h->record, "check", check);

	for (int i = HYPOTHESIS_OK; s && i <= HYPOTHESIS_NOT_TESTED; i++)
		if (hypotheses_lists(record_value(s, HYPOTHESIS_KEYS[i]), span_of(outcome)))
			return (enum hypothesis_verdict)i;
	return HYPOTHESIS_UNKNOWN;
}

void hypotheses_answer(const struct hypotheses *h, const char *check, const char *outcome,
                       const struct fill_extra *values, size_t count, struct hypothesis_answer *out)
{
	const struct record_section *s;
	struct buf name;

	buf_init(&name, 200);
	buf_addf(&name, "%s %s", check, outcome);
	s = notes_find(&h->words, "answer", name.data);
	out->verdict = verdict_of(h, check, outcome);
	out->says =
	        s ? hypotheses_fill(h, record_value(s, "Says"), values, count) : mem_dup(name.data);
	out->change = s ? hypotheses_fill(h, record_value(s, "Change"), values, count) : NULL;
	buf_release(&name);
}

void hypothesis_answer_release(struct hypothesis_answer *a)
{
	free(a->says);
	free(a->change);
	*a = (struct hypothesis_answer){0};
}
