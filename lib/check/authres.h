/*
 * authres: what a server says of its own checks in Authentication-Results (RFC 8601 §2.2).
 *
 * Owns its strings, which are not safe to show. Anybody can write such a field: it counts only when
 * the server that it names is one's own (§1.2). Limit: AUTHRES_MAX results, AUTHRES_PROPERTIES_MAX
 * properties each.
 */
#ifndef CHECK_AUTHRES_H
#define CHECK_AUTHRES_H

#include <stddef.h>

#include "base/span.h"

#define AUTHRES_MAX            50u
#define AUTHRES_PROPERTIES_MAX 16u

struct authres_result {
	char *method, *result; /* lower case */
	char *reason;          /* or NULL */
	struct {
		char *type, *name, *value; /* "smtp", "mailfrom", "…" */
	} properties[AUTHRES_PROPERTIES_MAX];
	size_t count;
};

struct authres {
	char *server; /* authserv-id; "": the field begins with a result */
	struct authres_result *results;
	size_t count, room; /* no results: "none" */
};

/* NULL, or what is wrong (static); release in either case: what was read before the fault stays. */
const char *authres_read(struct span value, struct authres *out);
void authres_release(struct authres *a);
/* What the method looks at, and what the result means (§2.7); NULL: not known. */
const char *authres_method_text(const char *method);
const char *authres_result_text(const char *result);

#endif
