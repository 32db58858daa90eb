/*
 * AUTH (RFC 4954) as Postfix does it with Dovecot behind it: the same checks in the same order,
 * none of them for EHLO, and where TLS must come first a login is as good as not enabled. The
 * exchange itself is lib/smtp's.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "practice/mailbox.h"
#include "practice/server_state.h"
#include "smtp/sasl.h"

bool server_offers_auth(const struct practice_server *s)
{
	return s->host->mechanisms && maincf_yes(server_cf(s), MAINCF_SMTPD_SASL_AUTH_ENABLE) &&
	       (s->tls || !maincf_yes(server_cf(s), MAINCF_SMTPD_TLS_AUTH_ONLY));
}

bool server_demands_auth(const struct practice_server *s)
{
	/* Postfix leaves this to its restrictions, which speak at RCPT. */
	return s->host->login_first && s->port != WORLD_PORT_RELAY && !s->user;
}

static bool is_offered(const struct practice_server *s, struct span mechanism)
{
	struct span rest = span_of(s->host->mechanisms);

	while (rest.n > 0)
		if (span_eq_nocase(span_word(&rest), mechanism))
			return true;
	return false;
}

static const char *password_of(void *arg, const char *user)
{
	const struct practice_server *s = arg;

	return world_host_password(s->host, span_of(user));
}

/* --- the exchange --- */

static void end_exchange(struct practice_server *s)
{
	sasl_server_free(s->sasl);
	s->sasl = NULL;
	if (s->phase != SERVER_DONE)
		s->phase = SERVER_COMMANDS;
}

static void refuse(struct practice_server *s, enum practice_reply reply)
{
	server_refuse(s, reply, SPAN(""));
	end_exchange(s);
}

/* With the command "=" stands for nothing (RFC 4954 §4). */
static bool is_readable(struct span answer, bool first)
{
	struct buf decoded;
	size_t at;
	bool good;

	if (first && (!answer.p || span_eq(answer, SPAN("="))))
		return true;

	buf_init_secret(&decoded, SASL_CHALLENGE_MAX);
	good = sasl_base64_decode(answer, &decoded, &at) == 0;
	buf_release(&decoded);
	return good;
}

static void step(struct practice_server *s, struct span answer, enum practice_reply bad)
{
	struct buf challenge;
	enum sasl_verdict verdict;

	buf_init(&challenge, SASL_CHALLENGE_MAX);
	verdict = sasl_server_step(s->sasl, answer, &challenge);
	switch (verdict) {
	case SASL_CHALLENGE:
		s->phase = SERVER_AUTH;
		server_say(s, PRACTICE_AUTH_CHALLENGE, buf_span(&challenge));
		break;
	case SASL_ACCEPTED:
		s->user = mem_dup(sasl_server_user(s->sasl));
		server_say(s, PRACTICE_AUTH_OK, SPAN(""));
		end_exchange(s);
		break;
	case SASL_MALFORMED:
		refuse(s, is_readable(answer, bad == PRACTICE_AUTH_BAD_FIRST) ? PRACTICE_AUTH_FAILED
		                                                              : bad);
		break;
	case SASL_REFUSED: refuse(s, PRACTICE_AUTH_FAILED); break;
	}
	buf_release(&challenge);
}

void server_auth_answer(struct practice_server *s, struct span line)
{
	if (s->line_cut)
		refuse(s, PRACTICE_AUTH_LONG_ANSWER);
	else if (span_eq(line, SPAN("*")))
		refuse(s, PRACTICE_AUTH_ABORTED);
	else
		step(s, line, PRACTICE_AUTH_BAD_ANSWER);
}

/* --- the command --- */

static void begin(struct practice_server *s, struct span mechanism, struct span first)
{
	char *name = mem_dupn(mechanism.p, mechanism.n);

	free(s->method);
	s->method = mem_dup(name);
	s->sasl = sasl_server_new(name, password_of, s, s->host->name, NULL);
	free(name);
	if (s->sasl)
		step(s, first.n > 0 ? first : (struct span){NULL, 0}, PRACTICE_AUTH_BAD_FIRST);
	else
		refuse(s, PRACTICE_AUTH_UNKNOWN);
}

void server_auth(struct practice_server *s, struct span arguments)
{
	struct span rest = arguments, mechanism = span_word(&rest), first = span_word(&rest);

	if (!server_offers_auth(s))
		server_refuse(s, PRACTICE_AUTH_OFF, arguments);
	else if (s->sender)
		server_refuse(s, PRACTICE_AUTH_IN_MAIL, arguments);
	else if (s->user)
		server_refuse(s, PRACTICE_AUTH_ALREADY, arguments);
	else if (mechanism.n == 0 || rest.n > 0)
		server_refuse(s, PRACTICE_AUTH_SYNTAX, arguments);
	else if (!is_offered(s, mechanism))
		server_refuse(s, PRACTICE_AUTH_UNKNOWN, arguments);
	else
		begin(s, mechanism, first);
}
