/*
 * DMARC of a message (RFC 9989 §4): is the domain in From proven by SPF or by a DKIM signature? It
 * waits for what those two found.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "check/dmarc.h"
#include "check/part.h"
#include "net/idn.h"

struct alignment {
	const char *domain; /* of From */
	const struct dmarc *dmarc;
	const struct dmarc_record *record;
	const char *proven; /* an aligned domain that passed; NULL: none */
	const char *by;
	bool unsure; /* something could not be found out */
	struct finding *f;
};

/* One proof; false: waiting. */
static bool weigh(struct part *p, struct alignment *a, const char *by, const char *domain,
                  bool passed, bool failed_for_now, bool strict)
{
	int same = passed ? dmarc_stands_for(p->lookups, a->dmarc, a->domain, domain, strict) : 0;

	if (same == -1)
		return false;
	a->unsure = a->unsure || failed_for_now || same == -2;
	if (same == 1 && !a->proven) {
		a->proven = domain;
		a->by = by;
	}
	return true;
}

static bool weigh_all(struct part *p, struct alignment *a)
{
	const struct message_work *w = p->work;
	bool complete = true;

	if (!w->spf.domain)
		a->unsure = true;
	else
		complete = weigh(p, a, "SPF", w->spf.domain, w->spf.result == SPF_PASS,
		                 w->spf.result == SPF_TEMPERROR, a->record->strict_spf);
	for (size_t i = 0; i < w->dkim.count; i++) {
		const struct dkim_verdict *v = &w->dkim.list[i];

		complete = weigh(p, a, "DKIM", v->domain, v->result == DKIM_PASS,
		                 v->result == DKIM_TEMPERROR, a->record->strict_dkim) &&
		           complete;
	}
	return complete;
}

static void tell_proofs(struct part *p, struct finding *f)
{
	const struct message_work *w = p->work;

	if (w->spf.domain)
		finding_detail(f, "SPF %s for %s", spf_result_name(w->spf.result), w->spf.domain);
	else
		finding_detail(f, "SPF could not be judged");
	for (size_t i = 0; i < w->dkim.count; i++) {
		const struct dkim_verdict *v = &w->dkim.list[i];

		finding_detail(f, "DKIM %s for %s", dkim_result_name(v->result),
		               v->domain ? v->domain : "a signature that cannot be read");
	}
}

static const char *deed(enum dmarc_policy p)
{
	return p == DMARC_REJECT       ? "refused"
	       : p == DMARC_QUARANTINE ? "treated as suspicious"
	                               : "delivered all the same";
}

static void tell(struct part *p, const struct alignment *a, const struct dmarc *d)
{
	struct finding *f;

	if (a->proven)
		f = findings_add(p->out, CHECK_MESSAGE, "dmarc", CHECK_OK,
		                 "DMARC: pass; %s proves %s, which stands for %s in From", a->by,
		                 a->proven, a->domain);
	else if (a->unsure)
		f = findings_add(p->out, CHECK_MESSAGE, "dmarc", CHECK_UNKNOWN,
		                 "DMARC: it could not be found out whether %s in From is proven",
		                 a->domain);
	else
		f = findings_add(p->out, CHECK_MESSAGE, "dmarc", CHECK_BAD,
		                 "DMARC: fail; neither SPF nor DKIM proves %s in From, and such "
		                 "mail is to be %s (%s=%s)",
		                 a->domain, deed(d->policy), d->policy_tag,
		                 dmarc_policy_name(d->policy));
	tell_proofs(p, f);
	finding_detail(f, "_dmarc.%s: %s", a->record->domain, a->record->text);
	if (!a->proven)
		finding_change(f,
		               "sign with DKIM as %s, or as a domain of the same organization, "
		               "which also lasts when the mail is forwarded",
		               a->domain);
}

static bool without_policy(struct part *p, const char *domain, const struct dmarc *d)
{
	if (d->status == DMARC_FOUND)
		return false;
	if (d->status == DMARC_UNKNOWN)
		findings_add(p->out, CHECK_MESSAGE, "dmarc", CHECK_UNKNOWN,
		             "DMARC: TXT of _dmarc.%s: %s", d->fault_at, dns_status_text(d->dns));
	else if (d->status == DMARC_FAULTY)
		findings_add(p->out, CHECK_MESSAGE, "dmarc", CHECK_BAD,
		             "DMARC: the record at _dmarc.%s cannot be used: %s", d->fault_at,
		             d->fault);
	else
		findings_add(p->out, CHECK_MESSAGE, "dmarc", CHECK_NOT_TESTED,
		             "DMARC: %s in From has no policy, so nothing is asked of the message",
		             domain);
	return true;
}

static bool judge(struct part *p, const char *domain, const struct dmarc *d)
{
	struct alignment a = {.domain = domain, .dmarc = d, .record = d->record};

	if (without_policy(p, domain, d))
		return true;
	if (!p->work->verified || !p->work->judged || !weigh_all(p, &a))
		return false;
	tell(p, &a, d);
	return true;
}

bool part_message_dmarc(struct part *p)
{
	size_t count = mail_field_count(p->q->mail, "From");
	char *written = mail_from_domain(p->q->mail);
	char *domain = written ? idn_to_ascii(span_of(written), NULL) : NULL;
	struct dmarc d;
	bool complete = true;

	dmarc_init(&d);
	if (count != 1 || !domain)
		findings_add(p->out, CHECK_MESSAGE, "dmarc", CHECK_BAD,
		             count == 0  ? "it has no From, which every message must have (RFC "
		                           "5322 §3.6)"
		             : count > 1 ? "it has more than one From: receivers refuse that (RFC "
		                           "5322 §3.6)"
		                         : "its From has no mailbox with a domain");
	else
		complete = dmarc_find(p->lookups, domain, &d) && judge(p, domain, &d);
	dmarc_release(&d);
	free(domain);
	free(written);
	return complete;
}
