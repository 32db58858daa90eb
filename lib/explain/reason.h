/*
 * reason: the closed lists of a verdict: why (the reason), where (the stage), whose side.
 *
 * The names are what JSON and the data files use; they never change their meaning. Nothing here
 * owns anything.
 */
#ifndef EXPLAIN_REASON_H
#define EXPLAIN_REASON_H

#include "base/span.h"
#include "smtp/verb.h"

#define EXPLAIN_REASONS(X)                                                                         \
	X(USER_UNKNOWN, "user-unknown")                                                            \
	X(MAILBOX_FULL, "mailbox-full")                                                            \
	X(MAILBOX_DISABLED, "mailbox-disabled")                                                    \
	X(HAS_MOVED, "has-moved")                                                                  \
	X(HOST_UNKNOWN, "host-unknown")                                                            \
	X(NULL_MX, "null-mx")                                                                      \
	X(NOT_ACCEPTING, "not-accepting")                                                          \
	X(RELAY_DENIED, "relay-denied")                                                            \
	X(GREYLISTED, "greylisted")                                                                \
	X(RATE_LIMITED, "rate-limited")                                                            \
	X(TOO_MANY_CONNECTIONS, "too-many-connections")                                            \
	X(TOO_MANY_RECIPIENTS, "too-many-recipients")                                              \
	X(TOO_LARGE, "too-large")                                                                  \
	X(BLOCKED_CLIENT, "blocked-client")                                                        \
	X(BAD_REPUTATION, "bad-reputation")                                                        \
	X(NEED_PTR, "need-ptr")                                                                    \
	X(AUTH_FAILURE, "auth-failure") /* SPF, DKIM, DMARC */                                     \
	X(SENDER_REJECTED, "sender-rejected")                                                      \
	X(POLICY, "policy")                                                                        \
	X(SPAM, "spam")                                                                            \
	X(VIRUS, "virus")                                                                          \
	X(CONTENT, "content")                                                                      \
	X(NEED_TLS, "need-tls")                                                                    \
	X(TLS_FAILURE, "tls-failure")                                                              \
	X(NEED_AUTH, "need-auth")                                                                  \
	X(LOGIN_FAILED, "login-failed")                                                            \
	X(SYNTAX, "syntax")                                                                        \
	X(BAD_SEQUENCE, "bad-sequence")                                                            \
	X(NOT_IMPLEMENTED, "not-implemented")                                                      \
	X(BAD_PARAMETER, "bad-parameter")                                                          \
	X(LOOP, "loop")                                                                            \
	X(SYSTEM_FULL, "system-full")                                                              \
	X(SYSTEM_ERROR, "system-error")                                                            \
	X(NETWORK_ERROR, "network-error")                                                          \
	X(EXPIRED, "expired")   /* a queue gave up */                                              \
	X(FILTERED, "filtered") /* a mailbox refused only after the content was seen */            \
	X(OK, "ok")                                                                                \
	X(READY, "ready")                                                                          \
	X(CONTINUE, "continue")                                                                    \
	X(UNKNOWN, "unknown")

enum explain_reason {
	EXPLAIN_REASON_NONE, /* nothing has decided yet */
#define X(NAME, name) EXPLAIN_REASON_##NAME,
	EXPLAIN_REASONS(X)
#undef X
	        EXPLAIN_REASON_COUNT
};

const char *explain_reason_name(enum explain_reason r);    /* "" for NONE */
enum explain_reason explain_reason_find(struct span name); /* NONE: there is no such reason */

enum explain_side {
	EXPLAIN_SIDE_NONE, /* nothing went wrong, or nobody knows */
	EXPLAIN_SIDE_YOU,
	EXPLAIN_SIDE_YOUR_SERVER,
	EXPLAIN_SIDE_YOUR_RECORDS,
	EXPLAIN_SIDE_THEIR_SERVER,
	EXPLAIN_SIDE_THEIR_USER,
	EXPLAIN_SIDE_NETWORK,
	EXPLAIN_SIDE_COUNT
};

const char *explain_side_name(enum explain_side s);
enum explain_side explain_side_find(struct span name); /* NONE: there is no such side */

enum explain_stage {
	EXPLAIN_STAGE_NONE, /* unknown, or a command that belongs to no stage */
	EXPLAIN_STAGE_CONNECTION,
	EXPLAIN_STAGE_HELO,
	EXPLAIN_STAGE_MAIL,
	EXPLAIN_STAGE_RCPT,
	EXPLAIN_STAGE_DATA,
	EXPLAIN_STAGE_END_OF_DATA,
	EXPLAIN_STAGE_STARTTLS,
	EXPLAIN_STAGE_AUTH,
	EXPLAIN_STAGE_COUNT
};

const char *explain_stage_name(enum explain_stage s);    /* "end of data"; "" for NONE */
enum explain_stage explain_stage_find(struct span name); /* also "banner", "EHLO"; NONE: none */
enum explain_stage explain_stage_of(enum smtp_verb verb);
unsigned explain_stage_verbs(enum explain_stage s);      /* as a bit set of enum smtp_verb */
enum smtp_verb explain_stage_verb(enum explain_stage s); /* the usual one; COUNT for NONE */

/* When to try again: seconds, or one of these. */
#define EXPLAIN_RETRY_UNSET    (-2L)
#define EXPLAIN_RETRY_FINAL    (-1L)
#define EXPLAIN_RETRY_ORDINARY 0L /* what the class digit says */
/* "90s", "15m", "4h", "2d", "final", "ordinary": 0 and *out, or -1. */
int explain_retry_read(struct span word, long *out);

#endif
