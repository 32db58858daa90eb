/*
 * Who sends: SPF, DMARC and DKIM of the mail, and the address and name that it comes from. What a
 * part of `smtptalk check` finds out already is taken from there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/dkim.h"
#include "check/dmarc.h"
#include "check/spf.h"
#include "check/spf_repair.h"
#include "check/why_state.h"
#include "smtp/address.h"

enum { RECORD_MAX = 8 << 10, ZONE_MAX = 200, ADDRESSES_SHOWN = 4 };

static const char *own_address(const struct why_work *w, char *out)
{
	return w->f->ip.len ? net_address_text(&w->f->ip, out) : NULL;
}

/* --- SPF --- */

static const struct spf_step *deciding(const struct spf_report *r)
{
	for (size_t i = r->count; i > 0; i--)
		if (r->steps[i - 1].matched)
			return &r->steps[i - 1];
	return NULL;
}

static void spf_because(struct why_work *w, const struct spf_report *r)
{
	const struct spf_step *s = deciding(r);
	struct span term = span_of(s ? s->term : "");

	if (term.n > 0 && strchr("+-~?", term.p[0]))
		term = span_skip(term, 1);
	if (!s)
		why_set(w, "because", "%s", r->reason);
	else if (span_eq_nocase(term, SPAN("all")))
		why_set(w, "because",
		        "`%s` is reached and no mechanism before it lists that address", s->term);
	else
		why_set(w, "because", "`%s` matches", s->term);
}

/* The record as it would let the address pass; only where one more term can do that. */
static void spf_record(struct why_work *w, const struct spf_report *r)
{
	const char *text = r->count > 0 && !*r->steps[0].term ? r->steps[0].text : NULL;
	struct buf record, zone;

	if (r->result == SPF_PERMERROR || r->result == SPF_TEMPERROR || r->result == SPF_PASS)
		return;
	buf_init(&record, RECORD_MAX);
	buf_init(&zone, 2 * RECORD_MAX);
	spf_repair(r->result == SPF_NONE ? NULL : text, &w->f->ip, &record);
	spf_repair_quote(buf_span(&record), &zone);
	why_set(w, "record", "%s. TXT %s", r->domain, zone.data);
	buf_release(&record);
	buf_release(&zone);
}

/* The sender with its domain in ASCII; heap. NULL: nobody can be judged. */
static char *spf_sender(const struct why_facts *f)
{
	struct span local = span_of(f->sender);
	char *domain;
	struct buf b;

	if (f->sender && !*f->sender)
		return f->helo && smtp_domain_valid(span_of(f->helo)) ? mem_dup("") : NULL;
	domain = why_domain_of(f->sender);
	if (!domain)
		return NULL;
	for (size_t i = local.n; i > 0; i--) {
		if (local.p[i - 1] != '@')
			continue;
		local = span_first(local, i);
		break;
	}
	buf_init(&b, RECORD_MAX);
	buf_addspan(&b, local);
	buf_addstr(&b, domain);
	free(domain);
	return buf_take(&b);
}

static bool spf_judge(struct why_work *w, const char *sender, struct spf_report *r)
{
	struct spf_query q = {.ip = w->f->ip,
	                      .from = sender,
	                      .helo = w->f->helo ? w->f->helo : "",
	                      .now = w->now};

	return spf_check(w->lookups, &q, r) != SPF_PENDING;
}

bool why_spf(struct why_work *w)
{
	char address[NET_ADDRESS_TEXT], *sender;
	struct spf_report r;
	bool done;

	if (!own_address(w, address))
		return why_end(w, "no-address");
	sender = spf_sender(w->f);
	if (!sender)
		return why_end(w, "no-sender");
	spf_report_init(&r);
	done = spf_judge(w, sender, &r);
	if (done) {
		why_set(w, "domain", "%s", r.domain);
		why_set(w, "ip", "%s", address);
		why_set(w, "from", "%s", w->f->ip_from);
		spf_because(w, &r);
		spf_record(w, &r);
		part_spf_trace(why_evidence(w), &r);
		why_end(w, spf_result_name(r.result));
	}
	spf_report_release(&r);
	free(sender);
	return done;
}

