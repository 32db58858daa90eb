/*
 * dane: the TLSA records of a mail server, and whether they may be believed (RFC 7672, RFC 6698).
 *
 * The look-up is asynchronous, through a network. The callback comes once, from the loop, unless
 * the handle is cancelled before. A result is owned by who got it. Whether DNSSEC vouches for an
 * answer is the resolver's word (the AD bit): it counts only from a resolver on this machine, or
 * when told so; everybody on the path to another one can set that bit.
 */
#ifndef NET_DANE_H
#define NET_DANE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/network.h"
#include "net/tls.h"

struct dane_record { /* RFC 6698 §2.1; `data` borrows from the dns_record */
	unsigned char usage, selector, matching;
	const unsigned char *data;
	size_t size;
};
/* 0, or -1 when the rdata is too short to be one. */
int dane_record_read(const struct dns_record *from, struct dane_record *out);
/* Whether the usage means anything between mail servers (RFC 7672 §3.1.3): 2 and 3 do. */
bool dane_usage_counts(const struct dane_record *r);
/* Whether it can be used: that, and a known selector and digest of the right length. */
bool dane_record_usable(const struct dane_record *r);

/* Whether the AD bit of this answer counts: it is set, and its resolver is on this machine or
 * `trust_ad`. For the answers on the way here too: MX, A, AAAA. */
bool dane_answer_secure(const struct dns_answer *a, bool trust_ad);

/* --- one record beside what a server has shown --- */

enum dane_match {
	DANE_MATCH_NOT,    /* it names nothing in the chain */
	DANE_MATCH_FAULTY, /* it names an issuer, but the chain below has a fault: see `why` */
	DANE_MATCH,        /* it would prove the server (RFC 7672 §3.1, §3.2) */
	DANE_MATCH_USELESS /* it cannot be used: dane_record_usable() */
};
/* Judges the chain of a finished handshake by this record alone. why (may be NULL) gets what is
 * wrong with a FAULTY one, in words. Defined in tls_dane.c. */
enum dane_match dane_record_match(const struct dns_record *record, const struct tls_report *seen,
                                  const char *host, struct buf *why);

struct dane_question {         /* strings are borrowed during dane_look_up() */
	const char *host;      /* the server's name, ASCII */
	const char *canonical; /* where its aliases lead, if all of them are secure; or NULL */
	unsigned port;
	bool trust_ad;
	bool address_secure; /* the A or AAAA answer was secure: without that there is no DANE and
	                        nothing is looked up (RFC 7672 §2.2.2) */
	bool mx_secure;      /* the host was typed, or came from a secure MX answer (§2.2.1) */
};

struct dane_result {
	enum tls_dane state;
	char *host;              /* whose records count; prove and send (SNI) this name */
	char *name;              /* what was asked, "_25._tcp.HOST"; NULL when nothing was */
	struct dns_answer *tlsa; /* the answer; NULL when nothing was asked */
	bool trusted;            /* that resolver's word counts */
	bool mx_secure;          /* if not, whoever can forge the MX answer chose this host */
	size_t usable;           /* records */
	char *why;               /* a sentence part: how the state came about */
};

struct dane_lookup;
typedef void dane_fn(void *arg, struct dane_result *result); /* handed over, never NULL */

struct dane_lookup *dane_look_up(struct network *n, const struct dane_question *q, dane_fn *fn,
                                 void *arg);
void dane_cancel(struct dane_lookup *l); /* NULL is allowed; not after the callback */
void dane_result_free(struct dane_result *r);

/* The `tlsa` for struct tls_target: NULL unless the state is SECURE. */
const struct dns_answer *dane_result_tlsa(const struct dane_result *r);

#endif
