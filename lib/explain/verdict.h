/*
 * verdict: what a reply means, as values from closed lists.
 *
 * The order of trust: who is speaking, the wording, the enhanced code, the code; where a command
 * stands (the stage) decides between equals and is a condition of many rules. Large providers give
 * registered codes other meanings, so a code alone is trusted least. Strings are borrowed from the
 * rules; nothing here fails.
 */
#ifndef EXPLAIN_VERDICT_H
#define EXPLAIN_VERDICT_H

#include <stdbool.h>

#include "explain/reason.h"
#include "smtp/enhanced.h"

struct explain_verdict {
	enum explain_reason reason; /* never NONE */
	enum explain_stage stage;
	enum explain_side side;
	int class; /* 2 to 5; 0: there is no code at all */
	int code;  /* 0: only an enhanced code is known */
	struct smtp_enhanced enhanced;
	const char *provider, *provider_name; /* "google", "Google"; NULL: not known */
	bool temporary;
	bool retry_said;  /* the server itself named the time */
	long retry_after; /* seconds until a new try makes sense; 0: none does, or none is needed */
	bool guess;
	bool consequence;    /* of refusals before it, such as DATA after a refused RCPT */
	const char *rule;    /* which decided; NULL: the class digit did */
	const char *pattern; /* the wording that decided, as a pattern; NULL: none */
	const char *source;  /* of the rule; may be NULL */
	bool by_provider, by_stage, by_wording, by_enhanced, by_code; /* what the rule looked at */
};

/* The time in words such as "try again in 5 minutes" or "retry in 00:04:51", in seconds; 0: none.
 */
long explain_retry_said(struct span text);

#endif
