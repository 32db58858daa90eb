/*
 * DKIM and SPF of a message, found out anew. DKIM can be: the message carries all but the key. SPF
 * cannot, without the address that the message came from and its envelope sender; they are taken
 * from what the last server wrote into it, and the finding says so.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "check/part.h"
#include "check/received.h"

/* --- DKIM --- */

static const struct {
	enum check_verdict verdict;
	const char *change;
} meaning[] = {
        [DKIM_PASS] = {CHECK_OK, NULL},
        [DKIM_FAIL] = {CHECK_BAD, "find who changes messages after they are signed (a list's "
                                  "footer, a disclaimer, a filter that rewrites links or "
                                  "encodings): let that happen before, or sign again"},
        [DKIM_POLICY] = {CHECK_BAD, "sign with rsa-sha256 and a key of 2048 bits"},
        [DKIM_NEUTRAL] = {CHECK_BAD, "repair the signer: this field has a fault"},
        [DKIM_TEMPERROR] = {CHECK_UNKNOWN, NULL},
        [DKIM_PERMERROR] = {CHECK_BAD, "publish the key that the signer uses, or sign with one "
                                       "that is published"},
};

static void tell_verdict(struct part *p, size_t number, const struct dkim_verdict *v)
{
	struct finding *f =
	        v->domain ? findings_add(p->out, CHECK_MESSAGE, "dkim", meaning[v->result].verdict,
	                                 "DKIM signature of %s (s=%s, %s): %s; %s", v->domain,
	                                 v->selector, v->algorithm, dkim_result_name(v->result),
	                                 v->reason)
	                  : findings_add(p->out, CHECK_MESSAGE, "dkim", meaning[v->result].verdict,
	                                 "DKIM signature %zu: %s; %s", number,
	                                 dkim_result_name(v->result), v->reason);

	finding_asked(f, v->asked);
	if (v->note)
		finding_detail(f, "%s", v->note);
	if (v->result == DKIM_FAIL)
		finding_detail(f, "this is true of the file: the program that saved it may have "
		                  "changed the message, too");
	if (meaning[v->result].change)
		finding_change(f, "%s", meaning[v->result].change);
}

bool part_message_dkim(struct part *p)
{
	struct dkim_verdicts *d = &p->work->dkim;

	if (!dkim_verify(p->lookups, p->q->mail, p->q->now, d))
		return false;
	p->work->verified = true;
	if (d->count == 0)
		findings_add(p->out, CHECK_MESSAGE, "dkim", CHECK_NOT_TESTED,
		             "it carries no DKIM signature");
	for (size_t i = 0; i < d->count; i++)
		tell_verdict(p, i + 1, &d->list[i]);
	if (d->dropped > 0)
		findings_add(p->out, CHECK_MESSAGE, "dkim", CHECK_NOT_TESTED,
		             "%zu more DKIM signatures were not looked at", d->dropped);
	return true;
}

/* --- SPF --- */

struct sender {
	struct net_address ip;
	bool has_ip, has_from;
	char *from, *helo; /* the envelope sender, "" for the null sender */
	char *witness;     /* the server that wrote the address down; NULL: --ip */
};

static void sender_release(struct sender *s)
{
	free(s->from);
	free(s->helo);
	free(s->witness);
}

/* An address at which SPF makes sense: not one inside somebody's network. */
static bool from_outside(const struct received *r)
{
	enum net_range range =
	        r->has_address ? net_address_range(&r->address) : NET_RANGE_UNSPECIFIED;

	return range == NET_RANGE_PUBLIC || range == NET_RANGE_DOCUMENTATION;
}

/* The topmost step from outside: servers behind the one that took the message in hand it on among
 * themselves. */
static void find_address(const struct part *p, struct sender *s)
{
	const struct mail_field *f;

	for (size_t i = 0; !s->has_ip && (f = mail_field_at(p->q->mail, "Received", i)); i++) {
		struct received r;

		received_read(f->value, &r);
		if (from_outside(&r)) {
			s->has_ip = true;
			s->ip = r.address;
			s->witness = mem_dup(r.by);
			if (!s->helo)
				s->helo = mem_dup(r.from);
		}
		received_release(&r);
	}
}

static void find_from(const struct part *p, struct sender *s)
{
	const struct mail_field *f = mail_field_at(p->q->mail, "Return-Path", 0);
	struct span text;
	struct buf value;

	s->has_from = p->q->from || f;
	if (p->q->from || !f) {
		s->from = mem_dup(p->q->from);
		return;
	}
	buf_init(&value, MAIL_MAX);
	mail_unfold(f->value, &value);
	text = buf_span(&value);
	if (text.n > 0 && text.p[0] == '<')
		text = span_first(span_skip(text, 1), span_find(span_skip(text, 1), '>'));
	s->from = mem_dupn(text.p, text.n);
	buf_release(&value);
}

static void find_sender(const struct part *p, struct sender *s)
{
	*s = (struct sender){.helo = mem_dup(p->q->helo)};
	if (p->q->ip) {
		s->has_ip = true;
		s->ip = *p->q->ip;
	} else {
		find_address(p, s);
	}
	find_from(p, s);
	if (!s->helo)
		s->helo = mem_dup("");
}

static void tell_spf(struct part *p, const struct sender *s)
{
	const struct spf_report *r = &p->work->spf;
	char address[NET_ADDRESS_TEXT];
	struct finding *f;

	net_address_text(&s->ip, address);
	f = findings_add(p->out, CHECK_MESSAGE, "spf", part_spf_verdict(r->result),
	                 "SPF for %s from %s: %s; %s", r->domain, address,
	                 spf_result_name(r->result), r->reason);
	if (s->witness)
		finding_detail(f, "the address is the one that %s wrote into its Received field",
		               *s->witness ? s->witness : "a server");
	finding_detail(f, "envelope sender: <%s>", s->from);
	finding_detail(f, "this is what the records say now, not when it was received");
	part_spf_trace(f, r);
}

bool part_message_spf(struct part *p)
{
	struct sender s;
	struct spf_query q;
	bool complete = true;

	find_sender(p, &s);
	if (!s.has_ip || !s.has_from) {
		findings_add(p->out, CHECK_MESSAGE, "spf", CHECK_UNKNOWN,
		             s.has_from ? "SPF: no Received field names the address that it came "
		                          "from; --ip says it"
		                        : "SPF: no Return-Path names the envelope sender; --from "
		                          "says it");
	} else {
		q = (struct spf_query){
		        .ip = s.ip, .from = s.from, .helo = s.helo, .now = p->q->now};
		complete = spf_check(p->lookups, &q, &p->work->spf) != SPF_PENDING;
		if (complete)
			tell_spf(p, &s);
	}
	p->work->judged = complete;
	sender_release(&s);
	return complete;
}
