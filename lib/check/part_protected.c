/*
 * Records that say that somebody cares: reports of TLS failures, and a logo beside the mail.
 */
#include <stdlib.h>

#include "check/dmarc.h"
#include "check/part.h"
#include "check/tags.h"

#define SHOWN_MAX 200

int part_one_record(struct part *p, const char *id, const char *prefix, const char *version,
                    const struct dns_answer **a, struct tags *t)
{
	struct span text;
	struct finding *f;
	const char *wrong;
	size_t count;

	*a = part_ask_below(p, prefix, DNS_TXT);
	if (!*a)
		return -1;
	if (part_failed(p, CHECK_PROTECTED, id, *a))
		return 0;
	count = part_versioned(*a, version, &text);
	if (count == 0)
		return 0;
	wrong = count > 1 ? "there is more than one record" : tags_read(text, t);
	if (!wrong)
		return 1;
	f = findings_add(p->out, CHECK_PROTECTED, id, CHECK_BAD,
	                 "the record at %s.%s cannot be used: %s", prefix, p->q->domain, wrong);
	finding_asked(f, *a);
	finding_change(f, "publish one record that begins with v=%s;", version);
	return 0;
}

/* --- TLS-RPT (RFC 8460 §3) --- */

/* An address of a list that nobody can report to; p NULL: there is none such. */
static struct span useless_address(struct span list)
{
	while (list.p) {
		struct span one = tags_trim(span_cut(&list, ','));

		if (!(span_starts_nocase(one, SPAN("mailto:")) &&
		      span_find(one, '@') < one.n - 1) &&
		    !(span_starts_nocase(one, SPAN("https://")) && one.n > 8))
			return one.p ? one : SPAN("");
	}
	return span_from(NULL, 0);
}

static void judge_reports(struct part *p, const struct dns_answer *a, struct span rua)
{
	struct span useless = useless_address(rua);
	struct finding *f;

	if (rua.n > 0 && !useless.p) {
		f = findings_add(p->out, CHECK_PROTECTED, "tls-rpt", CHECK_OK,
		                 "it asks for reports of TLS failures");
		finding_detail(f, "rua=" SPAN_FMT, SPAN_ARG(rua));
		finding_asked(f, a);
		return;
	}
	if (rua.n == 0)
		f = findings_add(p->out, CHECK_PROTECTED, "tls-rpt", CHECK_BAD,
		                 "the TLS-RPT record has no rua= (RFC 8460 §3)");
	else
		f = findings_add(p->out, CHECK_PROTECTED, "tls-rpt", CHECK_BAD,
		                 "\"" SPAN_FMT "\" in the TLS-RPT record is neither mailto: nor "
		                 "https: (RFC 8460 §3)",
		                 SPAN_ARG(span_first(useless, SHOWN_MAX)));
	finding_asked(f, a);
	finding_change(f, "publish  _smtp._tls.%s. TXT \"v=TLSRPTv1; rua=mailto:tls@%s\"",
	               p->q->domain, p->q->domain);
}

bool part_tls_reports(struct part *p)
{
	const struct dns_answer *a;
	struct tags t;
	int found = part_one_record(p, "tls-rpt", "_smtp._tls", "TLSRPTv1", &a, &t);

	if (found < 0)
		return false;
	if (found > 0)
		judge_reports(p, a, tags_find(&t, "rua"));
	else if (p->out->count == 0)
		finding_asked(findings_add(p->out, CHECK_PROTECTED, "tls-rpt", CHECK_OK,
		                           "it asks for no reports of TLS failures (RFC 8460)"),
		              a);
	return true;
}

/* --- BIMI --- */

/* Receivers show a logo only of a domain whose mail cannot be faked. NULL, or why that is not so.
 */
static const char *not_enforced(const struct dmarc *d)
{
	if (d->status == DMARC_NO_RECORD)
		return "the domain has no DMARC record";
	if (d->status == DMARC_FAULTY)
		return "its DMARC record cannot be used";
	if (d->policy == DMARC_NONE)
		return "its DMARC policy is none";
	if (d->record->sp == DMARC_NONE)
		return "its DMARC policy for subdomains is none";
	return NULL;
}

static void judge_logo(struct part *p, const struct dns_answer *a, const struct tags *t,
                       const struct dmarc *d)
{
	struct span logo = tags_find(t, "l");
	const char *why = d->status == DMARC_UNKNOWN ? NULL : not_enforced(d);
	struct finding *f;

	if (!logo.p || (logo.n > 0 && !span_starts_nocase(logo, SPAN("https://")))) {
		f = findings_add(p->out, CHECK_PROTECTED, "bimi", CHECK_BAD,
		                 "the BIMI record names no logo: l= must be an https:// address");
		finding_change(f,
		               "publish  default._bimi.%s. TXT \"v=BIMI1; l=https://…/logo.svg\"",
		               p->q->domain);
	} else if (logo.n == 0) {
		f = findings_add(p->out, CHECK_PROTECTED, "bimi", CHECK_OK,
		                 "its BIMI record says that it wants no logo beside its mail");
	} else if (d->status == DMARC_UNKNOWN) {
		f = findings_add(p->out, CHECK_PROTECTED, "bimi", CHECK_UNKNOWN,
		                 "it has a BIMI record; whether DMARC protects the domain, which "
		                 "that needs, could not be found out");
	} else if (why) {
		f = findings_add(p->out, CHECK_PROTECTED, "bimi", CHECK_BAD,
		                 "it has a BIMI record, but %s: receivers show no logo then", why);
		finding_change(f, "publish a DMARC policy of quarantine or reject first");
	} else {
		f = findings_add(
		        p->out, CHECK_PROTECTED, "bimi", CHECK_OK,
		        "it has a BIMI record (a logo beside its mail), and DMARC protects "
		        "the domain");
		if (!tags_find(t, "a").n)
			finding_detail(f, "it names no mark certificate (a=), without which many "
			                  "receivers show no logo");
	}
	if (logo.n)
		finding_detail(f, "l=" SPAN_FMT, SPAN_ARG(logo));
	finding_asked(f, a);
}

bool part_bimi(struct part *p)
{
	const struct dns_answer *a;
	struct tags t;
	struct dmarc d;
	int found = part_one_record(p, "bimi", "default._bimi", "BIMI1", &a, &t);
	bool complete = found >= 0;

	if (found <= 0)
		return complete;
	dmarc_init(&d);
	complete = dmarc_find(p->lookups, p->q->domain, &d);
	if (complete)
		judge_logo(p, a, &t, &d);
	dmarc_release(&d);
	return complete;
}
