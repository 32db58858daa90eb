/*
 * A table of functions, one a mechanism. Each asks for all that it needs before it looks at the
 * first answer, so that what is asked is asked at once.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/spf_run.h"

#define NAME_MAX_TEXT 253u

enum dns_type spf_match_address_type(const struct spf_run *r)
{
	return r->values.ip.sa.ss_family == AF_INET6 ? DNS_AAAA : DNS_A;
}

static const unsigned char *raw_address(const struct net_address *a)
{
	if (a->sa.ss_family == AF_INET6)
		return ((const struct sockaddr_in6 *)&a->sa)->sin6_addr.s6_addr;
	return (const unsigned char *)&((const struct sockaddr_in *)&a->sa)->sin_addr;
}

static bool same_network(const struct net_address *a, const struct net_address *b, unsigned bits)
{
	const unsigned char *x = raw_address(a), *y = raw_address(b);
	unsigned whole = bits / 8, rest = bits % 8;

	if (a->sa.ss_family != b->sa.ss_family || memcmp(x, y, whole) != 0)
		return false;
	return rest == 0 || ((x[whole] ^ y[whole]) >> (8 - rest)) == 0;
}

/* --- names --- */

bool spf_name_is_valid(struct span name, size_t labels)
{
	size_t count = 0;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name = span_first(name, name.n - 1);
	if (name.n == 0 || name.n > NAME_MAX_TEXT)
		return false;
	while (name.p) {
		struct span label = span_cut(&name, '.');

		if (label.n == 0 || label.n > 63)
			return false;
		count++;
	}
	return count >= labels;
}

/* Too long a name loses labels from the left (§7.3); a backslash is an escape in text forms. */
static void name_for_dns(struct span s, struct buf *out)
{
	if (s.n > 0 && s.p[s.n - 1] == '.')
		s = span_first(s, s.n - 1);
	while (s.n > NAME_MAX_TEXT && span_find(s, '.') < s.n)
		s = span_skip(s, span_find(s, '.') + 1);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			buf_addch(out, '\\');
		buf_addch(out, s.p[i]);
	}
}

int spf_run_target(struct spf_run *r, struct span spec, struct buf *name)
{
	struct buf text;
	char *validated = NULL;
	int result;

	if (!spec.p) {
		name_for_dns(r->values.domain, name);
		return 0;
	}
	if (spf_macro_needs_name(spec)) {
		validated = spf_match_validated(r);
		if (!validated)
			return 1;
		r->values.validated = validated;
	}
	buf_init(&text, SPF_NAME_ROOM);
	result = spf_macro_expand(spec, &r->values, &text);
	name_for_dns(buf_span(&text), name);
	if (result == 0 && !spf_name_is_valid(buf_span(name), 1))
		result = -1;
	buf_release(&text);
	r->values.validated = NULL;
	free(validated);
	return result;
}

static void reverse_name(const struct net_address *ip, struct buf *out)
{
	struct spf_macro_values v = {.ip = *ip};

	spf_macro_expand(SPAN("%{ir}.%{v}.arpa"), &v, out);
}

static bool is_below(struct span name, struct span domain)
{
	if (domain.n > 0 && domain.p[domain.n - 1] == '.')
		domain = span_first(domain, domain.n - 1);
	return name.n > domain.n && name.p[name.n - domain.n - 1] == '.' &&
	       span_eq_nocase(span_skip(name, name.n - domain.n), domain);
}

static bool is_or_below(struct span name, struct span domain)
{
	return span_eq_nocase(name, domain) || is_below(name, domain);
}

/* --- addresses of a name --- */

/* An answer for a mechanism: OK is NO_MATCH, to be looked at. A void look-up counts (§4.6.4). */
static enum spf_match judge_answer(struct spf_run *r, const struct dns_answer *a, size_t step)
{
	if (!a)
		return SPF_MATCH_PENDING;
	if (a->status == DNS_STATUS_OK || a->status == DNS_STATUS_BAD_NAME)
		return SPF_NO_MATCH;
	if (!dns_status_negative(a->status)) {
		spf_run_say(r, step, "%s of %s: %s", dns_type_name(a->type), a->name,
		            dns_status_text(a->status));
		return SPF_MATCH_TEMP;
	}
	if (++r->report->voids <= SPF_VOIDS_MAX)
		return SPF_NO_MATCH;
	spf_run_say(r, step,
	            "%s of %s: %s; that is the third look-up that found nothing, and two "
	            "are allowed (RFC 7208 §4.6.4)",
	            dns_type_name(a->type), a->name, dns_status_text(a->status));
	return SPF_MATCH_PERM;
}

static bool has_address(const struct spf_run *r, const struct dns_answer *a, unsigned prefix4,
                        unsigned prefix6)
{
	unsigned bits = a->type == DNS_AAAA ? prefix6 : prefix4;

	for (size_t i = 0; i < a->count; i++) {
		if (same_network(&a->records[i].address, &r->values.ip, bits))
			return true;
	}
	return false;
}

