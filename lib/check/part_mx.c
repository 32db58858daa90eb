/*
 * Which hosts take the domain's mail, and whether their names lead anywhere (RFC 5321 §5.1).
 */
#include <stdlib.h>
#include <string.h>

#include "check/part.h"

enum { HOSTS_MAX = 20 }; /* that are looked at; all are counted */

static bool same_host(const struct dns_record *a, const struct dns_record *b)
{
	return span_eq_nocase(span_of(a->name), span_of(b->name));
}

static bool is_address(const char *name)
{
	struct net_address ignored;

	return net_address_parse(span_of(name), 0, &ignored) == 0;
}

/* --- the MX records --- */

static bool no_mx(struct part *p, const struct dns_answer *mx)
{
	const struct dns_answer *a = lookups_ask(p->lookups, p->q->domain, DNS_A);
	const struct dns_answer *aaaa = lookups_ask(p->lookups, p->q->domain, DNS_AAAA);
	struct finding *f;

	if (!a || !aaaa)
		return false;
	if (part_failed(p, CHECK_RECEIVING, "mx", a) || part_failed(p, CHECK_RECEIVING, "mx", aaaa))
		return true;
	if (a->count + aaaa->count > 0) {
		f = findings_add(p->out, CHECK_RECEIVING, "mx", CHECK_OK,
		                 "%s has no MX record, so mail goes to its own address (RFC 5321 "
		                 "§5.1)",
		                 p->q->domain);
		finding_change(f, "say it outright: %s. MX 10 %s.", p->q->domain, p->q->domain);
	} else if (mx->status == DNS_STATUS_NO_NAME) {
		f = findings_add(p->out, CHECK_RECEIVING, "mx", CHECK_BAD,
		                 "the name %s does not exist", p->q->domain);
		finding_change(f, "check the spelling, and that the domain is still registered");
	} else {
		f = findings_add(p->out, CHECK_RECEIVING, "mx", CHECK_BAD,
		                 "%s has neither an MX record nor an address: it cannot take mail",
		                 p->q->domain);
		finding_change(f,
		               "publish  %s. MX 10 mail.%s.  and an address for that host; or, "
		               "when it shall take no mail, \"MX 0 .\" (RFC 7505)",
		               p->q->domain, p->q->domain);
	}
	finding_asked(f, mx);
	finding_asked(f, a);
	finding_asked(f, aaaa);
	return true;
}

static void one_record(struct part *p, const struct dns_answer *mx, size_t i)
{
	const struct dns_record *r = &mx->records[i];
	struct finding *f = NULL;

	for (size_t k = 0; k < i; k++) {
		if (!same_host(&mx->records[k], r))
			continue;
		f = findings_add(p->out, CHECK_RECEIVING, "mx-duplicate", CHECK_BAD,
		                 "the mail host %s is named twice", r->name);
		finding_change(f, "keep one MX record for %s", r->name);
		return;
	}
	if (!*r->name) {
		f = findings_add(p->out, CHECK_RECEIVING, "mx-null", CHECK_BAD,
		                 "\"MX %u .\" says that it takes no mail, and other MX records "
		                 "stand beside it (RFC 7505 §3)",
		                 r->preference);
		finding_change(f, "remove the record \"MX %u .\"", r->preference);
	} else if (is_address(r->name)) {
		f = findings_add(p->out, CHECK_RECEIVING, "mx-literal", CHECK_BAD,
		                 "an MX record names the address %s; it must name a host (RFC 1035 "
		                 "§3.3.9)",
		                 r->name);
		finding_change(f, "give the address a name, and put that into the MX record");
	}
}

static void list_records(struct part *p, const struct dns_answer *mx)
{
	size_t count = mx->count + mx->dropped;
	struct finding *f =
	        findings_add(p->out, CHECK_RECEIVING, "mx", CHECK_OK, "%s takes mail at %zu host%s",
	                     p->q->domain, count, count == 1 ? "" : "s");

	finding_asked(f, mx);
	for (size_t i = 0; i < mx->count && i < HOSTS_MAX; i++)
		finding_detail(f, "%5u  %s", mx->records[i].preference,
		               *mx->records[i].name ? mx->records[i].name : ".");
	if (count > HOSTS_MAX)
		finding_detail(f, "       … and %zu more", count - HOSTS_MAX);
	if (count == 1)
		finding_detail(f, "one host only: while it is down, mail waits with its senders");
	for (size_t i = 0; i < mx->count; i++)
		one_record(p, mx, i);
}

