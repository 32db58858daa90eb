/*
 * why_state: what the checks of why share; private to this folder.
 *
 * A check is called again and again until it returns true; what it left in `out` before is thrown
 * away each time. False: an answer that it needs is on its way.
 */
#ifndef CHECK_WHY_STATE_H
#define CHECK_WHY_STATE_H

#include "check/part.h"
#include "check/why.h"

struct why_work {
	struct lookups *lookups;
	struct probes *probes;
	const struct why_facts *f;
	int64_t now;
	struct why_answer *out;
};

typedef bool why_check_fn(struct why_work *w);

/* why_sender.c: who sends */
why_check_fn why_spf, why_dmarc, why_dkim, why_ptr, why_helo, why_blocklists;
/* why_names.c: the domains of the envelope */
why_check_fn why_sender_domain, why_recipient_domain, why_mx_here, why_others, why_port;
/* why_session.c: what was said in the conversation */
why_check_fn why_size, why_tls, why_auth, why_form, why_parameter, why_order, why_wait;
why_check_fn why_recipients, why_utf8, why_verb;

/* Ends a check: always true. */
bool why_end(struct why_work *w, const char *outcome);
void why_set(struct why_work *w, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* The finding that keeps what was asked. */
struct finding *why_evidence(struct why_work *w);
/* The domain of an address in ASCII, heap; NULL: there is none, or none that can be one. */
char *why_domain_of(const char *address);
/* Whether the server offered the keyword; its argument if wanted (borrowed). */
bool why_offers(const struct why_facts *f, struct span keyword, struct span *argument);

#endif
