/*
 * Each key of a rule is a row in one table with its reader. The two orders are computed once, here.
 */
#include "explain/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "explain/glob.h"

/* A reader takes one item of a comma-separated value (or the whole value); -1: not understood. */
typedef int item_reader(struct rule *r, struct span item);

static int read_code(struct rule *r, struct span item)
{
	unsigned long code;

	if (r->code_count == RULE_LIST_MAX || span_number(item, 599, &code) < 0 || code < 200)
		return -1;
	r->codes[r->code_count++] = (int)code;
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

static int read_part(struct span *rest, int *out)
{
	struct span part = span_cut(rest, '.');
	unsigned long value;

	*out = -1;
	if (span_eq(part, SPAN("*")))
		return 0;
	if (span_number(part, 999, &value) < 0)
		return -1;
	*out = (int)value;
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

static const struct key {
	const char *name;
	item_reader *read;
	bool list;        /* items parted by commas */
	const char *what; /* for messages */
} KEYS[] = {
        {"Code", read_code, true, "reply codes"},
        {"Class", read_class, true, "class digits"},
        {"Enhanced", read_enhanced, true, "enhanced codes such as 5.1.1 or *.7.1"},
        {"Verb", read_verb, true, "verbs"},
        {"State", read_state, true, "states"},
        {"Fault", read_fault, true, "typing faults"},
        {"Reply-fault", read_reply_fault, true, "reply faults"},
        {"Unsolicited", read_unsolicited, false, "yes"},
        {"Null-sender", read_null_sender, false, "yes"},
        {"Text", read_text, false, "a pattern"},
        {"Host", read_host, false, "a pattern"},
        {"Stage", read_stage, true, "stages"},
        {"Provider", skip, true, "names of [provider …]"},
        {"Reason", read_reason, false, "one of the closed list of reasons"},
        {"Side", read_side, false,
         "you, your-server, your-records, their-server, their-user or network"},
        {"Retry", read_retry, false, "a duration such as 15m or 4h, final or ordinary"},
        {"Guess", read_guess, false, "yes"},
        {"Source", read_source, false, "an RFC section or the name of a page"},
        {"Note", skip, false, "the name of a note"},
        {"Example", skip, false, "VERB | reply"},
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

static void read_field(const struct record *rec, struct rule *r, const struct record_field *f,
                       struct diags *ds)
{
	for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
		if (!span_eq_nocase(span_of(KEYS[i].name), span_of(f->key)))
			continue;
		if (read_value(r, &KEYS[i], f->value) < 0)
			record_fault(rec, r->section, f, ds, "%s: takes %s (at most %d)",
			             KEYS[i].name, KEYS[i].what,
			             KEYS[i].read == read_text ? RULE_TEXT_MAX : RULE_LIST_MAX);
		return;
	}
	record_fault(rec, r->section, f, ds, "a rule has no key %s", f->key);
}

enum { LEVEL_GUESSED_WORDING = 5, PART_PATH_MAX = 4096 };

static unsigned level(const struct rule *r)
{
	bool verb = r->verbs != 0;

	if (r->enhanced_count > 0)
		return verb ? 6 : 3;
	if (r->guess && r->text_count > 0)
		return LEVEL_GUESSED_WORDING;
	if (r->code_count > 0)
		return verb ? 4 : 1;
	return verb ? 2 : 0;
}

static bool has_wildcard(const struct rule *r)
{
	for (size_t i = 0; i < r->enhanced_count; i++)
		if (r->enhanced[i].subject < 0 || r->enhanced[i].detail != r->enhanced[i].last ||
		    r->enhanced[i].detail < 0)
			return true;
	return false;
}

static bool names_host(const struct rule *r)
{
	return r->host_count > 0 || r->providers != 0;
}

/* Which words fit best: the more a rule asks for, the more its note can say. */
static uint32_t words_order(const struct rule *r)
{
	uint32_t s = level(r) << 5;

	s |= r->reply_faults ? 1u << 12 : 0;
	s |= r->unsolicited ? 1u << 11 : 0;
	s |= names_host(r) ? 1u << 10 : 0;
	s |= r->text_count && !r->guess ? 1u << 9 : 0;
	s |= r->faults ? 1u << 4 : 0;
	s |= r->states ? 1u << 3 : 0;
	s |= r->enhanced_count && r->code_count ? 1u << 2 : 0;
	s |= r->enhanced_count && !has_wildcard(r) ? 1u << 1 : 0;
	s |= r->null_sender ? 1u : 0;
	return s;
}

/* Which reason to trust: who is speaking, then the wording, then the enhanced code, then the code;
 * between equals the one that knows the stage. A guess only when nothing else is known. */
static uint32_t trust_order(const struct rule *r)
{
	uint32_t s = 0;

	s |= !r->guess ? 1u << 12 : 0;
	s |= r->reply_faults ? 1u << 11 : 0;
	s |= r->unsolicited ? 1u << 10 : 0;
	s |= names_host(r) ? 1u << 9 : 0;
	s |= r->text_count ? 1u << 8 : 0;
	s |= r->enhanced_count && !has_wildcard(r) ? 1u << 7 : 0;
	s |= r->enhanced_count ? 1u << 6 : 0;
	s |= r->code_count ? 1u << 5 : 0;
	s |= r->verbs ? 1u << 4 : 0;
	s |= r->states ? 1u << 3 : 0;
	s |= r->faults ? 1u << 2 : 0;
	s |= r->null_sender ? 1u << 1 : 0;
	s |= r->classes ? 1u : 0;
	return s;
}

static void read_providers(struct rules *rs, struct rule *r, struct diags *ds)
{
	const struct record_field *f = record_find(r->section, "Provider", NULL);
	struct span rest = span_of(f ? f->value : NULL);

	while (f && rest.p) {
		struct span id = span_trim(span_cut(&rest, ','));
		int number = provider_find(&rs->providers, id);

		if (number < 0)
			record_fault(r->record, r->section, f, ds, "there is no [provider %.*s]",
			             (int)(id.n < 30 ? id.n : 30), id.p);
		else
			r->providers |= (uint64_t)1 << number;
	}
}

/* Its own words, else those of its reason; "-": none at all. */
static void find_words(struct rule *r, const struct notes *n, struct diags *ds)
{
	const char *note = record_value(r->section, "Note");

	if (note && r->reason && span_eq(span_of(note), SPAN("-")))
		return;
	r->note = notes_find(n, "note", note ? note : r->id);
	if (!r->note && !note && r->reason)
		r->note = notes_find(n, "reason", explain_reason_name(r->reason));
	if (!r->note)
		record_fault(r->record, r->section, NULL, ds, "there is no [note %s]",
		             note ? note : r->id);
}

static void read_rule(struct rules *rs, const struct record *rec, const struct record_section *s,
                      const struct notes *n, struct diags *ds)
{
	struct rule *r;

	rs->list = mem_grow(rs->list, rs->count, &rs->room, sizeof(struct rule));
	r = &rs->list[rs->count++];
	memset(r, 0, sizeof(*r));
	r->record = rec;
	r->section = s;
	r->id = s->name;
	r->retry = EXPLAIN_RETRY_UNSET;
	for (size_t i = 0; i < s->count; i++)
		read_field(rec, r, &s->fields[i], ds);
	read_providers(rs, r, ds);
	r->words = words_order(r);
	r->trust = trust_order(r);
	find_words(r, n, ds);
}

static void read_reason_field(struct rules *rs, struct rule_reason *row,
                              const struct record_section *s, const struct record_field *f,
                              struct diags *ds)
{
	struct span key = span_of(f->key), value = span_of(f->value);
	bool good = false;

	if (span_eq_nocase(key, SPAN("Side")))
		good = (row->side = explain_side_find(value)) != EXPLAIN_SIDE_NONE;
	else if (span_eq_nocase(key, SPAN("Retry")))
		good = explain_retry_read(value, &row->retry) == 0;
	else if (span_eq_nocase(key, SPAN("After-content")))
		good = (row->after_content = explain_reason_find(value)) != EXPLAIN_REASON_NONE;
	if (!good)
		record_fault(rs->record, s, f, ds, "a reason has Side:, Retry:, After-content:");
}

static void read_reason_row(struct rules *rs, const struct record_section *s, struct diags *ds)
{
	enum explain_reason reason = explain_reason_find(span_of(s->name));

	if (reason == EXPLAIN_REASON_NONE)
		record_fault(rs->record, s, NULL, ds, "%s is not on the closed list of reasons",
		             s->name);
	for (size_t i = 0; reason && i < s->count; i++)
		read_reason_field(rs, &rs->reasons[reason], s, &s->fields[i], ds);
}

static bool is_class_rule(const struct rule *r, unsigned class)
{
	return r->words == 0 && r->classes == 1u << class;
}

/* What makes explain_reply() never fail. */
static void check_fallbacks(const struct rules *rs, struct diags *ds)
{
	for (unsigned class = 2; class <= 5; class ++) {
		size_t i = 0;

		while (i < rs->count && !is_class_rule(&rs->list[i], class))
			i++;
		if (i == rs->count)
			diags_add(ds, DIAG_INPUT, rs->record->path,
			          "there is no rule with Class: %u and nothing else", class);
	}
}

static bool is_kind(const struct record_section *s, const char *kind)
{
	return span_eq_nocase(span_of(s->kind), span_of(kind));
}

/* [part NAME] is the file beside this one whose name ends in .NAME. */
static void read_part_file(struct rules *rs, const struct record_section *s, struct diags *ds)
{
	struct buf path;

	if (rs->part_count == RULE_PARTS) {
		record_fault(rs->record, s, NULL, ds, "there may be at most %d parts", RULE_PARTS);
		return;
	}
	buf_init(&path, PART_PATH_MAX);
	buf_addf(&path, "%s.%s", rs->record->path, s->name);
	rs->parts[rs->part_count] = record_load(path.data, ds);
	if (rs->parts[rs->part_count])
		rs->part_count++;
	buf_release(&path);
}

/* Before the rules, which name providers that may stand further down. */
static void read_tables(struct rules *rs, struct diags *ds)
{
	for (size_t i = 0; i < rs->record->count; i++) {
		const struct record_section *s = &rs->record->sections[i];

		if (is_kind(s, "provider"))
			provider_read(&rs->providers, rs->record, s, ds);
		else if (is_kind(s, "reason"))
			read_reason_row(rs, s, ds);
		else if (is_kind(s, "part"))
			read_part_file(rs, s, ds);
		else if (!is_kind(s, "rule") && (s->kind[0] || s->count > 0))
			record_fault(
			        rs->record, s, NULL, ds,
			        "only [rule …], [reason …], [provider …] and [part …] may stand "
			        "here");
	}
}

static void read_rules(struct rules *rs, const struct record *rec, const struct notes *n,
                       struct diags *ds)
{
	for (size_t i = 0; i < rec->count; i++) {
		const struct record_section *s = &rec->sections[i];

		if (is_kind(s, "rule"))
			read_rule(rs, rec, s, n, ds);
		else if (rec != rs->record && (s->kind[0] || s->count > 0))
			record_fault(rec, s, NULL, ds, "only [rule …] may stand in a part");
	}
}

int rules_load(struct rules *rs, const char *path, const struct notes *n, struct diags *ds)
{
	size_t before = ds->count + ds->dropped;

	memset(rs, 0, sizeof(*rs));
	rs->record = record_load(path, ds);
	if (!rs->record)
		return -1;
	read_tables(rs, ds);
	read_rules(rs, rs->record, n, ds);
	for (size_t i = 0; i < rs->part_count; i++)
		read_rules(rs, rs->parts[i], n, ds);
	check_fallbacks(rs, ds);
	if (rs->count > RULES_MAX)
		diags_add(ds, DIAG_INPUT, path, "there may be at most %d rules", RULES_MAX);
	else
		rules_index(rs);
	if (ds->count + ds->dropped == before)
		return 0;
	rules_release(rs);
	return -1;
}

void rules_release(struct rules *rs)
{
	gram_release(&rs->texts);
	providers_release(&rs->providers);
	for (size_t i = 0; i < rs->count; i++)
		free(rs->list[i].text);
	free(rs->list);
	for (size_t i = 0; i < rs->part_count; i++)
		record_free(rs->parts[i]);
	record_free(rs->record);
	memset(rs, 0, sizeof(*rs));
}
