/*
 * check: everything that can be asked about a domain, an address or a mailbox, in parallel.
 *
 * A check is made of parts (part.h). Each is called again when an answer came, until it is
 * complete; then its findings are told, once, in the order of the parts. Owned by who made it; what
 * it is given is borrowed until it is freed.
 */
#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "check/fetch.h"
#include "check/finding.h"
#include "check/mail.h"
#include "check/probe.h"
#include "net/network.h"

struct check_question {
	const struct mail *mail;      /* a message: then that is checked, not `domain` */
	const char *domain;           /* ASCII, without final dot */
	const char *from;             /* envelope sender, or NULL */
	const char *helo;             /* or NULL */
	const struct net_address *ip; /* the sending address, or NULL */
	const char *const *selectors; /* of DKIM */
	size_t selector_count;
	const struct prober *prober;   /* who speaks to the mail hosts; NULL: nobody does */
	bool private_too;              /* also to hosts with private and loopback addresses */
	unsigned smtp_port;            /* of the mail hosts; 0: 25 */
	const struct fetcher *fetcher; /* who fetches the MTA-STS policy; NULL: nobody does */
	bool trust_ad;                 /* believe any resolver's word on DNSSEC (dane.h) */
	int64_t timeout_ms;            /* over everything; 0: 30 s */
	int64_t now;                   /* seconds since 1970 */
};

struct check;

/* From the loop: the findings of the next part; NULL: that was all. */
typedef void check_fn(void *arg, const struct findings *f);

struct check *check_new(struct network *n, const struct check_question *q, check_fn *fn, void *arg);
void check_free(struct check *c); /* NULL is allowed; also from its callback */

#endif
