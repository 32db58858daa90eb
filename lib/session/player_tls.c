/*
 * TLS on the server's side. What the client sent in the clear behind its STARTTLS is dropped before
 * the handshake, as a careful server does (RFC 3207 §4.1), and reported. A handshake that fails is
 * the end of the play: the stream can carry nothing any more.
 */
#include "net/tls.h"
#include "session/player_state.h"

static void ended(void *arg, struct tls_report *r)
{
	struct player *p = arg;
	struct buf what;

	p->tls = PLAYER_TLS_DONE;
	if (!r->done) {
		p->tls = PLAYER_TLS_FAILED;
		buf_init(&what, 1024);
		buf_addf(&what, "the TLS handshake failed: %s",
		         r->detail ? r->detail : tls_failure_text(r->failure));
		p->tls_failure = buf_take(&what);
		buf_release(&what);
	}
	tls_report_free(r);
	player_walk(p);
}

static void begin(struct player *p, const struct session_step *s)
{
	struct tls_target nobody = {.ms = p->timeout_ms};

	if (p->input.len > 0)
		player_report(p, s, "the client sent something in the clear before the handshake");
	buf_clear(&p->input);
	p->tls = PLAYER_TLS_RUNS;
	tls_start(p->stream, p->tls_context, &nobody, ended, p);
}

static enum step_end cannot(struct player *p, const struct session_step *s, const char *why)
{
	player_report(p, s, why);
	return STEP_LAST;
}

enum step_end player_negotiate(struct player *p, const struct session_step *s)
{
	if (p->tls == PLAYER_TLS_DONE)
		return STEP_DONE;
	if (p->tls == PLAYER_TLS_FAILED)
		return cannot(p, s, p->tls_failure);
	if (p->gone)
		return cannot(p, s, "the client closed the connection before TLS");
	if (!p->tls_context)
		return cannot(p, s, "there is no certificate for a TLS handshake");
	if (p->tls == PLAYER_TLS_NONE)
		begin(p, s);
	return STEP_WAITS;
}
