/*
 * Whether a rule matches, and which one wins. Numbers are compared first: they decide most rules,
 * and the patterns over a peer's text are only tried when all else fits.
 */
#include <string.h>

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

static bool text_matches(const struct rule *r, const struct rule_case *c, const char **pattern)
{
	size_t longest = 0;

	*pattern = NULL;
	for (size_t i = 0; i < r->text_count; i++) {
		size_t n = explain_glob_weight(r->text[i]);

		if (n > longest && explain_glob_matches(r->text[i], c->text)) {
			*pattern = r->text[i];
			longest = n;
		}
	}
	return r->text_count == 0 || *pattern;
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

bool rule_matches(const struct rule *r, const struct rule_case *c, const char **pattern)
{
	return in_set(r->verbs, c->verb) && in_set(r->states, c->state) && class_matches(r, c) &&
	       code_matches(r, c->code) && (r->faults == 0 || (r->faults & c->faults)) &&
	       (r->reply_faults == 0 || (r->reply_faults & c->reply_faults)) &&
	       (!r->unsolicited || c->unsolicited) && (!r->null_sender || c->null_sender) &&
	       enhanced_matches(r, c->enhanced) && provider_matches(r, c) &&
	       text_matches(r, c, pattern) && host_matches(r, c);
}

/* The length of the wording decides between rules that are equal down to and including `kinds`,
 * before what else they ask for does. */
static uint64_t rank(uint32_t order, uint32_t kinds, const char *pattern)
{
	uint64_t length = pattern ? explain_glob_weight(pattern) : 0;

	return ((uint64_t)(order & ~kinds) << 32) | (length & 0xff) << 16 | (order & kinds);
}

static void compete(struct rule_winner *w, uint64_t *best, const struct rule *r, uint64_t is,
                    const char *pattern)
{
	if (w->rule && is < *best)
		return;
	if (w->rule && is == *best) {
		w->rival = r;
		return;
	}
	*best = is;
	*w = (struct rule_winner){.rule = r, .pattern = pattern};
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

void rules_index(struct rules *rs)
{
	for (size_t i = 0; i < rs->count; i++) {
		const struct rule *r = &rs->list[i];
		bool always = r->text_count == 0;

		for (size_t t = 0; t < r->text_count; t++)
			if (!gram_add(&rs->texts, r->text[t], (uint16_t)i))
				always = true;
		for (unsigned digit = 0; always && digit < 6; digit++)
			if (digit_matches(r, digit))
				rs->always[digit][i / 64] |= (uint64_t)1 << (i % 64);
	}
}

void rules_match(const struct rules *rs, const struct rule_case *c, struct rule_winner *words,
                 struct rule_winner *reason)
{
	uint64_t best_words = 0, best_reason = 0, set[RULES_WORDS];
	const char *pattern;

	*words = *reason = (struct rule_winner){.rule = NULL};
	memcpy(set, rs->always[(unsigned)c->code / 100 % 6], sizeof(set));
	gram_scan(&rs->texts, c->text, set);
	for (size_t w = 0; w * 64 < rs->count; w++) {
		for (uint64_t bits = set[w]; bits; bits &= bits - 1) {
			const struct rule *r = &rs->list[w * 64 + (size_t)__builtin_ctzll(bits)];

			if (!rule_matches(r, c, &pattern))
				continue;
			if (r->note)
				compete(words, &best_words, r, rank(r->words, 0xff, pattern),
				        pattern);
			if (r->reason)
				compete(reason, &best_reason, r, rank(r->trust, 0xff, pattern),
				        pattern);
		}
	}
}
