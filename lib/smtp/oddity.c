/*
 * Judged when a reply is credited, from what the dialogue knows by then: each row below is one
 * trick. Nothing is refused here. The dialogue follows the server, and who uses it decides what a
 * trick is worth.
 */
#include "smtp/oddity.h"

#include "smtp/dialogue_state.h"
#include "smtp/sasl.h"

#define BIT(NAME) SMTP_ODDITY_BIT(NAME)

static const struct {
	const char *name, *text;
	bool stops;
} oddities[SMTP_ODDITY_COUNT] = {
#define X(NAME, name, stop, text) {name, text, stop},
        SMTP_ODDITIES(X)
#undef X
};

const char *smtp_oddity_name(enum smtp_oddity o)
{
	return (unsigned)o < SMTP_ODDITY_COUNT ? oddities[o].name : "";
}

const char *smtp_oddity_text(enum smtp_oddity o)
{
	return (unsigned)o < SMTP_ODDITY_COUNT ? oddities[o].text : "";
}

bool smtp_oddity_stops(enum smtp_oddity o)
{
	return (unsigned)o < SMTP_ODDITY_COUNT && oddities[o].stops;
}

enum smtp_oddity smtp_oddity_find(struct span name)
{
	for (unsigned i = 0; i < SMTP_ODDITY_COUNT; i++)
		if (span_eq(span_of(oddities[i].name), name))
			return (enum smtp_oddity)i;
	return SMTP_ODDITY_COUNT;
}

/* --- STARTTLS and the EHLO after it --- */

static unsigned of_starttls(const struct smtp_dialogue *d, const struct smtp_reply *r)
{
	unsigned bits = 0;

	if (r->code / 100 == 3)
		bits |= BIT(STARTTLS_3XX);
	else if (r->code / 100 == 2 && r->code != 220)
		bits |= BIT(STARTTLS_2XX);
	if (smtp_dialogue_leftover(d).n > 0)
		bits |= BIT(CLEAR_AFTER_STARTTLS);
	return bits;
}

static bool has_all_of(const struct smtp_capabilities *a, const struct smtp_capabilities *b)
{
	size_t at = 0;
	const struct smtp_capability *only;

	while ((only = smtp_capability_missing(a, b, &at)) != NULL)
		if (!span_eq_nocase(span_of(only->keyword), SPAN("STARTTLS")))
			return false;
	return true;
}

static unsigned of_ehlo(const struct smtp_dialogue *d, const struct smtp_reply *r)
{
	const struct smtp_capabilities *before = smtp_dialogue_capabilities_before_tls(d);
	unsigned bits = 0;

	if (!d->encrypted)
		return 0;
	if (r->code / 100 != 2)
		return before ? BIT(EHLO_REFUSED) : 0;
	if (smtp_capability_find(&d->capabilities, "STARTTLS"))
		bits |= BIT(STARTTLS_INSIDE_TLS);
	if (before &&
	    (!span_eq_nocase(span_of(before->server_name), span_of(d->capabilities.server_name)) ||
	     !has_all_of(before, &d->capabilities) || !has_all_of(&d->capabilities, before)))
		bits |= BIT(EHLO_DIFFERS);
	return bits;
}

/* --- AUTH --- */

static bool is_among(struct span word, struct span list)
{
	for (struct span s = span_word(&list); s.n > 0; s = span_word(&list))
		if (span_eq_nocase(s, word))
			return true;
	return false;
}

unsigned smtp_dialogue_see_auth(const struct smtp_dialogue *d, const struct smtp_command *cmd)
{
	const struct smtp_capability *auth = smtp_capability_find(&d->capabilities, "AUTH");
	struct span rest = cmd->argument, mechanism = span_word(&rest);
	unsigned bits = 0;

	if (cmd->verb != SMTP_VERB_AUTH)
		return 0;
	if (!d->encrypted)
		bits |= BIT(AUTH_IN_CLEAR);
	if (d->authenticated)
		bits |= BIT(AUTH_AGAIN);
	if (!auth)
		bits |= BIT(AUTH_NOT_OFFERED);
	else if (mechanism.n > 0 && !is_among(mechanism, span_of(auth->argument)))
		bits |= BIT(MECHANISM_NOT_OFFERED);
	return bits;
}

static unsigned of_success(const struct smtp_login *l)
{
	const struct sasl_mechanism_info *m = sasl_mechanism_find(span_of(l->mechanism));

	if (l->answers == 0)
		return BIT(SUCCESS_WITHOUT_CREDENTIALS);
	return m && l->answers < m->answers ? BIT(SUCCESS_BEFORE_THE_END) : 0;
}

static unsigned of_challenge(const struct smtp_login *l, const struct smtp_reply *r)
{
	unsigned bits = 0;

	if (r->raw.len > SASL_CHALLENGE_MAX + sizeof("334 \r\n") - 1)
		bits |= BIT(CHALLENGE_TOO_BIG);
	if (l->challenges > SASL_ROUNDS_MAX)
		bits |= BIT(TOO_MANY_CHALLENGES);
	return bits;
}

static unsigned of_login(const struct smtp_dialogue *d, const struct smtp_reply *r)
{
	if (r->code == 235)
		return of_success(&d->login);
	if (r->code == 334)
		return of_challenge(&d->login, r);
	return r->code / 100 <= 3 && r->code != 221 ? BIT(AUTH_OTHER_CODE) : 0;
}

unsigned smtp_oddities_of(const struct smtp_dialogue *d, const struct smtp_event *ev)
{
	bool login = ev->verb == SMTP_VERB_AUTH || ev->verb == SMTP_VERB_ANSWER;

	if (ev->type == SMTP_EVENT_REPLY && login)
		return of_login(d, ev->reply);
	if (ev->reply->code == 334)
		return d->authenticated ? BIT(CHALLENGE_AFTER_SUCCESS)
		                        : BIT(CHALLENGE_OUT_OF_PLACE);
	if (ev->type != SMTP_EVENT_REPLY)
		return 0;
	if (ev->verb == SMTP_VERB_STARTTLS)
		return of_starttls(d, ev->reply);
	return ev->verb == SMTP_VERB_EHLO ? of_ehlo(d, ev->reply) : 0;
}
