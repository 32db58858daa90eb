/*
 * conversation_state: what conversation.c and conversation_tls.c share; private to this folder.
 */
#ifndef SESSION_CONVERSATION_STATE_H
#define SESSION_CONVERSATION_STATE_H

#include "base/lines.h"
#include "session/conversation.h"

struct conversation {
	struct stream *stream; /* NULL when it is over */
	struct loop *loop;
	struct smtp_dialogue *dialogue;
	conversation_fn *fn;
	void *arg;
	conversation_tap_fn *tap; /* or NULL */
	void *tap_arg;

	struct lines waiting;
	struct buf shown; /* the line just sent, as it may be shown */

	int64_t timeout_ms;
	int64_t since; /* clock_us() when the oldest outstanding command became the oldest */
	struct loop_timer *deadline;
	struct loop_timer *goodbye; /* the server said that it closes */
	bool halted;                /* lines that wait are not to be sent any more */
	bool ready;                 /* READY was given and nothing was sent since */
	bool hung_up;               /* by conversation_close() */
	bool handshaking;           /* TLS has the stream for itself */
	struct tls_report *tls;     /* of the last handshake */
	bool over;                  /* the last event was given */
	bool busy, freed;
	enum stream_end end;
	int error;
};

void conversation_emit(struct conversation *c, struct conversation_event *ev);
/* The last event: the stream is closed after it. */
void conversation_emit_last(struct conversation *c, struct conversation_event *ev);
/* The deadline begins anew, for what is the oldest without a reply now. */
void conversation_oldest_changed(struct conversation *c);
/* Does all that can be done; see conversation.c. */
void conversation_advance(struct conversation *c);
void conversation_drop_timer(struct loop_timer **t);

#endif
