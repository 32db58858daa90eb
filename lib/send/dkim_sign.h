/*
 * dkim_sign: makes a DKIM-Signature field (RFC 6376; RFC 8463 for Ed25519), relaxed/relaxed.
 *
 * Signs the fields that readers see or that decide how the body is read, each as often as it is
 * there; and once more, so that nobody can add one (RFC 6376 §8.15), where only one may be.
 */
#ifndef SEND_DKIM_SIGN_H
#define SEND_DKIM_SIGN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "net/tls_key.h"

struct dkim_signer {
	const struct tls_key *key;
	const char *domain; /* d=; NULL: the domain of From */
	const char *selector;
	int64_t now; /* t= */
};

/* Reads the key in that file (PEM). NULL and d: no such file, no such key, or RSA of less than 1024
 * bits (RFC 8301 §3.2). */
struct tls_key *dkim_sign_key(const char *path, struct diag *d);
/* Appends the field, with its line end, for a header (CRLF, without the empty line) and the digest
 * of the canonical body. 0, or -1 and d. */
int dkim_sign(const struct dkim_signer *s, struct span header,
              const unsigned char body_hash[TLS_SHA256_SIZE], struct buf *out, struct diag *d);

#endif
