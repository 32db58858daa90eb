/*
 * The address that sends: its name, and the lists that it may stand on.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "check/part.h"
#include "check/spf_macro.h"

/* "1.2.0.192.in-addr.arpa", or with another end; heap. */
static char *reversed(const struct net_address *ip, const char *end)
{
	struct spf_macro_values v = {.ip = *ip};
	struct buf b;

	buf_init(&b, 1000);
	spf_macro_expand(SPAN("%{ir}"), &v, &b);
	buf_addf(&b, ".%s", end);
	return buf_take(&b);
}

/* --- the name behind the address --- */

static bool leads_back(struct part *p, const struct dns_answer *forward)
{
	for (size_t i = 0; i < forward->count; i++) {
		if (net_address_equal(&forward->records[i].address, p->q->ip))
			return true;
	}
	return false;
}

/* The first name that leads back; false: waiting. */
static bool confirmed_name(struct part *p, const struct dns_answer *ptr, const char **name,
                           bool *unknown)
{
	enum dns_type type = p->q->ip->sa.ss_family == AF_INET6 ? DNS_AAAA : DNS_A;
	bool all = true;

	*name = NULL;
	*unknown = false;
	for (size_t i = 0; i < ptr->count && i < 10; i++)
		lookups_ask(p->lookups, ptr->records[i].name, type);
	for (size_t i = 0; i < ptr->count && i < 10; i++) {
		const struct dns_answer *a = lookups_ask(p->lookups, ptr->records[i].name, type);

		all = all && a;
		if (!a)
			continue;
		if (leads_back(p, a)) {
			*name = ptr->records[i].name;
			return true;
		}
		*unknown =
		        *unknown || (a->status != DNS_STATUS_OK && !dns_status_negative(a->status));
	}
	return all;
}

static void helo(struct part *p, const char *name)
{
	bool same = span_eq_nocase(span_of(p->q->helo), span_of(name));
	struct finding *f;

	if (same) {
		findings_add(p->out, CHECK_SENDING, "helo", CHECK_OK,
		             "the name in HELO is the address's own, %s", name);
		return;
	}
	f = findings_add(p->out, CHECK_SENDING, "helo", CHECK_OK,
	                 "the sender says HELO %s, and its address is %s; some receivers dislike "
	                 "that",
	                 p->q->helo, name);
	finding_change(f, "say HELO %s (in Postfix: smtp_helo_name)", name);
}

static bool judge_ptr(struct part *p, const char *address, const struct dns_answer *ptr)
{
	struct finding *f;
	const char *name;
	bool unknown;

	if (ptr->status != DNS_STATUS_OK) {
		f = findings_add(p->out, CHECK_SENDING, "ptr", CHECK_BAD,
		                 "%s has no name (PTR): many receivers refuse such senders",
		                 address);
		finding_asked(f, ptr);
		finding_change(f, "whoever gave you the address must publish its PTR record, "
		                  "the name of your mail host");
		return true;
	}
	if (!confirmed_name(p, ptr, &name, &unknown))
		return false;
	if (name) {
		f = findings_add(p->out, CHECK_SENDING, "ptr", CHECK_OK,
		                 "%s is %s, and that name leads back to it", address, name);
		if (p->q->helo)
			helo(p, name);
	} else if (unknown) {
		f = findings_add(
		        p->out, CHECK_SENDING, "ptr", CHECK_UNKNOWN,
		        "%s calls itself %s; whether that leads back could not be found out",
		        address, ptr->records[0].name);
	} else {
		f = findings_add(p->out, CHECK_SENDING, "ptr", CHECK_BAD,
		                 "%s calls itself %s, and that name does not lead back to it",
		                 address, ptr->records[0].name);
		finding_change(f, "publish  %s. %s %s", ptr->records[0].name,
		               p->q->ip->sa.ss_family == AF_INET6 ? "AAAA" : "A", address);
	}
	finding_asked(f, ptr);
	return true;
}

bool part_sender_address(struct part *p)
{
	char address[NET_ADDRESS_TEXT];
	const struct dns_answer *ptr;
	char *name;

	if (!p->q->ip)
		return true;
	net_address_text(p->q->ip, address);
	name = reversed(p->q->ip, p->q->ip->sa.ss_family == AF_INET6 ? "ip6.arpa" : "in-addr.arpa");
	ptr = lookups_ask(p->lookups, name, DNS_PTR);
	free(name);
	if (!ptr)
		return false;
	return part_failed(p, CHECK_SENDING, "ptr", ptr) || judge_ptr(p, address, ptr);
}

/* --- blocklists (RFC 5782) --- */

