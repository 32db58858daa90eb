/*
 * part: one part of a check: a function over the lookups; private to this folder.
 *
 * It is called with an empty list, again and again until it returns true; what it added before is
 * thrown away each time. False: an answer that it needs is on its way.
 */
#ifndef CHECK_PART_H
#define CHECK_PART_H

#include "check/check.h"
#include "check/dkim.h"
#include "check/fetch.h"
#include "check/lookups.h"
#include "check/probe.h"
#include "check/spf.h"
#include "check/tags.h"

/* Of a message: what one part found and another needs; kept between their calls. */
struct message_work {
	bool verified; /* `dkim` is complete */
	struct dkim_verdicts dkim;
	bool judged; /* `spf` is complete; its domain is NULL when too little is known */
	struct spf_report spf;
};

enum { PART_HOSTS_MAX = 5, PART_ADDRESSES_MAX = 4 }; /* that are spoken to */

struct part {
	struct lookups *lookups;
	struct probes *probes;
	struct fetch *fetch;
	const struct check_question *q;
	struct findings *out;
	struct message_work *work;
};

typedef bool part_fn(struct part *p);

part_fn part_hosts;                           /* part_hosts.c */
part_fn part_mx, part_mx_addresses;           /* part_mx.c */
part_fn part_spf, part_dmarc, part_dkim;      /* part_sender.c */
part_fn part_sender_address, part_blocklists; /* part_address.c */
part_fn part_sts;                             /* part_sts.c */
part_fn part_tls_reports, part_bimi;          /* part_protected.c */
part_fn part_dane;                            /* part_dane.c */
part_fn part_dnssec;                          /* part_dnssec.c */
part_fn part_caa;                             /* part_caa.c */

part_fn part_received, part_results;         /* part_message.c; q->mail is set */
part_fn part_message_dkim, part_message_spf; /* part_message_auth.c */
part_fn part_message_dmarc;                  /* part_message_dmarc.c */

/* Asks one more blocklist, whose answers mean no more than "listed". False: waiting. */
bool part_named_list(struct part *p, const char *zone);
enum check_verdict part_spf_verdict(enum spf_result r);
void part_spf_trace(struct finding *f, const struct spf_report *r);
/* What the MX records say of the domain: whether it exists, and whether it takes no mail on
 * purpose. False: waiting. */
bool part_domain(struct part *p, bool *exists, bool *null_mx);
/* The names of the hosts that take the domain's mail: those of its MX records, or the domain itself
 * when it has none (RFC 5321 §5.1); the first `max` (at least 1), borrowed. False: waiting. */
bool part_mail_hosts(struct part *p, const char **hosts, size_t max, size_t *count);
/* Whether we may speak to that address: an MX record of a stranger must not make us knock at
 * machines of our own network. */
bool part_may_speak(const struct net_address *to, bool private_too);
unsigned part_port(const struct part *p); /* where mail hosts are spoken to: 25 */
/* What the host did when it was spoken to at that address (its port does not count); NULL:
 * waiting. PROBE_NOT_MADE where we may not speak. */
const struct probe_result *part_probe(struct part *p, const char *host,
                                      const struct net_address *to);
/* Whether a SERVFAIL is about wrong DNSSEC signatures: the same resolver answers when it may leave
 * them unchecked (RFC 4035 §3.2.2). False: waiting. */
bool part_bogus(struct part *p, const struct dns_answer *a, bool *wrong);
/* Whether the resolver checks signatures, so that its silence about a name says something: it
 * vouches for the root zone. False: waiting. */
bool part_dnssec_checked(struct part *p, bool *checked);
/* The one record of that version at prefix.domain: its tags. 1; 0: there is none, or a finding says
 * what is wrong; -1: waiting. */
int part_one_record(struct part *p, const char *id, const char *prefix, const char *version,
                    const struct dns_answer **a, struct tags *t);
/* Asks for a TXT record of `prefix`.domain; NULL: on its way. */
const struct dns_answer *part_ask_below(struct part *p, const char *prefix, enum dns_type type);
/* Adds the finding for a look-up that failed, and says so; false when it did not fail. */
bool part_failed(struct part *p, enum check_group group, const char *id,
                 const struct dns_answer *a);
/* Finds the records among TXT whose version tag is that: how many, and the first. */
size_t part_versioned(const struct dns_answer *a, const char *version, struct span *first);

#endif
