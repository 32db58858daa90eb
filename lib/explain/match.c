/*
 * Whether a rule matches, and which one wins. Numbers are compared first: they decide most rules,
 * and the patterns over a peer's text are only tried when all else fits.
 */
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

bool rule_matches(const struct rule *r, const struct rule_case *c)
{
	return in_set(r->verbs, c->verb) && in_set(r->states, c->state) &&
	       in_set(r->classes, (unsigned)c->code / 100) && code_matches(r, c->code) &&
	       (r->faults == 0 || (r->faults & c->faults)) &&
	       (r->reply_faults == 0 || (r->reply_faults & c->reply_faults)) &&
	       (!r->unsolicited || c->unsolicited) && (!r->null_sender || c->null_sender) &&
	       enhanced_matches(r, c->enhanced) &&
	       (r->text_count == 0 || any_glob(r->text, r->text_count, c->text)) &&
	       host_matches(r, c);
}

const struct rule *rules_best(const struct rules *rs, const struct rule_case *c,
                              const struct rule **rival)
{
	const struct rule *best = NULL, *equal = NULL;

	for (size_t i = 0; i < rs->count; i++) {
		const struct rule *r = &rs->list[i];

		if ((best && r->score < best->score) || !rule_matches(r, c))
			continue;
		if (best && r->score == best->score) {
			equal = r;
		} else {
			best = r;
			equal = NULL;
		}
	}
	if (rival)
		*rival = equal;
	return best;
}
