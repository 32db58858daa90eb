/*
 * The walk of RFC 7208 §4: a record, its terms from left to right, its redirect. It is walked from
 * the start whenever an answer came, as far as the answers reach: a record is small, and so the
 * walk reads like the RFC.
 */
#include "check/spf.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/spf_run.h"

#define TEXT_MAX 4096u

static const char *const result_names[] = {"none",     "neutral",   "pass",      "fail",
                                           "softfail", "temperror", "permerror", "pending"};

const char *spf_result_name(enum spf_result r)
{
	return result_names[r];
}

void spf_report_init(struct spf_report *r)
{
	*r = (struct spf_report){0};
}

void spf_report_release(struct spf_report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->steps[i].domain);
		free(r->steps[i].term);
		free(r->steps[i].text);
	}
	free(r->steps);
	free(r->domain);
	free(r->reason);
	free(r->explanation);
	spf_report_init(r);
}

/* --- the trace --- */

static size_t add_step(struct spf_run *r, const char *domain, struct span term)
{
	struct spf_report *out = r->report;

	out->steps = mem_grow(out->steps, out->count, &out->room, sizeof(*out->steps));
	out->steps[out->count] = (struct spf_step){.depth = r->depth,
	                                           .domain = mem_dup(domain),
	                                           .term = mem_dupn(term.p, term.n),
	                                           .text = mem_dup("")};
	return out->count++;
}

void spf_run_say(struct spf_run *r, size_t step, const char *format, ...)
{
	struct buf text;
	va_list args;

	buf_init(&text, TEXT_MAX);
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	free(r->report->steps[step].text);
	r->report->steps[step].text = buf_take(&text);
}

/* The term that decides says why; an outer one does not speak over it. */
static void set_reason(struct spf_run *r, size_t step, enum spf_result result)
{
	const struct spf_step *s = &r->report->steps[step];
	struct buf text;

	if (r->report->reason || (r->included && result < SPF_TEMPERROR))
		return;
	buf_init(&text, TEXT_MAX);
	if (*s->term)
		buf_addf(&text, "\"%s\" in the record of %s: %s", s->term, s->domain, s->text);
	else
		buf_addf(&text, "%s: %s", s->domain, s->text);
	r->report->reason = buf_take(&text);
}

static enum spf_result end_with(struct spf_run *r, size_t step, enum spf_result result)
{
	r->report->steps[step].asks = r->report->asks;
	set_reason(r, step, result);
	return result;
}

/* --- the record (§4.4, §4.5) --- */

static size_t count_records(const struct dns_answer *a, const struct dns_record **found)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++) {
		if (!spf_record_is(span_from(a->records[i].text, a->records[i].text_len)))
			continue;
		*found = &a->records[i];
		n++;
	}
	return n;
}

/* Sets *out, or returns the result that the domain has without a record. */
static enum spf_result find_record(struct spf_run *r, const struct dns_answer *a, size_t step,
                                   struct spf_record **out)
{
	const struct dns_record *txt = NULL;
	size_t count = count_records(a, &txt);
	struct diag d;

	if (a->status != DNS_STATUS_OK && a->status != DNS_STATUS_BAD_NAME &&
	    !dns_status_negative(a->status)) {
		spf_run_say(r, step, "TXT: %s", dns_status_text(a->status));
		return SPF_TEMPERROR;
	}
	if (count == 0) {
		spf_run_say(r, step,
		            a->status == DNS_STATUS_NO_NAME ? "the name does not exist"
		                                            : "it has no SPF record");
		return SPF_NONE;
	}
	if (count > 1) {
		spf_run_say(r, step, "it has %zu SPF records, and one is allowed (RFC 7208 §4.5)",
		            count);
		return SPF_PERMERROR;
	}
	diag_init(&d);
	*out = spf_record_parse(span_from(txt->text, txt->text_len), &d);
	spf_run_say(r, step, "%s", *out ? txt->text : d.what);
	diag_release(&d);
	return *out ? SPF_PENDING : SPF_PERMERROR;
}

/* --- the explanation (§6.2) --- */

/* False: still waiting. Whatever is wrong with it, there is none then. */
static bool explain(struct spf_run *r, struct span spec)
{
	const struct dns_answer *a = NULL;
	struct buf name, text;
	int target;

	buf_init(&name, SPF_NAME_ROOM);
	target = spf_run_target(r, spec, &name);
	if (target == 0)
		a = lookups_ask(r->lookups, name.data, DNS_TXT);
	buf_release(&name);
	if (target > 0 || (target == 0 && !a))
		return false;
	if (!a || a->status != DNS_STATUS_OK || a->count != 1 ||
	    spf_macro_fault(span_from(a->records[0].text, a->records[0].text_len), SPF_MACRO_TEXT))
		return true;
	spec = span_from(a->records[0].text, a->records[0].text_len);
	if (spf_macro_needs_name(spec)) {
		char *validated = spf_match_validated(r);

		if (!validated)
			return false;
		r->values.validated = validated;
	}
	buf_init(&text, TEXT_MAX);
	if (spf_macro_expand(spec, &r->values, &text) == 0)
		r->report->explanation = buf_take(&text);
	buf_release(&text);
	free((char *)r->values.validated);
	r->values.validated = NULL;
	return true;
}

/* --- the walk (§4.6) --- */

static enum spf_result qualified(struct spf_run *r, const struct spf_record *rec,
                                 const struct spf_term *t, size_t step)
{
	enum spf_result result = t->qualifier == '+'   ? SPF_PASS
	                         : t->qualifier == '-' ? SPF_FAIL
	                         : t->qualifier == '~' ? SPF_SOFTFAIL
	                                               : SPF_NEUTRAL;

	r->report->steps[step].matched = true;
	if (result == SPF_FAIL && !r->included && rec->exp.p && !explain(r, rec->exp))
		return SPF_PENDING;
	return end_with(r, step, result);
}

