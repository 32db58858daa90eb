/*
 * The client's side. libgsasl answers the challenges; around it stand the checks that it leaves to
 * its caller: how large a challenge may be, how many there may be, how much hashing a server may
 * ask for, and whether a mechanism that is complete is asked again. Base64 is undone here rather
 * than in libgsasl, so that a fault has a place.
 */
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "smtp/sasl_scram.h"
#include "smtp/sasl_scrub.h"
#include "smtp/sasl_token.h"

#define COMMAND_MAX 510 /* RFC 5321 §4.5.3.1.4, without CRLF */

struct sasl_client {
	const struct sasl_mechanism_info *mechanism;
	Gsasl *library;
	Gsasl_session *session; /* NULL for the mechanisms made by hand */
	struct buf token;       /* their message */
	struct buf held;        /* a first answer that did not fit into the AUTH line */
	bool holds;
	size_t steps;   /* how often it was asked for an answer */
	size_t answers; /* how many it gave */
	bool complete;  /* a 235 is due */
	bool failed;    /* the server said why it refuses; only its 535 is due */
};

/* libgsasl frees them as they are. */
static void wipe_property(Gsasl_session *s, Gsasl_property p)
{
	char *copy = (char *)gsasl_property_fast(s, p);

	if (copy)
		explicit_bzero(copy, strlen(copy));
}

void sasl_client_free(struct sasl_client *c)
{
	if (!c)
		return;
	if (c->session) {
		wipe_property(c->session, GSASL_PASSWORD);
		wipe_property(c->session, GSASL_SCRAM_SALTED_PASSWORD);
		wipe_property(c->session, GSASL_CB_TLS_EXPORTER);
		wipe_property(c->session, GSASL_CB_TLS_UNIQUE);
		gsasl_finish(c->session);
	}
	if (c->library)
		gsasl_done(c->library);
	sasl_scrub_freed();
	buf_release(&c->token);
	buf_release(&c->held);
	free(c);
}

static void set_property(struct sasl_client *c, Gsasl_property p, const char *value)
{
	if (value)
		gsasl_property_set(c->session, p, value);
}

static int set_binding(struct sasl_client *c, const struct sasl_secrets *s, struct diag *d)
{
	const char *type = s->channel_binding_type ? s->channel_binding_type : "";
	bool exporter = strcmp(type, "tls-exporter") == 0;
	struct buf text;

	if (!c->mechanism->binds_channel)
		return 0;
	if (s->channel_binding.n == 0 || (!exporter && strcmp(type, "tls-unique") != 0))
		return diag_set(d, DIAG_USAGE, NULL,
		                "%s binds the login to a TLS connection, and there is none",
		                c->mechanism->name);
	buf_init_secret(&text, SASL_CHALLENGE_MAX);
	sasl_base64_encode(s->channel_binding, &text);
	set_property(c, exporter ? GSASL_CB_TLS_EXPORTER : GSASL_CB_TLS_UNIQUE, text.data);
	buf_release(&text);
	return 0;
}

static int start_session(struct sasl_client *c, const struct sasl_secrets *s, struct diag *d)
{
	int rc = gsasl_init(&c->library);

	if (rc == GSASL_OK)
		rc = gsasl_client_start(c->library, c->mechanism->name, &c->session);
	if (rc != GSASL_OK)
		return diag_set(d, DIAG_USAGE, NULL, "this libgsasl cannot do %s: %s",
		                c->mechanism->name, gsasl_strerror(rc));
	set_property(c, GSASL_AUTHID, s->user);
	set_property(c, GSASL_AUTHZID, s->identity);
	set_property(c, GSASL_PASSWORD, s->password);
	set_property(c, GSASL_HOSTNAME, s->host);
	set_property(c, GSASL_SERVICE, s->service ? s->service : "smtp");
	return set_binding(c, s, d);
}

static int need(const struct sasl_client *c, const struct sasl_secrets *s, struct diag *d)
{
	bool external = strcmp(c->mechanism->name, "EXTERNAL") == 0;

	if (!external && (!s->user || *s->user == '\0'))
		return diag_set(d, DIAG_USAGE, NULL, "%s needs a user name", c->mechanism->name);
	if (!external && !s->password)
		return diag_set(d, DIAG_USAGE, NULL, "%s needs %s", c->mechanism->name,
		                c->mechanism->needs_token ? "an access token" : "a password");
	return 0;
}

