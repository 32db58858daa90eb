/*
 * In the order of RFC 6376 §6.1: what the field itself says, the key, the digest of the body, the
 * signature over the header. The first that is wrong is the reason. Keys are asked for all at once,
 * and nothing is hashed before all of them are there, so each hash is made once.
 */
#include "check/dkim.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/tags.h"

#define REASON_MAX 2000u

static const char *const names[] = {"pass", "fail", "policy", "neutral", "temperror", "permerror"};

const char *dkim_result_name(enum dkim_result r)
{
	return names[r];
}

__attribute__((format(printf, 3, 4))) static void
decide(struct dkim_verdict *v, enum dkim_result result, const char *format, ...)
{
	struct buf b;
	va_list args;

	buf_init(&b, REASON_MAX);
	va_start(args, format);
	buf_vaddf(&b, format, args);
	va_end(args);
	free(v->reason);
	v->reason = buf_take(&b);
	v->result = result;
}

static void add_note(struct dkim_verdict *v, const char *text)
{
	struct buf b;

	buf_init(&b, REASON_MAX);
	if (v->note)
		buf_addf(&b, "%s\n", v->note);
	buf_addstr(&b, text);
	free(v->note);
	v->note = buf_take(&b);
}

/* --- the key --- */

static const struct dns_answer *ask_key(struct lookups *l, const struct dkim_signature *s)
{
	const struct dns_answer *a;
	struct buf name;

	buf_init(&name, 1000);
	buf_addf(&name, SPAN_FMT "._domainkey." SPAN_FMT, SPAN_ARG(s->selector),
	         SPAN_ARG(s->domain));
	a = lookups_ask(l, name.data, DNS_TXT);
	buf_release(&name);
	return a;
}

/* The key's own domain must be that of the identity when t=s (§3.6.1). */
static bool identity_fits(const struct dkim_signature *s, const struct dkim_key *k)
{
	struct span host = buf_span(&s->identity);

	if (!k->same_domain || host.n == 0)
		return true;
	while (span_find(host, '@') < host.n)
		host = span_skip(host, span_find(host, '@') + 1);
	return span_eq_nocase(host, s->domain);
}

static bool key_may_be_used(struct dkim_verdict *v, const struct dkim_signature *s,
                            const struct dkim_key *k)
{
	if (k->revoked)
		decide(v, DKIM_PERMERROR, "the key was revoked: its p= is empty (RFC 6376 §3.6.1)");
	else if (k->kind != s->kind)
		decide(v, DKIM_PERMERROR, "the key is of another type (k=) than the signature");
	else if (!identity_fits(s, k))
		decide(v, DKIM_PERMERROR,
		       "the key is for its very domain only (t=s), and i= is another");
	else if (k->kind == TLS_KEY_RSA && tls_key_bits(k->key) < DKIM_KEY_BITS_MIN)
		decide(v, DKIM_POLICY,
		       "the key has only %u bits: less than 1024 must not be accepted (RFC 8301 "
		       "§3.2)",
		       tls_key_bits(k->key));
	else
		return true;
	return false;
}

/* False: there is not one record, and the verdict says why. */
static bool key_is_there(struct dkim_verdict *v, const struct dns_answer *a)
{
	bool none = dns_status_negative(a->status) || a->status == DNS_STATUS_BAD_NAME;

	if (none)
		decide(v, DKIM_PERMERROR, "there is no key at %s: %s", a->name,
		       dns_status_text(a->status));
	else if (a->status != DNS_STATUS_OK)
		decide(v, DKIM_TEMPERROR, "the key at %s could not be asked for: %s", a->name,
		       dns_status_text(a->status));
	else if (a->count > 1)
		decide(v, DKIM_PERMERROR,
		       "there is more than one record at %s, and nobody can tell which is the key "
		       "(RFC 6376 §3.6.2.2)",
		       a->name);
	else
		return true;
	return false;
}

static bool find_key(struct dkim_verdict *v, const struct dns_answer *a, struct dkim_key *k)
{
	const char *wrong;

	memset(k, 0, sizeof(*k));
	v->asked = a;
	if (!key_is_there(v, a))
		return false;
	wrong = dkim_key_read(span_from(a->records[0].text, a->records[0].text_len), k);
	if (wrong)
		decide(v, DKIM_PERMERROR, "the key at %s cannot be used: %s", a->name, wrong);
	return wrong == NULL;
}

/* --- the message --- */

static bool body_is_right(struct dkim_verdict *v, const struct mail *m,
                          const struct dkim_signature *s)
{
	unsigned char digest[TLS_SHA256_SIZE];
	struct buf body;
	size_t all;
	bool same;

	buf_init(&body, m->body.n + 2);
	dkim_canonical_body(m->body, s->relaxed_body, &body);
	all = body.len;
	if (s->limited && s->limit < all)
		buf_cut(&body, (size_t)s->limit);
	tls_sha256(buf_span(&body), digest);
	buf_release(&body);
	same = memcmp(digest, s->body_hash.data, sizeof(digest)) == 0;
	if (s->limited && s->limit > all)
		decide(v, DKIM_FAIL, "l= covers more than the body has: it was cut short");
	else if (!same)
		decide(v, DKIM_FAIL,
		       "the body was changed after it was signed (bh= is another digest)");
	else if (s->limited && s->limit < all)
		add_note(v, "l= leaves the end of the body unsigned: anybody could have added it");
	return same && !(s->limited && s->limit > all);
}

