/*
 * dialogue: the client's side of an SMTP conversation, without any I/O.
 *
 * The user's lines and the server's bytes go in; bytes to send and events come out. It knows no
 * socket and no clock. What is sent is what was typed plus CRLF: the dialogue watches and never
 * corrects. A ledger holds the commands that have no reply yet, oldest first; a reply is credited
 * to the oldest, and a reply that comes when the ledger is empty is an event of its own.
 *
 * smtp_dialogue_state() follows the *server's* answers, not our expectations: when a server accepts
 * MAIL without HELO, a transaction is open. One table (state × verb × class of reply) says where
 * each answer leads; set_state() in dialogue.c is the only way to change it.
 *
 * Owns everything it is given a copy of. Never fails: whatever a server does is an event. Limits:
 * reply.h's; SMTP_LEDGER_MAX outstanding commands (those beyond are counted, and their replies
 * credited to UNKNOWN lines); SMTP_ENVELOPE_MAX recipients remembered; 64 MiB of output that nobody
 * took (what does not fit is not sent, output->full says so); 4 MiB of fed bytes that nobody asked
 * for (then BROKEN with TOO_BIG).
 */
#ifndef SMTP_DIALOGUE_H
#define SMTP_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "smtp/capability.h"
#include "smtp/command.h"
#include "smtp/login.h"
#include "smtp/oddity.h"
#include "smtp/reply.h"
#include "smtp/verb.h"

#define SMTP_LEDGER_MAX   1000
#define SMTP_ENVELOPE_MAX 1000

/* X(NAME, "name-in-rules") */
#define SMTP_STATES(X)                                                                             \
	X(CONNECTED, "connected") /* waiting for the greeting */                                   \
	X(GREETED, "greeted")     /* the server spoke; no HELO accepted yet */                     \
	X(READY, "ready")         /* HELO or EHLO accepted; no transaction */                      \
	X(MAIL, "mail")           /* sender accepted; no recipient yet */                          \
	X(RCPT, "rcpt")           /* at least one recipient accepted */                            \
	X(MESSAGE, "message")     /* after 354: lines are message text */                          \
	X(AUTH, "auth")           /* after 334: the next line is a SASL answer */                  \
	X(TLS, "tls")             /* after STARTTLS's 220: only a TLS handshake may follow */      \
	X(LEAVING, "leaving") /* QUIT was answered, or the server said 421, or refused us in its   \
	                         greeting */                                                       \
	X(BROKEN, "broken")   /* a fatal fault or a time-out: nothing can be credited any more */  \
	X(CLOSED, "closed")   /* the connection ended */

enum smtp_state {
#define X(NAME, name) SMTP_STATE_##NAME,
	SMTP_STATES(X)
#undef X
	        SMTP_STATE_COUNT
};

const char *smtp_state_name(enum smtp_state s);
/* The state of that name, or SMTP_STATE_COUNT. */
enum smtp_state smtp_state_find(struct span name);

/* The state table: where `class` in answer to `verb` leads from `from`. `greeted` tells whether a
 * HELO or EHLO was accepted before (it decides what an ended transaction returns to). `code` is
 * looked at only for 421, 221, 220, 354 and 334. */
enum smtp_state smtp_state_next(enum smtp_state from, enum smtp_verb verb,
                                enum smtp_reply_class class, int code, bool greeted,
                                bool recipients);

struct smtp_recipient {
	char *address; /* as in smtp_envelope.sender */
	int code;      /* of the reply to its RCPT */
};

struct smtp_envelope {
	char *helo;   /* the name in the last accepted HELO/EHLO, or NULL */
	char *sender; /* "a@b", "" for the null sender, NULL when none is accepted */
	struct smtp_recipient recipients[SMTP_ENVELOPE_MAX]; /* accepted and refused, in order */
	size_t count;                                        /* how many are in the list */
	size_t accepted;                                     /* how many the server accepted */
};

enum smtp_event_type {
	SMTP_EVENT_NONE,
	SMTP_EVENT_LINE,        /* a line came, to be shown: `line` */
	SMTP_EVENT_REPLY,       /* a whole reply to `command` came */
	SMTP_EVENT_UNSOLICITED, /* a whole reply came while no command waited for one (also 421) */
	SMTP_EVENT_BROKEN,      /* `reply` has a fatal fault; the dialogue is over */
	SMTP_EVENT_CLOSED,      /* the connection ended; `lost` commands were without a reply */
};

struct smtp_event {
	enum smtp_event_type type;
	struct span line;                   /* LINE: without line end, not made safe */
	enum smtp_verb verb;                /* REPLY: what is answered (a pseudo verb too) */
	const struct smtp_command *command; /* REPLY: the command, NULL for pseudo verbs; what is
	                                       secret in it is masked (mask.h) */
	const struct smtp_reply *reply;     /* REPLY, UNSOLICITED, BROKEN */
	enum smtp_state before, after;      /* the state when the reply came, and the new one */
	unsigned oddities; /* REPLY, UNSOLICITED: bit set of enum smtp_oddity; to an AUTH command
	                      also what smtp_dialogue_see_auth() says of it */
	size_t lost;       /* BROKEN, CLOSED: commands that will have no reply */
	enum smtp_verb waiting; /* BROKEN, CLOSED: the oldest of them (UNKNOWN when none) */
	bool clean;             /* CLOSED: after QUIT's reply or a 421, nothing lost */
};

