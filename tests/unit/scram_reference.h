/*
 * SCRAM computed a second time, with OpenSSL (RFC 5802 §3): what the mathematics of the client is
 * compared with. Include it after <cmocka.h>.
 */
#ifndef TESTS_SCRAM_REFERENCE_H
#define TESTS_SCRAM_REFERENCE_H

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "smtp/sasl.h"

struct scram {
	const char *password;
	struct span salt; /* bytes */
	int rounds;
	bool sha256;
	struct buf auth;               /* AuthMessage */
	char proof[64], signature[64]; /* in base64 */
};

static inline const EVP_MD *scram_hash(const struct scram *s)
{
	return s->sha256 ? EVP_sha256() : EVP_sha1();
}

static inline void scram_hmac(const struct scram *s, const unsigned char *key, struct span text,
                              unsigned char *out)
{
	unsigned n = 0;

	assert_non_null(HMAC(scram_hash(s), key, EVP_MD_get_size(scram_hash(s)),
	                     (const unsigned char *)text.p, text.n, out, &n));
}

static inline void scram_base64(const unsigned char *bytes, size_t n, char *out)
{
	struct buf text;

	buf_init(&text, 63);
	sasl_base64_encode(span_from((const char *)bytes, n), &text);
	strcpy(out, text.data);
	buf_release(&text);
}

static inline void scram_compute(struct scram *s)
{
	unsigned char salted[32], client[32], stored[32], server[32], signature[32];
	int size = EVP_MD_get_size(scram_hash(s));

	assert_int_equal(PKCS5_PBKDF2_HMAC(s->password, (int)strlen(s->password),
	                                   (const unsigned char *)s->salt.p, (int)s->salt.n,
	                                   s->rounds, scram_hash(s), size, salted),
	                 1);
	scram_hmac(s, salted, SPAN("Client Key"), client);
	assert_int_equal(EVP_Digest(client, (size_t)size, stored, NULL, scram_hash(s), NULL), 1);
	scram_hmac(s, stored, buf_span(&s->auth), signature);
	for (int i = 0; i < size; i++)
		client[i] ^= signature[i];
	scram_base64(client, (size_t)size, s->proof);
	scram_hmac(s, salted, SPAN("Server Key"), server);
	scram_hmac(s, server, buf_span(&s->auth), signature);
	scram_base64(signature, (size_t)size, s->signature);
}

#endif
