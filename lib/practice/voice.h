/*
 * voice: how a practice host puts its replies into words.
 *
 * A server decides, a voice speaks: the decisions are in server*.c, the exact words are data, one
 * file a voice in lessons/world/voices/ (the form is described at the top of `postfix`). A voice
 * owns its strings. Reading one reports every fault as file:line:column.
 */
#ifndef PRACTICE_VOICE_H
#define PRACTICE_VOICE_H

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

/* X(NAME, "Key-In-The-File", the class of reply that it must be; 0: any) */
#define PRACTICE_REPLIES(X)                                                                        \
	X(BANNER, "Banner", 2)                                                                     \
	X(HELO, "Helo", 2)                                                                         \
	X(EHLO, "Ehlo", 2)                                                                         \
	X(OK, "Ok", 2)                                                                             \
	X(RESET_OK, "Reset-Ok", 2)                                                                 \
	X(SENDER_OK, "Sender-Ok", 2)                                                               \
	X(RECIPIENT_OK, "Recipient-Ok", 2)                                                         \
	X(VRFY_OK, "Vrfy-Ok", 2)                                                                   \
	X(GO_AHEAD, "Go-Ahead", 3)                                                                 \
	X(QUEUED, "Queued", 2)                                                                     \
	X(CHUNK_OK, "Chunk-Ok", 2)                                                                 \
	X(CHUNK_QUEUED, "Chunk-Queued", 2)                                                         \
	X(BYE, "Bye", 2)                                                                           \
	X(HELO_SYNTAX, "Helo-Syntax", 5)                                                           \
	X(EHLO_SYNTAX, "Ehlo-Syntax", 5)                                                           \
	X(MAIL_SYNTAX, "Mail-Syntax", 5)                                                           \
	X(RCPT_SYNTAX, "Rcpt-Syntax", 5)                                                           \
	X(VRFY_SYNTAX, "Vrfy-Syntax", 5)                                                           \
	X(ETRN_SYNTAX, "Etrn-Syntax", 5)                                                           \
	X(BDAT_SYNTAX, "Bdat-Syntax", 5)                                                           \
	X(NO_ARGUMENT, "No-Argument", 5)                                                           \
	X(BAD_SENDER, "Bad-Sender", 5)                                                             \
	X(BAD_RECIPIENT, "Bad-Recipient", 5)                                                       \
	X(BAD_OPTION, "Bad-Option", 5)                                                             \
	X(BAD_SIZE, "Bad-Size", 5)                                                                 \
	X(SIZE_OVER, "Size-Over", 5)                                                               \
	X(DSN_OFF, "Dsn-Off", 5)                                                                   \
	X(NESTED_MAIL, "Nested-Mail", 5)                                                           \
	X(NEED_MAIL, "Need-Mail", 5)                                                               \
	X(NEED_RCPT, "Need-Rcpt", 5)                                                               \
	X(NO_RECIPIENTS, "No-Recipients", 5)                                                       \
	X(TOO_MANY_RECIPIENTS, "Too-Many-Recipients", 4)                                           \
	X(RELAY_DENIED, "Relay-Denied", 5)                                                         \
	X(USER_UNKNOWN, "User-Unknown", 5)                                                         \
	X(CLIENT_UNKNOWN, "Client-Unknown", 0)                                                     \
	X(HELO_UNKNOWN, "Helo-Unknown", 0)                                                         \
	X(HELO_NOT_FULL, "Helo-Not-Full", 0)                                                       \
	X(SENDER_NOT_FULL, "Sender-Not-Full", 0)                                                   \
	X(SENDER_UNKNOWN, "Sender-Unknown", 0)                                                     \
	X(CLIENT_LISTED, "Client-Listed", 0)                                                       \
	X(SENDER_LISTED, "Sender-Listed", 0)                                                       \
	X(GREYLISTED, "Greylisted", 0)                                                             \
	X(SPF_FAILED, "Spf-Failed", 0)                                                             \
	X(UNAUTHENTICATED, "Unauthenticated", 0)                                                   \
	X(DMARC_FAILED, "Dmarc-Failed", 0)                                                         \
	X(MESSAGE_TOO_BIG, "Message-Too-Big", 5)                                                   \
	X(TOO_MANY_HOPS, "Too-Many-Hops", 5)                                                       \
	X(NO_STORAGE, "No-Storage", 4)                                                             \
	X(NOT_RECOGNIZED, "Not-Recognized", 5)                                                     \
	X(NOT_IMPLEMENTED, "Not-Implemented", 5)                                                   \
	X(TLS_READY, "Tls-Ready", 2)                                                               \
	X(TLS_INJECTED, "Tls-Injected", 2)                                                         \
	X(TLS_ACTIVE, "Tls-Active", 5)                                                             \
	X(TLS_TROUBLE, "Tls-Trouble", 4)                                                           \
	X(TLS_FIRST, "Tls-First", 5)                                                               \
	X(AUTH_CHALLENGE, "Auth-Challenge", 3)                                                     \
	X(AUTH_OK, "Auth-Ok", 2)                                                                   \
	X(AUTH_FAILED, "Auth-Failed", 5)                                                           \
	X(AUTH_UNKNOWN, "Auth-Unknown", 5)                                                         \
	X(AUTH_BAD_FIRST, "Auth-Bad-First", 5)                                                     \
	X(AUTH_BAD_ANSWER, "Auth-Bad-Answer", 5)                                                   \
	X(AUTH_LONG_ANSWER, "Auth-Long-Answer", 5)                                                 \
	X(AUTH_ABORTED, "Auth-Aborted", 5)                                                         \
	X(AUTH_SYNTAX, "Auth-Syntax", 5)                                                           \
	X(AUTH_ALREADY, "Auth-Already", 5)                                                         \
	X(AUTH_IN_MAIL, "Auth-In-Mail", 5)                                                         \
	X(AUTH_FIRST, "Auth-First", 5)                                                             \
	X(SIZE_FAR_OVER, "Size-Far-Over", 5)                                                       \
	X(HELO_FIRST, "Helo-First", 5)                                                             \
	X(ACCESS_DENIED, "Access-Denied", 5)                                                       \
	X(VRFY_OFF, "Vrfy-Off", 5)                                                                 \
	X(BDAT_OFF, "Bdat-Off", 5)                                                                 \
	X(BAD_RET, "Bad-Ret", 5)                                                                   \
	X(BAD_ENVID, "Bad-Envid", 5)                                                               \
	X(BAD_NOTIFY, "Bad-Notify", 5)                                                             \
	X(BAD_ORCPT, "Bad-Orcpt", 5)                                                               \
	X(NEED_UTF8, "Need-Utf8", 5)                                                               \
	X(BARE_LF, "Bare-Lf", 0)                                                                   \
	X(OUT_OF_STEP, "Out-Of-Step", 5)                                                           \
	X(ETRN_HELO_FIRST, "Etrn-Helo-First", 5)                                                   \
	X(ETRN_QUEUING, "Etrn-Queuing", 2)                                                         \
	X(AUTH_OFF, "Auth-Off", 5)                                                                 \
	X(BAD_SYNTAX, "Bad-Syntax", 5)                                                             \
	X(BAD_UTF8, "Bad-Utf8", 5)                                                                 \
	X(RULE_BREAKER, "Rule-Breaker", 0)                                                         \
	X(TOO_MANY_ERRORS, "Too-Many-Errors", 4)                                                   \
	X(TIMED_OUT, "Timed-Out", 4)                                                               \
	X(ETRN_IN_MAIL, "Etrn-In-Mail", 5)                                                         \
	X(ETRN_BAD, "Etrn-Bad", 5)                                                                 \
	X(ETRN_UNAVAILABLE, "Etrn-Unavailable", 4)                                                 \
	X(AFTER_BDAT, "After-Bdat", 5)                                                             \
	X(CHUNK_EMPTY, "Chunk-Empty", 5)                                                           \
	X(CHUNK_DROPPED, "Chunk-Dropped", 5)                                                       \
	X(CHUNK_TOO_BIG, "Chunk-Too-Big", 5)

enum practice_reply {
#define X(NAME, key, class) PRACTICE_##NAME,
	PRACTICE_REPLIES(X)
#undef X
	        PRACTICE_REPLY_COUNT
};

struct world_voice {
	char *name;
	bool postfix;          /* it has Postfix's own words: restrictions are told in them */
	bool takes_empty_helo; /* HELO and EHLO without a name are accepted */
	char *words[PRACTICE_REPLY_COUNT]; /* lines parted by \n, with {places} */
};

/* Reads lessons/world/voices/<name>. NULL and ds on any fault. */
struct world_voice *voice_load(const char *datadir, const char *name, struct diags *ds);
void voice_free(struct world_voice *v);

/* What may stand in a place: {host} {client} {peer} {id} {what} {bytes} {limit} {date} {seconds}.
 * NULL is shown as "". */
struct voice_values {
	const char *host, *client, *id;
	const char *name; /* of the client, or "unknown": for {peer} */
	struct span what; /* bytes of the client: control bytes are sent as "?", as Postfix does */
	unsigned long bytes, limit;
	time_t now;
};

/* Appends the reply's lines, each with CRLF. */
void voice_say(const struct world_voice *v, enum practice_reply reply,
               const struct voice_values *values, struct buf *out);

#endif