/* What a message line that was just sent looks like, for a remark beside it.
 * X(NAME, "name-in-rules") */
#define SMTP_TEXT_LOOKS(X)                                                                         \
	X(PLAIN, "plain")                                                                          \
	X(HEADER, "header")           /* a line of the header: "From: …" */                      \
	X(HEADERS_END, "headers-end") /* the first empty line */                                   \
	X(NO_HEADER, "no-header")     /* the first line is not a header: RFC 5322 wants an empty   \
	                                 line first */                                             \
	X(COMMAND, "command")         /* a verb: it went into the message */                       \
	X(LOCAL_COMMAND, "local-command") /* begins with "/" and a letter: likewise */             \
	X(ALMOST_DOT, "almost-dot")       /* ". ", "..", " ." : not the end */                     \
	X(STUFFING, "stuffing")           /* begins with a dot that the server will take away */   \
	X(TOO_LONG, "too-long")           /* over 998 bytes, RFC 5321 §4.5.3.1.6 */               \
	X(END, "end")                     /* the lone dot */

enum smtp_text_look {
#define X(NAME, name) SMTP_TEXT_##NAME,
	SMTP_TEXT_LOOKS(X)
#undef X
	        SMTP_TEXT_LOOK_COUNT
};

const char *smtp_text_look_name(enum smtp_text_look look);
/* The look of that name, or SMTP_TEXT_LOOK_COUNT. */
enum smtp_text_look smtp_text_look_find(struct span name);

struct smtp_dialogue;

struct smtp_dialogue *smtp_dialogue_new(void); /* in CONNECTED, the greeting in the ledger */
void smtp_dialogue_free(struct smtp_dialogue *d);

/* The user's next line, without line end: a command, message text or a SASL answer as the state
 * says. Appends line + CRLF to what is to be sent. Returns what it was: a command or an answer puts
 * itself in the ledger, and so does the lone dot. `look` (may be NULL) is filled for message text.
 */
enum smtp_verb smtp_dialogue_line(struct smtp_dialogue *d, struct span line,
                                  enum smtp_text_look *look);
/* Bytes that the caller sends as they are, after the output: a message is large, and is not copied
 * here. Each line in them that would be a command is put in the ledger. */
void smtp_dialogue_raw(struct smtp_dialogue *d, struct span bytes);
/* What is to be sent; the caller sends it all and then calls buf_clear() on it. */
struct buf *smtp_dialogue_output(struct smtp_dialogue *d);

void smtp_dialogue_feed(struct smtp_dialogue *d, struct span bytes); /* the server's */
void smtp_dialogue_end(struct smtp_dialogue *d);                     /* the server's EOF */
void smtp_dialogue_timeout(struct smtp_dialogue *d); /* the oldest in the ledger waited too long:
                                                        state BROKEN; no event */
/* TLS is there. After STARTTLS it forgets all, as RFC 3207 §4.2 says; the capabilities are kept for
 * comparison only. Before any byte (implicit TLS) it changes nothing else. */
void smtp_dialogue_tls_started(struct smtp_dialogue *d);
/* The next event, false when there is none for now. What it points to is good until the next call
 * of any function that is not const. */
bool smtp_dialogue_next(struct smtp_dialogue *d, struct smtp_event *ev);

enum smtp_state smtp_dialogue_state(const struct smtp_dialogue *d);
size_t smtp_dialogue_outstanding(const struct smtp_dialogue *d);
/* The oldest command without a reply (UNKNOWN when none). */
enum smtp_verb smtp_dialogue_waiting(const struct smtp_dialogue *d);
/* Whether the meaning of a further line depends on a reply that is still out (DATA, AUTH, an
 * answer, STARTTLS, BDAT). */
bool smtp_dialogue_must_wait(const struct smtp_dialogue *d);
/* Bytes of the server that came after STARTTLS's 220 in the clear, undelivered (RFC 3207 §4.1
 * attack). */
struct span smtp_dialogue_leftover(const struct smtp_dialogue *d);
const struct smtp_capabilities *smtp_dialogue_capabilities(const struct smtp_dialogue *d);
/* What EHLO said in the clear before STARTTLS, for comparison only; NULL when there is nothing. */
const struct smtp_capabilities *
smtp_dialogue_capabilities_before_tls(const struct smtp_dialogue *d);
/* Of the transaction that the last event belongs to: an ended one is forgotten with the next call
 * of a function that is not const. */
const struct smtp_envelope *smtp_dialogue_envelope(const struct smtp_dialogue *d);
bool smtp_dialogue_encrypted(const struct smtp_dialogue *d); /* tls_started was called */
/* A 235 came after credentials were sent. Whether a mechanism was complete knows only who makes its
 * answers: sasl_client_complete(). */
bool smtp_dialogue_authenticated(const struct smtp_dialogue *d);
/* The AUTH exchange that runs, or the last one. In state AUTH, `answers` is the round of the next
 * line for sasl_answer_means(). */
const struct smtp_login *smtp_dialogue_login(const struct smtp_dialogue *d);
/* What is odd about an AUTH command that would be sent now: a bit set of AUTH_IN_CLEAR, AUTH_AGAIN,
 * AUTH_NOT_OFFERED, MECHANISM_NOT_OFFERED; 0 for other commands. */
unsigned smtp_dialogue_see_auth(const struct smtp_dialogue *d, const struct smtp_command *cmd);
struct span
smtp_dialogue_banner(const struct smtp_dialogue *d); /* text of the greeting's first line */

#endif