static void say_addresses(struct spf_run *r, const struct dns_answer *a, size_t step)
{
	char text[NET_ADDRESS_TEXT];
	struct buf list;

	if (a->count == 0) {
		spf_run_say(r, step, "%s of %s: %s", dns_type_name(a->type), a->name,
		            dns_status_text(a->status));
		return;
	}
	buf_init(&list, 1000);
	for (size_t i = 0; i < a->count && i < 5; i++)
		buf_addf(&list, "%s%s", i ? ", " : "",
		         net_address_text(&a->records[i].address, text));
	spf_run_say(r, step, "%s is %s%s", a->name, list.data, a->count > 5 ? ", …" : "");
	buf_release(&list);
}

/* --- mechanisms --- */

static enum spf_match match_all(struct spf_run *r, const struct spf_term *t, const char *name,
                                size_t step)
{
	(void)t;
	(void)name;
	spf_run_say(r, step, "this matches everybody");
	return SPF_MATCHES;
}

static enum spf_match match_network(struct spf_run *r, const struct spf_term *t, const char *name,
                                    size_t step)
{
	unsigned bits = t->mechanism == SPF_IP6 ? t->prefix6 : t->prefix4;
	bool in = same_network(&t->network, &r->values.ip, bits);

	(void)name;
	spf_run_say(r, step, in ? "the address is in it" : "the address is not in it");
	return in ? SPF_MATCHES : SPF_NO_MATCH;
}

static enum spf_match match_a(struct spf_run *r, const struct spf_term *t, const char *name,
                              size_t step)
{
	const struct dns_answer *a = lookups_ask(r->lookups, name, spf_match_address_type(r));
	enum spf_match m = judge_answer(r, a, step);

	if (m != SPF_NO_MATCH)
		return m;
	say_addresses(r, a, step);
	return has_address(r, a, t->prefix4, t->prefix6) ? SPF_MATCHES : SPF_NO_MATCH;
}

static enum spf_match match_hosts(struct spf_run *r, const struct spf_term *t,
                                  const struct dns_answer *mx, size_t step)
{
	for (size_t i = 0; i < mx->count; i++) {
		const char *name = mx->records[i].name;
		const struct dns_answer *a;
		enum spf_match m;

		if (!*name)
			continue;
		a = lookups_ask(r->lookups, name, spf_match_address_type(r));
		m = judge_answer(r, a, step);
		if (m != SPF_NO_MATCH)
			return m;
		if (has_address(r, a, t->prefix4, t->prefix6)) {
			spf_run_say(r, step, "it is the mail host %s", name);
			return SPF_MATCHES;
		}
	}
	spf_run_say(r, step, "none of %zu mail hosts has the address", mx->count);
	return SPF_NO_MATCH;
}

static enum spf_match match_mx(struct spf_run *r, const struct spf_term *t, const char *name,
                               size_t step)
{
	const struct dns_answer *mx = lookups_ask(r->lookups, name, DNS_MX);
	enum spf_match m = judge_answer(r, mx, step);

	if (m != SPF_NO_MATCH)
		return m;
	if (mx->count + mx->dropped > SPF_NAMES_MAX) {
		spf_run_say(r, step, "%s has %zu mail hosts, and 10 are allowed (RFC 7208 §4.6.4)",
		            name, mx->count + mx->dropped);
		return SPF_MATCH_PERM;
	}
	for (size_t i = 0; i < mx->count; i++)
		if (*mx->records[i].name)
			lookups_ask(r->lookups, mx->records[i].name, spf_match_address_type(r));
	return match_hosts(r, t, mx, step);
}

/* Calls `fn` for each name behind the address that leads back to it (§5.5), until it says true.
 * NO_MATCH: it never did. */
static enum spf_match each_validated(struct spf_run *r, const struct dns_answer *ptr,
                                     bool (*fn)(struct span name, void *arg), void *arg)
{
	size_t count = ptr->count < SPF_NAMES_MAX ? ptr->count : SPF_NAMES_MAX;

	for (size_t i = 0; i < count; i++)
		lookups_ask(r->lookups, ptr->records[i].name, spf_match_address_type(r));
	for (size_t i = 0; i < count; i++) {
		const char *name = ptr->records[i].name;
		const struct dns_answer *a =
		        lookups_ask(r->lookups, name, spf_match_address_type(r));

		if (!a)
			return SPF_MATCH_PENDING;
		if (a->status == DNS_STATUS_OK && has_address(r, a, 32, 128) &&
		    fn(span_of(name), arg))
			return SPF_MATCHES;
	}
	return SPF_NO_MATCH;
}

const struct dns_answer *spf_match_ask_ptr(struct spf_run *r)
{
	const struct dns_answer *a;
	struct buf name;

	buf_init(&name, 200);
	reverse_name(&r->values.ip, &name);
	a = lookups_ask(r->lookups, name.data, DNS_PTR);
	buf_release(&name);
	return a;
}

static bool name_is_below(struct span name, void *arg)
{
	return is_or_below(name, span_of(arg));
}

