/*
 * Whether a rule matches, and which one wins. Numbers are compared first: they decide most rules,
 * and the patterns over a peer's text are only tried when all else fits.
 */
#include <string.h>

#include "base/mem.h"
#include "explain/glob.h"
#include "explain/rules.h"

static bool in_set(uint32_t set, unsigned bit)
{
	return set == 0 || (bit < 32 && ((set >> bit) & 1u));
}

static bool code_matches(const struct rule *r, int code)
{
	for (size_t i = 0; i < r->code_count; i++)
		if (r->codes[i] == code)
			return true;
	return r->code_count == 0;
}

static bool part_matches(int pattern, int value)
{
	return pattern < 0 || pattern == value;
}

static bool enhanced_matches(const struct rule *r, struct smtp_enhanced e)
{
	for (size_t i = 0; e.present && i < r->enhanced_count; i++)
		if (part_matches(r->enhanced[i].class, e.class) &&
		    part_matches(r->enhanced[i].subject, e.subject) &&
		    (r->enhanced[i].detail < 0 ||
		     (e.detail >= r->enhanced[i].detail && e.detail <= r->enhanced[i].last)))
			return true;
	return r->enhanced_count == 0;
}

static bool any_glob(const char *const *patterns, size_t count, struct span text)
{
	for (size_t i = 0; i < count; i++)
		if (explain_glob_matches(patterns[i], text))
			return true;
	return false;
}

static bool host_matches(const struct rule *r, const struct rule_case *c)
{
	for (size_t i = 0; i < sizeof(c->host) / sizeof(c->host[0]); i++)
		if (any_glob(r->host, r->host_count, c->host[i]))
			return true;
	return r->host_count == 0;
}

static bool provider_matches(const struct rule *r, const struct rule_case *c)
{
	return r->providers == 0 || (c->provider >= 0 && ((r->providers >> c->provider) & 1u));
}

/* The first digit, also of a log line that has only an enhanced code; 0: nothing is known but that
 * it failed. */
static bool class_matches(const struct rule *r, const struct rule_case *c)
{
	unsigned class = (unsigned)c->code / 100;

	if (class == 0 && c->enhanced.present)
		class = (unsigned)c->enhanced.class;
	if (class == 0 && (r->classes & (1u << 4 | 1u << 5)))
		return true;
	return in_set(r->classes, class);
}

/* All but the wording. */
static bool rule_fits(const struct rule *r, const struct rule_case *c)
{
	return in_set(r->verbs, c->verb) && in_set(r->states, c->state) && class_matches(r, c) &&
	       code_matches(r, c->code) && (r->faults == 0 || (r->faults & c->faults)) &&
	       (r->reply_faults == 0 || (r->reply_faults & c->reply_faults)) &&
	       (!r->unsolicited || c->unsolicited) && (!r->null_sender || c->null_sender) &&
	       enhanced_matches(r, c->enhanced) && provider_matches(r, c) && host_matches(r, c);
}

/* The length of the wording decides between rules that are equal down to and including `kinds`,
 * before what else they ask for does. */
static uint64_t rank(uint32_t order, uint32_t kinds, const struct rule_pattern *pattern)
{
	uint64_t length = pattern ? explain_glob_weight(pattern->text) : 0;

	return ((uint64_t)(order & ~kinds) << 32) | (length & 0xff) << 16 | (order & kinds);
}

/* Of two equal ones the earlier in the file wins. */
static void compete(struct rule_winner *w, uint64_t *best, const struct rule *r, uint64_t is,
                    const struct rule_pattern *pattern)
{
	if (w->rule && is < *best)
		return;
	if (w->rule && is == *best && w->rule < r) {
		w->rival = r;
		return;
	}
	*w = (struct rule_winner){.rule = r,
	                          .rival = w->rule && is == *best ? w->rule : NULL,
	                          .pattern = pattern ? pattern->text : NULL};
	*best = is;
}

/* Whether a code with this first digit can be the right one. */
static bool digit_matches(const struct rule *r, unsigned digit)
{
	if (digit > 0 && !in_set(r->classes, digit))
		return false; /* 0: there is no code, and class_matches() decides */
	for (size_t i = 0; i < r->code_count; i++)
		if ((unsigned)r->codes[i] / 100 == digit)
			return true;
	return r->code_count == 0;
}

