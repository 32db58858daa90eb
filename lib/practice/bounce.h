/*
 * bounce: the text of the messages by which a practice host tells a sender what became of a mail
 * (RFC 3464, in a multipart/report of RFC 6522), in the words of Postfix's bounce(5).
 */
#ifndef PRACTICE_BOUNCE_H
#define PRACTICE_BOUNCE_H

#include "practice/queue_state.h"

enum bounce_kind {
	BOUNCE_FAILURE,
	BOUNCE_DELAY,
	BOUNCE_SUCCESS,
	BOUNCE_POSTMASTER, /* a copy, when the sender cannot be told */
};

struct bounce {
	enum bounce_kind kind;
	const struct attempt *a;
	const char *id; /* of the notification */
	const char *to; /* whom it goes to */
	bool full;      /* the whole message goes back, not its header only */
};
/* The whole notification, header first, CRLF line ends. */
void bounce_write(const struct bounce *b, struct buf *out);
/* Whether the sender is to be told about this recipient (RFC 3461 §4.1). */
bool bounce_tells(const struct report *r, enum bounce_kind kind);

#endif
