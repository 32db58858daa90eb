/*
 * Whether DNSSEC protects what the DNS says of the domain and its mail hosts (RFC 4035).
 *
 * smtptalk checks no signatures itself: it asks a resolver, whose word is the AD bit. A resolver
 * that checks nothing never sets it, so the root zone, which is signed, is asked for too: only of a
 * resolver that vouches for the root is silence about a domain an answer.
 */
#include <string.h>

#include "check/part.h"
#include "net/dane.h"

enum { OWN_HOSTS_MAX = 20 };

bool part_dnssec_checked(struct part *p, bool *checked)
{
	const struct dns_answer *root = lookups_ask(p->lookups, ".", DNS_NS);

	*checked = root && root->authentic && root->status == DNS_STATUS_OK;
	return root;
}

bool part_bogus(struct part *p, const struct dns_answer *a, bool *wrong)
{
	const struct dns_answer *unchecked;

	*wrong = false;
	if (a->status != DNS_STATUS_SERVFAIL)
		return true;
	unchecked = lookups_ask(p->lookups, a->name, a->type | DNS_UNCHECKED);
	if (!unchecked)
		return false;
	*wrong = (unchecked->status == DNS_STATUS_OK || dns_status_negative(unchecked->status)) &&
	         unchecked->server && a->server && strcmp(unchecked->server, a->server) == 0;
	return true;
}

static void tell_bogus(struct part *p, const struct dns_answer *mx)
{
	struct finding *f = findings_add(
	        p->out, CHECK_PROTECTED, "dnssec", CHECK_BAD,
	        "the DNSSEC signatures of %s are wrong: %s answers only when it may leave them "
	        "unchecked",
	        p->q->domain, mx->server);

	finding_asked(f, mx);
	finding_detail(f, "everybody whose resolver checks DNSSEC sees no domain at all");
	finding_change(f, "sign the zone anew, or remove the DS record from the zone above");
}

static const char *whose_word(const struct part *p, const struct dns_answer *a)
{
	return dane_answer_secure(a, p->q->trust_ad)
	               ? "checked"
	               : "so it claims from afar; --trust-ad believes it";
}

/* The mail hosts whose address is not protected go into the details. False: waiting. */
static bool count_hosts(struct part *p, size_t *open, size_t *count, struct finding *f)
{
	const char *hosts[OWN_HOSTS_MAX];
	bool all = true;

	*open = 0;
	if (!part_mail_hosts(p, hosts, OWN_HOSTS_MAX, count))
		return false;
	for (size_t i = 0; i < *count; i++) {
		const struct dns_answer *a = lookups_ask(p->lookups, hosts[i], DNS_A);

		all = all && a;
		if (!a || a->authentic ||
		    !(a->status == DNS_STATUS_OK || dns_status_negative(a->status)))
			continue;
		++*open;
		finding_detail(f, "%s is not protected", hosts[i]);
	}
	return all;
}

static bool tell_signed(struct part *p, const struct dns_answer *mx)
{
	struct finding *f = findings_add(p->out, CHECK_PROTECTED, "dnssec", CHECK_OK,
	                                 "DNSSEC protects what the DNS says of %s (%s)",
	                                 p->q->domain, whose_word(p, mx));
	size_t open, count;

	finding_asked(f, mx);
	if (!count_hosts(p, &open, &count, f))
		return false;
	if (open > 0)
		finding_change(f,
		               "the addresses of %zu of %zu mail hosts are not protected: TLSA "
		               "records cannot help there",
		               open, count);
	return true;
}

bool part_dnssec(struct part *p)
{
	const struct dns_answer *mx = lookups_ask(p->lookups, p->q->domain, DNS_MX);
	struct finding *f;
	bool wrong, checked;

	if (!mx || !part_dnssec_checked(p, &checked) || !part_bogus(p, mx, &wrong))
		return false;
	if (wrong) {
		tell_bogus(p, mx);
		return true;
	}
	if (!mx->server || !(mx->status == DNS_STATUS_OK || dns_status_negative(mx->status)))
		return true; /* the practice internet; or the part about MX has told it */
	if (mx->authentic)
		return tell_signed(p, mx);
	if (checked) {
		f = findings_add(p->out, CHECK_PROTECTED, "dnssec", CHECK_OK,
		                 "DNSSEC does not protect %s: what the DNS says of it can be "
		                 "forged on the way",
		                 p->q->domain);
		finding_change(f, "sign the zone, and give the zone above its DS record");
	} else {
		f = findings_add(p->out, CHECK_PROTECTED, "dnssec", CHECK_NOT_TESTED,
		                 "DNSSEC: %s does not seem to check signatures; it vouches for "
		                 "neither the root zone nor %s",
		                 mx->server, p->q->domain);
		finding_change(f, "ask a resolver that does: --dns ADDR");
	}
	finding_asked(f, mx);
	finding_asked(f, lookups_ask(p->lookups, ".", DNS_NS));
	return true;
}
