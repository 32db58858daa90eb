/*
 * tls_forge: an authority of our own, and the certificates that it signs, good and faulty.
 *
 * For the practice internet and for tests: keys are made in memory (EC P-256, because they are made
 * while somebody waits) and no file is ever written. There is a root, which clients shall trust,
 * and an intermediate, which signs. Both may prove only names below one domain (RFC 5280
 * §4.2.1.10), so that even a root that was copied out proves nothing elsewhere.
 */
#ifndef NET_TLS_FORGE_H
#define NET_TLS_FORGE_H

#include <stdbool.h>
#include <stddef.h>

struct tls_forge;
struct tls_identity; /* a private key, its certificate, and what is sent with it */

/* `owner` stands in the authority's names; `domain` ("test") is all it may speak for. NULL when
 * OpenSSL cannot. */
struct tls_forge *tls_forge_new(const char *owner, const char *domain);
void tls_forge_free(struct tls_forge *f);
const char *tls_forge_root(const struct tls_forge *f); /* PEM */

struct tls_wish {
	const char *const *names; /* DNS names; the first is the subject's too */
	size_t name_count;
	int from_days, to_days; /* validity, in days from now: -30 is a month ago */
	bool self_signed;       /* by its own key, by no authority */
	bool incomplete;        /* the intermediate is not sent */
};
/* NULL when OpenSSL cannot, or without a name. */
struct tls_identity *tls_forge_make(const struct tls_forge *f, const struct tls_wish *wish);
/* The digest of its public key that a TLSA record 3 1 1 has (RFC 6698 §2.1): 0, or -1. */
int tls_identity_digest(const struct tls_identity *i, unsigned char out[32]);
void tls_identity_free(struct tls_identity *i);

#endif
