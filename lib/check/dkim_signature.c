/*
 * A signature is read completely before anything is asked: what cannot be read is told at once, and
 * costs no look-up.
 */
#include <string.h>

#include "base/ascii.h"
#include "check/dkim.h"
#include "check/dkim_words.h"
#include "check/tags.h"

#define TIME_DIGITS_MAX   12 /* §3.5: t= and x= have up to so many */
#define LENGTH_DIGITS_MAX 19 /* 76 by the RFC: no file is so long */

static int read_digits(struct span s, size_t most, uint64_t *out)
{
	*out = 0;
	if (s.n == 0 || s.n > most)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]))
			return -1;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return 0;
}

static const char *read_algorithm(const struct tags *t, struct dkim_signature *out)
{
	struct span a = tags_find(t, "a");

	out->sha1 = span_eq_nocase(a, SPAN("rsa-sha1"));
	if (span_eq_nocase(a, SPAN("ed25519-sha256")))
		out->kind = TLS_KEY_ED25519;
	else if (!out->sha1 && !span_eq_nocase(a, SPAN("rsa-sha256")))
		return "a= is no algorithm of DKIM";
	return NULL;
}

static const char *read_form(struct span word, bool *relaxed)
{
	*relaxed = span_eq_nocase(word, SPAN("relaxed"));
	return *relaxed || span_eq_nocase(word, SPAN("simple")) ? NULL
	                                                        : "c= is neither simple nor "
	                                                          "relaxed";
}

/* "relaxed" alone is "relaxed/simple" (§3.5). */
static const char *read_canonical(const struct tags *t, struct dkim_signature *out)
{
	struct span c = tags_find(t, "c"), header;
	const char *wrong;

	if (!c.p)
		return NULL;
	header = tags_trim(span_cut(&c, '/'));
	wrong = read_form(header, &out->relaxed_header);
	if (!wrong && c.p)
		wrong = read_form(tags_trim(c), &out->relaxed_body);
	return wrong;
}

static const char *read_names(const struct tags *t, struct dkim_signature *out)
{
	struct span q = tags_find(t, "q");

	out->domain = tags_find(t, "d");
	out->selector = tags_find(t, "s");
	out->headers = tags_find(t, "h");
	dkim_add_dense(tags_find(t, "i"), &out->identity);
	if (out->domain.n == 0 || out->domain.n > DNS_NAME_MAX)
		return "d= is no domain";
	if (out->selector.n == 0 || out->selector.n > DNS_NAME_MAX)
		return "s= is no selector";
	if (q.p && !dkim_word_listed(q, "dns/txt"))
		return "q= does not say dns/txt";
	if (!dkim_word_listed(out->headers, "from"))
		return "h= does not list From, which must be signed";
	return NULL;
}

/* The domain of i= must be that of d=, or below it. */
static const char *read_identity(struct dkim_signature *out)
{
	struct span identity = buf_span(&out->identity), host, below;
	size_t at = identity.n;

	if (identity.n == 0)
		return NULL;
	while (at > 0 && identity.p[at - 1] != '@')
		at--;
	if (at == 0)
		return "i= has no \"@\"";
	host = span_skip(identity, at);
	if (span_eq_nocase(host, out->domain))
		return NULL;
	if (host.n <= out->domain.n + 1)
		return "i= is not of the domain d=";
	below = span_skip(host, host.n - out->domain.n);
	return span_eq_nocase(below, out->domain) && host.p[host.n - out->domain.n - 1] == '.'
	               ? NULL
	               : "i= is not of the domain d=";
}

static const char *read_times(const struct tags *t, struct dkim_signature *out)
{
	struct span made = tags_find(t, "t"), expires = tags_find(t, "x"), l = tags_find(t, "l");
	uint64_t n;

	if (made.p && read_digits(made, TIME_DIGITS_MAX, &n) != 0)
		return "t= is no time";
	if (made.p)
		out->made = (int64_t)n;
	if (expires.p && read_digits(expires, TIME_DIGITS_MAX, &n) != 0)
		return "x= is no time";
	if (expires.p)
		out->expires = (int64_t)n;
	if (made.p && expires.p && out->expires <= out->made)
		return "x= is not later than t=";
	out->limited = l.p != NULL;
	return l.p && read_digits(l, LENGTH_DIGITS_MAX, &out->limit) != 0 ? "l= is no length"
	                                                                  : NULL;
}

static const char *read_hashes(const struct tags *t, struct dkim_signature *out)
{
	if (dkim_add_base64(tags_find(t, "bh"), &out->body_hash) != 0)
		return "bh= is not base64";
	if (!out->sha1 && out->body_hash.len != TLS_SHA256_SIZE)
		return "bh= is no SHA-256 digest";
	if (dkim_add_base64(tags_find(t, "b"), &out->signature) != 0)
		return "b= is not base64: was the field cut short?";
	return out->signature.len == 0 ? "b= is empty" : NULL;
}

static const char *all_there(const struct tags *t)
{
	static const struct {
		const char *name, *fault;
	} needed[] = {
	        {"v", "it has no v="},   {"a", "it has no a="}, {"b", "it has no b="},
	        {"bh", "it has no bh="}, {"d", "it has no d="}, {"h", "it has no h="},
	        {"s", "it has no s="},
	};

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		if (!tags_find(t, needed[i].name).p)
			return needed[i].fault;
	}
	return span_eq(tags_find(t, "v"), SPAN("1")) ? NULL : "v= is not 1";
}

const char *dkim_signature_read(struct span value, struct dkim_signature *out)
{
	struct tags t;
	const char *wrong = tags_read(value, &t);

	memset(out, 0, sizeof(*out));
	out->made = out->expires = -1;
	buf_init(&out->identity, DKIM_BASE64_MAX);
	buf_init(&out->body_hash, DKIM_BASE64_MAX);
	buf_init(&out->signature, DKIM_BASE64_MAX);
	if (!wrong)
		wrong = all_there(&t);
	if (!wrong)
		wrong = read_algorithm(&t, out);
	if (!wrong)
		wrong = read_canonical(&t, out);
	if (!wrong)
		wrong = read_names(&t, out);
	if (!wrong)
		wrong = read_identity(out);
	if (!wrong)
		wrong = read_times(&t, out);
	return wrong ? wrong : read_hashes(&t, out);
}

void dkim_signature_release(struct dkim_signature *s)
{
	buf_release(&s->identity);
	buf_release(&s->body_hash);
	buf_release(&s->signature);
}
