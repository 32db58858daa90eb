/*
 * proof: whether a mail is proven to come from whom it says: SPF, DKIM and DMARC, asked of practice
 * DNS.
 *
 * lib/check decides; here is what a receiving server does with it. All answers are there at once,
 * so nothing waits. A proof owns its strings, which may hold bytes of a peer.
 */
#ifndef PRACTICE_PROOF_H
#define PRACTICE_PROOF_H

#include <stdbool.h>

#include "check/dmarc.h"
#include "check/spf.h"
#include "practice/world.h"

struct proof_query {
	const struct world *world;
	const char *client;        /* its address */
	const char *helo, *sender; /* as given; helo may be NULL, sender "" */
	const char *receiver;      /* who asks: the host's name */
	struct span message;       /* as it came; for proof_message() */
};

struct proof {
	enum spf_result spf;
	char *spf_domain, *spf_reason;
	/* proof_message() only */
	bool dkim;        /* a signature passes */
	char *dkim_words; /* "pass (home.test)", "none", … of the first signature, or the one that
	                     passes */
	char *from;       /* the domain of From; NULL: there is none */
	enum { PROOF_NO_POLICY, PROOF_ALIGNED, PROOF_UNSURE, PROOF_FAILED } dmarc;
	enum dmarc_policy policy; /* of the domain in From, unless NO_POLICY */
};

void proof_spf(const struct proof_query *q, struct proof *out);
void proof_message(const struct proof_query *q, struct proof *out);
void proof_release(struct proof *p);

#endif
