/*
 * One row a key. A key is a set (its values have names or small numbers, and become bits) or a
 * number. Judging compares numbers only: it cannot depend on how a reply is worded, nor on how a
 * line was typed beyond what lib/smtp understood of it.
 */
#include "lesson/condition.h"

struct lesson_key {
	const char *name;
	bool set; /* values are bits; else a number */
	/* Reads one value: 0, or -1. */
	int (*read)(struct span text, unsigned long *value);
	unsigned long (*fact)(const struct lesson_facts *f);
	const char *values; /* for the fault */
};

/* --- reading values --- */

static int read_verb(struct span text, unsigned long *value)
{
	*value = smtp_verb_find(text);
	return *value == SMTP_VERB_UNKNOWN && !span_eq(text, SPAN("unknown")) ? -1 : 0;
}

static int read_class(struct span text, unsigned long *value)
{
	return span_number(text, 5, value) == 0 && *value >= 2 ? 0 : -1;
}

static int read_code(struct span text, unsigned long *value)
{
	return span_number(text, 599, value) == 0 && *value >= 200 ? 0 : -1;
}

static unsigned long enhanced_number(struct smtp_enhanced e)
{
	if (!e.present)
		return 0;
	return (unsigned long)e.class * 1000000 + (unsigned long)e.subject * 1000 +
	       (unsigned long)e.detail;
}

static int read_enhanced(struct span text, unsigned long *value)
{
	struct smtp_enhanced e;

	if (smtp_enhanced_parse(text, &e) != text.n || !e.present)
		return -1;
	*value = enhanced_number(e);
	return 0;
}

static int read_state(struct span text, unsigned long *value)
{
	*value = smtp_state_find(text);
	return *value < SMTP_STATE_COUNT ? 0 : -1;
}

static int read_count(struct span text, unsigned long *value)
{
	return span_number(text, SMTP_ENVELOPE_MAX, value);
}

static int read_typed(struct span text, unsigned long *value)
{
	*value = smtp_typing_fault_find(text);
	return *value < SMTP_TYPING_COUNT ? 0 : -1;
}

static int read_look(struct span text, unsigned long *value)
{
	*value = smtp_text_look_find(text);
	return *value < SMTP_TEXT_LOOK_COUNT ? 0 : -1;
}

/* --- what happened --- */

static unsigned long verb_fact(const struct lesson_facts *f)
{
	return 1UL << f->verb;
}

static unsigned long class_fact(const struct lesson_facts *f)
{
	return 1UL << (f->code / 100);
}

static unsigned long code_fact(const struct lesson_facts *f)
{
	return (unsigned long)f->code;
}

static unsigned long enhanced_fact(const struct lesson_facts *f)
{
	return enhanced_number(f->enhanced);
}

static unsigned long state_fact(const struct lesson_facts *f)
{
	return 1UL << f->state;
}

static unsigned long accepted_fact(const struct lesson_facts *f)
{
	return f->accepted;
}

static unsigned long refused_fact(const struct lesson_facts *f)
{
	return f->refused;
}

static unsigned long typed_fact(const struct lesson_facts *f)
{
	return f->typed;
}

static unsigned long look_fact(const struct lesson_facts *f)
{
	return f->in_text ? 1UL << f->look : 0;
}

static const struct lesson_key keys[] = {
        {"verb", true, read_verb, verb_fact, "a verb, \"connection\", \"message\" or \"unknown\""},
        {"class", true, read_class, class_fact, "2, 3, 4 or 5"},
        {"code", false, read_code, code_fact, "a reply code"},
        {"enhanced", false, read_enhanced, enhanced_fact, "an enhanced code such as 5.1.1"},
        {"state", true, read_state, state_fact, "a state of smtp/dialogue.h, such as \"ready\""},
        {"accepted", false, read_count, accepted_fact, "a number of recipients"},
        {"refused", false, read_count, refused_fact, "a number of recipients"},
        {"typed", true, read_typed, typed_fact, "a typing fault of smtp/command.h"},
        {"text", true, read_look, look_fact, "what a message line looks like"},
};

/* --- reading --- */

