/*
 * sts: the policy file of MTA-STS (RFC 8461 §3.2), and which hosts it names (§4.1).
 *
 * A policy owns its strings, which are not safe to show. A text that is not a policy is NULL in
 * sts_policy_read()'s result, and what is wrong in words. Limits: the caller's on the text,
 * STS_MX_MAX patterns (more are counted).
 */
#ifndef CHECK_STS_H
#define CHECK_STS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

#define STS_POLICY_MAX  (64u << 10) /* bytes of a policy file (§3.3) */
#define STS_MX_MAX      100u
#define STS_MAX_AGE_MAX 31557600ul /* seconds (§3.2) */

enum sts_mode { STS_ENFORCE, STS_TESTING, STS_NONE };
const char *sts_mode_name(enum sts_mode m);
const char *sts_mode_text(enum sts_mode m); /* what senders do then: a sentence part */

struct sts_policy {
	enum sts_mode mode;
	unsigned long max_age; /* seconds */
	char **mx;             /* "mx.example.com", "*.example.com" */
	size_t count, dropped;
};

/* NULL, or what is wrong (static). *line is where, 0: about the whole. The policy is to be released
 * in both cases. */
const char *sts_policy_read(struct span text, struct sts_policy *out, size_t *line);
void sts_policy_release(struct sts_policy *p);

/* Whether a pattern names the host: "*." stands for exactly one label (§4.1). */
bool sts_mx_matches(const char *pattern, const char *host);
/* Whether any pattern of the policy does. */
bool sts_policy_names(const struct sts_policy *p, const char *host);
/* Whether the value of id= in the record is one: 1 to 32 letters and digits (§3.1). */
bool sts_id_valid(struct span id);

#endif
