/*
 * TLSA records for OpenSSL. Only usages 2 (DANE-TA) and 3 (DANE-EE) count: a mail server cannot
 * know which authorities its peers trust, so usages 0 and 1 are unusable (RFC 7672 §3.1.3). OpenSSL
 * refuses what is malformed or of a digest it does not know; such a record is unusable too.
 *
 * Beside a chain that was seen before, a record is judged in the same way: OpenSSL is given that
 * one record and the certificates of the report, and walks them as if they had just come.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/mem.h"
#include "net/dane.h"
#include "net/tls_state.h"

size_t tls_dane_add(SSL *ssl, const char *name, const struct dns_answer *tlsa)
{
	size_t usable = 0;

	if (SSL_dane_enable(ssl, name) > 0) {
		/* RFC 7672 §3.1.1: with usage 3 neither names nor dates matter. */
		SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
		for (size_t i = 0; i < tlsa->count; i++) {
			struct dane_record r;

			if (dane_record_read(&tlsa->records[i], &r) == 0 && dane_usage_counts(&r) &&
			    SSL_dane_tlsa_add(ssl, r.usage, r.selector, r.matching, r.data,
			                      r.size) > 0)
				usable++;
		}
	}
	ERR_clear_error();
	return usable;
}

/* --- one record beside a chain --- */

static X509 *read_certificate(const struct tls_certificate *c)
{
	BIO *text = BIO_new_mem_buf(c->pem ? c->pem : "", -1);
	X509 *x = text ? PEM_read_bio_X509(text, NULL, NULL, NULL) : NULL;

	BIO_free(text);
	return x;
}

static STACK_OF(X509) * read_chain(const struct tls_report *seen)
{
	STACK_OF(X509) *chain = sk_X509_new_null();

	for (size_t i = 0; chain && i < seen->chain_count; i++) {
		X509 *x = read_certificate(&seen->chain[i]);

		if (x && sk_X509_push(chain, x) == 0)
			X509_free(x);
	}
	return chain;
}

static enum dane_match judge(SSL *ssl, const struct dns_record *record, STACK_OF(X509) * chain,
                             const char *host, struct buf *why)
{
	struct dns_answer alone = {.records = (struct dns_record *)record, .count = 1};
	struct tls_report *r = mem_zero(sizeof(*r));
	enum dane_match m = DANE_MATCH_USELESS;

	r->done = true;
	r->dane = TLS_DANE_SECURE;
	r->wanted = mem_dup(host);
	if (tls_dane_add(ssl, host, &alone) > 0) {
		tls_verify_chain(r, ssl, sk_X509_value(chain, 0), chain, host);
		m = !r->by_dane ? DANE_MATCH_NOT : r->problems ? DANE_MATCH_FAULTY : DANE_MATCH;
	}
	for (int p = 0; m == DANE_MATCH_FAULTY && why && p < TLS_PROBLEM_COUNT; p++) {
		if (r->problems & 1u << p)
			buf_addf(why, "%s%s", why->len ? "; " : "",
			         tls_problem_text((enum tls_problem)p));
	}
	tls_report_free(r);
	return m;
}

enum dane_match dane_record_match(const struct dns_record *record, const struct tls_report *seen,
                                  const char *host, struct buf *why)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = ctx && SSL_CTX_dane_enable(ctx) > 0 ? SSL_new(ctx) : NULL;
	STACK_OF(X509) *chain = read_chain(seen);
	enum dane_match m = DANE_MATCH_NOT;

	if (ssl && chain && sk_X509_num(chain) > 0)
		m = judge(ssl, record, chain, host, why);
	sk_X509_pop_free(chain, X509_free);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return m;
}
