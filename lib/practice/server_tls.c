/*
 * STARTTLS (RFC 3207), in the order of Postfix's checks, and what somebody on the way does to it.
 * The handshake itself is the caller's: here it is a phase in which nothing is read.
 */
#include "practice/certificates.h"
#include "practice/server_state.h"

bool server_starts_in_tls(const struct practice_server *s)
{
	return maincf_yes(server_cf(s), MAINCF_SMTPD_TLS_WRAPPERMODE);
}

static bool level_is(const struct practice_server *s, const char *level)
{
	return span_eq_nocase(span_of(maincf_text(server_cf(s), MAINCF_SMTPD_TLS_SECURITY_LEVEL)),
	                      span_of(level));
}

/* main.cf asks for TLS, and there is a certificate. */
static bool does_tls(const struct practice_server *s)
{
	return s->host->certificate != CERTIFICATE_NONE &&
	       (level_is(s, "may") || level_is(s, "encrypt") ||
	        maincf_yes(server_cf(s), MAINCF_SMTPD_USE_TLS) ||
	        maincf_yes(server_cf(s), MAINCF_SMTPD_ENFORCE_TLS));
}

bool server_offers_tls(const struct practice_server *s)
{
	return !s->tls && does_tls(s) && s->host->attack != ATTACK_STRIP;
}

bool server_demands_tls(const struct practice_server *s)
{
	return !s->tls && does_tls(s) &&
	       (level_is(s, "encrypt") || maincf_yes(server_cf(s), MAINCF_SMTPD_ENFORCE_TLS));
}

void server_starttls(struct practice_server *s, struct span arguments)
{
	if (s->host->attack == ATTACK_STRIP && !s->tls) {
		/* The word arrives as XXXXXXXX. */
		server_refuse(s, PRACTICE_NOT_RECOGNIZED, arguments);
	} else if (arguments.n > 0) {
		server_refuse(s, PRACTICE_NO_ARGUMENT, SPAN("STARTTLS"));
	} else if (s->tls) {
		server_refuse(s, PRACTICE_TLS_ACTIVE, arguments);
	} else if (!does_tls(s) || !server_offers(s, KEYWORD_STARTTLS)) {
		server_refuse(s, PRACTICE_NOT_IMPLEMENTED, arguments);
	} else if (!world_host_tls(s->world, s->host)) {
		server_refuse(s, PRACTICE_TLS_TROUBLE, arguments);
	} else {
		server_say(s, PRACTICE_TLS_READY, arguments);
		if (s->host->attack == ATTACK_INJECT)
			server_say(s, PRACTICE_TLS_INJECTED, arguments);
		if (s->phase != SERVER_DONE)
			s->phase = SERVER_TLS;
	}
}

bool practice_server_wants_tls(const struct practice_server *s)
{
	return s->phase == SERVER_TLS;
}

void practice_server_tls_started(struct practice_server *s)
{
	server_forget_session(s);
	s->tls = true;
	s->phase = SERVER_COMMANDS;
	if (server_starts_in_tls(s))
		server_greet(s);
}