/* --- the message --- */

/* The message as it was sent; NULL: none was, or it is none. */
static struct mail *message(const struct why_facts *f)
{
	struct mail *m;

	if (f->size == 0 || f->message.full)
		return NULL;
	m = mem_zero(sizeof(*m));
	if (!mail_read(buf_span(&f->message), m))
		return m;
	free(m);
	return NULL;
}

static void message_free(struct mail *m)
{
	if (m)
		mail_release(m);
	free(m);
}

bool why_dkim(struct why_work *w)
{
	struct mail *m = message(w->f);
	struct dkim_verdicts all = {0};
	const struct dkim_verdict *v;
	bool done = true;

	if (!m) {
		why_end(w, w->f->size > 0 ? "unreadable" : "no-message");
	} else if (mail_field_count(m, "DKIM-Signature") == 0) {
		why_end(w, "unsigned");
	} else if (!dkim_verify(w->lookups, m, w->now, &all)) {
		done = false;
	} else {
		v = &all.list[0];
		for (size_t i = 0; i < all.count; i++)
			if (all.list[i].result == DKIM_PASS)
				v = &all.list[i];
		why_set(w, "domain", "%s", v->domain ? v->domain : "an unknown domain");
		why_set(w, "selector", "%s", v->selector ? v->selector : "?");
		why_set(w, "because", "%s", v->reason);
		finding_asked(why_evidence(w), v->asked);
		why_end(w, dkim_result_name(v->result));
	}
	dkim_verdicts_release(&all);
	message_free(m);
	return done;
}

/* --- DMARC --- */

/* Of the same organization as far as names show it: equal, or one below the other's
 * organizational domain. */
static bool is_aligned(const struct dmarc *d, const char *from, const char *other, bool strict)
{
	struct span a = span_of(other), o = span_of(strict ? from : d->organization);

	if (span_eq_nocase(a, span_of(from)) || span_eq_nocase(a, o))
		return true;
	return !strict && a.n > o.n && a.p[a.n - o.n - 1] == '.' &&
	       span_eq_nocase(span_skip(a, a.n - o.n), o);
}

/* Whether some signature of the message is of an aligned domain. */
static bool has_aligned_signature(const struct mail *m, const struct dmarc *d, const char *from)
{
	for (size_t i = 0; m && i < mail_field_count(m, "DKIM-Signature"); i++) {
		struct dkim_signature s;
		bool aligned = false;

		if (!dkim_signature_read(mail_field_at(m, "DKIM-Signature", i)->value, &s)) {
			char *domain = mem_dupn(s.domain.p, s.domain.n);

			aligned = is_aligned(d, from, domain, d->record->strict_dkim);
			free(domain);
		}
		dkim_signature_release(&s);
		if (aligned)
			return true;
	}
	return false;
}

/* With a policy that asks for more than a report: does the mail prove whom it is from? */
static bool dmarc_proof(struct why_work *w, const struct dmarc *d, const struct mail *m,
                        const char *from)
{
	char *sender = w->f->ip.len ? spf_sender(w->f) : NULL;
	struct spf_report r;
	bool done = true;

	spf_report_init(&r);
	if (sender && !spf_judge(w, sender, &r))
		done = false;
	else if (sender && r.result == SPF_PASS &&
	         is_aligned(d, from, r.domain, d->record->strict_spf))
		why_end(w, "proven");
	else if (has_aligned_signature(m, d, from))
		why_end(w, "signed");
	else if (!m || !sender || r.result == SPF_TEMPERROR)
		why_end(w, "untold");
	else
		why_end(w, "unproven");
	if (done && sender)
		why_set(w, "because", "SPF for %s is %s%s", r.domain, spf_result_name(r.result),
		        r.result == SPF_PASS ? ", but that is another domain" : "");
	spf_report_release(&r);
	free(sender);
	return done;
}