static bool header_is_right(struct dkim_verdict *v, const struct mail *m,
                            const struct mail_field *f, const struct dkim_signature *s,
                            const struct dkim_key *k)
{
	struct buf header;
	bool good;

	buf_init(&header, 2u * MAIL_MAX);
	dkim_canonical_header(m, f, s, &header);
	good = tls_key_verify(k->key, buf_span(&header), buf_span(&s->signature));
	buf_release(&header);
	if (!good)
		decide(v, DKIM_FAIL,
		       "a signed header field was changed, or the signature was made with another "
		       "key");
	return good;
}

static void add_notes(struct dkim_verdict *v, const struct mail *m, const struct dkim_signature *s,
                      const struct dkim_key *k, int64_t now)
{
	if (k->testing)
		add_note(v, "t=y: the domain only tests DKIM (RFC 6376 §3.6.1)");
	if (s->kind == TLS_KEY_RSA && tls_key_bits(k->key) < DKIM_KEY_BITS_GOOD)
		add_note(v, "the key is weak: RFC 8301 §3.2 asks for 2048 bits");
	if (s->made > now + 300)
		add_note(v, "it says that it was made in the future (t=): a clock is wrong");
	if (mail_field_count(m, "From") > 1)
		add_note(v, "there is more than one From: the signature may cover another than "
		            "readers see");
}

static void describe(struct dkim_verdict *v, const struct dkim_signature *s,
                     const struct dkim_key *k)
{
	struct buf b;

	buf_init(&b, REASON_MAX);
	buf_addstr(&b, s->sha1                  ? "rsa-sha1"
	               : s->kind == TLS_KEY_RSA ? "rsa-sha256"
	                                        : "ed25519-sha256");
	if (k && k->key)
		buf_addf(&b, ", %u bits", tls_key_bits(k->key));
	free(v->algorithm);
	v->algorithm = buf_take(&b);
}

static void judge(struct dkim_verdict *v, const struct mail *m, const struct mail_field *f,
                  const struct dkim_signature *s, const struct dns_answer *a, int64_t now)
{
	struct dkim_key k;

	if (find_key(v, a, &k)) {
		describe(v, s, &k);
		if (key_may_be_used(v, s, &k) && body_is_right(v, m, s) &&
		    header_is_right(v, m, f, s, &k))
			decide(v, DKIM_PASS, "the signature is right");
		if (v->result == DKIM_PASS)
			add_notes(v, m, s, &k, now);
	}
	dkim_key_release(&k);
}

/* What is wrong before any key is asked for. */
static bool refused_at_once(struct dkim_verdict *v, const struct dkim_signature *s, int64_t now)
{
	if (s->sha1)
		decide(v, DKIM_POLICY,
		       "it was made with SHA-1, which must not be accepted (RFC 8301 §3.1)");
	else if (s->expires >= 0 && s->expires < now)
		decide(v, DKIM_FAIL, "it has expired (x=)");
	else
		return false;
	return true;
}

struct field_signature {
	const struct mail_field *field;
	struct dkim_signature s;
	const char *wrong;
	const struct dns_answer *key;
};

static void judge_one(struct dkim_verdict *v, const struct mail *m,
                      const struct field_signature *one, int64_t now)
{
	*v = (struct dkim_verdict){.result = DKIM_NEUTRAL};
	if (one->wrong) {
		decide(v, DKIM_NEUTRAL, "it cannot be read: %s", one->wrong);
		return;
	}
	v->domain = mem_dupn(one->s.domain.p, one->s.domain.n);
	v->selector = mem_dupn(one->s.selector.p, one->s.selector.n);
	describe(v, &one->s, NULL);
	if (!refused_at_once(v, &one->s, now))
		judge(v, m, one->field, &one->s, one->key, now);
}

bool dkim_verify(struct lookups *l, const struct mail *m, int64_t now, struct dkim_verdicts *out)
{
	struct field_signature *all = mem_zero(DKIM_SIGNATURES_MAX * sizeof(*all));
	const struct mail_field *f;
	size_t n = 0;
	bool waiting = false;

	memset(out, 0, sizeof(*out));
	for (; n < DKIM_SIGNATURES_MAX && (f = mail_field_at(m, "DKIM-Signature", n)); n++) {
		struct field_signature *one = &all[n];

		one->field = f;
		one->wrong = dkim_signature_read(f->value, &one->s);
		if (!one->wrong)
			one->key = ask_key(l, &one->s);
		waiting = waiting || (!one->wrong && !one->key);
	}
	for (size_t i = 0; i < n; i++) {
		if (!waiting)
			judge_one(&out->list[i], m, &all[i], now);
		dkim_signature_release(&all[i].s);
	}
	if (!waiting) {
		out->count = n;
		out->dropped = mail_field_count(m, "DKIM-Signature") - n;
	}
	free(all);
	return !waiting;
}

void dkim_verdicts_release(struct dkim_verdicts *v)
{
	for (size_t i = 0; i < v->count; i++) {
		free(v->list[i].reason);
		free(v->list[i].domain);
		free(v->list[i].selector);
		free(v->list[i].algorithm);
		free(v->list[i].note);
	}
	memset(v, 0, sizeof(*v));
}
