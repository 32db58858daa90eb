/*
 * sasl: one authentication exchange (RFC 4422, RFC 4954), either side, without I/O.
 *
 * The mechanisms are libgsasl's (sasl_client.c and sasl_server.c alone include it); XOAUTH2 and
 * OAUTHBEARER (RFC 7628) are made by hand. Secrets are borrowed from the caller through struct
 * sasl_secrets for the time of sasl_client_new(), copied only where libgsasl needs them, and wiped
 * when freed. No secret stands in a diag, in `says` or in `means`. Limits: challenges and answers
 * of SASL_CHALLENGE_MAX base64 bytes (RFC 4954 §4) and SASL_ROUNDS_MAX rounds.
 */
#ifndef SMTP_SASL_H
#define SMTP_SASL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

#define SASL_CHALLENGE_MAX 12288
#define SASL_ROUNDS_MAX    8
#define SASL_HASHING_MAX   1000000 /* rounds of hashing that a SCRAM server may ask for */
#define SASL_HASHING_MIN   4096    /* RFC 5802 §5.1: what it should ask for at least */

struct sasl_mechanism_info {
	const char *name;
	int strength;        /* higher is stronger; what is chosen without a name */
	bool sends_password; /* readable by whoever reads the line */
	bool needs_token;    /* an access token instead of a password */
	bool proves_server;  /* SCRAM: the server must prove that it knows the password too */
	bool binds_channel;  /* -PLUS */
	bool starts;         /* the client speaks first */
	size_t answers;      /* how many the client sends until the mechanism is complete */
	const char *why;     /* one sentence for people */
	const char *source;  /* RFC */
};
/* NULL when it is not one we can do. Names in any case. */
const struct sasl_mechanism_info *sasl_mechanism_find(struct span name);
const struct sasl_mechanism_info *sasl_mechanism_at(size_t i); /* NULL past the last */
/* The strongest of those that a server offers ("PLAIN LOGIN SCRAM-SHA-256"), or NULL. EXTERNAL only
 * when a client certificate was given; with a token only what takes one, without it all others;
 * -PLUS only with channel binding. */
struct sasl_offer {
	bool certificate, token, channel_binding;
};
const struct sasl_mechanism_info *sasl_strongest(struct span offered,
                                                 const struct sasl_offer *have);

struct sasl_secrets {
	const char *user;           /* authentication identity */
	const char *identity;       /* authorization identity, or NULL */
	const char *password;       /* or the token */
	const char *host, *service; /* "smtp"; for mechanisms that want them */
	/* The bytes of the TLS connection and their type, "tls-exporter" (TLS 1.3, RFC 9266) or
	 * "tls-unique" (before it, RFC 5929), or empty: -PLUS needs them, nothing else uses them.
	 */
	struct span channel_binding;
	const char *channel_binding_type;
};

struct sasl_client;
/* NULL and d when the mechanism cannot be done. */
struct sasl_client *sasl_client_new(const char *mechanism, const struct sasl_secrets *secrets,
                                    struct diag *d);
void sasl_client_free(struct sasl_client *c);
/* Whether the first answer may go into the AUTH line itself (RFC 4954 §4). */
bool sasl_client_starts(const struct sasl_client *c);
/* Appends "AUTH MECHANISM", and the first answer when the client speaks first and the line stays
 * within the 512 bytes of a command; otherwise that answer is kept for the first, empty challenge.
 * `line` should be a secret buf; `means` as below. 0, or -1 and d. */
int sasl_client_command(struct sasl_client *c, struct buf *line, struct buf *means, struct diag *d);

enum sasl_step {
	SASL_SEND,        /* `answer` (base64; may be empty) is to be sent as a line */
	SASL_SERVER_LIES, /* d: the server's proof is wrong: it does not know the password */
	SASL_BROKEN, /* d: bad base64, oversized, too many rounds, not what the mechanism allows */
};
/* The next answer to a challenge (base64 text of a 334), appended to `answer`, which should be a
 * secret buf. What the challenge says, decoded and safe, is appended to `says` (may be NULL), and
 * what the answer says with its secret parts masked, to `means` (may be NULL). After SERVER_LIES
 * and BROKEN the exchange is over: "*" cancels it at the server. */
enum sasl_step sasl_client_step(struct sasl_client *c, struct span challenge, struct buf *answer,
                                struct buf *says, struct buf *means, struct diag *d);
/* At 235: whether the mechanism was complete (SCRAM: the server's signature was checked). False:
 * the server accepted what it cannot have checked. */
bool sasl_client_complete(const struct sasl_client *c);

/* --- the server's side, for practice hosts --- */
struct sasl_server;
typedef const char *sasl_password_fn(void *arg,
                                     const char *user); /* borrowed; NULL: no such user */
struct sasl_server *sasl_server_new(const char *mechanism, sasl_password_fn *fn, void *arg,
                                    const char *host, struct diag *d);
void sasl_server_free(struct sasl_server *s);
enum sasl_verdict {
	SASL_CHALLENGE, /* 334 */
	SASL_ACCEPTED,  /* 235 */
	SASL_REFUSED,   /* 535 */
	SASL_MALFORMED, /* 501: not base64, or not what the mechanism allows; also "*" */
};
/* `answer`: base64 of the client; p == NULL: the AUTH command came without one. "=" is the empty
 * initial response (RFC 4954 §4). The next challenge is appended in base64. EXTERNAL and -PLUS are
 * not done. */
enum sasl_verdict sasl_server_step(struct sasl_server *s, struct span answer,
                                   struct buf *challenge);
/* The authentication identity that the client gave, NULL when none yet; not made safe. */
const char *sasl_server_user(const struct sasl_server *s);

/* --- watching what somebody types by hand --- */

/* Decodes base64 strictly (RFC 4648 §4): 0, or -1 and *at, the place of the first fault (text.n:
 * something is missing at the end); out is then as before. */
int sasl_base64_decode(struct span text, struct buf *out, size_t *at);
void sasl_base64_encode(struct span bytes, struct buf *out);
/* What a 334's text says ("asks: Username:"), safe to show; 0, or -1 when it is not base64. */
int sasl_challenge_says(struct span base64, struct buf *out);
/* What the user's own AUTH argument or answer says with its secrets masked ("user bob, password
 * ******"). `round`: how many answers were sent before it in this exchange. 0, or -1 and *at when
 * it is not base64. What does not have the form that the mechanism wants is not shown: it could be
 * the password. */
int sasl_answer_means(const char *mechanism, size_t round, struct span base64, struct buf *out,
                      size_t *at);

#endif
