/*
 * Records that protect mail on its way, or say that somebody cares.
 */
#include <stdlib.h>
#include <string.h>

#include "check/part.h"
#include "check/tags.h"

/* --- MTA-STS (RFC 8461 §3.1), TLS-RPT (RFC 8460 §3), BIMI --- */

/* One record of that version at prefix.domain: its tags. 1; 0: there is none, or a finding says
 * what is wrong; -1: waiting. */
static int one_record(struct part *p, const char *id, const char *prefix, const char *version,
                      const struct dns_answer **a, struct span *text, struct tags *t)
{
	struct finding *f;
	const char *wrong;
	size_t count;

	*a = part_ask_below(p, prefix, DNS_TXT);
	if (!*a)
		return -1;
	if (part_failed(p, CHECK_PROTECTED, id, *a))
		return 0;
	count = part_versioned(*a, version, text);
	if (count == 0)
		return 0;
	wrong = count > 1 ? "there is more than one record" : tags_read(*text, t);
	if (!wrong)
		return 1;
	f = findings_add(p->out, CHECK_PROTECTED, id, CHECK_BAD,
	                 "the record at %s.%s cannot be used: %s", prefix, p->q->domain, wrong);
	finding_asked(f, *a);
	finding_change(f, "publish one record that begins with v=%s;", version);
	return 0;
}

bool part_sts_record(struct part *p)
{
	const struct dns_answer *a;
	struct span text;
	struct finding *f;
	struct tags t;
	int found = one_record(p, "mta-sts", "_mta-sts", "STSv1", &a, &text, &t);

	if (found < 0)
		return false;
	if (found > 0 && tags_find(&t, "id").n > 0) {
		f = findings_add(p->out, CHECK_PROTECTED, "mta-sts", CHECK_OK,
		                 "it has an MTA-STS record, id %.*s",
		                 (int)(tags_find(&t, "id").n < 40 ? tags_find(&t, "id").n : 40),
		                 tags_find(&t, "id").p);
		finding_asked(f, a);
	} else if (found > 0) {
		f = findings_add(p->out, CHECK_PROTECTED, "mta-sts", CHECK_BAD,
		                 "the MTA-STS record has no id= (RFC 8461 §3.1)");
		finding_asked(f, a);
		finding_change(f, "publish  _mta-sts.%s. TXT \"v=STSv1; id=1\"", p->q->domain);
	} else if (p->out->count == 0) {
		f = findings_add(p->out, CHECK_PROTECTED, "mta-sts", CHECK_OK,
		                 "it does not use MTA-STS, so senders may be talked out of TLS");
		finding_asked(f, a);
		finding_change(f,
		               "publish a policy and  _mta-sts.%s. TXT \"v=STSv1; id=1\" "
		               "(RFC 8461), or TLSA records with DNSSEC",
		               p->q->domain);
	}
	return true;
}

bool part_tls_reports(struct part *p)
{
	const struct dns_answer *a;
	struct span text;
	struct finding *f;
	struct tags t;
	int found = one_record(p, "tls-rpt", "_smtp._tls", "TLSRPTv1", &a, &text, &t);

	if (found < 0)
		return false;
	if (found > 0 && tags_find(&t, "rua").n > 0) {
		f = findings_add(p->out, CHECK_PROTECTED, "tls-rpt", CHECK_OK,
		                 "it asks for reports of TLS failures");
		finding_detail(f, "rua=%.*s", (int)tags_find(&t, "rua").n, tags_find(&t, "rua").p);
		finding_asked(f, a);
	} else if (found > 0) {
		f = findings_add(p->out, CHECK_PROTECTED, "tls-rpt", CHECK_BAD,
		                 "the TLS-RPT record has no rua= (RFC 8460 §3)");
		finding_asked(f, a);
		finding_change(f, "publish  _smtp._tls.%s. TXT \"v=TLSRPTv1; rua=mailto:tls@%s\"",
		               p->q->domain, p->q->domain);
	} else if (p->out->count == 0) {
		finding_asked(findings_add(p->out, CHECK_PROTECTED, "tls-rpt", CHECK_OK,
		                           "it asks for no reports of TLS failures (RFC 8460)"),
		              a);
	}
	return true;
}

bool part_bimi(struct part *p)
{
	const struct dns_answer *a;
	struct span text;
	struct tags t;
	int found = one_record(p, "bimi", "default._bimi", "BIMI1", &a, &text, &t);

	if (found < 0)
		return false;
	if (found > 0)
		finding_asked(findings_add(p->out, CHECK_PROTECTED, "bimi", CHECK_OK,
		                           "it has a BIMI record (a logo beside its mail)"),
		              a);
	return true;
}

/* --- DANE (RFC 7672) --- */

static const struct dns_answer *ask_tlsa(struct part *p, const char *host)
{
	const struct dns_answer *a;
	struct buf name;

	buf_init(&name, 1000);
	buf_addf(&name, "_25._tcp.%s", host);
	a = lookups_ask(p->lookups, name.data, DNS_TLSA);
	buf_release(&name);
	return a;
}

static void one_host(struct part *p, const char *host, const struct dns_answer *a, size_t *have)
{
	struct finding *f;

	if (part_failed(p, CHECK_PROTECTED, "dane", a) || a->status != DNS_STATUS_OK)
		return;
	(*have)++;
	if (a->authentic) {
		f = findings_add(
		        p->out, CHECK_PROTECTED, "dane", CHECK_OK,
		        "%s has %zu TLSA record%s, protected by DNSSEC as the resolver says", host,
		        a->count, a->count == 1 ? "" : "s");
	} else {
		f = findings_add(
		        p->out, CHECK_PROTECTED, "dane", CHECK_UNKNOWN,
		        "%s has TLSA records, but the resolver does not say that DNSSEC "
		        "protects them: without that they count for nothing (RFC 7672 §2.2)",
		        host);
		finding_change(f, "sign the zone, or ask a resolver that checks DNSSEC");
	}
	finding_asked(f, a);
}

bool part_dane(struct part *p)
{
	const struct dns_answer *mx = lookups_ask(p->lookups, p->q->domain, DNS_MX);
	size_t have = 0;
	bool all = true;

	if (!mx)
		return false;
	for (size_t i = 0; i < mx->count && i < 20; i++) {
		const struct dns_answer *a;

		if (!*mx->records[i].name)
			continue;
		a = ask_tlsa(p, mx->records[i].name);
		all = all && a;
		if (a)
			one_host(p, mx->records[i].name, a, &have);
	}
	if (all && mx->count > 0 && p->out->count == 0)
		findings_add(
		        p->out, CHECK_PROTECTED, "dane", CHECK_OK,
		        "it does not use DANE: its mail hosts have no TLSA records (RFC 7672)");
	return all;
}
