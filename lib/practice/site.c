/*
 * Lists are taken apart at each question: they are short, and /set may change them at any time.
 */
#include "practice/site.h"

#include <stdlib.h>
#include <string.h>

#include "practice/cidr.h"

void site_release(struct site *site)
{
	maincf_free(site->cf);
	maps_free(site->maps);
	*site = (struct site){0};
}

static bool ends_below(struct span name, struct span pattern)
{
	return name.n > pattern.n && name.p[name.n - pattern.n - 1] == '.' &&
	       span_eq_nocase(span_skip(name, name.n - pattern.n), pattern);
}

static bool table_has_name(const struct site *site, struct span table, struct span name,
                           bool parents)
{
	enum maps_part part = MAPS_WHOLE;
	const char *value;

	for (;;) {
		size_t dot;

		if (maps_find(site->maps, table, name, part, &value) == MAPS_FOUND)
			return true;
		dot = name.n > 1 ? span_find(span_skip(name, 1), '.') + 1 : name.n;
		if (dot >= name.n)
			return false;
		name = span_skip(name, parents ? dot + 1 : dot);
		part = MAPS_PIECE;
	}
}

static bool pattern_has_name(const struct site *site, struct span pattern, struct span name,
                             bool parents)
{
	if (maps_is_table(pattern))
		return table_has_name(site, pattern, name, parents);
	if (span_eq_nocase(name, pattern))
		return true;
	if (parents)
		return ends_below(name, pattern);
	return pattern.n > 1 && pattern.p[0] == '.' && ends_below(name, span_skip(pattern, 1));
}

/* "!pattern" turns the answer round. */
static bool strip_negation(struct span *word)
{
	bool negated = false;

	while (word->n > 0 && word->p[0] == '!') {
		negated = !negated;
		*word = span_skip(*word, 1);
	}
	return negated;
}

bool site_lists_name(const struct site *site, const char *list, struct span name, bool parents)
{
	struct span rest = span_of(list), word;

	while (maincf_word(&rest, &word)) {
		bool negated = strip_negation(&word);

		if (pattern_has_name(site, word, name, parents))
			return !negated;
	}
	return false;
}

static bool pattern_has_address(const struct site *site, struct span pattern, struct span address)
{
	const char *value;
	struct cidr c;

	if (cidr_parse(pattern, &c) == 0)
		return cidr_matches(&c, address);
	return maps_is_table(pattern) &&
	       maps_find(site->maps, pattern, address, MAPS_WHOLE, &value) == MAPS_FOUND;
}

bool site_lists_address(const struct site *site, const char *list, struct span address)
{
	struct span rest = span_of(list), word;

	while (maincf_word(&rest, &word)) {
		bool negated = strip_negation(&word);

		if (pattern_has_address(site, word, address))
			return !negated;
	}
	return false;
}

bool site_parents(const struct site *site, const char *parameter)
{
	struct span rest = span_of(maincf_text(site->cf, MAINCF_PARENT_DOMAIN_MATCHES_SUBDOMAINS));
	struct span word;

	while (maincf_word(&rest, &word))
		if (span_eq(word, span_of(parameter)))
			return true;
	return false;
}

static bool is_own_literal(const struct site *site, struct span domain)
{
	struct span inner;
	struct net_address a;

	if (domain.n < 2 || domain.p[0] != '[' || domain.p[domain.n - 1] != ']')
		return false;
	inner = span_from(domain.p + 1, domain.n - 2);
	if (span_starts_nocase(inner, SPAN("IPv6:")))
		inner = span_skip(inner, 5);
	if (net_address_parse(inner, 0, &a) != 0)
		return false;
	for (size_t i = 0; i < site->address_count; i++)
		if (net_address_equal(&a, &site->addresses[i]))
			return true;
	return site_lists_address(site, maincf_text(site->cf, MAINCF_PROXY_INTERFACES), inner);
}

bool site_is_local(const struct site *site, struct span domain)
{
	if (domain.n > 1 && domain.p[domain.n - 1] == '.')
		domain.n--;
	return site_lists_name(site, maincf_text(site->cf, MAINCF_MYDESTINATION), domain, false) ||
	       is_own_literal(site, domain);
}
