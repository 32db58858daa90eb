/*
 * What the domain says about those who send in its name: SPF, DMARC, and the keys of DKIM.
 */
#include <stdio.h>
#include <string.h>

#include "check/dkim.h"
#include "check/dmarc.h"
#include "check/part.h"
#include "check/spf.h"

/* --- SPF --- */

/* Without an address to ask about, one that no record lists is walked through: so every term is
 * looked at, and all the look-ups that the worst case costs are counted. */
static void spf_query_for(const struct part *p, struct spf_query *q, char *sender, size_t room)
{
	*q = (struct spf_query){.helo = p->q->helo ? p->q->helo : "", .now = p->q->now};
	if (p->q->ip)
		q->ip = *p->q->ip;
	else
		net_address_parse(SPAN("192.0.2.255"), 0, &q->ip);
	snprintf(sender, room, "postmaster@%s", p->q->domain);
	q->from = p->q->from && p->q->ip ? p->q->from : sender;
}

void part_spf_trace(struct finding *f, const struct spf_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct spf_step *s = &r->steps[i];

		finding_detail(f, "%*s%s: %s%s", (int)(2 * s->depth + (*s->term ? 2u : 0u)), "",
		               *s->term ? s->term : s->domain, s->text,
		               s->matched ? " <- decides" : "");
	}
	finding_detail(f, "  %u of %u terms that ask the DNS, %u of %u look-ups that found nothing",
	               r->asks, SPF_TERMS_ASKING_MAX, r->voids, SPF_VOIDS_MAX);
}

enum check_verdict part_spf_verdict(enum spf_result r)
{
	static const enum check_verdict meaning[] = {
	        [SPF_NONE] = CHECK_BAD,      [SPF_NEUTRAL] = CHECK_BAD,
	        [SPF_PASS] = CHECK_OK,       [SPF_FAIL] = CHECK_BAD,
	        [SPF_SOFTFAIL] = CHECK_BAD,  [SPF_TEMPERROR] = CHECK_UNKNOWN,
	        [SPF_PERMERROR] = CHECK_BAD, [SPF_PENDING] = CHECK_UNKNOWN};

	return meaning[r];
}

static struct finding *spf_for_address(struct part *p, const struct spf_report *r)
{
	char address[NET_ADDRESS_TEXT];

	net_address_text(p->q->ip, address);
	return findings_add(p->out, CHECK_SENDING, "spf", part_spf_verdict(r->result),
	                    "SPF for %s from %s: %s; %s", r->domain, address,
	                    spf_result_name(r->result), r->reason);
}

static struct finding *spf_for_record(struct part *p, const struct spf_report *r)
{
	switch (r->result) {
	case SPF_NONE:
		return findings_add(p->out, CHECK_SENDING, "spf", CHECK_BAD,
		                    "%s has no SPF record: nobody can tell who may send its mail",
		                    r->domain);
	case SPF_PERMERROR:
		return findings_add(p->out, CHECK_SENDING, "spf", CHECK_BAD,
		                    "the SPF record of %s cannot be used: %s", r->domain,
		                    r->reason);
	case SPF_TEMPERROR:
		return findings_add(p->out, CHECK_SENDING, "spf", CHECK_UNKNOWN,
		                    "the SPF record of %s could not be read: %s", r->domain,
		                    r->reason);
	case SPF_PASS:
		return findings_add(p->out, CHECK_SENDING, "spf", CHECK_BAD,
		                    "the SPF record of %s lets everybody send: %s", r->domain,
		                    r->reason);
	default:
		return findings_add(p->out, CHECK_SENDING, "spf", CHECK_OK,
		                    "%s has an SPF record; of addresses that it does not list it "
		                    "says %s",
		                    r->domain, spf_result_name(r->result));
	}
}