static const struct blocklist {
	const char *zone, *page;
	unsigned low, high; /* the last number of 127.0.0.N that means "listed" */
} blocklists[] = {
        {"zen.spamhaus.org", "check.spamhaus.org", 2, 11},
        {"bl.spamcop.net", "www.spamcop.net/bl.shtml", 2, 2},
        {"b.barracudacentral.org", "www.barracudacentral.org/lookups", 2, 2},
        {"psbl.surriel.com", "psbl.org", 2, 2},
};
enum { LIST_COUNT = sizeof(blocklists) / sizeof(*blocklists) };

enum meaning { NOT_LISTED, LISTED, REFUSED, NO_ANSWER };

static enum meaning meaning_of(const struct dns_answer *a, const struct blocklist *list,
                               unsigned *code)
{
	enum meaning m = REFUSED;

	if (dns_status_negative(a->status))
		return NOT_LISTED;
	if (a->status != DNS_STATUS_OK)
		return NO_ANSWER;
	for (size_t i = 0; i < a->count; i++) {
		const struct sockaddr_in *in = (const void *)&a->records[i].address.sa;
		unsigned long n = ntohl(in->sin_addr.s_addr);

		if (n >> 8 != 0x7f0000 || (n & 255) < list->low || (n & 255) > list->high)
			continue;
		*code = (unsigned)(n & 255);
		m = LISTED;
	}
	return m;
}

static const struct dns_answer *ask_list(struct part *p, const struct net_address *ip,
                                         const struct blocklist *list)
{
	char *name = reversed(ip, list->zone);
	const struct dns_answer *a = lookups_ask(p->lookups, name, DNS_A);

	free(name);
	return a;
}

static void listed(struct part *p, const struct blocklist *list, unsigned code,
                   const struct dns_answer *a)
{
	char address[NET_ADDRESS_TEXT];
	struct finding *f;

	net_address_text(p->q->ip, address);
	f = findings_add(p->out, CHECK_SENDING, "blocklist", CHECK_BAD,
	                 "%s is on the list %s (127.0.0.%u)", address, list->zone, code);
	finding_asked(f, a);
	finding_change(f, "stop what sends the spam, then ask to be removed: %s", list->page);
}

/* The list must know 127.0.0.2 and must not know 127.0.0.1 (RFC 5782 §5), or its word is worth
 * nothing here. False: waiting. */
static bool one_list(struct part *p, const struct blocklist *list, size_t *clean)
{
	struct net_address yes, no;
	const struct dns_answer *a, *on, *off;
	unsigned code = 0;

	net_address_parse(SPAN("127.0.0.2"), 0, &yes);
	net_address_parse(SPAN("127.0.0.1"), 0, &no);
	a = ask_list(p, p->q->ip, list);
	on = ask_list(p, &yes, list);
	off = ask_list(p, &no, list);
	if (!a || !on || !off)
		return false;
	if (meaning_of(on, list, &code) != LISTED || meaning_of(off, list, &code) != NOT_LISTED) {
		struct finding *f = findings_add(
		        p->out, CHECK_SENDING, "blocklist", CHECK_UNKNOWN,
		        "%s does not answer your resolver as it should: nothing follows from it",
		        list->zone);

		finding_asked(f, on);
		finding_asked(f, off);
		finding_change(f, "ask through a resolver of your own; such lists refuse the large "
		                  "public ones");
		return true;
	}
	switch (meaning_of(a, list, &code)) {
	case LISTED: listed(p, list, code, a); break;
	case NOT_LISTED: (*clean)++; break;
	default:
		finding_asked(findings_add(p->out, CHECK_SENDING, "blocklist", CHECK_UNKNOWN,
		                           "what %s says of the address could not be understood",
		                           list->zone),
		              a);
		break;
	}
	return true;
}

bool part_named_list(struct part *p, const char *zone)
{
	struct blocklist one = {.zone = zone, .page = zone, .low = 2, .high = 254};
	size_t clean = 0;

	for (size_t i = 0; i < LIST_COUNT; i++)
		if (span_eq_nocase(span_of(zone), span_of(blocklists[i].zone)))
			return true;
	if (!one_list(p, &one, &clean))
		return false;
	if (clean > 0)
		findings_add(p->out, CHECK_SENDING, "blocklist", CHECK_OK,
		             "the address is not on %s now", zone);
	return true;
}

bool part_blocklists(struct part *p)
{
	size_t clean = 0;
	bool all = true;

	if (!p->q->ip)
		return true;
	for (size_t i = 0; i < LIST_COUNT; i++)
		all = one_list(p, &blocklists[i], &clean) && all;
	if (all && clean > 0)
		findings_add(p->out, CHECK_SENDING, "blocklist", CHECK_OK,
		             "the address is not on %zu of %d lists that were asked", clean,
		             LIST_COUNT);
	return all;
}
