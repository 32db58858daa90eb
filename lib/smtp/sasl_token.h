/*
 * sasl_token: the messages of OAUTHBEARER (RFC 7628 §3) and of XOAUTH2, its predecessor; private to
 * this folder. Both are one message with the user's name and an access token. A server that refuses
 * explains it first, as JSON in a challenge, and the client takes note with one more answer.
 */
#ifndef SMTP_SASL_TOKEN_H
#define SMTP_SASL_TOKEN_H

#include "smtp/sasl.h"

/* The answer to the JSON of a refusal: %x01, and for XOAUTH2 nothing. */
struct span sasl_token_acknowledgement(const struct sasl_mechanism_info *m);

/* Appends the client's message (not base64). 0, or -1 and d: a name or token with a byte that would
 * end it. */
int sasl_token_write(const struct sasl_mechanism_info *m, const struct sasl_secrets *secrets,
                     struct buf *out, struct diag *d);

struct sasl_token_parts {
	struct span user;  /* OAUTHBEARER: the authorization identity, as written; may be empty */
	struct span token; /* secret */
};
/* Reads the client's message. 0, or -1 when it has not that form. The parts borrow from it. */
int sasl_token_read(const struct sasl_mechanism_info *m, struct span message,
                    struct sasl_token_parts *out);

#endif