static void list_patterns(struct rules *rs)
{
	size_t room = 0;

	for (size_t i = 0; i < rs->count; i++)
		for (size_t t = 0; t < rs->list[i].text_count; t++) {
			rs->patterns = mem_grow(rs->patterns, rs->pattern_count, &room,
			                        sizeof(struct rule_pattern));
			rs->patterns[rs->pattern_count++] =
			        (struct rule_pattern){rs->list[i].text[t], (uint16_t)i};
		}
	/* Until they are indexed all may match. */
	for (size_t i = 0; i < rs->pattern_count && i < RULES_TEXT_MAX; i++)
		rs->always[i / 64] |= (uint64_t)1 << (i % 64);
}

void rules_list(struct rules *rs)
{
	list_patterns(rs);
	for (size_t i = 0; i < rs->count; i++)
		for (unsigned digit = 0; rs->list[i].text_count == 0 && digit < 6; digit++)
			if (digit_matches(&rs->list[i], digit))
				rs->textless[digit][i / 64] |= (uint64_t)1 << (i % 64);
}

void rules_index(struct rules *rs)
{
	if (rs->texts.count > 0)
		return;
	for (size_t i = 0; i < rs->pattern_count; i++)
		gram_learn(&rs->texts, rs->patterns[i].text);
	for (size_t i = 0; i < rs->pattern_count; i++)
		if (gram_add(&rs->texts, rs->patterns[i].text, (uint16_t)i))
			rs->always[i / 64] &= ~((uint64_t)1 << (i % 64));
}

struct match {
	const struct rules *rules;
	const struct rule_case *asked;
	struct rule_winner *words, *reason;
	uint64_t best_words, best_reason;
};

static void take(struct match *m, const struct rule *r, const struct rule_pattern *pattern)
{
	if (r->note)
		compete(m->words, &m->best_words, r, rank(r->words, 0xff, pattern), pattern);
	if (r->reason)
		compete(m->reason, &m->best_reason, r, rank(r->trust, 0xff, pattern), pattern);
}

static void match_textless(struct match *m)
{
	const uint64_t *set = m->rules->textless[(unsigned)m->asked->code / 100 % 6];

	for (size_t w = 0; w * 64 < m->rules->count; w++)
		for (uint64_t bits = set[w]; bits; bits &= bits - 1) {
			const struct rule *r =
			        &m->rules->list[w * 64 + (size_t)__builtin_ctzll(bits)];

			if (rule_fits(r, m->asked))
				take(m, r, NULL);
		}
}

/* The patterns of a rule stand together: it is judged once, by the heaviest that matches. */
static void match_texts(struct match *m)
{
	const struct rule_pattern *heaviest = NULL;
	const struct rule *rule = NULL;
	size_t weight = 0;
	uint64_t set[RULES_TEXT_WORDS];
	bool fits = false;

	memcpy(set, m->rules->always, sizeof(set));
	if (m->rules->texts.count > 0)
		gram_scan(&m->rules->texts, m->asked->text, set);
	for (size_t w = 0; w * 64 < m->rules->pattern_count; w++)
		for (uint64_t bits = set[w]; bits; bits &= bits - 1) {
			const struct rule_pattern *p =
			        &m->rules->patterns[w * 64 + (size_t)__builtin_ctzll(bits)];

			if (&m->rules->list[p->rule] != rule) {
				if (heaviest)
					take(m, rule, heaviest);
				heaviest = NULL;
				weight = 0;
				rule = &m->rules->list[p->rule];
				fits = rule_fits(rule, m->asked);
			}
			if (fits && explain_glob_matches(p->text, m->asked->text) &&
			    (!heaviest || explain_glob_weight(p->text) > weight)) {
				heaviest = p;
				weight = explain_glob_weight(p->text);
			}
		}
	if (heaviest)
		take(m, rule, heaviest);
}

void rules_match(const struct rules *rs, const struct rule_case *c, struct rule_winner *words,
                 struct rule_winner *reason)
{
	struct match m = {.rules = rs, .asked = c, .words = words, .reason = reason};

	*words = *reason = (struct rule_winner){.rule = NULL};
	match_textless(&m);
	match_texts(&m);
}
