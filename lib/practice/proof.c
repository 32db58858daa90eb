/*
 * lib/check asks and is called again when answers came. Here a network with only a memory stands
 * behind it: what was asked is answered from the zones as soon as the check stops to wait.
 */
#include "practice/proof.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "check/dkim.h"
#include "practice/world_state.h"

#define PATIENCE_MS 60000 /* never used up: nothing waits */
#define ROUNDS_MAX  10000

struct network_query {
	struct oracle *all;
	struct network_query *next, **back;
	struct dns_answer *answer;
	network_query_fn *fn;
	void *arg;
};

struct oracle {
	struct network base;
	const struct world *world;
	struct network_query *asked;
	struct lookups *lookups;
};

static void forget(struct network_query *q)
{
	*q->back = q->next;
	if (q->next)
		q->next->back = q->back;
	free(q);
}

static struct network_query *query(struct network *n, const char *name, enum dns_type type,
                                   network_query_fn *fn, void *arg)
{
	struct oracle *o = (struct oracle *)n;
	struct network_query *q = mem_zero(sizeof *q);

	*q = (struct network_query){.all = o,
	                            .next = o->asked,
	                            .back = &o->asked,
	                            .answer = world_answer(o->world, name, type),
	                            .fn = fn,
	                            .arg = arg};
	if (q->next)
		q->next->back = &q->next;
	o->asked = q;
	return q;
}

static void query_cancel(struct network_query *q)
{
	dns_answer_free(q->answer);
	forget(q);
}

static const struct network_ops ops = {.query = query, .query_cancel = query_cancel};

static void came(void *arg)
{
	(void)arg;
}

static void begin(struct oracle *o, const struct world *w)
{
	*o = (struct oracle){.world = w};
	o->base = (struct network){.ops = &ops, .loop = loop_new(), .name = "practice"};
	o->lookups = lookups_new(&o->base, PATIENCE_MS, came, NULL);
}

static void end(struct oracle *o)
{
	lookups_free(o->lookups);
	loop_free(o->base.loop);
}

static void answer_all(struct oracle *o)
{
	while (o->asked) {
		struct network_query *q = o->asked;
		struct dns_answer *answer = q->answer;
		network_query_fn *fn = q->fn;
		void *arg = q->arg;

		forget(q);
		fn(arg, answer);
	}
}

/* --- SPF --- */

static void judge_spf(struct oracle *o, const struct proof_query *q, struct proof *out)
{
	struct spf_query query = {.from = q->sender,
	                          .helo = q->helo ? q->helo : "",
	                          .receiver = q->receiver,
	                          .now = time(NULL)};
	struct spf_report report;

	spf_report_init(&report);
	out->spf = SPF_NONE;
	if (net_address_parse(span_of(q->client), 0, &query.ip) == 0) {
		for (int i = 0; i < ROUNDS_MAX; i++) {
			out->spf = spf_check(o->lookups, &query, &report);
			if (out->spf != SPF_PENDING)
				break;
			answer_all(o);
		}
	}
	out->spf_domain = mem_dup(report.domain ? report.domain : "");
	out->spf_reason = mem_dup(report.reason ? report.reason : "");
	spf_report_release(&report);
}

void proof_spf(const struct proof_query *q, struct proof *out)
{
	struct oracle o;

	*out = (struct proof){0};
	begin(&o, q->world);
	judge_spf(&o, q, out);
	end(&o);
}

/* --- the message --- */

static void judge_dkim(struct oracle *o, const struct mail *m, struct dkim_verdicts *v)
{
	for (int i = 0; i < ROUNDS_MAX && !dkim_verify(o->lookups, m, time(NULL), v); i++)
		answer_all(o);
}

static void describe_dkim(const struct dkim_verdicts *v, struct proof *out)
{
	const struct dkim_verdict *said = v->count > 0 ? &v->list[0] : NULL;

	for (size_t i = 0; i < v->count && !out->dkim; i++) {
		out->dkim = v->list[i].result == DKIM_PASS;
		if (out->dkim)
			said = &v->list[i];
	}
	if (!said)
		out->dkim_words = mem_dup("none");
	else
		out->dkim_words = world_text("%s header.d=%s", dkim_result_name(said->result),
		                             said->domain ? said->domain : "unknown");
}

/* 1: it stands for the domain in From; 0; -1: that cannot be found out. */
static int stands(struct oracle *o, const struct dmarc *d, const char *from, const char *other,
                  bool strict)
{
	for (int i = 0; i < ROUNDS_MAX; i++) {
		int result = dmarc_stands_for(o->lookups, d, from, other, strict);

		if (result != -1)
			return result == -2 ? -1 : result;
		answer_all(o);
	}
	return -1;
}

static void judge_dmarc(struct oracle *o, const struct dkim_verdicts *v, struct proof *out)
{
	struct dmarc d;
	bool proven, unsure = out->spf == SPF_TEMPERROR;
	int one;

	dmarc_init(&d);
	for (int i = 0; i < ROUNDS_MAX && !dmarc_find(o->lookups, out->from, &d); i++)
		answer_all(o);
	if (d.status != DMARC_FOUND) {
		out->dmarc = d.status == DMARC_UNKNOWN ? PROOF_UNSURE : PROOF_NO_POLICY;
		dmarc_release(&d);
		return;
	}
	out->policy = d.policy;
	one = out->spf == SPF_PASS ? stands(o, &d, out->from, out->spf_domain, d.record->strict_spf)
	                           : 0;
	proven = one == 1;
	for (size_t i = 0; i < v->count && !proven; i++) {
		unsure = unsure || one < 0 || v->list[i].result == DKIM_TEMPERROR;
		one = v->list[i].result == DKIM_PASS
		              ? stands(o, &d, out->from, v->list[i].domain, d.record->strict_dkim)
		              : 0;
		proven = one == 1;
	}
	unsure = unsure || one < 0;
	out->dmarc = proven ? PROOF_ALIGNED : unsure ? PROOF_UNSURE : PROOF_FAILED;
	dmarc_release(&d);
}

void proof_message(const struct proof_query *q, struct proof *out)
{
	struct dkim_verdicts v = {0};
	struct oracle o;
	struct mail m = {0};

	*out = (struct proof){0};
	begin(&o, q->world);
	judge_spf(&o, q, out);
	if (!mail_read(q->message, &m)) {
		judge_dkim(&o, &m, &v);
		out->from = mail_from_domain(&m);
	}
	describe_dkim(&v, out);
	if (out->from)
		judge_dmarc(&o, &v, out);
	dkim_verdicts_release(&v);
	mail_release(&m);
	end(&o);
}

void proof_release(struct proof *p)
{
	free(p->spf_domain);
	free(p->spf_reason);
	free(p->dkim_words);
	free(p->from);
	*p = (struct proof){0};
}
