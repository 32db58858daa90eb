/*
 * The bytes are a stranger's: OpenSSL reads them, and whatever it complains about is taken off its
 * error queue, so that no later failure of TLS is explained with it.
 */
#include "net/tls_key.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
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

struct tls_hash {
	EVP_MD_CTX *c;
};

struct tls_hash *tls_hash_new(void)
{
	struct tls_hash *h = mem_zero(sizeof(*h));

	h->c = EVP_MD_CTX_new();
	if (!h->c || EVP_DigestInit_ex(h->c, EVP_sha256(), NULL) != 1)
		abort(); /* memory is lost, or OpenSSL has no SHA-256 */
	return h;
}

void tls_hash_add(struct tls_hash *h, struct span bytes)
{
	EVP_DigestUpdate(h->c, bytes.p, bytes.n);
}

void tls_hash_end(struct tls_hash *h, unsigned char out[TLS_SHA256_SIZE])
{
	EVP_DigestFinal_ex(h->c, out, NULL);
	EVP_MD_CTX_free(h->c);
	free(h);
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

/* Without this OpenSSL would ask at the terminal. */
static int no_passphrase(char *to, int size, int writing, void *locked)
{
	(void)to;
	(void)size;
	(void)writing;
	*(bool *)locked = true;
	return -1;
}

const char *tls_key_read_private(struct span pem, struct tls_key **out)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	bool locked = false, rsa;
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &locked) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	if (!key)
		return locked ? "it is locked with a passphrase, and none is asked for"
		              : "it holds no private key in PEM";
	rsa = EVP_PKEY_is_a(key, "RSA");
	if ((!rsa && !EVP_PKEY_is_a(key, "ED25519")) ||
	    EVP_PKEY_get_bits(key) > (int)TLS_KEY_BITS_MAX) {
		EVP_PKEY_free(key);
		return "its key is neither RSA of at most 16384 bits nor Ed25519";
	}
	*out = mem_zero(sizeof(**out));
	(*out)->kind = rsa ? TLS_KEY_RSA : TLS_KEY_ED25519;
	(*out)->key = key;
	return NULL;
}

enum tls_key_kind tls_key_kind(const struct tls_key *k)
{
	return k->kind;
}

int tls_key_sign(const struct tls_key *k, struct span text, struct buf *out)
{
	unsigned char digest[TLS_SHA256_SIZE], signature[TLS_KEY_BITS_MAX / 8];
	const EVP_MD *md = k->kind == TLS_KEY_RSA ? EVP_sha256() : NULL;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t n = sizeof(signature);
	int result = -1;

	if (k->kind == TLS_KEY_ED25519) {
		tls_sha256(text, digest);
		text = span_from((const char *)digest, sizeof(digest));
	}
	if (c && EVP_DigestSignInit(c, NULL, md, NULL, k->key) == 1 &&
	    EVP_DigestSign(c, signature, &n, (const unsigned char *)text.p, text.n) == 1)
		result = buf_add(out, signature, n);
	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return result;
}
