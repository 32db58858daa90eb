/*
 * The server's side. libgsasl checks the answers; LOGIN's prompts are replaced by those that every
 * real server sends. A user that does not exist gets an invented password, so that the exchange
 * goes on to its end as with a wrong one, and nobody learns which names exist.
 */
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "smtp/sasl_scrub.h"
#include "smtp/sasl_token.h"

struct sasl_server {
	const struct sasl_mechanism_info *mechanism;
	Gsasl *library;
	Gsasl_session *session; /* NULL for the mechanisms made by hand */
	sasl_password_fn *password;
	void *arg;
	char *user;
	size_t rounds;
	enum sasl_verdict verdict; /* what follows the last challenge */
	bool last;                 /* the last challenge is out */
	bool unknown;              /* no such user */
};

static void note_user(struct sasl_server *s, struct span name)
{
	free(s->user);
	s->user = mem_dupn(name.p, name.n);
}

/* Takes as long whatever the strings hold. */
static bool same_secret(struct span a, struct span b)
{
	unsigned char differs = a.n != b.n;

	for (size_t i = 0; i < a.n; i++)
		differs |= (unsigned char)(a.p[i] ^ (b.n > 0 ? b.p[i % b.n] : 0));
	return differs == 0;
}

/* NULL when there is no such user. */
static const char *password_of(struct sasl_server *s)
{
	const char *known = s->user ? s->password(s->arg, s->user) : NULL;

	s->unknown = known == NULL;
	return known;
}

static int check_password(struct sasl_server *s, Gsasl_session *session)
{
	const char *identity = gsasl_property_fast(session, GSASL_AUTHZID);
	const char *given = gsasl_property_fast(session, GSASL_PASSWORD);
	const char *known = password_of(s);

	if (!known || !given || (identity && *identity && strcmp(identity, s->user) != 0))
		return GSASL_AUTHENTICATION_ERROR;
	return same_secret(span_of(given), span_of(known)) ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
}

static int invent_password(Gsasl_session *session)
{
	char bytes[18];
	struct buf text;
	int rc = gsasl_nonce(bytes, sizeof(bytes));

	buf_init_secret(&text, sizeof(bytes) * 2);
	sasl_base64_encode(span_from(bytes, sizeof(bytes)), &text);
	if (rc == GSASL_OK)
		rc = gsasl_property_set(session, GSASL_PASSWORD, text.data);
	buf_release(&text);
	return rc;
}

static int give_password(struct sasl_server *s, Gsasl_session *session)
{
	const char *known = password_of(s);

	if (!known)
		return invent_password(session);
	return gsasl_property_set(session, GSASL_PASSWORD, known);
}

static int ask(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	struct sasl_server *s = gsasl_callback_hook_get(library);
	const char *user = gsasl_property_fast(session, GSASL_AUTHID);

	if (property != GSASL_VALIDATE_SIMPLE && property != GSASL_PASSWORD)
		return GSASL_NO_CALLBACK;
	if (user)
		note_user(s, span_of(user));
	if (property == GSASL_VALIDATE_SIMPLE)
		return check_password(s, session);
	return give_password(s, session);
}

static int start_session(struct sasl_server *s, const char *host, struct diag *d)
{
	int rc = gsasl_init(&s->library);

	if (rc == GSASL_OK) {
		gsasl_callback_hook_set(s->library, s);
		gsasl_callback_set(s->library, ask);
		rc = gsasl_server_start(s->library, s->mechanism->name, &s->session);
	}
	if (rc == GSASL_OK && host)
		rc = gsasl_property_set(s->session, GSASL_HOSTNAME, host);
	if (rc == GSASL_OK)
		return gsasl_property_set(s->session, GSASL_SERVICE, "smtp") == GSASL_OK ? 0 : -1;
	return diag_set(d, DIAG_USAGE, NULL, "this libgsasl cannot serve %s: %s",
	                s->mechanism->name, gsasl_strerror(rc));
}

struct sasl_server *sasl_server_new(const char *mechanism, sasl_password_fn *fn, void *arg,
                                    const char *host, struct diag *d)
{
	const struct sasl_mechanism_info *m = sasl_mechanism_find(span_of(mechanism));
	struct sasl_server *s;

	if (!m || m->binds_channel || strcmp(m->name, "EXTERNAL") == 0) {
		diag_set(d, DIAG_USAGE, NULL, "the mechanism is not one that this server can do");
		return NULL;
	}
	s = mem_zero(sizeof(*s));
	s->mechanism = m;
	s->password = fn;
	s->arg = arg;
	if (m->needs_token || start_session(s, host, d) == 0)
		return s;
	sasl_server_free(s);
	return NULL;
}

