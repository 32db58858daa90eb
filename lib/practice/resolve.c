/*
 * What trivial-rewrite does (rewrite(8), resolve): an address is completed, routing in disguise is
 * unfolded as long as its domain is this host's, and what is left belongs to one class.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/site.h"
#include "practice/world_state.h"
#include "smtp/address.h"

#define LABEL_MAX  63
#define DOMAIN_MAX 255

static size_t last(struct span s, char c)
{
	for (size_t i = s.n; i-- > 0;)
		if (s.p[i] == c)
			return i;
	return s.n;
}

static struct span domain_of(struct span address)
{
	return span_skip(address, last(address, '@') + 1);
}

static char *join(struct span local, struct span domain)
{
	return world_text(SPAN_FMT "@" SPAN_FMT, SPAN_ARG(local), SPAN_ARG(domain));
}

/* "elsewhere!user" and "user%elsewhere" are old ways to write user@elsewhere. */
static char *unfold(const struct site *site, struct span address)
{
	size_t bang = span_find(address, '!'), percent = last(address, '%');

	if (last(address, '@') < address.n)
		return mem_dupn(address.p, address.n);
	if (maincf_yes(site->cf, MAINCF_SWAP_BANGPATH) && bang < address.n && bang > 0)
		return join(span_skip(address, bang + 1), span_first(address, bang));
	if (maincf_yes(site->cf, MAINCF_ALLOW_PERCENT_HACK) && percent < address.n)
		return join(span_first(address, percent), span_skip(address, percent + 1));
	return mem_dupn(address.p, address.n);
}

/* Takes the text, and gives another. */
static char *append(char *address, const char *sign, const char *what)
{
	char *whole = world_text("%s%s%s", address, sign, what);

	free(address);
	return whole;
}

static char *rewrite(const struct site *site, struct span address)
{
	char *text = unfold(site, address);
	struct span domain;

	if (!strchr(text, '@') && maincf_yes(site->cf, MAINCF_APPEND_AT_MYORIGIN))
		text = append(text, "@", maincf_text(site->cf, MAINCF_MYORIGIN));
	domain = domain_of(span_of(text));
	if (maincf_yes(site->cf, MAINCF_APPEND_DOT_MYDOMAIN) && domain.n > 0 &&
	    domain.p[0] != '[' && span_find(domain, '.') == domain.n)
		text = append(text, ".", maincf_text(site->cf, MAINCF_MYDOMAIN));
	domain = domain_of(span_of(text));
	if (domain.n > 1 && domain.p[domain.n - 1] == '.' && domain.p[domain.n - 2] != '.')
		text[strlen(text) - 1] = '\0';
	return text;
}

static bool has_operator(const struct site *site, struct span s)
{
	return last(s, '@') < s.n ||
	       (maincf_yes(site->cf, MAINCF_SWAP_BANGPATH) && last(s, '!') < s.n) ||
	       (maincf_yes(site->cf, MAINCF_ALLOW_PERCENT_HACK) && last(s, '%') < s.n);
}

/* Unfolds until the domain is not this host's, or nothing is left to unfold. */
static char *follow(const struct site *site, char *text, bool *local)
{
	*local = false;
	for (size_t rounds = strlen(text) + 10; rounds > 0; rounds--) {
		struct span address = span_of(text), domain = domain_of(address);
		struct span rest = span_first(address, last(address, '@'));
		char *next;

		*local = domain.n == 0 || site_is_local(site, domain);
		if (!*local)
			return text;
		if (rest.n == 0) {
			next = join(span_of(maincf_text(site->cf, MAINCF_EMPTY_ADDRESS_RECIPIENT)),
			            domain);
			free(text);
			return next;
		}
		if (!has_operator(site, rest))
			return text;
		next = rewrite(site, rest);
		if (strcmp(next, text) == 0) {
			free(next);
			return text;
		}
		free(text);
		text = next;
	}
	return text;
}

