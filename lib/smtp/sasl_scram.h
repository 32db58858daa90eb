/*
 * sasl_scram: the attributes of SCRAM's messages (RFC 5802 §5.1), "r=…,s=…,i=…"; private to this
 * folder. libgsasl does the mathematics; what is read here is for people, and to keep a server from
 * asking for hours of it.
 */
#ifndef SMTP_SASL_SCRAM_H
#define SMTP_SASL_SCRAM_H

#include "base/span.h"

/* The value of the attribute of that letter; p == NULL when there is none. */
struct span sasl_scram_attribute(struct span message, char letter);

struct sasl_scram_first {
	struct span nonce, salt; /* the salt in base64 */
	unsigned long hashing;   /* the iteration count */
};
/* Reads a server's first message. 0, or -1 when it is not one. */
int sasl_scram_read_first(struct span message, struct sasl_scram_first *out);

#endif
