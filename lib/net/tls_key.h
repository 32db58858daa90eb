/*
 * tls_key: digests, public keys that somebody published and private keys of one's own, for
 * signatures outside of TLS (DKIM: RFC 6376, RFC 8463).
 *
 * A key is owned by who read it. Nothing is kept of the bytes that it was read from.
 */
#ifndef NET_TLS_KEY_H
#define NET_TLS_KEY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

#define TLS_SHA256_SIZE 32u

void tls_sha256(struct span bytes, unsigned char out[TLS_SHA256_SIZE]);

/* The same of bytes that come in pieces. */
struct tls_hash;
struct tls_hash *tls_hash_new(void);
void tls_hash_add(struct tls_hash *h, struct span bytes);
void tls_hash_end(struct tls_hash *h, unsigned char out[TLS_SHA256_SIZE]); /* frees it, too */

enum tls_key_kind {
	TLS_KEY_RSA,     /* SubjectPublicKeyInfo or, as RFC 6376 writes, RSAPublicKey (DER) */
	TLS_KEY_ED25519, /* the 32 bytes (RFC 8032) */
};

struct tls_key;
/* NULL: these bytes are no such key, or one longer than TLS_KEY_BITS_MAX. */
struct tls_key *tls_key_read(enum tls_key_kind kind, struct span bytes);
void tls_key_free(struct tls_key *k); /* NULL is allowed */
unsigned tls_key_bits(const struct tls_key *k);
#define TLS_KEY_BITS_MAX 16384u

/* Whether it is the key's signature of that text: RSASSA-PKCS1-v1_5 with SHA-256, or Ed25519 of the
 * text's SHA-256 digest (RFC 8463 §3). */
bool tls_key_verify(const struct tls_key *k, struct span text, struct span signature);

/* A private key in PEM, RSA or Ed25519. NULL, or what is wrong (static). One that is locked with a
 * passphrase is refused: nobody is asked. */
const char *tls_key_read_private(struct span pem, struct tls_key **out);
enum tls_key_kind tls_key_kind(const struct tls_key *k);
/* Appends the signature of the text, as tls_key_verify() takes it. 0, or -1: it is no private key,
 * or OpenSSL failed. */
int tls_key_sign(const struct tls_key *k, struct span text, struct buf *out);

#endif