static enum spf_match match_ptr(struct spf_run *r, const struct spf_term *t, const char *name,
                                size_t step)
{
	const struct dns_answer *a = spf_match_ask_ptr(r);
	enum spf_match m;

	(void)t;
	if (!a)
		return SPF_MATCH_PENDING;
	spf_run_say(r, step, "PTR of the address: %s", dns_status_text(a->status));
	if (!dns_status_negative(a->status) && a->status != DNS_STATUS_OK)
		return SPF_NO_MATCH; /* §5.5: an error is no match */
	m = judge_answer(r, a, step);
	if (m != SPF_NO_MATCH)
		return m;
	m = each_validated(r, a, name_is_below, (void *)name);
	if (a->status == DNS_STATUS_OK)
		spf_run_say(r, step,
		            m == SPF_MATCHES
		                    ? "a name behind the address leads back to it and is in %s"
		                    : "no name behind the address that leads back to it is in %s",
		            name);
	return m;
}

static enum spf_match match_exists(struct spf_run *r, const struct spf_term *t, const char *name,
                                   size_t step)
{
	const struct dns_answer *a = lookups_ask(r->lookups, name, DNS_A);
	enum spf_match m = judge_answer(r, a, step);

	(void)t;
	if (m != SPF_NO_MATCH)
		return m;
	spf_run_say(r, step, "A of %s: %s", name, dns_status_text(a->status));
	return a->status == DNS_STATUS_OK && a->count > 0 ? SPF_MATCHES : SPF_NO_MATCH;
}

static enum spf_match match_include(struct spf_run *r, const struct spf_term *t, const char *name,
                                    size_t step)
{
	static const enum spf_match meaning[] = {
	        [SPF_PASS] = SPF_MATCHES,         [SPF_FAIL] = SPF_NO_MATCH,
	        [SPF_SOFTFAIL] = SPF_NO_MATCH,    [SPF_NEUTRAL] = SPF_NO_MATCH,
	        [SPF_TEMPERROR] = SPF_MATCH_TEMP, [SPF_PERMERROR] = SPF_MATCH_PERM,
	        [SPF_NONE] = SPF_MATCH_PERM,      [SPF_PENDING] = SPF_MATCH_PENDING,
	};
	bool outer = r->included;
	enum spf_result result;

	(void)t;
	r->included = true;
	result = spf_run_domain(r, name);
	r->included = outer;
	if (result == SPF_NONE)
		spf_run_say(r, step,
		            "%s has no SPF record, which an include must have "
		            "(RFC 7208 §5.2)",
		            name);
	else
		spf_run_say(r, step, "%s says %s", name, spf_result_name(result));
	return meaning[result];
}

static enum spf_match (*const matchers[SPF_MECHANISM_COUNT])(struct spf_run *,
                                                             const struct spf_term *, const char *,
                                                             size_t) = {
        [SPF_ALL] = match_all,     [SPF_INCLUDE] = match_include, [SPF_A] = match_a,
        [SPF_MX] = match_mx,       [SPF_PTR] = match_ptr,         [SPF_IP4] = match_network,
        [SPF_IP6] = match_network, [SPF_EXISTS] = match_exists,
};

enum spf_match spf_match_term(struct spf_run *r, const struct spf_term *t, size_t step)
{
	enum spf_match m = SPF_NO_MATCH;
	struct buf name;
	int found;

	if (spf_mechanism_asks(t->mechanism) && ++r->report->asks > SPF_TERMS_ASKING_MAX) {
		spf_run_say(r, step,
		            "this is the eleventh term that asks the DNS, and ten are "
		            "allowed (RFC 7208 §4.6.4)");
		return SPF_MATCH_PERM;
	}
	buf_init(&name, SPF_NAME_ROOM);
	found = spf_run_target(r, t->domain, &name);
	if (found == 0)
		m = matchers[t->mechanism](r, t, name.data, step);
	else if (found > 0)
		m = SPF_MATCH_PENDING;
	else
		spf_run_say(r, step, "\"%s\" cannot be a domain name, so nothing matches",
		            name.data);
	buf_release(&name);
	return m;
}

/* --- %{p} --- */

struct choice {
	struct span domain;
	char *same, *below, *any;
};

static bool choose(struct span name, void *arg)
{
	struct choice *c = arg;
	char **slot = span_eq_nocase(name, c->domain) ? &c->same
	              : is_below(name, c->domain)     ? &c->below
	                                              : &c->any;

	if (!*slot)
		*slot = mem_dupn(name.p, name.n);
	return c->same != NULL;
}

char *spf_match_validated(struct spf_run *r)
{
	const struct dns_answer *a = spf_match_ask_ptr(r);
	struct choice c = {.domain = r->values.domain};
	enum spf_match m = a ? each_validated(r, a, choose, &c) : SPF_MATCH_PENDING;
	char *best = c.same ? c.same : c.below ? c.below : c.any;

	if (m == SPF_MATCH_PENDING)
		best = NULL;
	else if (!best)
		best = mem_dup("unknown");
	if (best != c.same)
		free(c.same);
	if (best != c.below)
		free(c.below);
	if (best != c.any)
		free(c.any);
	return best;
}