static int start(struct sasl_client *c, const struct sasl_secrets *s, struct diag *d)
{
	if (need(c, s, d) < 0)
		return -1;
	if (c->mechanism->needs_token)
		return sasl_token_write(c->mechanism, s, &c->token, d);
	return start_session(c, s, d);
}

struct sasl_client *sasl_client_new(const char *mechanism, const struct sasl_secrets *secrets,
                                    struct diag *d)
{
	const struct sasl_mechanism_info *m = sasl_mechanism_find(span_of(mechanism));
	struct sasl_client *c;

	if (!m) {
		diag_set(d, DIAG_USAGE, NULL, "the mechanism is not one that smtptalk can do");
		diag_hint(d, "type AUTH and its answers yourself, or choose another mechanism");
		return NULL;
	}
	c = mem_zero(sizeof(*c));
	c->mechanism = m;
	buf_init_secret(&c->token, SASL_CHALLENGE_MAX / 4 * 3);
	buf_init_secret(&c->held, SASL_CHALLENGE_MAX);
	if (start(c, secrets, d) == 0)
		return c;
	sasl_client_free(c);
	return NULL;
}

bool sasl_client_starts(const struct sasl_client *c)
{
	return c->mechanism->starts;
}

bool sasl_client_complete(const struct sasl_client *c)
{
	return c->complete && !c->holds;
}

/* --- one step --- */

static const char bad_form[] = "the challenge has not the form that the mechanism wants";

static enum sasl_step broken(struct sasl_client *c, struct diag *d, const char *what)
{
	c->complete = false;
	diag_set(d, DIAG_NETWORK, NULL, "%s: %s", c->mechanism->name, what);
	return SASL_BROKEN;
}

static enum sasl_step fail(struct sasl_client *c, int rc, struct diag *d)
{
	bool proof = c->mechanism->proves_server && c->answers >= 2;

	switch (rc) {
	case GSASL_AUTHENTICATION_ERROR:
		if (!proof)
			return broken(c, d, "the server's nonce does not begin with ours");
		broken(c, d,
		       "the server's signature is wrong: it does not know the password, or "
		       "somebody stands between");
		return SASL_SERVER_LIES;
	case GSASL_SASLPREP_ERROR:
		return broken(c, d,
		              "the user name or the password holds a character that SASLprep "
		              "forbids (RFC 4013)");
	case GSASL_MECHANISM_PARSE_ERROR: return broken(c, d, bad_form);
	case GSASL_MECHANISM_CALLED_TOO_MANY_TIMES:
		return broken(c, d, "the server asks for more than the mechanism has");
	default: return broken(c, d, gsasl_strerror(rc));
	}
}

static enum sasl_step step_library(struct sasl_client *c, struct span challenge,
                                   struct buf *message, struct diag *d)
{
	char *out = NULL;
	size_t n = 0;
	int rc = gsasl_step(c->session, challenge.p, challenge.n, &out, &n);
	bool waits = rc == GSASL_NEEDS_MORE && n == 0;

	if (out) {
		buf_add(message, out, n);
		explicit_bzero(out, n);
		gsasl_free(out);
	}
	if (waits)
		return broken(c, d, "the challenge is empty");
	if (rc != GSASL_OK && rc != GSASL_NEEDS_MORE)
		return fail(c, rc, d);
	c->complete = rc == GSASL_OK;
	return SASL_SEND;
}

static enum sasl_step step_token(struct sasl_client *c, struct span challenge, struct buf *message,
                                 struct diag *d)
{
	if (c->answers > 0) { /* the JSON of a refusal */
		c->complete = false;
		c->failed = true;
		buf_addspan(message, sasl_token_acknowledgement(c->mechanism));
		return SASL_SEND;
	}
	if (challenge.n > 0)
		return broken(c, d, "the first challenge should be empty");
	buf_addspan(message, buf_span(&c->token));
	c->complete = true;
	return SASL_SEND;
}

/* RFC 5802 §7: "e=" says why the server refuses. The form is ended, and its 535 follows. */
static bool is_scram_refusal(const struct sasl_client *c, struct span challenge)
{
	return c->mechanism->proves_server && c->answers == 2 && span_starts(challenge, SPAN("e="));
}

/* NULL, or what is wrong with a SCRAM server's first message. libgsasl would hash as often as it is
 * told, so a message that cannot be read here does not get there. */