void sasl_server_free(struct sasl_server *s)
{
	char *copy;

	if (!s)
		return;
	if (s->session) {
		copy = (char *)gsasl_property_fast(s->session, GSASL_PASSWORD);
		if (copy)
			explicit_bzero(copy, strlen(copy));
		gsasl_finish(s->session);
	}
	if (s->library)
		gsasl_done(s->library);
	sasl_scrub_freed();
	free(s->user);
	free(s);
}

const char *sasl_server_user(const struct sasl_server *s)
{
	return s->user;
}

/* --- one step --- */

/* One more challenge, whose answer carries nothing. */
static enum sasl_verdict last_challenge(struct sasl_server *s, enum sasl_verdict after)
{
	s->last = true;
	s->verdict = after;
	return SASL_CHALLENGE;
}

static enum sasl_verdict verdict_of(struct sasl_server *s, int rc, bool says_more)
{
	switch (rc) {
	case GSASL_OK:
		if (s->unknown)
			return SASL_REFUSED;
		return says_more ? last_challenge(s, SASL_ACCEPTED) : SASL_ACCEPTED;
	case GSASL_NEEDS_MORE:
		return says_more ? SASL_CHALLENGE : SASL_MALFORMED; /* an empty answer */
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_SASLPREP_ERROR: return SASL_MALFORMED;
	default: return SASL_REFUSED;
	}
}

static struct span prompt_of(const struct sasl_server *s, struct span message)
{
	if (strcmp(s->mechanism->name, "LOGIN") != 0)
		return message;
	return s->rounds == 1 ? SPAN("Username:") : SPAN("Password:");
}

static enum sasl_verdict step_library(struct sasl_server *s, struct span answer,
                                      struct buf *challenge)
{
	char *out = NULL;
	size_t n = 0;
	int rc = gsasl_step(s->session, answer.p, answer.n, &out, &n);
	enum sasl_verdict verdict = verdict_of(s, rc, n > 0);

	if (verdict == SASL_CHALLENGE)
		sasl_base64_encode(prompt_of(s, span_from(out, n)), challenge);
	gsasl_free(out);
	return verdict;
}

static enum sasl_verdict step_token(struct sasl_server *s, struct span answer,
                                    struct buf *challenge)
{
	struct sasl_token_parts parts;
	const char *known;

	if (sasl_token_read(s->mechanism, answer, &parts) < 0)
		return SASL_MALFORMED;
	note_user(s, parts.user);
	known = password_of(s);
	if (known && same_secret(parts.token, span_of(known)))
		return SASL_ACCEPTED;
	sasl_base64_encode(SPAN("{\"status\":\"401\",\"schemes\":\"bearer\"}"), challenge);
	return last_challenge(s, SASL_REFUSED);
}

static enum sasl_verdict check_answer(struct sasl_server *s, struct span answer,
                                      struct buf *challenge)
{
	if (s->last) {
		bool token = s->mechanism->needs_token;

		return token || answer.n == 0 ? s->verdict : SASL_MALFORMED;
	}
	return s->mechanism->needs_token ? step_token(s, answer, challenge)
	                                 : step_library(s, answer, challenge);
}

/* AUTH came without an answer (p == NULL), or with one that is out of turn. */
static enum sasl_verdict begin(struct sasl_server *s, struct span answer, struct buf *challenge)
{
	if (s->mechanism->starts)
		return SASL_CHALLENGE;
	if (answer.p && strcmp(s->mechanism->name, "LOGIN") != 0)
		return SASL_MALFORMED;
	return step_library(s, SPAN(""), challenge);
}

enum sasl_verdict sasl_server_step(struct sasl_server *s, struct span answer, struct buf *challenge)
{
	enum sasl_verdict verdict = SASL_MALFORMED;
	bool first = s->rounds++ == 0;
	struct buf decoded;
	size_t at;

	if (first && (!answer.p || !s->mechanism->starts)) {
		size_t start = challenge->len;

		verdict = begin(s, answer, challenge);
		if (!answer.p || verdict != SASL_CHALLENGE)
			return verdict;
		buf_cut(challenge, start); /* the prompt that this answer came ahead of */
		s->rounds++;
	}
	if (s->rounds > SASL_ROUNDS_MAX || answer.n > SASL_CHALLENGE_MAX)
		return SASL_MALFORMED;
	buf_init_secret(&decoded, SASL_CHALLENGE_MAX);
	if ((first && span_eq(answer, SPAN("="))) || sasl_base64_decode(answer, &decoded, &at) == 0)
		verdict = check_answer(s, buf_span(&decoded), challenge);
	buf_release(&decoded);
	return verdict;
}
