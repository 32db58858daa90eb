/*
 * idn: internationalised domain names (RFC 5890, RFC 5891) through libidn2, non-transitional.
 */
#ifndef NET_IDN_H
#define NET_IDN_H

#include "base/diag.h"
#include "base/span.h"

/* The ASCII form of a domain name, lower case, without final dot; heap, the caller frees it. NULL
 * and d when it cannot be one (empty label, label over 63, name over 253, forbidden characters).
 * ASCII input does not load libidn2's tables; '_' labels are allowed. */
char *idn_to_ascii(struct span name, struct diag *d);

#endif
