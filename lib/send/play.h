/*
 * play: plays the course of a sending on a connection that is open, and tells what happens.
 *
 * Each stage is played by the runner in a conversation that lives as long as the play; a login is
 * made here, answer by answer. Owned by who made it; owns the conversation. Plan, TLS context and
 * message are borrowed. Callbacks come from the loop, but that PROXY's bytes are told from within
 * send_play_new(); the last one is DONE.
 */
#ifndef SEND_PLAY_H
#define SEND_PLAY_H

#include "net/stream.h"
#include "net/tls.h"
#include "send/course.h"
#include "send/outgoing.h"
#include "session/conversation.h"

enum send_event_type {
	SEND_EVENT_SENT,    /* `bytes`: whole lines that left, without secrets; `stage` */
	SEND_EVENT_MESSAGE, /* `bytes`: a piece of the message that left, as it is on the wire */
	SEND_EVENT_LINE,    /* `bytes`: a line of the server, as it came */
	SEND_EVENT_CAME,    /* `bytes`: what came, in the pieces in which it came */
	SEND_EVENT_REPLY,   /* `smtp`, `expected`, `ms`: a whole reply */
	SEND_EVENT_TLS,     /* `tls`: a handshake ended */
	SEND_EVENT_TROUBLE, /* `text`: something is not as it was asked for, a sentence */
	SEND_EVENT_LOST,    /* `text`: the connection ended, and how; `timeout` */
	SEND_EVENT_DROPPED, /* it was we who hung up, as the plan says */
	SEND_EVENT_DONE,    /* `status` */
};

struct send_event {
	enum send_event_type type;
	enum send_stage stage;
	struct span bytes;
	const struct smtp_event *smtp;
	bool expected;
	int64_t ms;
	int64_t us;
	const struct tls_report *tls;
	const char *text;
	bool timeout;
	int status;
	/* SENT, of a login: */
	bool login;                 /* `bytes` hides the secret, as a session shows it */
	struct span encoded, plain; /* as swaks shows it, in base64 and decoded */
};

typedef void send_fn(void *arg, const struct send_event *ev);

struct send_play_settings {
	const struct send_plan *plan;
	struct send_outgoing
	        *message; /* handed over; NULL: it is made with `make` when it is due */
	/* Makes the message when the offers of the server are known. 0, or -1 and d. */
	int (*make)(void *arg, bool eightbit, bool utf8, struct send_outgoing **out,
	            struct diag *d);
	struct tls_context *tls; /* NULL: TLS fails */
	struct tls_target target;
	const char *host; /* the server's name */
	send_fn *fn;
	void *arg;
};

struct send_play;

struct send_play *send_play_new(struct stream *take, const struct send_play_settings *s);
void send_play_free(struct send_play *p); /* NULL is allowed; also from its callback */
const struct smtp_dialogue *send_play_dialogue(const struct send_play *p);
const struct send_course *send_play_course(const struct send_play *p);
/* Why it was that nothing could be sent, from making the message or the login; or NULL. */
const struct diag *send_play_fault(const struct send_play *p);

#endif
