/*
 * pattern: the regular expressions of S~ (POSIX ERE), compiled once.
 *
 * An expression may match anywhere in a line; case counts. Limits, so that no file can take all
 * memory or time: SESSION_PATTERN_MAX bytes, repetition counts whose product is at most 1000, no
 * back-references (which are no part of ERE).
 */
#ifndef SESSION_PATTERN_H
#define SESSION_PATTERN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

#define SESSION_PATTERN_MAX 1024u

struct session_pattern;

/* NULL and a sentence part in `why` when it is not one. */
struct session_pattern *session_pattern_new(struct span ere, struct buf *why);
void session_pattern_free(struct session_pattern *p);
bool session_pattern_match(const struct session_pattern *p, struct span text);
/* Appends text so that in an expression it stands for itself. */
void session_pattern_quote(struct span text, struct buf *out);

#endif
