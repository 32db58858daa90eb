/*
 * Restrictions that ask practice DNS. A look-up that fails for now neither proves nor disproves
 * anything: it becomes a deferral, where Postfix makes it one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/mailbox.h"
#include "practice/restrict_dns.h"
#include "practice/world_state.h"

static bool is_null_mx(const struct dns_answer *a)
{
	return a->type == DNS_MX && a->count == 1 && !*a->records[0].name;
}

enum lookup lookup(const struct check *c, const char *name, enum dns_type type,
                   struct dns_answer **out)
{
	struct dns_answer *a;
	enum lookup result;

	*out = NULL;
	if (!name_is_hostname(span_of(name), true))
		return LOOKUP_NONE;
	a = world_answer(c->f->world, name, type);
	if (a->status == DNS_STATUS_OK)
		result = is_null_mx(a) ? LOOKUP_NULL_MX : LOOKUP_FOUND;
	else
		result = dns_status_negative(a->status) ? LOOKUP_NONE : LOOKUP_UNSURE;
	if (result == LOOKUP_FOUND)
		*out = a;
	else
		dns_answer_free(a);
	return result;
}

/* The first of the types that there is; what is not sure outweighs what is not there. */
static enum lookup lookup_any(const struct check *c, const char *name, const enum dns_type *types,
                              bool stop_at_null)
{
	enum lookup result = LOOKUP_NONE;

	for (size_t i = 0; i < 3; i++) {
		struct dns_answer *a;
		enum lookup one = lookup(c, name, types[i], &a);

		dns_answer_free(a);
		if (one == LOOKUP_FOUND || (one == LOOKUP_NULL_MX && stop_at_null))
			return one;
		if (one != LOOKUP_NONE)
			result = one;
	}
	return result;
}

static bool defers_now(const struct check *c, enum maincf_parameter p)
{
	return span_eq_nocase(span_of(maincf_text(check_cf(c), p)), SPAN("defer"));
}

/* --- unknown names --- */

RUNS(run_unknown_helo)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA, DNS_MX};
	const char *name = c->f->helo;
	enum lookup found;

	if (!name)
		return DUNNO;
	if (name[0] == '[')
		return run_invalid_helo(c, r, argument);
	found = lookup_any(c, name, types, false);
	check_looked(c, "DNS has %s for %s", lookup_words(found), name);
	if (found == LOOKUP_FOUND || found == LOOKUP_NULL_MX)
		return DUNNO;
	if (found == LOOKUP_NONE)
		return check_refuse(
		        c, (int)maincf_number(check_cf(c), MAINCF_UNKNOWN_HOSTNAME_REJECT_CODE),
		        "4.7.1", "<%s>: Helo command rejected: Host not found", name);
	return check_defer_if_permit(c, defers_now(c, MAINCF_UNKNOWN_HELO_HOSTNAME_TEMPFAIL_ACTION),
	                             450, "4.7.1", "<%s>: Helo command rejected: Host not found",
	                             name);
}

static enum outcome unknown_mailhost(struct check *c, const char *domain, const char *shown,
                                     enum subject about)
{
	static const enum dns_type types[] = {DNS_MX, DNS_A, DNS_AAAA};
	bool sender = about == ABOUT_SENDER;
	const char *class = check_class(c, about), *dsn = sender ? "4.1.8" : "4.1.2";
	enum lookup found = lookup_any(c, domain, types, true);

	check_looked(c, "DNS has %s for %s", lookup_words(found), domain);
	switch (found) {
	case LOOKUP_FOUND: return DUNNO;
	case LOOKUP_NULL_MX:
		return check_refuse(c, sender ? 550 : 556, sender ? "4.7.27" : "4.1.10",
		                    "<%s>: %s rejected: Domain %s does not accept mail (nullMX)",
		                    shown, class, domain);
	case LOOKUP_NONE:
		return check_refuse(
		        c, (int)maincf_number(check_cf(c), MAINCF_UNKNOWN_ADDRESS_REJECT_CODE), dsn,
		        "<%s>: %s rejected: Domain not found", shown, class);
	case LOOKUP_UNSURE: break;
	}
	return check_defer_if_permit(c, defers_now(c, MAINCF_UNKNOWN_ADDRESS_TEMPFAIL_ACTION), 450,
	                             dsn, "<%s>: %s rejected: Domain not found", shown, class);
}

RUNS(run_unknown_address)
{
	const char *address = check_value(c, r->about), *domain;
	enum outcome o = DUNNO;
	struct resolved to;

	(void)argument;
	if (!address || !*address)
		return DUNNO;
	site_resolve(c->f->site, span_of(address), &to);
	domain = to.address + to.domain;
	if (to.class != ADDRESS_ELSEWHERE && to.class != ADDRESS_RELAY)
		check_looked(c, "%s is a domain of this host", domain);
	else if (domain[0] == '[')
		check_looked(c, "%s is an address", domain);
	else
		o = unknown_mailhost(c, domain, address, r->about);
	resolved_release(&to);
	return o;
}

