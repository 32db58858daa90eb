/*
 * tls_state: what the tls*.c files share; OpenSSL's types are seen here and nowhere else.
 */
#ifndef NET_TLS_STATE_H
#define NET_TLS_STATE_H

#include <openssl/ssl.h>

#include "net/tls.h"

struct tls_context {
	SSL_CTX *ctx;
	bool server;
	int keylog; /* a descriptor, or -1 */
};

struct tls_identity { /* made by tls_forge.c */
	EVP_PKEY *key;
	X509 *certificate;
	STACK_OF(X509) * sent; /* further certificates; NULL: none */
};

/* tls_failure.c: from the error queue, which it empties. */
void tls_failure_read(struct tls_report *r);
/* The queue's first words (a heap copy), emptying it. */
char *tls_error_text(void);

/* tls_certificate.c */
char *tls_name_text(const X509_NAME *name);
char *tls_key_text(EVP_PKEY *key); /* "RSA 2048"; "" for NULL */
void tls_certificate_read(struct tls_certificate *c, X509 *x);
void tls_certificate_release(struct tls_certificate *c);

/* tls_verify.c: judges what the peer sent; sets problems, missing, detail, stapled, by_dane. */
void tls_verify(struct tls_report *r, SSL *ssl, const char *name);
/* The same of a chain that was seen before; only the context and the TLSA records of ssl count. */
void tls_verify_chain(struct tls_report *r, SSL *ssl, X509 *leaf, STACK_OF(X509) * chain,
                      const char *name);

/* tls_ocsp.c: whether the stapled answer, signed for that issuer, says "revoked". */
bool tls_ocsp_revoked(SSL *ssl, X509 *leaf, X509 *issuer, STACK_OF(X509) * chain,
                      X509_STORE *store);

/* tls_dane.c: how many of the records are usable with SMTP; they are set on ssl. */
size_t tls_dane_add(SSL *ssl, const char *name, const struct dns_answer *tlsa);

#endif