static const struct lesson_key *find_key(struct span name)
{
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_eq(name, span_of(keys[i].name)))
			return &keys[i];
	return NULL;
}

/* "a,b" into bits or "3" into a number. */
static int read_values(const struct lesson_key *key, struct span text, unsigned long *out)
{
	unsigned long one = 0;

	if (!key->set)
		return key->read(text, out);
	*out = 0;
	do {
		if (key->read(span_cut(&text, ','), &one) != 0)
			return -1;
		*out |= 1UL << one;
	} while (text.p);
	return 0;
}

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

static int read_test(struct lesson_condition *c, const struct place *p, struct span word)
{
	size_t at = span_find(word, '=');
	struct span name = span_first(word, at);
	bool at_least = name.n > 0 && name.p[name.n - 1] == '>';
	const struct lesson_key *key;

	name.n -= at_least;
	key = find_key(name);
	if (!key || at == word.n)
		return fault(p, word, "this is not a test (see lib/lesson/condition.h)", "");
	if (at_least && key->set)
		return fault(p, word, "this key takes only \"=\"", "");
	if (c->count == LESSON_TESTS_MAX)
		return fault(p, word, "a condition has at most 8 tests", "");
	c->tests[c->count].key = key;
	c->tests[c->count].at_least = at_least;
	if (read_values(key, span_skip(word, at + 1), &c->tests[c->count].value) != 0)
		return fault(p, word, "the value must be ", key->values);
	c->count++;
	return 0;
}

int lesson_condition_read(struct lesson_condition *c, const struct record *r,
                          const struct record_section *s, const struct record_field *f,
                          struct diags *ds)
{
	struct place p = {r, s, f, ds};
	struct span rest = span_of(f->value), word = span_word(&rest);
	int result = 0;

	*c = (struct lesson_condition){.reply = span_eq(word, SPAN("reply"))};
	if (!c->reply && !span_eq(word, SPAN("sent")))
		return fault(&p, word, "a condition begins with \"reply\" or \"sent\"", "");
	if (rest.n == 0)
		return fault(&p, word, "a condition needs at least one test", "");
	while (rest.n > 0)
		if (read_test(c, &p, span_word(&rest)) != 0)
			result = -1;
	return result;
}

/* --- judging --- */

bool lesson_condition_holds(const struct lesson_condition *c, const struct lesson_facts *facts)
{
	if (c->reply != facts->reply)
		return false;
	for (size_t i = 0; i < c->count; i++) {
		unsigned long fact = c->tests[i].key->fact(facts), value = c->tests[i].value;
		bool holds = c->tests[i].key->set   ? (fact & value) != 0
		             : c->tests[i].at_least ? fact >= value
		                                    : fact == value;

		if (!holds)
			return false;
	}
	return true;
}

static bool is_text(const struct conversation_event *ev, const struct smtp_dialogue *d)
{
	/* The lone dot ends the text: after it the state may have changed. */
	return !ev->raw && (ev->look == SMTP_TEXT_END || ev->verb == SMTP_VERB_MESSAGE ||
	                    smtp_dialogue_state(d) == SMTP_STATE_MESSAGE);
}

void lesson_facts_read(struct lesson_facts *facts, const struct conversation_event *ev,
                       const struct smtp_dialogue *d)
{
	const struct smtp_envelope *e = smtp_dialogue_envelope(d);

	*facts = (struct lesson_facts){.reply = ev->type == CONVERSATION_REPLY,
	                               .verb = ev->verb,
	                               .state = smtp_dialogue_state(d),
	                               .accepted = e->accepted,
	                               .refused = e->count - e->accepted};
	if (!facts->reply) {
		facts->look = ev->look;
		facts->in_text = is_text(ev, d);
		return;
	}
	facts->state = ev->smtp.after;
	facts->code = ev->smtp.reply->code;
	facts->enhanced = ev->smtp.reply->enhanced;
	facts->typed = ev->smtp.command ? ev->smtp.command->faults : 0;
}

void lesson_facts_untouched(struct lesson_facts *facts)
{
	*facts = (struct lesson_facts){
	        .reply = true, .verb = SMTP_VERB_CONNECT, .code = 220, .state = SMTP_STATE_GREETED};
}
