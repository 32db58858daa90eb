/*
 * A secret is never written because a form was not foreseen: first the forms that are known are
 * taken apart and their secret remembered; then the redaction looks at the line. Only when it finds
 * that one reference stands for all that is to be hidden, this is used. Otherwise the whole hidden
 * part is a secret of its own.
 */
#include "session/hide.h"

#include <string.h>

#include "base/utf8.h"
#include "session/redact.h"
#include "smtp/mask.h"
#include "smtp/sasl.h"

#define ANSWER_MIN 4u /* shorter words of a login are not looked for elsewhere */

/* --- names --- */

/* The name under which the value is known, else the first free one of NAME, NAME_2, … It is a
 * variable then. False when there can be none. */
static bool name_value(struct hide *h, const char *name, struct span value, bool secret,
                       struct buf *out)
{
	for (unsigned i = 1; i <= SESSION_VARS_MAX; i++) {
		const struct session_variable *v;

		buf_clear(out);
		buf_addstr(out, name);
		if (i > 1)
			buf_addf(out, "_%u", i);
		v = session_vars_find(h->vars, buf_span(out));
		if (v && v->secret == secret && span_eq(buf_span(&v->value), value))
			return true;
		if (v)
			continue;
		return (secret ? session_vars_set_secret
		               : session_vars_set)(h->vars, buf_span(out), value,
		                                   SESSION_ORIGIN_OPTION, NULL, NULL) == 0;
	}
	return false;
}

static bool is_known(const struct hide *h, struct span value)
{
	for (size_t i = 0; i < session_vars_count(h->vars); i++) {
		const struct session_variable *v = session_vars_at(h->vars, i);

		if (v->secret && span_eq(buf_span(&v->value), value))
			return true;
	}
	return false;
}

static void learn(struct hide *h, const char *name, struct span value)
{
	struct buf as;

	buf_init(&as, 2 * SESSION_NAME_MAX);
	if (value.n > 0 && !is_known(h, value))
		name_value(h, name, value, true, &as);
	buf_release(&as);
}

void hide_know(struct hide *h, const struct session_vars *others)
{
	for (size_t i = 0; others && i < session_vars_count(others); i++) {
		const struct session_variable *v = session_vars_at(others, i);

		if (v->secret)
			learn(h, v->name, buf_span(&v->value));
	}
}

/* --- what the mechanisms send --- */

static struct span after_last_nul(struct span text)
{
	size_t at = text.n;

	while (at > 0 && text.p[at - 1] != '\0')
		at--;
	return at > 0 ? span_skip(text, at) : span_first(text, 0);
}

static struct span bearer(struct span text)
{
	static const struct span mark = {"auth=Bearer ", 12};
	const char *at = memmem(text.p, text.n, mark.p, mark.n);
	struct span token;

	if (!at)
		return span_first(text, 0);
	token = span_skip(text, (size_t)(at - text.p) + mark.n);
	return span_first(token, span_find(token, '\001'));
}

/* A secret in the form of `mechanism`. */
static void learn_from(struct hide *h, struct span mechanism, size_t round, struct span hidden)
{
	struct buf text;
	size_t at;

	buf_init_secret(&text, hidden.n + 4);
	if (sasl_base64_decode(hidden, &text, &at) == 0) {
		if (span_eq_nocase(mechanism, SPAN("PLAIN")))
			learn(h, "password", after_last_nul(buf_span(&text)));
		else if (span_eq_nocase(mechanism, SPAN("LOGIN")) && round > 0)
			learn(h, "password", buf_span(&text));
		else if (span_eq_nocase(mechanism, SPAN("XOAUTH2")) ||
		         span_eq_nocase(mechanism, SPAN("OAUTHBEARER")))
			learn(h, "token", bearer(buf_span(&text)));
	}
	buf_release(&text);
}

/* --- the reference --- */

struct cover {
	size_t pieces;
	bool exact;
	struct buf *out;
};