/* Postfix would ask the address's own host. The practice internet knows at once. */
RUNS(run_unverified)
{
	const char *address = check_value(c, r->about);
	bool sender = r->about == ABOUT_SENDER, unsure;
	const struct world_mailbox *box;
	struct resolved to;

	(void)argument;
	if (!address || !*address)
		return DUNNO;
	site_resolve(c->f->site, span_of(address), &to);
	box = world_mailbox(c->f->world, span_of(to.address), NULL);
	unsure = !box && !world_serving(c->f->world, span_of(to.address + to.domain));
	check_looked(c, "<%s> %s", to.address,
	             box      ? "is a mailbox of the practice internet"
	             : unsure ? "cannot be proven: no host that answers takes mail for its domain"
	                      : "is no mailbox of the practice internet");
	resolved_release(&to);
	if (box)
		return DUNNO;
	if (unsure)
		return check_defer_if_permit(
		        c, false, 450, sender ? "4.1.7" : "4.1.1",
		        "<%s>: %s rejected: unverified address: no host answers", address,
		        check_class(c, r->about));
	return check_refuse(
	        c,
	        (int)maincf_number(check_cf(c), sender ? MAINCF_UNVERIFIED_SENDER_REJECT_CODE
	                                               : MAINCF_UNVERIFIED_RECIPIENT_REJECT_CODE),
	        sender ? "4.1.7" : "4.1.1",
	        "<%s>: %s rejected: undeliverable address: User unknown", address,
	        check_class(c, r->about));
}

/* --- a table asked for the hosts and addresses behind a name --- */

static enum outcome check_addresses_of(struct check *c, struct span table, const char *host,
                                       const char *shown, const char *class, bool *found)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA};
	enum outcome o = DUNNO;

	for (size_t t = 0; t < 2 && !*found; t++) {
		struct dns_answer *a;

		lookup(c, host, types[t], &a);
		for (size_t i = 0; a && i < a->count && !*found; i++) {
			char text[NET_ADDRESS_TEXT];

			net_address_text(&a->records[i].address, text);
			o = check_address_table(c, table, span_of(text), shown, class, found);
		}
		dns_answer_free(a);
	}
	return o;
}

static enum outcome check_server(struct check *c, struct span table, const char *host,
                                 const char *shown, const char *class, bool *found)
{
	enum outcome o;

	if (name_is_address(span_of(host)))
		return check_address_table(c, table, span_of(host), shown, class, found);
	o = check_domain_table(c, table, span_of(host), shown, class, found);
	return *found ? o : check_addresses_of(c, table, host, shown, class, found);
}

/* The servers of a name; the name itself when it has no MX; of NS those of a domain above. */
static enum outcome check_servers(struct check *c, struct span table, const char *name,
                                  enum dns_type type, const char *shown, const char *class)
{
	struct dns_answer *a;
	enum lookup found_name = lookup(c, name, type, &a);
	enum outcome o = DUNNO;
	bool found = false;

	if (found_name == LOOKUP_NONE && type == DNS_MX)
		return check_server(c, table, name, shown, class, &found);
	while (found_name == LOOKUP_NONE && (name = strchr(name, '.')) && name[1])
		found_name = lookup(c, ++name, type, &a);
	for (size_t i = 0; a && i < a->count && !found; i++)
		o = check_server(c, table, a->records[i].name, shown, class, &found);
	dns_answer_free(a);
	return o;
}

static enum outcome access_servers(struct check *c, const struct restriction *r, struct span table,
                                   enum dns_type type)
{
	const char *name = check_value(c, r->about), *at = name ? strrchr(name, '@') : NULL;
	const char *domain = at ? at + 1 : name, *class = check_class(c, r->about);
	enum outcome o = DUNNO;
	bool found = false;
	char *shown;

	if (!name || !*name || strcmp(name, "unknown") == 0)
		return DUNNO;
	check_looked(c, "neither the hosts behind %s nor their addresses are in the table", domain);
	shown = check_shown(c, r->about);
	if (domain[0] == '[') {
		struct span inner = span_of(domain + 1);

		if (type != DNS_NS && inner.n > 0 && inner.p[inner.n - 1] == ']')
			o = check_address_table(c, table, span_first(inner, inner.n - 1), shown,
			                        class, &found);
	} else if (type == DNS_A) {
		o = check_addresses_of(c, table, domain, shown, class, &found);
	} else {
		o = check_servers(c, table, domain, type, shown, class);
	}
	free(shown);
	return check_forbid_permit(c, o);
}

RUNS(run_access_a)
{
	return access_servers(c, r, argument, DNS_A);
}

RUNS(run_access_mx)
{
	return access_servers(c, r, argument, DNS_MX);
}

RUNS(run_access_ns)
{
	return access_servers(c, r, argument, DNS_NS);
}

/* --- the client's name --- */

static bool leads_back(const struct world *w, const char *name, const char *address, bool *unsure)
{
	struct net_address wanted;
	struct dns_answer *a;
	bool found = false;

	if (net_address_parse(span_of(address), 0, &wanted) != 0)
		return false;
	a = world_answer(w, name, wanted.sa.ss_family == AF_INET6 ? DNS_AAAA : DNS_A);
	*unsure = a->status != DNS_STATUS_OK && !dns_status_negative(a->status);
	for (size_t i = 0; i < a->count; i++)
		found = found || net_address_equal(&a->records[i].address, &wanted);
	dns_answer_free(a);
	return found;
}

void restrict_name_client(const struct world *w, const char *address, char **name,
                          enum peer_status *name_status, char **reverse,
                          enum peer_status *reverse_status)
{
	char *query = lookup_reversed(address, NULL);
	struct dns_answer *a = query ? world_answer(w, query, DNS_PTR) : NULL;
	bool unsure = a && a->status != DNS_STATUS_OK && !dns_status_negative(a->status);
	bool named = a && a->count > 0 && name_is_hostname(span_of(a->records[0].name), false);

	*reverse = mem_dup(named ? a->records[0].name : "unknown");
	*reverse_status = named ? PEER_OK : unsure ? PEER_UNSURE : PEER_NONE;
	*name_status = *reverse_status;
	if (named && !leads_back(w, *reverse, address, &unsure))
		*name_status = unsure ? PEER_UNSURE : PEER_NONE;
	*name = mem_dup(*name_status == PEER_OK ? *reverse : "unknown");
	dns_answer_free(a);
	free(query);
}