static enum spf_result redirect(struct spf_run *r, const struct spf_record *rec, const char *domain)
{
	size_t step = add_step(r, domain, rec->redirect_text);
	enum spf_result result = SPF_PERMERROR;
	struct buf name;
	int found;

	if (++r->report->asks > SPF_TERMS_ASKING_MAX) {
		spf_run_say(r, step,
		            "this is the eleventh term that asks the DNS, and ten are "
		            "allowed (RFC 7208 §4.6.4)");
		return end_with(r, step, SPF_PERMERROR);
	}
	buf_init(&name, SPF_NAME_ROOM);
	found = spf_run_target(r, rec->redirect, &name);
	if (found > 0)
		result = SPF_PENDING;
	else if (found < 0)
		spf_run_say(r, step, "it leads to no domain name");
	else
		result = spf_run_domain(r, name.data);
	if (found == 0 && result == SPF_NONE) {
		spf_run_say(r, step,
		            "%s has no SPF record, which a redirect must lead to "
		            "(RFC 7208 §6.1)",
		            name.data);
		result = SPF_PERMERROR;
	} else if (found == 0 && result != SPF_PENDING) {
		spf_run_say(r, step, "%s says %s", name.data, spf_result_name(result));
	}
	buf_release(&name);
	return result == SPF_PENDING ? result : end_with(r, step, result);
}

static enum spf_result walk(struct spf_run *r, const struct spf_record *rec, const char *domain)
{
	for (size_t i = 0; i < rec->count; i++) {
		size_t step = add_step(r, domain, rec->terms[i].text);
		enum spf_match m = spf_match_term(r, &rec->terms[i], step);

		r->report->steps[step].asks = r->report->asks;
		switch (m) {
		case SPF_NO_MATCH: break;
		case SPF_MATCHES: return qualified(r, rec, &rec->terms[i], step);
		case SPF_MATCH_TEMP: return end_with(r, step, SPF_TEMPERROR);
		case SPF_MATCH_PERM: return end_with(r, step, SPF_PERMERROR);
		case SPF_MATCH_PENDING: return SPF_PENDING;
		}
	}
	if (rec->redirect.p)
		return redirect(r, rec, domain);
	if (!r->included && !r->report->reason) {
		struct buf text;

		buf_init(&text, TEXT_MAX);
		buf_addf(&text,
		         "no mechanism in the record of %s matches, and it does not say what "
		         "holds for all others",
		         domain);
		r->report->reason = buf_take(&text);
	}
	return SPF_NEUTRAL;
}

enum spf_result spf_run_domain(struct spf_run *r, const char *domain)
{
	struct span outer = r->values.domain;
	struct spf_record *rec = NULL;
	const struct dns_answer *a;
	enum spf_result result;
	size_t step;

	if (!spf_name_is_valid(span_of(domain), 2)) {
		step = add_step(r, domain, SPAN(""));
		spf_run_say(r, step, "\"%s\" is no domain name", domain);
		return end_with(r, step, SPF_NONE);
	}
	a = lookups_ask(r->lookups, domain, DNS_TXT);
	if (!a)
		return SPF_PENDING;
	r->depth++;
	r->values.domain = span_of(domain);
	step = add_step(r, domain, SPAN(""));
	result = find_record(r, a, step, &rec);
	if (rec) {
		spf_ahead_ask(r, rec);
		result = walk(r, rec, domain);
	} else if (result != SPF_NONE || r->depth == 1) {
		end_with(r, step, result);
	}
	spf_record_free(rec);
	r->values.domain = outer;
	r->depth--;
	return result;
}

/* --- the beginning (§4.3) --- */

static struct net_address without_mapping(const struct net_address *ip)
{
	struct net_address v4;
	const unsigned char *raw;

	if (ip->sa.ss_family != AF_INET6)
		return *ip;
	raw = ((const struct sockaddr_in6 *)&ip->sa)->sin6_addr.s6_addr;
	if (!IN6_IS_ADDR_V4MAPPED(&((const struct sockaddr_in6 *)&ip->sa)->sin6_addr))
		return *ip;
	net_address_from_v4(raw + 12, 0, &v4);
	return v4;
}

enum spf_result spf_check(struct lookups *l, const struct spf_query *q, struct spf_report *out)
{
	struct spf_run r = {.lookups = l, .report = out};
	struct span from = span_of(q->from ? q->from : ""), domain = from;
	struct buf sender;
	size_t at;

	spf_report_release(out);
	for (at = from.n; at > 0 && from.p[at - 1] != '@'; at--)
		;
	domain = from.n == 0 ? span_of(q->helo) : span_skip(from, at);
	r.values.local = at > 1 ? span_first(from, at - 1) : SPAN("postmaster");
	buf_init(&sender, TEXT_MAX);
	buf_addspan(&sender, r.values.local);
	buf_addch(&sender, '@');
	buf_addspan(&sender, domain);
	out->domain = mem_dupn(domain.p, domain.n);
	r.values.sender = buf_span(&sender);
	r.values.sender_domain = span_of(out->domain);
	r.values.helo = span_of(q->helo);
	r.values.ip = without_mapping(&q->ip);
	r.values.receiver = span_of(q->receiver);
	r.values.now = q->now;
	out->result = spf_run_domain(&r, out->domain);
	buf_release(&sender);
	return out->result;
}
