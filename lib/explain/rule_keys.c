/*
 * Each key of a rule is a row in one table, with the function that reads its value.
 */
#include "base/mem.h"
#include "explain/rules.h"

/* A reader takes one item of a comma-separated value (or the whole value); -1: not understood. */
typedef int item_reader(struct rule *r, struct span item);

static int read_code(struct rule *r, struct span item)
{
	unsigned long code;

	if (r->code_count == RULE_LIST_MAX || span_number(item, 599, &code) < 0 || code < 200)
		return -1;
	r->codes[r->code_count++] = (uint16_t)code;
	return 0;
}

static int read_class(struct rule *r, struct span item)
{
	unsigned long class;

	if (span_number(item, 5, &class) < 0 || class < 2)
		return -1;
	r->classes |= 1u << class;
	return 0;
}

static int read_part(struct span *rest, int16_t *out)
{
	struct span part = span_cut(rest, '.');
	unsigned long value;

	*out = -1;
	if (span_eq(part, SPAN("*")))
		return 0;
	if (span_number(part, 999, &value) < 0)
		return -1;
	*out = (int16_t)value;
	return 0;
}

/* A number, `*`, or a range such as 500-699. */
static int read_detail(struct span rest, struct rule_enhanced *e)
{
	struct span first = span_cut(&rest, '-');

	if (read_part(&first, &e->detail) < 0 || first.p)
		return -1;
	e->last = e->detail;
	return rest.p && (read_part(&rest, &e->last) < 0 || rest.p) ? -1 : 0;
}

static int read_enhanced(struct rule *r, struct span item)
{
	struct rule_enhanced e;

	if (r->enhanced_count == RULE_LIST_MAX || read_part(&item, &e.class) < 0 ||
	    read_part(&item, &e.subject) < 0 || read_detail(item, &e) < 0)
		return -1;
	r->enhanced[r->enhanced_count++] = e;
	return 0;
}

static int read_verb(struct rule *r, struct span item)
{
	enum smtp_verb v = smtp_verb_find(item);

	if (span_eq_nocase(item, SPAN("unknown")))
		v = SMTP_VERB_UNKNOWN;
	else if (v == SMTP_VERB_UNKNOWN)
		return -1;
	r->verbs |= 1u << v;
	return 0;
}

static int read_state(struct rule *r, struct span item)
{
	enum smtp_state s = smtp_state_find(item);

	if (s == SMTP_STATE_COUNT)
		return -1;
	r->states |= 1u << s;
	return 0;
}

static int read_fault(struct rule *r, struct span item)
{
	enum smtp_typing_fault f = smtp_typing_fault_find(item);

	if (f == SMTP_TYPING_COUNT)
		return -1;
	r->faults |= 1u << f;
	return 0;
}

static int read_reply_fault(struct rule *r, struct span item)
{
	for (int f = 0; f < SMTP_REPLY_FAULT_COUNT; f++) {
		const char *name = smtp_reply_fault_name((enum smtp_reply_fault)f);

		if (span_eq_nocase(item, span_of(name))) {
			r->reply_faults |= 1u << f;
			return 0;
		}
	}
	return -1;
}

static int read_unsolicited(struct rule *r, struct span item)
{
	r->unsolicited = true;
	return span_eq_nocase(item, SPAN("yes")) ? 0 : -1;
}

static int read_null_sender(struct rule *r, struct span item)
{
	r->null_sender = true;
	return span_eq_nocase(item, SPAN("yes")) ? 0 : -1;
}

static int read_text(struct rule *r, struct span item)
{
	if (r->text_count == RULE_TEXT_MAX || item.n == 0)
		return -1;
	r->text = mem_grow(r->text, r->text_count, &r->text_room, sizeof(*r->text));
	r->text[r->text_count++] = item.p; /* whole values: NUL-terminated */
	return 0;
}

static int read_host(struct rule *r, struct span item)
{
	if (r->host_count == RULE_LIST_MAX || item.n == 0)
		return -1;
	r->host[r->host_count++] = item.p;
	return 0;
}

static int read_stage(struct rule *r, struct span item)
{
	enum explain_stage s = explain_stage_find(item);

	r->verbs |= explain_stage_verbs(s);
	return s == EXPLAIN_STAGE_NONE ? -1 : 0;
}

static int read_guess(struct rule *r, struct span item)
{
	r->guess = true;
	return span_eq_nocase(item, SPAN("yes")) ? 0 : -1;
}

static int read_reason(struct rule *r, struct span item)
{
	r->reason = explain_reason_find(item);
	return r->reason == EXPLAIN_REASON_NONE ? -1 : 0;
}

static int read_side(struct rule *r, struct span item)
{
	r->side = explain_side_find(item);
	return r->side == EXPLAIN_SIDE_NONE ? -1 : 0;
}

static int read_retry(struct rule *r, struct span item)
{
	return explain_retry_read(item, &r->retry);
}

static int read_source(struct rule *r, struct span item)
{
	r->source = item.p;
	return item.n > 0 ? 0 : -1;
}

static int skip(struct rule *r, struct span item)
{
	(void)r;
	return item.n > 0 ? 0 : -1;
}

/* The frequent ones first. */
static const struct key {
	const char *name;
	item_reader *read;
	bool list;        /* items parted by commas */
	const char *what; /* for messages */
} KEYS[] = {
        {"Text", read_text, false, "a pattern"},
        {"Example", skip, false, "VERB | reply"},
        {"Reason", read_reason, false, "one of the closed list of reasons"},
        {"Code", read_code, true, "reply codes"},
        {"Note", skip, false, "the name of a note"},
        {"Provider", skip, true, "names of [provider …]"},
        {"Stage", read_stage, true, "stages"},
        {"Source", read_source, false, "an RFC section or the name of a page"},
        {"Class", read_class, true, "class digits"},
        {"Enhanced", read_enhanced, true, "enhanced codes such as 5.1.1 or *.7.1"},
        {"Verb", read_verb, true, "verbs"},
        {"State", read_state, true, "states"},
        {"Fault", read_fault, true, "typing faults"},
        {"Reply-fault", read_reply_fault, true, "reply faults"},
        {"Unsolicited", read_unsolicited, false, "yes"},
        {"Null-sender", read_null_sender, false, "yes"},
        {"Host", read_host, false, "a pattern"},
        {"Side", read_side, false,
         "you, your-server, your-records, their-server, their-user or network"},
        {"Retry", read_retry, false, "a duration such as 15m or 4h, final or ordinary"},
        {"Guess", read_guess, false, "yes"},
};

static int read_value(struct rule *r, const struct key *k, const char *value)
{
	struct span rest = span_of(value);

	if (!k->list)
		return k->read(r, rest);
	while (rest.p)
		if (k->read(r, span_trim(span_cut(&rest, ','))) < 0)
			return -1;
	return 0;
}

void rule_read_field(const struct record *rec, struct rule *r, const struct record_field *f,
                     struct diags *ds)
{
	struct span key = span_of(f->key);

	for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
		if (!span_eq_nocase(span_of(KEYS[i].name), key))
			continue;
		if (read_value(r, &KEYS[i], f->value) < 0)
			record_fault(rec, r->section, f, ds, "%s: takes %s (at most %d)",
			             KEYS[i].name, KEYS[i].what,
			             KEYS[i].read == read_text ? RULE_TEXT_MAX : RULE_LIST_MAX);
		return;
	}
	record_fault(rec, r->section, f, ds, "a rule has no key %s", f->key);
}
