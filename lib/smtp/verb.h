/*
 * verb: the SMTP verbs, one table row each, and the pseudo verbs that stand for the other things a
 * server answers: the connection itself, the message text, a SASL answer.
 *
 * Nothing here fails or owns anything.
 */
#ifndef SMTP_VERB_H
#define SMTP_VERB_H

#include "base/span.h"

enum smtp_verb {
	SMTP_VERB_UNKNOWN, /* a line that begins with no known verb */
	SMTP_VERB_CONNECT, /* pseudo: what the greeting answers */
	SMTP_VERB_HELO,
	SMTP_VERB_EHLO,
	SMTP_VERB_LHLO, /* RFC 2033 */
	SMTP_VERB_MAIL,
	SMTP_VERB_RCPT,
	SMTP_VERB_DATA,
	SMTP_VERB_MESSAGE, /* pseudo: what the reply after the lone dot answers */
	SMTP_VERB_BDAT,    /* RFC 3030 */
	SMTP_VERB_RSET,
	SMTP_VERB_NOOP,
	SMTP_VERB_VRFY,
	SMTP_VERB_EXPN,
	SMTP_VERB_HELP,
	SMTP_VERB_ETRN, /* RFC 1985 */
	SMTP_VERB_STARTTLS,
	SMTP_VERB_AUTH,
	SMTP_VERB_ANSWER, /* pseudo: a line sent in answer to 334 (RFC 4954) */
	SMTP_VERB_QUIT,
	SMTP_VERB_COUNT
};

struct smtp_verb_info {
	const char
	        *name; /* "MAIL"; pseudo verbs in lower case: "connection", "message", "answer" */
	const char *usage;   /* "MAIL FROM:<address> [parameter …]" */
	const char *section; /* "RFC 5321 §4.1.1.2" */
	int patience;        /* seconds a client should wait for the reply, RFC 5321 §4.5.3.2 */
};

const struct smtp_verb_info *smtp_verb_info(enum smtp_verb verb); /* never NULL */
/* The verb of that name in any case, pseudo verbs by their names in the table; else UNKNOWN. */
enum smtp_verb smtp_verb_find(struct span name);

#endif
