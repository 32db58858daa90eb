/*
 * restrict_dns: look-ups as Postfix's dns_lookup() sees them; for restrict_*.c only.
 */
#ifndef PRACTICE_RESTRICT_DNS_H
#define PRACTICE_RESTRICT_DNS_H

#include "practice/restrict_state.h"

enum lookup { LOOKUP_FOUND, LOOKUP_NONE, LOOKUP_NULL_MX, LOOKUP_UNSURE };

/* *out is the answer of LOOKUP_FOUND, which the caller frees, else NULL. */
enum lookup lookup(const struct check *c, const char *name, enum dns_type type,
                   struct dns_answer **out);
const char *lookup_words(enum lookup l); /* "an answer", "nothing" */
/* "77.2.0.192" or the nibbles of an IPv6 address, and ".domain"; without a domain the name that
 * has the PTR record. Heap; NULL: it is no address. */
char *lookup_reversed(const char *address, const char *domain);

#endif