static enum address_class class_of(const struct site *site, struct span domain)
{
	if (site_lists_name(site, maincf_text(site->cf, MAINCF_VIRTUAL_ALIAS_DOMAINS), domain,
	                    false))
		return ADDRESS_VIRTUAL_ALIAS;
	if (site_lists_name(site, maincf_text(site->cf, MAINCF_VIRTUAL_MAILBOX_DOMAINS), domain,
	                    false))
		return ADDRESS_VIRTUAL_MAILBOX;
	if (site_lists_name(site, maincf_text(site->cf, MAINCF_RELAY_DOMAINS), domain,
	                    site_parents(site, "relay_domains")))
		return ADDRESS_RELAY;
	return ADDRESS_ELSEWHERE;
}

static bool is_numeric(struct span domain)
{
	for (size_t i = 0; i < domain.n; i++)
		if ((domain.p[i] < '0' || domain.p[i] > '9') && domain.p[i] != '.')
			return false;
	return true;
}

static bool is_domain(struct span domain)
{
	struct span rest = domain;

	if (domain.n == 0 || domain.n > DOMAIN_MAX)
		return false;
	if (domain.p[0] == '[')
		return smtp_literal_valid(domain);
	while (rest.p) {
		struct span label = span_cut(&rest, '.');

		if (label.n == 0 || label.n > LABEL_MAX || label.p[0] == '-' ||
		    label.p[label.n - 1] == '-')
			return false;
	}
	return !is_numeric(domain);
}

void site_resolve(const struct site *site, struct span address, struct resolved *out)
{
	struct span whole;
	bool local = false;

	*out = (struct resolved){.class = ADDRESS_ELSEWHERE};
	out->address = follow(site, rewrite(site, address), &local);
	whole = span_of(out->address);
	out->domain = last(whole, '@') + 1;
	out->malformed = !is_domain(span_skip(whole, out->domain)) || whole.p[0] == '-';
	out->routed = strcspn(out->address, "@!%") + 1 != out->domain;
	out->class = local ? ADDRESS_LOCAL : class_of(site, span_skip(whole, out->domain));
}

void resolved_release(struct resolved *r)
{
	free(r->address);
	r->address = NULL;
}

/* --- looking an address up --- */

/* The local part without its extension, or all of it. */
static struct span without_extension(const struct site *site, struct span local)
{
	const char *delimiters = maincf_text(site->cf, MAINCF_RECIPIENT_DELIMITER);

	if (!*delimiters || span_eq_nocase(local, SPAN("mailer-daemon")) ||
	    span_eq_nocase(local, SPAN("double-bounce")) ||
	    span_starts_nocase(local, SPAN("owner-")))
		return local;
	for (size_t i = 1; i < local.n; i++)
		if (strchr(delimiters, local.p[i]))
			return span_first(local, i);
	return local;
}

static enum maps_result find(const struct site *site, const char *tables, const char *key,
                             enum maps_part part, const char **value)
{
	return maps_find(site->maps, span_of(tables), span_of(key), part, value);
}

enum maps_result site_find_address(const struct site *site, const char *tables, struct span address,
                                   const char **value)
{
	size_t at = last(address, '@');
	struct span local = span_first(address, at), domain = span_skip(address, at + 1);
	struct span bare = without_extension(site, local);
	bool here = domain.n > 0 &&
	            (span_eq_nocase(domain, span_of(maincf_text(site->cf, MAINCF_MYORIGIN))) ||
	             site_is_local(site, domain));
	char *keys[5] = {
	        mem_dupn(address.p, address.n),
	        bare.n < local.n ? join(bare, domain) : NULL,
	        here ? mem_dupn(local.p, local.n) : NULL,
	        here && bare.n < local.n ? mem_dupn(bare.p, bare.n) : NULL,
	        domain.n > 0 ? join(SPAN(""), domain) : NULL,
	};
	enum maps_result result = MAPS_NONE;

	for (size_t i = 0; i < 5; i++) {
		if (keys[i] && result == MAPS_NONE)
			result = find(site, tables, keys[i], i ? MAPS_PIECE : MAPS_WHOLE, value);
		free(keys[i]);
	}
	return result;
}