bool part_mx(struct part *p)
{
	const struct dns_answer *mx = lookups_ask(p->lookups, p->q->domain, DNS_MX);

	if (!mx)
		return false;
	if (part_failed(p, CHECK_RECEIVING, "mx", mx))
		return true;
	if (mx->status != DNS_STATUS_OK)
		return no_mx(p, mx);
	if (mx->count == 1 && !*mx->records[0].name)
		finding_asked(findings_add(p->out, CHECK_RECEIVING, "mx", CHECK_OK,
		                           "%s takes no mail, and says so: a null MX (RFC 7505)",
		                           p->q->domain),
		              mx);
	else
		list_records(p, mx);
	return true;
}

/* --- their addresses --- */

static void bad_address(struct part *p, const char *host, const struct dns_answer *a)
{
	char text[NET_ADDRESS_TEXT];

	for (size_t i = 0; i < a->count; i++) {
		enum net_range range = net_address_range(&a->records[i].address);
		struct finding *f;

		if (range == NET_RANGE_PUBLIC || range == NET_RANGE_DOCUMENTATION)
			continue;
		net_address_text(&a->records[i].address, text);
		f = findings_add(p->out, CHECK_RECEIVING, "mx-private", CHECK_BAD,
		                 "the mail host %s has the address %s, which is %s: nobody outside "
		                 "can reach it",
		                 host, text, net_range_name(range));
		finding_asked(f, a);
		finding_change(f,
		               "publish the address that the outside sees, or remove %s from "
		               "the MX records",
		               host);
	}
}

static void one_host(struct part *p, const char *host, const struct dns_answer *a,
                     const struct dns_answer *aaaa)
{
	struct finding *f = NULL;

	if (a->alias_count + aaaa->alias_count > 0) {
		const struct dns_answer *with = a->alias_count ? a : aaaa;

		f = findings_add(p->out, CHECK_RECEIVING, "mx-alias", CHECK_BAD,
		                 "the mail host %s is an alias (CNAME) of %s, which an MX must not "
		                 "name (RFC 2181 §10.3)",
		                 host, with->aliases[with->alias_count - 1]);
		finding_asked(f, with);
		finding_change(f, "name %s in the MX record", with->aliases[with->alias_count - 1]);
	}
	if (part_failed(p, CHECK_RECEIVING, "mx-address", a) ||
	    part_failed(p, CHECK_RECEIVING, "mx-address", aaaa))
		return;
	if (a->count + aaaa->count == 0) {
		f = findings_add(p->out, CHECK_RECEIVING, "mx-dangling", CHECK_BAD,
		                 "the mail host %s has no address: %s", host,
		                 dns_status_text(a->status));
		finding_asked(f, a);
		finding_asked(f, aaaa);
		finding_change(f, "give %s an address, or remove it from the MX records", host);
	}
	bad_address(p, host, a);
	bad_address(p, host, aaaa);
}

bool part_mx_addresses(struct part *p)
{
	const struct dns_answer *mx = lookups_ask(p->lookups, p->q->domain, DNS_MX);
	size_t hosts = 0, v6 = 0;
	bool all = true;

	if (!mx)
		return false;
	for (size_t i = 0; i < mx->count && i < HOSTS_MAX; i++) {
		const char *host = mx->records[i].name;
		const struct dns_answer *a, *aaaa;

		if (!*host || is_address(host))
			continue;
		a = lookups_ask(p->lookups, host, DNS_A);
		aaaa = lookups_ask(p->lookups, host, DNS_AAAA);
		all = all && a && aaaa;
		if (!a || !aaaa)
			continue;
		hosts++;
		v6 += aaaa->count > 0;
		one_host(p, host, a, aaaa);
	}
	if (all && hosts > 0 && p->out->count == 0)
		findings_add(p->out, CHECK_RECEIVING, "mx-address", CHECK_OK,
		             "every mail host has an address%s",
		             v6 == 0      ? " (IPv4 only)"
		             : v6 < hosts ? " (some have IPv6, too)"
		                          : ", IPv4 and IPv6");
	return all;
}
