/*
 * The field is written with an empty b=, read back and made canonical by the code that verifies
 * (check/dkim.h), signed, and then given its b=. So signing and verifying cannot disagree.
 */
#include "send/dkim_sign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/file.h"
#include "base/mem.h"
#include "check/dkim.h"
#include "check/tags.h"
#include "net/idn.h"
#include "smtp/address.h"
#include "smtp/sasl.h"

#define COLUMNS   76u
#define KEY_MAX   (64u << 10)
#define FIELD_MAX (256u << 10)
#define NAME_MAX_ 253u

static const struct signed_field {
	const char *name;
	bool once; /* there may be only one, and one more would change what is seen */
} fields[] = {
        {"From", true},
        {"To", true},
        {"Cc", true},
        {"Subject", true},
        {"Date", true},
        {"Message-ID", true},
        {"Reply-To", true},
        {"Sender", true},
        {"MIME-Version", true},
        {"Content-Type", true},
        {"Content-Transfer-Encoding", true},
        {"In-Reply-To", false},
        {"References", false},
        {"List-Id", false},
        {"List-Unsubscribe", false},
        {"List-Unsubscribe-Post", false},
};

static int fail(const char *path, struct diag *d, const char *what)
{
	char *shown = display_dup(span_of(path), 300);

	diag_set(d, DIAG_INPUT, shown, "%s", what);
	free(shown);
	return -1;
}

struct tls_key *dkim_sign_key(const char *path, struct diag *d)
{
	struct tls_key *key = NULL;
	const char *wrong;
	struct buf pem;

	buf_init_secret(&pem, KEY_MAX);
	if (file_read(path, &pem, d) == 0) {
		wrong = tls_key_read_private(buf_span(&pem), &key);
		if (wrong)
			fail(path, d, wrong);
	}
	buf_release(&pem);
	if (key && tls_key_kind(key) == TLS_KEY_RSA && tls_key_bits(key) < DKIM_KEY_BITS_MIN) {
		fail(path, d,
		     "the key has less than 1024 bits; verifiers must not accept it "
		     "(RFC 8301 §3.2)");
		tls_key_free(key);
		key = NULL;
	}
	return key;
}

/* --- the field --- */

/* Appends a piece of a value, on a line of its own when this one is full. */
static void add_folded(struct buf *out, size_t *column, const char *text)
{
	size_t n = strlen(text);

	if (*column + 1 + n > COLUMNS) {
		buf_addstr(out, "\r\n\t");
		*column = 8;
	} else if (*column > 8) {
		buf_addch(out, ' ');
		(*column)++;
	}
	buf_addstr(out, text);
	*column += n;
}

static void add_names(const struct mail *m, struct buf *out)
{
	size_t column = 8;
	bool first = true;

	buf_addstr(out, "\r\n\t");
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		size_t times = mail_field_count(m, fields[i].name) + (fields[i].once ? 1 : 0);

		for (; times > 0; times--) {
			char word[80];

			snprintf(word, sizeof(word), "%s%s", first ? "h=" : ":", fields[i].name);
			if (!first && column + strlen(word) > COLUMNS) {
				buf_addstr(out, "\r\n\t ");
				column = 9;
			}
			buf_addstr(out, word);
			column += strlen(word);
			first = false;
		}
	}
	buf_addch(out, ';');
}

static void add_base64(struct span bytes, size_t column, struct buf *out)
{
	struct buf text;
	struct span rest;

	buf_init(&text, DKIM_BASE64_MAX);
	sasl_base64_encode(bytes, &text);
	rest = buf_span(&text);
	while (rest.n > 0) {
		size_t n = column < COLUMNS ? COLUMNS - column : 1;

		buf_addspan(out, span_first(rest, n));
		rest = span_skip(rest, n);
		if (rest.n > 0)
			buf_addstr(out, "\r\n\t ");
		column = 9;
	}
	buf_release(&text);
}

