/*
 * spf_repair: an SPF record that lists one more address, as it is to be published.
 */
#ifndef CHECK_SPF_REPAIR_H
#define CHECK_SPF_REPAIR_H

#include "base/buf.h"
#include "net/address.h"

/* Appends `record` with ip4: or ip6: of the address before the term that speaks of everybody else
 * (all, redirect=); record NULL: a new one, for the domain's mail hosts and the address (NULL:
 * only them). */
void spf_repair(const char *record, const struct net_address *ip, struct buf *out);
/* Appends text as the strings of a TXT record in a zone file: each at most 255 bytes (RFC 1035
 * §3.3.14), " and \ escaped. */
void spf_repair_quote(struct span text, struct buf *out);

#endif
