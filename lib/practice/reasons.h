/*
 * reasons: why a practice host answered as it did: which list, which entry, what it looked at.
 *
 * Gathered while a command is judged, shown by /why. Owns its strings, which are safe to show. At
 * most REASONS_MAX steps are kept of a command.
 */
#ifndef PRACTICE_REASONS_H
#define PRACTICE_REASONS_H

#include "base/buf.h"
#include "base/span.h"

#define REASONS_MAX 100

enum reason_outcome {
	REASON_GOES_ON, /* the entry has nothing against it, and nothing for it */
	REASON_PERMITS, /* the rest of this list is not looked at */
	REASON_REFUSES,
	REASON_WARNS,    /* it would refuse, but for warn_if_reject */
	REASON_REMEMBERS /* it will defer, if nothing else refuses */
};

struct reasons;

struct reasons *reasons_new(void);
void reasons_free(struct reasons *r);
void reasons_clear(struct reasons *r);
/* `looked`: a clause without a full stop; bytes of a peer in it are made safe here. */
void reasons_add(struct reasons *r, const char *list, const char *entry,
                 enum reason_outcome outcome, const char *looked);
/* A reason that is no restriction: "smtpd_helo_required = yes". */
void reasons_say(struct reasons *r, const char *what, const char *looked);
/* One line a step, the last one first: what decided. */
void reasons_write(const struct reasons *r, struct buf *out);
size_t reasons_count(const struct reasons *r);

#endif