static bool dmarc_judge(struct why_work *w, const struct mail *m, const char *from)
{
	struct dmarc d;
	bool done;

	dmarc_init(&d);
	done = dmarc_find(w->lookups, from, &d);
	if (done) {
		why_set(w, "domain", "%s", from);
		why_set(w, "record", "_dmarc.%s. TXT \"v=DMARC1; p=none; rua=mailto:dmarc@%s\"",
		        from, from);
	}
	if (done && d.status == DMARC_UNKNOWN) {
		why_end(w, "unknown");
	} else if (done && d.status == DMARC_FAULTY) {
		why_set(w, "because", "%s", d.fault);
		why_end(w, "faulty");
	} else if (done && d.status == DMARC_NO_RECORD) {
		why_end(w, "none");
	} else if (done) {
		why_set(w, "policy", "%s=%s", d.policy_tag, dmarc_policy_name(d.policy));
		finding_detail(why_evidence(w), "_dmarc.%s: %s", d.record->domain, d.record->text);
		if (d.policy == DMARC_NONE)
			why_end(w, "monitor");
		else
			done = dmarc_proof(w, &d, m, from);
	}
	dmarc_release(&d);
	return done;
}

/* The domain in From decides; before there is a message, the sender's is the likeliest. */
bool why_dmarc(struct why_work *w)
{
	struct mail *m = message(w->f);
	char *from = m ? mail_from_domain(m) : NULL;
	char *ascii = from ? NULL : why_domain_of(w->f->sender);
	const char *domain = from ? from : ascii;
	bool done = domain ? dmarc_judge(w, m, domain) : why_end(w, "no-domain");

	free(from);
	free(ascii);
	message_free(m);
	return done;
}

/* --- the address and its name --- */

/* Never NULL: a part that found nothing knows nothing. */
static const struct finding *worst_of(const struct findings *all)
{
	static const int weight[] = {
	        [CHECK_NOT_TESTED] = 0, [CHECK_OK] = 1, [CHECK_UNKNOWN] = 2, [CHECK_BAD] = 3};
	static const struct finding nothing = {.verdict = CHECK_UNKNOWN,
	                                       .text = "nothing was found out",
	                                       .asked = "",
	                                       .detail = "",
	                                       .change = ""};
	const struct finding *worst = all->count > 0 ? &all->list[0] : &nothing;

	for (size_t i = 1; i < all->count; i++)
		if (weight[all->list[i].verdict] > weight[worst->verdict])
			worst = &all->list[i];
	return worst;
}

static void set_found(struct why_work *w, const struct finding *f)
{
	why_set(w, "found", "%s", f->text);
	if (*f->change)
		why_set(w, "change", "%s", f->change);
	if (*f->asked)
		finding_detail(why_evidence(w), "%s", f->asked);
}

bool why_ptr(struct why_work *w)
{
	static const char *const outcomes[] = {[CHECK_OK] = "ok",
	                                       [CHECK_BAD] = "bad",
	                                       [CHECK_UNKNOWN] = "unknown",
	                                       [CHECK_NOT_TESTED] = "unknown"};
	struct check_question q = {.domain = "", .ip = &w->f->ip, .now = w->now};
	char address[NET_ADDRESS_TEXT];
	struct findings all;
	struct part p = {.lookups = w->lookups, .q = &q, .out = &all};
	bool done;

	if (!own_address(w, address))
		return why_end(w, "no-address");
	findings_init(&all);
	done = part_sender_address(&p);
	if (done) {
		why_set(w, "ip", "%s", address);
		set_found(w, worst_of(&all));
		why_end(w, outcomes[worst_of(&all)->verdict]);
	}
	findings_release(&all);
	return done;
}

/* "... blocked using LIST", and the like: a list that is named. Empty: none is. */
static struct span named_list(struct span text)
{
	static const char *const before[] = {"using ",     "listed by ", "listed at ",
	                                     "listed in ", "listed on ", "blocked by "};

	for (; text.n > 0; text = span_skip(text, 1))
		for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
			struct span rest = text, word;

			if (!span_starts_nocase(text, span_of(before[i])))
				continue;
			rest = span_skip(rest, strlen(before[i]));
			word = span_word(&rest);
			while (word.n > 0 && strchr(";,.:)", word.p[word.n - 1]))
				word.n--;
			if (span_find(word, '.') < word.n && word.n < ZONE_MAX &&
			    smtp_domain_valid(word))
				return word;
		}
	return SPAN("");
}