static void add_tags(const struct dkim_signer *s, const char *domain, const struct mail *m,
                     const unsigned char *body_hash, struct buf *out)
{
	bool rsa = tls_key_kind(s->key) == TLS_KEY_RSA;
	size_t column = 16;
	struct buf tag;

	buf_init(&tag, 1000);
	buf_addf(out, "DKIM-Signature: v=1; a=%s;", rsa ? "rsa-sha256" : "ed25519-sha256");
	column = out->len;
	add_folded(out, &column, "c=relaxed/relaxed;");
	buf_addf(&tag, "d=%s;", domain);
	add_folded(out, &column, tag.data);
	buf_clear(&tag);
	buf_addf(&tag, "s=%s;", s->selector);
	add_folded(out, &column, tag.data);
	buf_clear(&tag);
	buf_addf(&tag, "t=%" PRId64 ";", s->now);
	add_folded(out, &column, tag.data);
	buf_release(&tag);
	add_names(m, out);
	buf_addstr(out, "\r\n\tbh=");
	add_base64(span_from((const char *)body_hash, TLS_SHA256_SIZE), 11, out);
	buf_addstr(out, ";\r\n\tb=");
}

/* What is signed: the named fields, then this one with an empty b=. */
static const char *signed_text(struct span field, struct span header, struct buf *out)
{
	struct dkim_signature signature = {.relaxed_header = true};
	const char *wrong;
	struct tags tags;
	struct mail m;
	struct buf text;

	buf_init(&text, FIELD_MAX + header.n);
	buf_addspan(&text, field);
	buf_addstr(&text, "\r\n");
	buf_addspan(&text, header);
	wrong = mail_read(buf_span(&text), &m);
	buf_release(&text);
	if (wrong)
		return wrong;
	wrong = tags_read(m.fields[0].value, &tags);
	if (!wrong) {
		signature.headers = tags_find(&tags, "h");
		dkim_canonical_header(&m, &m.fields[0], &signature, out);
	}
	mail_release(&m);
	return wrong;
}

static int sign(const struct dkim_signer *s, const char *domain, struct span header,
                const struct mail *m, const unsigned char *body_hash, struct buf *out,
                struct diag *d)
{
	struct buf field, text, signature;
	const char *wrong;
	int result = 0;

	buf_init(&field, FIELD_MAX);
	buf_init(&text, 2u * FIELD_MAX + 2u * header.n);
	buf_init(&signature, TLS_KEY_BITS_MAX / 8);
	add_tags(s, domain, m, body_hash, &field);
	wrong = signed_text(buf_span(&field), header, &text);
	if (wrong)
		result = diag_set(d, DIAG_USAGE, NULL, "the message cannot be signed: %s", wrong);
	else if (tls_key_sign(s->key, buf_span(&text), &signature) < 0)
		result = diag_set(d, DIAG_USAGE, NULL, "the key cannot sign");
	if (result == 0) {
		add_base64(buf_span(&signature), 10, &field);
		buf_addstr(&field, "\r\n");
		buf_addspan(out, buf_span(&field));
	}
	buf_release(&field);
	buf_release(&text);
	buf_release(&signature);
	return result;
}

/* d=, in ASCII; NULL and d. */
static char *choose_domain(const struct dkim_signer *s, const struct mail *m, struct diag *d)
{
	char *named = s->domain ? mem_dup(s->domain) : mail_from_domain(m);
	char *ascii = NULL;

	if (!named)
		diag_set(d, DIAG_USAGE, NULL,
		         "the message has no From with a domain, so the signature's domain must be "
		         "given");
	else
		ascii = idn_to_ascii(span_of(named), d);
	free(named);
	return ascii;
}

int dkim_sign(const struct dkim_signer *s, struct span header,
              const unsigned char body_hash[TLS_SHA256_SIZE], struct buf *out, struct diag *d)
{
	const char *wrong;
	struct mail m;
	char *domain;
	int result;

	if (!s->selector || !smtp_domain_valid(span_of(s->selector)) ||
	    strlen(s->selector) > NAME_MAX_)
		return diag_set(d, DIAG_USAGE, NULL,
		                "a signature needs a selector, which is written like a domain name "
		                "(RFC 6376 §3.1)");
	wrong = mail_read(header, &m);
	if (wrong)
		return diag_set(d, DIAG_USAGE, NULL, "the message cannot be signed: %s", wrong);
	domain = choose_domain(s, &m, d);
	result = domain ? sign(s, domain, header, &m, body_hash, out, d) : -1;
	free(domain);
	mail_release(&m);
	return result;
}
