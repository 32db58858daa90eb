/*
 * spf: may this address send mail for that domain? (RFC 7208), with a trace that says why.
 *
 * The check is a function over the lookups: SPF_PENDING means that an answer is on its way and the
 * report is not finished; call again when something came. A report owns its strings, which are not
 * safe to show. Limits are the RFC's: ten terms that ask the DNS, two void look-ups, ten MX and ten
 * PTR names.
 */
#ifndef CHECK_SPF_H
#define CHECK_SPF_H

#include <stdbool.h>
#include <stdint.h>

#include "check/lookups.h"
#include "net/address.h"

#define SPF_TERMS_ASKING_MAX 10u
#define SPF_VOIDS_MAX        2u
#define SPF_NAMES_MAX        10u

enum spf_result { /* RFC 7208 §2.6 */
	          SPF_NONE,
	          SPF_NEUTRAL,
	          SPF_PASS,
	          SPF_FAIL,
	          SPF_SOFTFAIL,
	          SPF_TEMPERROR,
	          SPF_PERMERROR,
	          SPF_PENDING,
};
const char *spf_result_name(enum spf_result r); /* "none", … */

struct spf_query {
	struct net_address ip;
	const char *from;     /* the envelope sender; NULL or "": the null sender, HELO is judged */
	const char *helo;     /* ASCII; may be "" */
	const char *receiver; /* %{r}; NULL: unknown */
	int64_t now;          /* %{t}: seconds since 1970 */
};

struct spf_step {       /* a line of the trace */
	unsigned depth; /* how many includes and redirects deep */
	char *domain;   /* whose record */
	char *term;     /* as written; "" for the record itself */
	char *text;     /* what was found and what follows from it */
	unsigned asks;  /* terms that ask the DNS, this one included, until here and below it */
	bool matched;
};

struct spf_report {
	enum spf_result result;
	char *domain;      /* that was judged */
	char *reason;      /* one sentence: which term decided, and why */
	char *explanation; /* the domain owner's (exp=), or NULL */
	struct spf_step *steps;
	size_t count, room;
	unsigned asks, voids; /* what was used of the limits */
};

/* The report is begun anew each time. */
enum spf_result spf_check(struct lookups *l, const struct spf_query *q, struct spf_report *out);
void spf_report_init(struct spf_report *r);
void spf_report_release(struct spf_report *r);

#endif