static void cover_piece(void *arg, struct span piece, enum session_piece kind)
{
	struct cover *c = arg;

	c->exact = ++c->pieces == 1 && kind == SESSION_PIECE_REFERENCE;
	if (c->exact)
		buf_addspan(c->out, piece);
}

/* One reference for all of it. */
static bool is_covered(const struct hide *h, struct span hidden, struct buf *reference)
{
	struct cover c = {.out = reference};

	session_redact_pieces(h->vars, hidden, cover_piece, &c);
	if (!c.exact)
		buf_clear(reference);
	return c.exact;
}

/* It can stand behind "@set user = ". */
static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	}
	return utf8_valid(s);
}

static void refer_to_user(struct hide *h, struct span hidden, struct buf *reference)
{
	struct buf user, name;
	size_t at;

	buf_init_secret(&user, hidden.n + 4);
	buf_init(&name, 2 * SESSION_NAME_MAX);
	if (sasl_base64_decode(hidden, &user, &at) == 0 && is_text(buf_span(&user)) &&
	    name_value(h, "user", buf_span(&user), false, &name))
		buf_addf(reference, "${login-user:%s}", name.data);
	buf_release(&name);
	buf_release(&user);
}

static void refer_to_answer(struct hide *h, struct span hidden, struct buf *reference)
{
	struct buf name;

	buf_init(&name, 2 * SESSION_NAME_MAX);
	if (hidden.n < ANSWER_MIN || !name_value(h, "answer", hidden, true, &name)) {
		buf_clear(&name);
		buf_addstr(&name, "answer");
	}
	buf_addf(reference, "${secret:%s}", name.data);
	buf_release(&name);
}

static void refer(struct hide *h, struct span mechanism, size_t round, struct span hidden,
                  struct buf *reference)
{
	learn_from(h, mechanism, round, hidden);
	if (is_covered(h, hidden, reference))
		return;
	if (span_eq_nocase(mechanism, SPAN("LOGIN")) && round == 0)
		refer_to_user(h, hidden, reference);
	if (reference->len == 0)
		refer_to_answer(h, hidden, reference);
}

/* --- judging --- */

static bool is_hidden(const struct hide *h, const struct smtp_dialogue *d, struct span line,
                      const struct smtp_command *cmd, struct buf *shown)
{
	bool known = d && !h->text_over;
	bool hidden =
	        known ? smtp_line_mask(d, line, shown) : smtp_lone_line_mask(line, false, shown);

	if (hidden || !h->login || cmd->verb != SMTP_VERB_UNKNOWN)
		return hidden;
	buf_clear(shown);
	return smtp_lone_line_mask(line, true, shown);
}

bool hide_line(struct hide *h, const struct smtp_dialogue *d, struct span line, size_t *shown,
               struct buf *reference)
{
	static const struct smtp_login none;
	const struct smtp_login *login = d ? smtp_dialogue_login(d) : &none;
	struct smtp_command cmd;
	struct buf seen;
	bool hidden, auth;

	if (d && smtp_dialogue_state(d) == SMTP_STATE_MESSAGE && !h->text_over) {
		h->text_over = span_eq(line, SPAN("."));
		return false;
	}
	smtp_command_parse(line, &cmd);
	auth = cmd.verb == SMTP_VERB_AUTH || cmd.meant == SMTP_VERB_AUTH;
	buf_init(&seen, line.n + sizeof(SMTP_MASK));
	hidden = is_hidden(h, d, line, &cmd, &seen);
	h->login |= auth;
	if (hidden) {
		struct span rest = cmd.argument, mechanism = span_word(&rest);

		*shown = seen.len - (sizeof(SMTP_MASK) - 1);
		refer(h, auth ? mechanism : span_of(login->mechanism), auth ? 0 : login->answers,
		      span_skip(line, *shown), reference);
	}
	buf_release(&seen);
	return hidden;
}

void hide_replied(struct hide *h, int code)
{
	h->login &= code == 334;
	h->text_over = false;
}