static bool ask_lists(struct why_work *w, struct part *p)
{
	struct buf text;
	char *zone;
	bool named, all;

	buf_init(&text, 2 * RECORD_MAX);
	why_facts_text(w->f, &text);
	zone = mem_dupn(named_list(buf_span(&text)).p, named_list(buf_span(&text)).n);
	named = !*zone || part_named_list(p, zone);
	all = part_blocklists(p);
	free(zone);
	buf_release(&text);
	return named && all;
}

/* One list that has the address settles it; lists that do not answer settle nothing. */
static const char *lists_outcome(struct why_work *w, const struct findings *all)
{
	const struct finding *f = worst_of(all);

	for (size_t i = 0; f->verdict != CHECK_BAD && i < all->count; i++)
		if (all->list[i].verdict == CHECK_OK)
			f = &all->list[i];
	set_found(w, f);
	return f->verdict == CHECK_BAD ? "listed" : f->verdict == CHECK_OK ? "clear" : "unknown";
}

bool why_blocklists(struct why_work *w)
{
	struct check_question q = {.domain = "", .ip = &w->f->ip, .now = w->now};
	char address[NET_ADDRESS_TEXT];
	struct findings all;
	struct part p = {.lookups = w->lookups, .q = &q, .out = &all};
	bool done;

	if (!own_address(w, address))
		return why_end(w, "no-address");
	findings_init(&all);
	done = ask_lists(w, &p);
	if (done) {
		why_set(w, "ip", "%s", address);
		why_end(w, lists_outcome(w, &all));
	}
	findings_release(&all);
	return done;
}

/* --- the name in HELO --- */

static void add_addresses(const struct dns_answer *a, struct buf *out)
{
	char text[NET_ADDRESS_TEXT];

	for (size_t i = 0; i < a->count && i < ADDRESSES_SHOWN; i++)
		buf_addf(out, "%s%s", out->len ? ", " : "",
		         net_address_text(&a->records[i].address, text));
}

static bool leads_here(const struct dns_answer *a, const struct net_address *ip)
{
	for (size_t i = 0; i < a->count; i++)
		if (net_address_equal(&a->records[i].address, ip))
			return true;
	return false;
}

static bool helo_resolves(struct why_work *w, const char *name)
{
	const struct dns_answer *a = lookups_ask(w->lookups, name, DNS_A);
	const struct dns_answer *aaaa = lookups_ask(w->lookups, name, DNS_AAAA);
	char address[NET_ADDRESS_TEXT] = "";
	struct buf list;

	if (!a || !aaaa)
		return false;
	finding_asked(why_evidence(w), a);
	finding_asked(why_evidence(w), aaaa);
	if (a->count + aaaa->count == 0) {
		bool unknown =
		        !dns_status_negative(a->status) || !dns_status_negative(aaaa->status);

		return why_end(w, unknown                           ? "unknown"
		                  : a->status == DNS_STATUS_NO_NAME ? "no-name"
		                                                    : "no-address");
	}
	buf_init(&list, RECORD_MAX);
	add_addresses(a, &list);
	add_addresses(aaaa, &list);
	why_set(w, "addresses", "%s", list.data);
	buf_release(&list);
	if (!own_address(w, address))
		return why_end(w, "untold");
	why_set(w, "ip", "%s", address);
	return why_end(w, leads_here(a, &w->f->ip) || leads_here(aaaa, &w->f->ip) ? "here"
	                                                                          : "elsewhere");
}

bool why_helo(struct why_work *w)
{
	const char *name = w->f->helo;

	if (!name || !*name)
		return why_end(w, "none");
	why_set(w, "name", "%s", name);
	if (*name == '[')
		return why_end(w, smtp_literal_valid(span_of(name)) ? "literal" : "faulty");
	if (!smtp_domain_valid(span_of(name)))
		return why_end(w, "faulty");
	if (!strchr(name, '.'))
		return why_end(w, "single");
	return helo_resolves(w, name);
}
