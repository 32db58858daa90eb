/*
 * Reading and judging conditions. Judging compares what lib/smtp understood and what the practice
 * world holds; it cannot depend on how a reply is worded. The table of the keys is in
 * condition_keys.c.
 */
#include "lesson/condition.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lesson/condition_keys.h"

static const char *const events[] = {
        [LESSON_REPLY] = "reply",       [LESSON_SENT] = "sent",   [LESSON_CLOSED] = "closed",
        [LESSON_TLS] = "tls",           [LESSON_LOCAL] = "local", [LESSON_ANSWER] = "answer",
        [LESSON_REPLAYED] = "replayed", [LESSON_NOW] = "now",
};
enum { EVENT_COUNT = sizeof events / sizeof *events, VALUE_MAX = 4096 };

/* --- reading --- */

struct place { /* where a fault is told */
	const struct record *record;
	const struct record_section *section;
	const struct record_field *field;
	struct diags *ds;
};

static int fault(const struct place *p, struct span word, const char *what, const char *values)
{
	struct record_field at = *p->field;

	at.column += (unsigned)(word.p - p->field->value);
	record_fault(p->record, p->section, &at, p->ds, "\"" SPAN_FMT "\": %s%s", SPAN_ARG(word),
	             what, values);
	return -1;
}

/* The next word; what stands in quotes is a part of it. */
static struct span next_word(struct span *rest)
{
	bool quoted = false;
	size_t n = 0;
	struct span word;

	while (n < rest->n && (quoted || (rest->p[n] != ' ' && rest->p[n] != '\t')))
		quoted ^= rest->p[n++] == '"';
	word = span_first(*rest, n);
	*rest = span_trim_left(span_skip(*rest, n));
	return word;
}

/* One value of "a,b" or "\"a, b\"". */
static struct span next_value(struct span *rest)
{
	struct span value;

	if (span_starts(*rest, SPAN("\""))) {
		*rest = span_skip(*rest, 1);
		value = span_cut(rest, '"');
		if (rest->p && span_starts(*rest, SPAN(",")))
			*rest = span_skip(*rest, 1);
		else
			*rest = (struct span){NULL, 0};
		return value;
	}
	return span_cut(rest, ',');
}

static int read_numbers(struct lesson_test *t, struct span text)
{
	unsigned long one = 0;

	if (t->key->kind == LESSON_KEY_NUMBER)
		return t->key->read(text, &t->value);
	do {
		if (t->key->read(next_value(&text), &one) != 0)
			return -1;
		t->value |= 1UL << one;
	} while (text.p);
	return 0;
}

static int read_patterns(struct lesson_test *t, struct span text)
{
	struct buf b;
	int result = 0;

	buf_init(&b, VALUE_MAX);
	do {
		struct span one = next_value(&text);

		if (one.n == 0)
			result = -1;
		buf_addf(&b, "%s" SPAN_FMT, b.len ? "\n" : "", SPAN_ARG(one));
	} while (text.p);
	t->text = buf_take(&b);
	buf_release(&b);
	return result;
}

static int read_place(struct lesson_condition *c, const struct lesson_key *key, struct span text)
{
	char **to = key->needs == 'm' ? &c->mailbox : &c->host;

	if (text.n == 0 || *to)
		return -1;
	*to = mem_dupn(text.p, text.n);
	return 0;
}

static int read_value(struct lesson_condition *c, struct lesson_test *t, struct span text)
{
	switch (t->key->kind) {
	case LESSON_KEY_SET:
	case LESSON_KEY_NUMBER: return read_numbers(t, text);
	case LESSON_KEY_TEXT: return read_patterns(t, text);
	case LESSON_KEY_PLACE: return read_place(c, t->key, text);
	}
	return -1;
}

static int read_test(struct lesson_condition *c, const struct place *p, struct span word)
{
	size_t at = span_find(word, '=');
	struct span name = span_first(word, at);
	char last = name.n ? name.p[name.n - 1] : 0,
	     operation = last == '!' || last == '>' ? last : '=';
	const struct lesson_key *key;
	struct lesson_test t = {.operation = operation};

	name.n -= operation != '=';
	key = lesson_key_find(name);
	if (!key || at == word.n)
		return fault(p, word, "this is not a test (see lib/lesson/condition.h)", "");
	if (operation == '>' && key->kind != LESSON_KEY_NUMBER)
		return fault(p, word, "\">=\" is for numbers", "");
	if (c->count == LESSON_TESTS_MAX)
		return fault(p, word, "a condition has at most 8 tests", "");
	if ((key->needs == 'm' && !c->mailbox && key->kind != LESSON_KEY_PLACE) ||
	    (key->needs == 'h' && !c->host && key->kind != LESSON_KEY_PLACE))
		return fault(p, word, "first say where: ",
		             key->needs == 'm' ? "mailbox=ADDRESS" : "at=HOST");
	t.key = key;
	int result = read_value(c, &t, span_skip(word, at + 1));

	if (key->kind != LESSON_KEY_PLACE)
		c->tests[c->count++] = t;
	return result == 0 ? 0 : fault(p, word, "the value must be ", key->values);
}

static int find_event(struct span word)
{
	for (int i = 0; i < EVENT_COUNT; i++)
		if (span_eq(word, span_of(events[i])))
			return i;
	return -1;
}

int lesson_condition_read(struct lesson_condition *c, const struct record *r,
                          const struct record_section *s, const struct record_field *f,
                          struct diags *ds)
{
	struct place p = {r, s, f, ds};
	struct span rest = span_of(f->value), word = next_word(&rest);
	int result = 0, event = find_event(word);

	*c = (struct lesson_condition){.event = (enum lesson_event)event};
	if (event < 0)
		return fault(&p, word,
		             "a condition begins with reply, sent, closed, tls, local, answer, "
		             "replayed or now",
		             "");
	if (rest.n == 0 && (event == LESSON_REPLY || event == LESSON_SENT || event == LESSON_NOW))
		return fault(&p, word, "a condition needs at least one test", "");
	while (rest.n > 0)
		if (read_test(c, &p, next_word(&rest)) != 0)
			result = -1;
	return result;
}

void lesson_condition_release(struct lesson_condition *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->tests[i].text);
	free(c->mailbox);
	free(c->host);
}

/* --- judging --- */

static bool any_matches(const struct lesson_condition *c, const struct lesson_test *t,
                        const struct lesson_facts *facts)
{
	struct span rest = span_of(t->text);
	bool found = false;

	while (rest.p && !found) {
		struct span one = span_cut(&rest, '\n');
		char *pattern = mem_dupn(one.p, one.n);

		found = t->key->matches(c, facts, pattern);
		free(pattern);
	}
	return found;
}

static bool test_holds(const struct lesson_condition *c, const struct lesson_test *t,
                       const struct lesson_facts *facts)
{
	bool found;

	if (t->key->kind == LESSON_KEY_TEXT) {
		found = any_matches(c, t, facts);
	} else {
		unsigned long fact = t->key->fact(c, facts);

		if (t->operation == '>')
			return fact >= t->value;
		found = t->key->kind == LESSON_KEY_SET ? (fact & t->value) != 0 : fact == t->value;
	}
	return found == (t->operation != '!');
}

bool lesson_condition_holds(const struct lesson_condition *c, const struct lesson_facts *facts)
{
	if (c->event != LESSON_NOW && c->event != facts->event)
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (!test_holds(c, &c->tests[i], facts))
			return false;
	return true;
}
