/*
 * One judge for everybody who asks "may this go on?": the prompt, scripts, send and the checks. It
 * knows no OpenSSL; a report is all it reads.
 */
#include "net/tls_policy.h"

#include <stdlib.h>
#include <string.h>

#define WHY_MAX 8192

static void say_origin(struct buf *out, const struct tls_policy *p)
{
	if (p->origin == TLS_POLICY_BY_DANE)
		buf_addstr(out, "the server's TLSA records require TLS (RFC 7672)");
	else if (p->origin == TLS_POLICY_BY_MTA_STS)
		buf_addf(out, "the MTA-STS policy of %s requires TLS (RFC 8461)",
		         p->domain ? p->domain : "the domain");
	else
		buf_addstr(out, "TLS was asked for");
}

static enum tls_verdict judge_clear(const struct tls_policy *p, struct buf *why)
{
	if (p->mode == TLS_POLICY_REQUIRE) {
		say_origin(why, p);
		buf_addstr(why, ", and this connection has none");
		return TLS_VERDICT_STOP;
	}
	buf_addstr(why, "this connection is not encrypted: everybody on the way can read and "
	                "change it");
	return TLS_VERDICT_UNPROVEN;
}

static enum tls_verdict judge_failure(const struct tls_report *r, struct buf *why)
{
	buf_addstr(why, tls_failure_text(r->failure));
	if (r->detail)
		buf_addf(why, " (%s)", r->detail);
	return TLS_VERDICT_STOP;
}

/* Whether the server is proven to be who it should be. */
static bool is_proven(const struct tls_policy *p, const struct tls_report *r, struct buf *why)
{
	if (r->dane == TLS_DANE_BOGUS) {
		buf_addstr(why, "the DNSSEC signatures of the server's TLSA records are wrong: "
		                "somebody may have changed them");
		return false;
	}
	if (!tls_report_verified(r)) {
		tls_report_explain(r, why);
		return false;
	}
	if (p->origin == TLS_POLICY_BY_DANE && !r->by_dane) {
		buf_addstr(why, "no TLSA record proves the certificate, and authorities do not "
		                "count here (RFC 7672 §3.1.3)");
		return false;
	}
	return true;
}

static char *take_unless_empty(struct buf *b)
{
	char *text = b->len ? buf_take(b) : NULL;

	buf_release(b);
	return text;
}

enum tls_verdict tls_policy_judge(const struct tls_policy *p, const struct tls_report *r,
                                  char **why)
{
	enum tls_verdict verdict = TLS_VERDICT_OK;
	struct buf b;

	buf_init(&b, WHY_MAX);
	if (!r)
		verdict = judge_clear(p, &b);
	else if (!r->done)
		verdict = judge_failure(r, &b);
	else if (!is_proven(p, r, &b))
		verdict = p->verify ? TLS_VERDICT_STOP : TLS_VERDICT_UNPROVEN;
	*why = take_unless_empty(&b);
	return verdict;
}

/* Names of versions sort as the versions do: "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3". */
static bool is_older(const struct tls_report *now, const struct tls_report *before)
{
	return now->version && before->version && strcmp(now->version, before->version) < 0;
}

static bool has_changed(const struct tls_report *now, const struct tls_report *before)
{
	return now->chain_count && before->chain_count &&
	       strcmp(now->chain[0].fingerprint, before->chain[0].fingerprint) != 0;
}

bool tls_policy_weakened(const struct tls_report *before, const struct tls_report *now, char **why)
{
	bool was = before && before->done, is = now && now->done;
	struct buf b;

	buf_init(&b, WHY_MAX);
	if (was && !is)
		buf_addstr(&b, "it spoke TLS before and does not now");
	else if (was && tls_report_verified(before) && !tls_report_verified(now))
		buf_addstr(&b, "it was proven before and is not now");
	else if (was && is_older(now, before))
		buf_addf(&b, "it spoke %s before and only %s now", before->version, now->version);
	else if (was && !tls_report_verified(now) && has_changed(now, before))
		buf_addstr(&b, "it was never proven, and shows another certificate than before");
	*why = take_unless_empty(&b);
	return *why != NULL;
}
