/*
 * The bytes are a stranger's: OpenSSL reads them, and whatever it complains about is taken off its
 * error queue, so that no later failure of TLS is explained with it.
 */
#include "net/tls_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/mem.h"

struct tls_key {
	enum tls_key_kind kind;
	EVP_PKEY *key;
};

void tls_sha256(struct span bytes, unsigned char out[TLS_SHA256_SIZE])
{
	SHA256((const unsigned char *)bytes.p, bytes.n, out);
}

static EVP_PKEY *read_rsa(const unsigned char *der, size_t n)
{
	const unsigned char *p = der;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)n);

	if (!key) {
		p = der;
		key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)n);
	}
	if (key && (p != der + n || !EVP_PKEY_is_a(key, "RSA") ||
	            EVP_PKEY_get_bits(key) > (int)TLS_KEY_BITS_MAX)) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

struct tls_key *tls_key_read(enum tls_key_kind kind, struct span bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	struct tls_key *k;
	EVP_PKEY *key;

	if (bytes.n == 0 || bytes.n > 64u << 10)
		return NULL;
	key = kind == TLS_KEY_RSA ? read_rsa(p, bytes.n)
	                          : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, p, bytes.n);
	ERR_clear_error();
	if (!key)
		return NULL;
	k = mem_zero(sizeof(*k));
	k->kind = kind;
	k->key = key;
	return k;
}

void tls_key_free(struct tls_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

unsigned tls_key_bits(const struct tls_key *k)
{
	return (unsigned)EVP_PKEY_get_bits(k->key);
}

bool tls_key_verify(const struct tls_key *k, struct span text, struct span signature)
{
	const unsigned char *sig = (const unsigned char *)signature.p;
	unsigned char digest[TLS_SHA256_SIZE];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	const EVP_MD *md = k->kind == TLS_KEY_RSA ? EVP_sha256() : NULL;
	bool good = false;

	if (k->kind == TLS_KEY_ED25519) {
		tls_sha256(text, digest);
		text = span_from((const char *)digest, sizeof(digest));
	}
	if (c && EVP_DigestVerifyInit(c, NULL, md, NULL, k->key) == 1)
		good = EVP_DigestVerify(c, sig, signature.n, (const unsigned char *)text.p,
		                        text.n) == 1;
	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return good;
}
