/*
 * dns_rr: what the message codec and the zones share: ldns's names and records turned into ours.
 *
 * For dns_*.c only. The types are ldns's; the header does not include it, so that the rest of the
 * folder stays free of it.
 */
#ifndef NET_DNS_RR_H
#define NET_DNS_RR_H

#include "net/dns.h"

struct ldns_struct_rdf;
struct ldns_struct_rr;
struct ldns_struct_rr_list;

/* NULL when the text cannot be a name. The caller frees it with ldns_rdf_deep_free(). */
struct ldns_struct_rdf *dns_name_parse(const char *text);
/* Presentation form without final dot; heap; "" is the root. */
char *dns_name_text(const struct ldns_struct_rdf *name);

/* Adds to `a` the records of a->type that `owner` has in the list; they are copied under that
 * name. *alias becomes the target of the owner's CNAME (borrowed from the list), or NULL when it
 * has none or none has to be followed. -1 when a record that matters is broken. */
int dns_rrs_collect(const struct ldns_struct_rr_list *list, const struct ldns_struct_rdf *owner,
                    struct dns_answer *a, const struct ldns_struct_rdf **alias);

#endif
