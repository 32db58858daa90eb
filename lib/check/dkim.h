/*
 * dkim: DKIM signatures and keys (RFC 6376; RFC 8301 forbids SHA-1 and short keys; RFC 8463 adds
 * Ed25519).
 *
 * Verifying is a function over the lookups: false means that a key is on its way. Results own their
 * strings, which are not safe to show. Limits: DKIM_SIGNATURES_MAX signatures of a message are
 * verified, the others counted.
 */
#ifndef CHECK_DKIM_H
#define CHECK_DKIM_H

#include <stdbool.h>
#include <stdint.h>

#include "check/lookups.h"
#include "check/mail.h"
#include "net/tls_key.h"

#define DKIM_SIGNATURES_MAX 20u
#define DKIM_KEY_BITS_MIN   1024u /* RFC 8301 §3.2: verifiers must not accept less */
#define DKIM_KEY_BITS_GOOD  2048u /* and signers should use this */
#define DKIM_BASE64_MAX     (32u << 10)

/* --- key records (§3.6.1) --- */

struct dkim_key {
	enum tls_key_kind kind;
	struct tls_key *key; /* NULL: revoked, or faulty */
	bool revoked;        /* p= is empty */
	bool testing;        /* t=y */
	bool same_domain;    /* t=s: the identity must be of the very domain */
};
/* NULL, or what is wrong with the record (static). Release in either case. */
const char *dkim_key_read(struct span record, struct dkim_key *out);
void dkim_key_release(struct dkim_key *k);

/* --- signatures (§3.5) --- */

struct dkim_signature { /* spans borrow from the field's value */
	enum tls_key_kind kind;
	bool sha1; /* rsa-sha1 */
	bool relaxed_header, relaxed_body;
	struct span domain, selector, headers;
	struct buf identity; /* i=, without blanks; empty: not given */
	struct buf body_hash, signature;
	bool limited; /* l= is there */
	uint64_t limit;
	int64_t made, expires; /* t=, x=; -1: not there */
};
/* NULL, or what is wrong with the value of a DKIM-Signature field (static). Release in either case.
 */
const char *dkim_signature_read(struct span value, struct dkim_signature *out);
void dkim_signature_release(struct dkim_signature *s);

/* --- canonical forms (§3.4) --- */

/* Appends a field; `whole` with its line end, which the result has too. */
void dkim_canonical_field(struct span whole, bool relaxed, struct buf *out);
void dkim_canonical_body(struct span body, bool relaxed, struct buf *out);

struct dkim_body { /* the same in pieces: zero at the start, but for `relaxed` */
	bool relaxed;
	bool open;      /* private, as all that follows: the line has something in it */
	bool blank, cr; /* seen, and not yet known to count */
	bool any;       /* something was appended */
	uint64_t empty; /* lines that count only when another one follows */
};
void dkim_body_add(struct dkim_body *b, struct span piece, struct buf *out);
void dkim_body_end(struct dkim_body *b, struct buf *out);
/* Appends what the signature in `field` signs: the fields that it names, then itself without b=
 * (§3.7). */
void dkim_canonical_header(const struct mail *m, const struct mail_field *field,
                           const struct dkim_signature *s, struct buf *out);

/* --- verifying (§6.1) --- */

enum dkim_result { /* RFC 8601 §2.7.1 */
	           DKIM_PASS,
	           DKIM_FAIL,      /* the message or the signature was changed */
	           DKIM_POLICY,    /* it may be right, but must not count */
	           DKIM_NEUTRAL,   /* the signature cannot be read */
	           DKIM_TEMPERROR, /* the key could not be asked for */
	           DKIM_PERMERROR, /* there is no key that can be used */
};
const char *dkim_result_name(enum dkim_result r);

struct dkim_verdict {
	enum dkim_result result;
	char *reason;            /* one sentence part */
	char *domain, *selector; /* or NULL */
	char *algorithm;         /* "rsa-sha256, 2048 bits", or NULL */
	char *note;              /* what should be known even of one that passes; lines, or NULL */
	const struct dns_answer *asked; /* borrowed from the lookups; NULL: no key was asked for */
};
struct dkim_verdicts {
	struct dkim_verdict list[DKIM_SIGNATURES_MAX];
	size_t count, dropped;
};
/* now: seconds since 1970, for x=. False: waiting, and nothing is in `out`. */
bool dkim_verify(struct lookups *l, const struct mail *m, int64_t now, struct dkim_verdicts *out);
void dkim_verdicts_release(struct dkim_verdicts *v);

#endif
