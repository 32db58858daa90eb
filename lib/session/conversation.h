/*
 * conversation: a dialogue on a stream: lines in, events out, deadlines kept.
 *
 * The prompt, the player and every other driver stand on this. Lines are sent one at a time, each
 * when the reply to the one before it is in (message text does not wait); lines that wait are kept
 * in order. Owned by who made it; owns its stream and dialogue. Callbacks come from the loop or
 * from within conversation_line() and _raw(). Whatever goes wrong is an event, and the last event
 * is one of BROKEN, TIMEOUT and CLOSED. When the server refuses us in its greeting, or said 221 or
 * 421, lines that wait stay where they are and are not sent; after 221 or 421 it has 5 seconds to
 * close, then we hang up and CLOSED comes.
 */
#ifndef SESSION_CONVERSATION_H
#define SESSION_CONVERSATION_H

#include <stdint.h>

#include "net/stream.h"
#include "net/tls.h"
#include "smtp/dialogue.h"

#define CONVERSATION_QUEUE_MAX (16u << 20) /* bytes of lines that wait */
/* As long as this much or more is unsent, lines wait; READY comes when it is less again. Who sends
 * much with conversation_raw() stops here, too: below it nobody would wake him. */
#define CONVERSATION_UNSENT_MAX (256u << 10)

enum conversation_event_type {
	CONVERSATION_SENT,  /* a line left: `line` (secrets masked, mask.h), `verb`, `look`; raw
	                       bytes: `raw`, not masked */
	CONVERSATION_LINE,  /* a server line, as it came: smtp.line */
	CONVERSATION_REPLY, /* smtp: a whole reply to a command */
	CONVERSATION_UNSOLICITED, /* smtp: a whole reply to nothing */
	CONVERSATION_BROKEN,      /* smtp: a fatal fault; the connection was closed */
	CONVERSATION_TIMEOUT,  /* no whole reply to `verb` within `ms`; the connection was closed */
	CONVERSATION_TLS,      /* a handshake ended: `tls`, not done: the connection was closed */
	CONVERSATION_INJECTED, /* `line`: bytes stood behind STARTTLS's 220; the connection was
	                          closed */
	CONVERSATION_TLS_DUE,  /* STARTTLS was accepted: nothing but a handshake may follow */
	CONVERSATION_CLOSED,   /* smtp: the connection ended; `end` and `error` say how */
	CONVERSATION_READY, /* nothing is outstanding and nothing waits: the next line may come */
};

struct conversation_event {
	enum conversation_event_type type;
	struct span line;
	enum smtp_verb verb;
	enum smtp_text_look look;
	bool raw;
	struct smtp_event smtp;
	int64_t ms; /* REPLY: from the sending to the last line; TIMEOUT: how long it waited */
	int64_t us; /* REPLY: the same, in microseconds */
	enum stream_end end;
	int error;
	const struct tls_report *tls; /* TLS: kept by the conversation until the next handshake */
};

typedef void conversation_fn(void *arg, const struct conversation_event *ev);
struct conversation;

/* Takes the stream over. The wait for the greeting begins now. timeout_ms 0: RFC 5321 §4.5.3.2's
 * patience for each verb; else that for every reply, and for the server to take what is sent. */
struct conversation *conversation_new(struct stream *take, int64_t timeout_ms, conversation_fn *fn,
                                      void *arg);
void conversation_free(struct conversation *c); /* also from within its callback */

/* A line without its line end. 0, or -1: it was not taken (closed, or the queue is full). */
int conversation_line(struct conversation *c, struct span line);
/* Bytes as they are, at once, before anything that waits. */
int conversation_raw(struct conversation *c, struct span bytes);

/* What passes, byte for byte, for who records it. CAME: as it came. LINE: a line without its CRLF,
 * and RAW: bytes, both before they are sent, secrets and all; the dialogue is as it was then. */
enum conversation_flow { CONVERSATION_CAME, CONVERSATION_LINE_GOES, CONVERSATION_RAW_GOES };
typedef void conversation_tap_fn(void *arg, enum conversation_flow flow, struct span bytes);
void conversation_set_tap(struct conversation *c, conversation_tap_fn *tap, void *arg);

size_t conversation_waiting(const struct conversation *c); /* lines not sent yet */
void conversation_forget_waiting(struct conversation *c);  /* drops them */
void conversation_close(struct conversation *c);           /* hangs up; CLOSED comes */
bool conversation_hung_up(const struct conversation *c);   /* it was we who did */
const struct smtp_dialogue *conversation_dialogue(const struct conversation *c);
struct stream *conversation_stream(struct conversation *c);
void conversation_set_timeout(struct conversation *c, int64_t ms);

/* Begins TLS as a client: when TLS_DUE came, or before the greeting (implicit TLS, RFC 8314 §3).
 * The context and what the target points to are borrowed until the event TLS comes. Whether an
 * unproven server is good enough is the owner's to decide. 0, or -1 at any other time. */
int conversation_start_tls(struct conversation *c, struct tls_context *tls,
                           const struct tls_target *target);
/* How the last handshake went, or NULL: there was none. */
const struct tls_report *conversation_tls(const struct conversation *c);
struct tls_report *conversation_take_tls(struct conversation *c); /* handed over; or NULL */

#endif
