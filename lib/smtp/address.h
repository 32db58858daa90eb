/*
 * address: paths and mailboxes as they stand in MAIL and RCPT (RFC 5321 §4.1.2, RFC 6531 §3.3).
 *
 * The result borrows from the input. Nothing is allocated.
 */
#ifndef SMTP_ADDRESS_H
#define SMTP_ADDRESS_H

#include <stdbool.h>

#include "base/span.h"

struct smtp_address {
	struct span route;  /* an obsolete source route "@a,@b", without its colon; mostly empty */
	struct span local;  /* as written, quotes included; empty in the null path */
	struct span domain; /* a name or "[literal]"; empty when there is none */
	bool null;          /* <> */
	bool utf8;          /* has bytes above 0x7f */
};

/* Reads a mailbox without angle brackets: "user@domain", or "postmaster" alone (domain empty).
 * 0, or -1 when it is not one (RFC 5321 §4.1.2; local part ≤ 64, domain ≤ 255 octets). */
int smtp_mailbox_parse(struct span text, struct smtp_address *out);
/* Reads a path with its angle brackets, "<>" included. 0, or -1. */
int smtp_path_parse(struct span text, struct smtp_address *out);
/* Whether it is a domain name as RFC 5321 writes it (letters, digits, hyphens, dots; UTF-8 labels
 * are allowed) or an address literal in brackets (RFC 5321 §4.1.3). */
bool smtp_domain_valid(struct span text);
bool smtp_literal_valid(struct span text);

#endif
