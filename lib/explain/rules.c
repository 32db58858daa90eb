/*
 * The two orders of a rule are computed once, when it is read; its keys are in rule_keys.c.
 */
#include "explain/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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
		rule_read_field(rec, r, &s->fields[i], ds);
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
		rules_list(rs);
	if (rs->pattern_count > RULES_TEXT_MAX)
		diags_add(ds, DIAG_INPUT, path, "there may be at most %d Text: lines",
		          RULES_TEXT_MAX);
	if (ds->count + ds->dropped == before)
		return 0;
	rules_release(rs);
	return -1;
}

void rules_release(struct rules *rs)
{
	free(rs->patterns);
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
