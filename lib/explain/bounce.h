/*
 * bounce: what a mail system wrote about a mail that it could not deliver.
 *
 * Delivery status notifications (RFC 3464, in a multipart/report of RFC 6522), and the older shapes
 * that are only text: of qmail and its descendants, sendmail, Exim, Postfix, Exchange, Gmail and
 * others. A machine's fields are trusted before its prose; the prose adds what the fields leave
 * out. Owns its strings, which are not safe to show.
 */
#ifndef EXPLAIN_BOUNCE_H
#define EXPLAIN_BOUNCE_H

#include "explain/explain.h"
#include "explain/mime.h"
#include "explain/said.h"

#define BOUNCE_RECIPIENTS_MAX 200

struct bounce_recipient {
	char *address;
	char *action; /* "failed", "delayed", …; in a bounce that is only text "failed" */
	char *status; /* "5.1.1"; may be NULL */
	char *words;  /* the reply or the diagnosis; never NULL */
	char *host;   /* who said it; may be NULL */
	struct explain_said said; /* borrows from the strings above */
};

struct bounce {
	struct bounce_recipient *list;
	size_t count, room;
	char *reporter; /* the host that gave up; may be NULL */
	char *from;     /* the sender of the mail that came back; may be NULL */
	bool fields;    /* the report has fields for machines */
	bool truncated; /* the message ends in the middle */
	bool limited;   /* more parts, levels or bytes than are read */
};

/* 0, or -1: nothing in it speaks of a mail that was not delivered. Release it in both cases. */
int bounce_read(struct bounce *b, struct span message);
void bounce_release(struct bounce *b);
/* The verdict and the words about one recipient. */
void bounce_explain(const struct explain *e, const struct bounce_recipient *r,
                    struct explanation *out);

#endif
