/*
 * dmarc: the DMARC policy that holds for a domain (RFC 9989), found by walking up the DNS tree.
 *
 * A function over the lookups: false means that an answer is on its way. The result owns its
 * strings, which are not safe to show. Which of the older rules (RFC 7489) give another answer
 * cannot be told without a list of public suffixes, so it is not guessed.
 */
#ifndef CHECK_DMARC_H
#define CHECK_DMARC_H

#include <stdbool.h>

#include "check/lookups.h"

#define DMARC_WALK_MAX 8u /* RFC 9989 §4.10 */

enum dmarc_policy { DMARC_NONE, DMARC_QUARANTINE, DMARC_REJECT };
const char *dmarc_policy_name(enum dmarc_policy p);

struct dmarc_record {
	char *domain; /* it stands at _dmarc. this */
	char *text;
	enum dmarc_policy p, sp,
	        np; /* sp and np as they hold: inherited where they are not given */
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s */
	bool testing;                 /* t=y */
	char psd;                     /* 'y', 'n' or 'u' */
	char *rua;                    /* or NULL */
	const char *old; /* a tag of RFC 7489 that RFC 9989 has no more: "pct", …; or NULL */
};

struct dmarc {
	enum { DMARC_FOUND, DMARC_NO_RECORD, DMARC_FAULTY, DMARC_UNKNOWN } status;
	const char *fault;   /* FAULTY: what is wrong with a record; static */
	char *fault_at;      /* FAULTY and UNKNOWN: the name that was asked */
	enum dns_status dns; /* UNKNOWN: how the look-up ended */
	char *organization;  /* the organizational domain (§4.10.2) */
	struct dmarc_record
	        walked[DMARC_WALK_MAX]; /* all records on the way, the first the lowest */
	size_t count;
	const struct dmarc_record *record; /* FOUND: the one that holds */
	enum dmarc_policy policy;          /* FOUND: for mail of this domain */
	const char *policy_tag;            /* "p", "sp", "np": where it is from */
};

/* False: waiting. The result is begun anew each time. */
bool dmarc_find(struct lookups *l, const char *domain, struct dmarc *out);
/* Whether another domain stands for `domain`, whose DMARC `d` is (§4.4). 1, 0; -1: waiting; -2: a
 * look-up failed. */
int dmarc_stands_for(struct lookups *l, const struct dmarc *d, const char *domain,
                     const char *other, bool strict);
void dmarc_init(struct dmarc *d);
void dmarc_release(struct dmarc *d);
/* NULL, or what is wrong with a record's text. */
const char *dmarc_record_read(struct span text, struct dmarc_record *out);
void dmarc_record_release(struct dmarc_record *r);

#endif
