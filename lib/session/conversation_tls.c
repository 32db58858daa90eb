/*
 * A conversation's handshakes. While one runs it has the stream and its own deadline, and no line
 * goes out; when it fails, it was the conversation's last event.
 */
#include "session/conversation_state.h"

static void on_tls(void *arg, struct tls_report *report)
{
	struct conversation *c = arg;
	struct conversation_event ev = {.type = CONVERSATION_TLS, .tls = report, .ms = report->ms};

	c->handshaking = false;
	tls_report_free(c->tls);
	c->tls = report;
	c->busy = true;
	if (report->done) {
		smtp_dialogue_tls_started(c->dialogue);
		conversation_oldest_changed(c);
		conversation_emit(c, &ev);
	} else {
		conversation_emit_last(c, &ev);
	}
	c->busy = false;
	conversation_advance(c);
}

int conversation_start_tls(struct conversation *c, struct tls_context *tls,
                           const struct tls_target *target)
{
	bool asked = smtp_dialogue_state(c->dialogue) == SMTP_STATE_TLS;
	bool first = smtp_dialogue_state(c->dialogue) == SMTP_STATE_CONNECTED && !c->tls;

	if (c->over || !c->stream || c->hung_up || c->handshaking || !(asked || first))
		return -1;
	c->handshaking = true;
	conversation_drop_timer(&c->deadline); /* the handshake has its own */
	tls_start(c->stream, tls, target, on_tls, c);
	return 0;
}

const struct tls_report *conversation_tls(const struct conversation *c)
{
	return c->tls;
}

struct tls_report *conversation_take_tls(struct conversation *c)
{
	struct tls_report *tls = c->tls;

	c->tls = NULL;
	return tls;
}