static void spf_change(struct part *p, struct finding *f, const struct spf_report *r, bool null_mx)
{
	char address[NET_ADDRESS_TEXT];
	bool v6 = p->q->ip && p->q->ip->sa.ss_family == AF_INET6;

	if (p->q->ip)
		net_address_text(p->q->ip, address);
	if (r->result == SPF_NONE && null_mx && !p->q->ip)
		finding_change(f, "publish  %s. TXT \"v=spf1 -all\"", r->domain);
	else if (r->result == SPF_NONE)
		finding_change(f, "publish  %s. TXT \"v=spf1 mx %s%s%s-all\"", r->domain,
		               p->q->ip ? (v6 ? "ip6:" : "ip4:") : "", p->q->ip ? address : "",
		               p->q->ip ? " " : "");
	else if (p->q->ip &&
	         (r->result == SPF_FAIL || r->result == SPF_SOFTFAIL || r->result == SPF_NEUTRAL))
		finding_change(f,
		               "if this address is yours, add \"%s%s\" before the term that "
		               "decides; if not, somebody else sends in your name",
		               v6 ? "ip6:" : "ip4:", address);
	else if (r->result == SPF_PERMERROR)
		finding_change(f, "repair the record that is named; until then receivers treat "
		                  "the domain as one without SPF, or refuse");
	else if (r->result == SPF_PASS && !p->q->ip)
		finding_change(f, "end the record with \"-all\" or \"~all\"");
}

bool part_spf(struct part *p)
{
	struct spf_report r;
	struct spf_query q;
	char sender[300];
	struct finding *f;
	bool exists, null_mx;

	spf_query_for(p, &q, sender, sizeof(sender));
	spf_report_init(&r);
	if (spf_check(p->lookups, &q, &r) == SPF_PENDING || !part_domain(p, &exists, &null_mx)) {
		spf_report_release(&r);
		return false;
	}
	f = p->q->ip ? spf_for_address(p, &r) : spf_for_record(p, &r);
	part_spf_trace(f, &r);
	spf_change(p, f, &r, null_mx);
	spf_report_release(&r);
	return true;
}

/* --- DMARC --- */

static void dmarc_found(struct part *p, const struct dmarc *d)
{
	const struct dmarc_record *r = d->record;
	struct finding *f = findings_add(p->out, CHECK_SENDING, "dmarc", CHECK_OK,
	                                 "DMARC: mail in the name of %s that proves nothing is to "
	                                 "be %s (%s=%s in the record "
	                                 "of %s)",
	                                 p->q->domain,
	                                 d->policy == DMARC_REJECT       ? "refused"
	                                 : d->policy == DMARC_QUARANTINE ? "treated as suspicious"
	                                                                 : "delivered all the same",
	                                 d->policy_tag, dmarc_policy_name(d->policy), r->domain);

	finding_detail(f, "_dmarc.%s: %s", r->domain, r->text);
	finding_detail(f, "organizational domain: %s (RFC 9989 §4.10.2)", d->organization);
	finding_detail(f, "SPF must be %s, DKIM %s",
	               r->strict_spf ? "of the very same domain" : "of the same organization",
	               r->strict_dkim ? "of the very same domain" : "of the same organization");
	if (r->testing)
		finding_detail(f, "t=y: a test; receivers apply the next milder policy");
	if (r->old)
		finding_detail(f, "%s= was a tag of RFC 7489; RFC 9989 has it no more", r->old);
	if (d->policy == DMARC_NONE)
		finding_change(f, "when the reports show that your own mail passes, publish "
		                  "p=quarantine, later p=reject");
	if (!r->rua)
		finding_change(f, "add rua=mailto:… to learn who sends in your name");
}

bool part_dmarc(struct part *p)
{
	struct dmarc d;
	struct finding *f;
	bool complete;

	dmarc_init(&d);
	complete = dmarc_find(p->lookups, p->q->domain, &d);
	if (complete && d.status == DMARC_UNKNOWN) {
		findings_add(p->out, CHECK_SENDING, "dmarc", CHECK_UNKNOWN, "TXT of _dmarc.%s: %s",
		             d.fault_at, dns_status_text(d.dns));
	} else if (complete && d.status == DMARC_FOUND) {
		dmarc_found(p, &d);
	} else if (complete && d.status == DMARC_FAULTY) {
		f = findings_add(p->out, CHECK_SENDING, "dmarc", CHECK_BAD,
		                 "the DMARC record at _dmarc.%s cannot be used: %s", d.fault_at,
		                 d.fault);
		finding_change(f,
		               "publish one record, such as  _dmarc.%s. TXT \"v=DMARC1; "
		               "p=none; rua=mailto:dmarc@%s\"",
		               d.fault_at, d.fault_at);
	} else if (complete) {
		f = findings_add(p->out, CHECK_SENDING, "dmarc", CHECK_BAD,
		                 "%s has no DMARC record, nor has a domain above it", p->q->domain);
		finding_change(f,
		               "publish  _dmarc.%s. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@%s\" "
		               "and read the reports before you go on to p=reject",
		               p->q->domain, p->q->domain);
	}
	dmarc_release(&d);
	return complete;
}

