/*
 * capability: what a server said it can do (RFC 5321 §4.1.1.1, RFC 5321 §2.2).
 *
 * Owns its strings. At most SMTP_CAPABILITIES_MAX keywords are kept; `dropped` counts the others.
 * Keywords match whole and without case: STARTTLSX is not STARTTLS.
 */
#ifndef SMTP_CAPABILITY_H
#define SMTP_CAPABILITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "smtp/reply.h"

#define SMTP_CAPABILITIES_MAX 200

struct smtp_capability {
	char *keyword;  /* as sent */
	char *argument; /* what follows it, or "" */
};

struct smtp_capabilities {
	char *server_name; /* the first word of the EHLO or HELO reply; NULL before one */
	bool esmtp;        /* they come from an EHLO reply */
	struct smtp_capability list[SMTP_CAPABILITIES_MAX];
	size_t count, dropped;
};

void smtp_capabilities_init(struct smtp_capabilities *c);
void smtp_capabilities_release(struct smtp_capabilities *c); /* and forgets them */
/* Replaces all by what this accepting EHLO, LHLO or HELO reply says. "AUTH=LOGIN" (an old form) is
 * read as AUTH with the argument LOGIN. */
void smtp_capabilities_read(struct smtp_capabilities *c, const struct smtp_reply *r, bool esmtp);
const struct smtp_capability *smtp_capability_find(const struct smtp_capabilities *c,
                                                   const char *keyword);
/* The next keyword of `a` that `b` has not, or has with another argument; NULL when there is none.
 * *at is 0 at first. */
const struct smtp_capability *smtp_capability_missing(const struct smtp_capabilities *a,
                                                      const struct smtp_capabilities *b,
                                                      size_t *at);
/* The limit of SIZE in bytes (RFC 1870), 0 when there is none or it is unknown; saturates. */
unsigned long long smtp_capability_size(const struct smtp_capabilities *c);

#endif