static const char *fault_of_first(const struct sasl_client *c, struct span challenge)
{
	struct sasl_scram_first first;

	if (!c->mechanism->proves_server || c->answers != 1)
		return NULL;
	if (sasl_scram_read_first(challenge, &first) < 0)
		return bad_form;
	return first.hashing > SASL_HASHING_MAX
	               ? "the server asks for more than 1,000,000 rounds of hashing"
	               : NULL;
}

static enum sasl_step step_message(struct sasl_client *c, struct span challenge,
                                   struct buf *message, struct diag *d)
{
	bool acknowledges = c->mechanism->needs_token && c->answers == 1;
	const char *fault = fault_of_first(c, challenge);

	if (c->failed || (c->complete && !acknowledges))
		return broken(c, d, "the server asks again (334) after the last answer");
	if (c->mechanism->needs_token)
		return step_token(c, challenge, message, d);
	if (fault)
		return broken(c, d, fault);
	if (is_scram_refusal(c, challenge)) {
		c->failed = true;
		return SASL_SEND;
	}
	return step_library(c, challenge, message, d);
}

static enum sasl_step answer_decoded(struct sasl_client *c, struct span challenge,
                                     struct buf *answer, struct diag *d)
{
	struct buf message;
	enum sasl_step step;

	buf_init_secret(&message, SASL_CHALLENGE_MAX / 4 * 3);
	step = step_message(c, challenge, &message, d);
	if (message.full)
		step = broken(c, d, "the answer is longer than the 12,288 bytes of RFC 4954");
	else if (step == SASL_SEND)
		sasl_base64_encode(buf_span(&message), answer);
	buf_release(&message);
	return step;
}

static enum sasl_step check_challenge(struct sasl_client *c, struct span challenge,
                                      struct buf *decoded, struct diag *d)
{
	size_t at;

	if (challenge.n > SASL_CHALLENGE_MAX)
		return broken(c, d, "the challenge is longer than the 12,288 bytes of RFC 4954");
	if (c->steps++ >= SASL_ROUNDS_MAX)
		return broken(c, d, "the server asks without end: 8 challenges are enough");
	if (sasl_base64_decode(challenge, decoded, &at) == 0)
		return SASL_SEND;
	c->complete = false;
	diag_set(d, DIAG_NETWORK, NULL, "%s: the challenge is not base64: see its byte %zu",
	         c->mechanism->name, at + 1);
	return SASL_BROKEN;
}

static enum sasl_step answer_challenge(struct sasl_client *c, struct span challenge,
                                       struct buf *answer, struct diag *d)
{
	struct buf decoded;
	enum sasl_step step;

	buf_init(&decoded, SASL_CHALLENGE_MAX);
	step = check_challenge(c, challenge, &decoded, d);
	if (step != SASL_SEND) {
		buf_release(&decoded);
		return step;
	}
	if (c->holds && challenge.n > 0)
		step = broken(c, d, "the first challenge should be empty");
	else if (c->holds)
		buf_addspan(answer, buf_span(&c->held));
	else
		step = answer_decoded(c, buf_span(&decoded), answer, d);
	c->holds = false;
	buf_clear(&c->held);
	buf_release(&decoded);
	return step;
}

enum sasl_step sasl_client_step(struct sasl_client *c, struct span challenge, struct buf *answer,
                                struct buf *says, struct buf *means, struct diag *d)
{
	size_t start = answer->len, at;
	enum sasl_step step;
	struct span given;

	if (says && challenge.n <= SASL_CHALLENGE_MAX)
		sasl_challenge_says(challenge, says);
	step = answer_challenge(c, challenge, answer, d);
	if (step != SASL_SEND)
		return step;
	given = span_skip(buf_span(answer), start);
	if (means)
		sasl_answer_means(c->mechanism->name, c->answers, given, means, &at);
	c->answers++;
	return step;
}

int sasl_client_command(struct sasl_client *c, struct buf *line, struct buf *means, struct diag *d)
{
	size_t start = line->len;

	buf_addf(line, "AUTH %s", c->mechanism->name);
	if (!c->mechanism->starts)
		return 0;
	if (answer_decoded(c, SPAN(""), &c->held, d) != SASL_SEND)
		return -1;
	if (line->len - start + 1 + c->held.len > COMMAND_MAX) {
		c->holds = true; /* RFC 4954 §4: such a line is too long for the answer */
		return 0;
	}
	buf_addf(line, " %s", c->held.len > 0 ? c->held.data : "=");
	if (means)
		sasl_answer_means(c->mechanism->name, 0, buf_span(&c->held), means, &(size_t){0});
	c->answers++;
	buf_clear(&c->held);
	return 0;
}