/* --- DKIM --- */

/* What the key is like, and whether that is enough. */
static struct finding *key_found(struct part *p, const char *selector, const struct dkim_key *k)
{
	unsigned bits = k->key ? tls_key_bits(k->key) : 0;
	struct finding *f;

	if (k->revoked)
		return findings_add(p->out, CHECK_SENDING, "dkim", CHECK_BAD,
		                    "the DKIM key \"%s\" was revoked (p= is empty, RFC 6376 "
		                    "§3.6.1)",
		                    selector);
	if (k->kind == TLS_KEY_ED25519)
		return findings_add(p->out, CHECK_SENDING, "dkim", CHECK_OK,
		                    "the DKIM key \"%s\" is an Ed25519 key (RFC 8463)", selector);
	if (bits >= DKIM_KEY_BITS_GOOD)
		return findings_add(p->out, CHECK_SENDING, "dkim", CHECK_OK,
		                    "the DKIM key \"%s\" is an RSA key of %u bits", selector, bits);
	f = findings_add(p->out, CHECK_SENDING, "dkim", CHECK_BAD,
	                 bits < DKIM_KEY_BITS_MIN
	                         ? "the DKIM key \"%s\" has only %u bits: no receiver may "
	                           "accept it (RFC 8301 §3.2)"
	                         : "the DKIM key \"%s\" is weak: an RSA key of %u bits",
	                 selector, bits);
	finding_change(f, "make a key of 2048 bits, publish it under another selector, and sign "
	                  "with that (RFC 8301 §3.2)");
	return f;
}

static void key_record(struct part *p, const char *selector, const struct dns_answer *a)
{
	struct span text =
	        a->count ? span_from(a->records[0].text, a->records[0].text_len) : SPAN("");
	struct dkim_key k;
	const char *wrong = dkim_key_read(text, &k);
	struct finding *f;

	if (a->count > 1)
		wrong = "there is more than one record";
	if (wrong) {
		f = findings_add(p->out, CHECK_SENDING, "dkim", CHECK_BAD,
		                 "the DKIM key \"%s\" cannot be used: %s", selector, wrong);
		finding_change(f,
		               "publish one record  %s._domainkey.%s. TXT \"v=DKIM1; k=rsa; "
		               "p=…\"",
		               selector, p->q->domain);
	} else {
		f = key_found(p, selector, &k);
	}
	finding_asked(f, a);
	finding_detail(f, "%.*s", (int)(text.n < 1000 ? text.n : 1000), text.p);
	if (k.testing)
		finding_detail(f, "t=y: the domain only tests DKIM; receivers may treat its "
		                  "signatures as if they were not there");
	dkim_key_release(&k);
}

static bool one_selector(struct part *p, const char *selector)
{
	const struct dns_answer *a;
	struct finding *f;
	char prefix[200];

	snprintf(prefix, sizeof(prefix), "%s._domainkey", selector);
	a = part_ask_below(p, prefix, DNS_TXT);
	if (!a)
		return false;
	if (part_failed(p, CHECK_SENDING, "dkim", a))
		return true;
	if (a->status == DNS_STATUS_OK) {
		key_record(p, selector, a);
		return true;
	}
	f = findings_add(p->out, CHECK_SENDING, "dkim", CHECK_BAD,
	                 "there is no DKIM key \"%s\": %s", selector, dns_status_text(a->status));
	finding_asked(f, a);
	finding_change(f,
	               "publish the key of the signer at %s._domainkey.%s, or sign with a "
	               "selector that is published",
	               selector, p->q->domain);
	return true;
}

bool part_dkim(struct part *p)
{
	bool all = true;

	if (p->q->selector_count == 0)
		findings_add(p->out, CHECK_SENDING, "dkim", CHECK_UNKNOWN,
		             "no selector is known, and keys cannot be listed: --selector NAME, or "
		             "s= of a DKIM-Signature, says where to look");
	for (size_t i = 0; i < p->q->selector_count; i++)
		all = one_selector(p, p->q->selectors[i]) && all;
	return all;
}
