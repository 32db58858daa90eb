/*
 * A verdict is made of three things: the rule that is trusted most, what the table of reasons says
 * where that rule is silent, and the class digit, which decides alone when no rule has a reason.
 */
#include "explain/verdict.h"

#include "explain/internal.h"

/* RFC 5321 §4.5.4.1: wait at least 30 minutes between two tries. */
#define ORDINARY_RETRY (30 * 60L)

static enum explain_reason reason_of_class(int class, int code)
{
	if (class == 3)
		return EXPLAIN_REASON_CONTINUE;
	if (class == 2)
		return code == 220 ? EXPLAIN_REASON_READY : EXPLAIN_REASON_OK;
	return EXPLAIN_REASON_UNKNOWN;
}

static int class_of(const struct rule_case *rc)
{
	if (rc->code > 0)
		return rc->code / 100;
	return rc->enhanced.present ? rc->enhanced.class : 0;
}

static void set_retry(struct explain_verdict *v, long rule, long table, struct span text)
{
	long most = rule != EXPLAIN_RETRY_UNSET ? rule : table;

	v->temporary = v->class == 4;
	if (rule != EXPLAIN_RETRY_UNSET && rule != EXPLAIN_RETRY_ORDINARY && v->class != 2 &&
	    v->class != 3)
		v->temporary = rule > 0;
	else if (v->class == 0)
		v->temporary = table > 0;
	if (!v->temporary)
		return;
	v->retry_after = explain_retry_said(text);
	v->retry_said = v->retry_after > 0;
	if (!v->retry_said)
		v->retry_after = most > 0 ? most : ORDINARY_RETRY;
}

static void set_evidence(struct explain_verdict *v, const struct rule *r)
{
	v->rule = r->id;
	v->guess = r->guess;
	v->source = r->source;
	v->by_provider = r->providers || r->host_count;
	v->by_stage = r->verbs || r->states;
	v->by_wording = r->text_count > 0;
	v->by_enhanced = r->enhanced_count > 0;
	v->by_code = r->code_count > 0 || r->classes;
}

void verdict_make(const struct rules *rs, const struct rule_case *rc, const struct rule_winner *w,
                  struct explain_verdict *v)
{
	const struct rule *r = w->rule;
	const struct rule_reason *row;

	*v = (struct explain_verdict){
	        .stage = explain_stage_of(rc->verb),
	        .class = class_of(rc),
	        .code = rc->code,
	        .enhanced = rc->enhanced,
	        .pattern = w->pattern,
	};
	v->reason = r ? r->reason : reason_of_class(v->class, rc->code);
	if (rc->provider >= 0) {
		v->provider = rs->providers.list[rc->provider].id;
		v->provider_name = rs->providers.list[rc->provider].name;
	}
	if (r)
		set_evidence(v, r);
	else
		v->by_code = v->class > 0;
	row = &rs->reasons[v->reason];
	if (v->stage == EXPLAIN_STAGE_END_OF_DATA && row->after_content) {
		v->reason = row->after_content;
		v->by_stage = true;
		row = &rs->reasons[v->reason];
	}
	v->side = r && r->side ? r->side : row->side;
	set_retry(v, r ? r->retry : EXPLAIN_RETRY_UNSET, row->retry, rc->text);
}

void explain_judge(const struct explain *e, const struct explain_context *c,
                   struct explain_verdict *out)
{
	struct rule_winner words, reason;
	struct rule_case rc;
	struct buf text;

	buf_init(&text, EXPLAIN_TEXT_MAX + 1);
	explain_case(e, c, &text, &rc);
	rules_match(&e->rules, &rc, &words, &reason);
	verdict_make(&e->rules, &rc, &reason, out);
	buf_release(&text);
}
