/*
 * spf_record: reads an SPF record into its terms (RFC 7208 §4.5, §4.6.1, §5, §6).
 *
 * A record with one fault in it is no record: every term is checked before any is used. Owned by
 * who got it; the spans are of the record's own copy of the text. Limit: SPF_TERMS_MAX terms.
 */
#ifndef CHECK_SPF_RECORD_H
#define CHECK_SPF_RECORD_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/span.h"
#include "net/address.h"

#define SPF_TERMS_MAX 1000u

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
	SPF_MECHANISM_COUNT
};

struct spf_term {
	enum spf_mechanism mechanism;
	char qualifier;             /* + - ~ ? */
	struct span text;           /* as written */
	struct span domain;         /* macros not expanded; p NULL: the current domain */
	struct net_address network; /* ip4, ip6 */
	unsigned prefix4, prefix6;  /* bits */
};

struct spf_record {
	char *text;
	struct spf_term *terms;
	size_t count, room;
	struct span redirect, exp; /* p NULL: not there */
	struct span redirect_text; /* as written */
};

/* Whether a TXT record says that it is an SPF record. */
bool spf_record_is(struct span txt);
/* NULL and d: the term and what is wrong with it. */
struct spf_record *spf_record_parse(struct span txt, struct diag *d);
void spf_record_free(struct spf_record *r);
/* "include", "a", … */
const char *spf_mechanism_name(enum spf_mechanism m);
/* Whether it counts among the ten terms that ask the DNS (§4.6.4). */
bool spf_mechanism_asks(enum spf_mechanism m);

#endif
