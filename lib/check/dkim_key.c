/*
 * Each tag that decides whether a key may be used is one row of questions in the order of RFC 6376
 * §6.1.2.
 */
#include <string.h>

#include "check/dkim.h"
#include "check/dkim_words.h"
#include "check/tags.h"

static const char *read_bytes(struct dkim_key *k, struct span base64)
{
	struct buf bytes;
	const char *wrong = NULL;

	buf_init(&bytes, DKIM_BASE64_MAX);
	if (dkim_add_base64(base64, &bytes) != 0)
		wrong = "p= is not base64";
	else
		k->key = tls_key_read(k->kind, buf_span(&bytes));
	if (!wrong && !k->key)
		wrong = k->kind == TLS_KEY_RSA ? "p= is no RSA key" : "p= is no Ed25519 key";
	buf_release(&bytes);
	return wrong;
}

/* The tag's value, or what holds without it. */
static struct span value_or(const struct tags *t, const char *name, const char *otherwise)
{
	struct span v = tags_find(t, name);

	return v.p ? v : span_of(otherwise);
}

const char *dkim_key_read(struct span record, struct dkim_key *out)
{
	struct tags t;
	const char *wrong = tags_read(record, &t);
	struct span kind, p, flags;

	memset(out, 0, sizeof(*out));
	if (wrong)
		return wrong;
	if (tags_find(&t, "v").p &&
	    (!span_eq(t.list[0].name, SPAN("v")) || !tags_are(record, "DKIM1")))
		return "v= must be DKIM1 and stand first";
	kind = value_or(&t, "k", "rsa");
	if (span_eq(kind, SPAN("ed25519")))
		out->kind = TLS_KEY_ED25519;
	else if (!span_eq(kind, SPAN("rsa")))
		return "k= is neither rsa nor ed25519";
	p = tags_find(&t, "p");
	if (!p.p)
		return "it has no key p=";
	flags = value_or(&t, "t", "");
	out->testing = dkim_word_listed(flags, "y");
	out->same_domain = dkim_word_listed(flags, "s");
	out->revoked = p.n == 0;
	if (out->revoked)
		return NULL;
	if (!dkim_word_listed(value_or(&t, "h", "sha256"), "sha256"))
		return "h= does not allow SHA-256";
	if (!dkim_word_listed(value_or(&t, "s", "*"), "*") &&
	    !dkim_word_listed(value_or(&t, "s", "*"), "email"))
		return "s= says that it is not for mail";
	return read_bytes(out, p);
}

void dkim_key_release(struct dkim_key *k)
{
	tls_key_free(k->key);
	k->key = NULL;
}
