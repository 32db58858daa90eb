/*
 * tags: "v=DMARC1; p=none": the list of tags that DKIM, DMARC, MTA-STS, TLS-RPT and BIMI records
 * are (RFC 6376 §3.2).
 *
 * Borrows the text. Names are compared in their case, as the RFC says; blanks around names and
 * values do not count. Limit: TAGS_MAX tags.
 */
#ifndef CHECK_TAGS_H
#define CHECK_TAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

#define TAGS_MAX 64u

struct tags {
	struct {
		struct span name, value;
	} list[TAGS_MAX];
	size_t count;
};

/* NULL, or what is wrong: a tag without "=", a name that is none, a tag that stands twice. */
const char *tags_read(struct span text, struct tags *out);
/* The value, or a span with p NULL: there is no such tag. */
struct span tags_find(const struct tags *t, const char *name);
/* Whether the text begins with that version tag, e.g. "DMARC1". */
bool tags_are(struct span text, const char *version);
/* Without the blanks at both ends, and the line ends of a folded header field. */
struct span tags_trim(struct span s);

#endif
