/*
 * tls_policy: what a conversation demands of TLS, and whether what it got is enough.
 *
 * A plain value; its strings are the caller's. Policies come from the command line today; DANE (RFC
 * 7672) and MTA-STS (RFC 8461) are stricter ones for the same judge. Sentences begin in lower case
 * and have no full stop; bytes of the peer in them are safe to show.
 */
#ifndef NET_TLS_POLICY_H
#define NET_TLS_POLICY_H

#include <stdbool.h>

#include "net/tls.h"

enum tls_policy_mode {
	TLS_POLICY_OFF,     /* no TLS unless somebody types STARTTLS */
	TLS_POLICY_MAY,     /* TLS where it is offered */
	TLS_POLICY_REQUIRE, /* nothing goes on in clear */
};

enum tls_policy_origin {
	TLS_POLICY_BY_USER,    /* options, or the session file */
	TLS_POLICY_BY_DANE,    /* secure TLSA records: authorities do not count */
	TLS_POLICY_BY_MTA_STS, /* the policy of `domain` */
};

struct tls_policy {
	enum tls_policy_mode mode;
	bool verify; /* a server that is not proven ends it; else it is shown and goes on */
	enum tls_policy_origin origin;
	const char *domain; /* MTA-STS: whose policy it is */
};

enum tls_verdict {
	TLS_VERDICT_OK,       /* encrypted, and the server is who it should be */
	TLS_VERDICT_UNPROVEN, /* may go on; say `why` wherever it matters, such as at AUTH */
	TLS_VERDICT_STOP,     /* must not go on */
};

/* The report of the handshake, or NULL while the connection is in clear. *why (heap) says what is
 * missing; it is NULL for OK. */
enum tls_verdict tls_policy_judge(const struct tls_policy *p, const struct tls_report *r,
                                  char **why);

/* Whether a server that was met before is less safe now: in clear, unproven, an older version, or,
 * unproven as before, with another certificate. *why (heap) says which; NULL when none. Either
 * report may be NULL: in clear. */
bool tls_policy_weakened(const struct tls_report *before, const struct tls_report *now, char **why);

#endif
