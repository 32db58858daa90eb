/*
 * /auth: one login, done for you and explained: choose, get the secret, send, answer. The lines go
 * the same way as typed ones, so they are shown, masked and explained as those are. It ends with
 * any reply that is not a 334; whether a 235 proves anything is said.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/tls.h"
#include "smtp/sasl.h"
#include "ui/commands.h"
#include "ui/secret.h"
#include "ui/talk_tls.h"

enum { PASSWORD_MAX = 8 << 10, TEXT_MAX = 64 << 10, BINDING_MAX = 256 };

struct talk_login {
	const struct sasl_mechanism_info *mechanism;
	struct sasl_client *client; /* NULL: the password is awaited */
	char *user;
	struct buf means; /* of the line that goes out next, or did */
};

bool talk_login_runs(const struct talk *t)
{
	return t->login != NULL;
}

void talk_login_stop(struct talk *t)
{
	struct talk_login *l = t->login;

	if (!l)
		return;
	t->login = NULL;
	t->on_secret = NULL;
	sasl_client_free(l->client);
	buf_release(&l->means);
	free(l->user);
	free(l);
}

const char *talk_login_means(const struct talk *t)
{
	return t->login && t->login->client ? t->login->means.data : NULL;
}

static void not_done(struct talk *t, const struct diag *d)
{
	view_diag(t->view, d);
	if (!t->interactive)
		talk_set_status(t, diag_exit_status(d));
	talk_login_stop(t);
}

/* --- sending --- */

static void send_line(struct talk *t, const struct buf *line)
{
	if (conversation_line(t->conversation, buf_span(line)) < 0) {
		view_say(t->view, "not sent: the connection is no longer open");
		talk_login_stop(t);
	}
}

/* Which TLS connection this is, for -PLUS: `binding` stays empty when there is none. */
static const char *bind_channel(const struct talk *t, struct buf *binding)
{
	const char *type = NULL;

	buf_init_secret(binding, BINDING_MAX);
	return tls_channel_binding(conversation_stream(t->conversation), &type, binding) == 0
	               ? type
	               : NULL;
}

static void begin(struct talk *t, struct span password)
{
	struct talk_login *l = t->login;
	char *secret = mem_dupn(password.p, password.n);
	struct buf line, binding;
	struct sasl_secrets s = {.user = l->user,
	                         .password = secret,
	                         .host = t->server,
	                         .service = "smtp",
	                         .channel_binding_type = bind_channel(t, &binding)};
	struct diag d;

	s.channel_binding = buf_span(&binding);
	diag_init(&d);
	buf_init_secret(&line, TEXT_MAX);
	l->client = sasl_client_new(l->mechanism->name, &s, &d);
	if (!l->client || sasl_client_command(l->client, &line, &l->means, &d) < 0)
		not_done(t, &d);
	else
		send_line(t, &line);
	buf_release(&line);
	buf_release(&binding);
	explicit_bzero(secret, password.n);
	free(secret);
	diag_release(&d);
}

static void password_typed(struct talk *t, struct span password)
{
	t->on_secret = NULL;
	if (!t->login)
		return;
	if (password.p && talk_is_connected(t)) {
		begin(t, password);
		return;
	}
	view_say(t->view, "no login");
	talk_login_stop(t);
}

/* --- getting ready --- */

static bool needs_password(const struct sasl_mechanism_info *m)
{
	return strcmp(m->name, "EXTERNAL") != 0;
}

static void ask_password(struct talk *t)
{
	struct talk_login *l = t->login;
	const char *what = l->mechanism->needs_token ? "access token" : "password";
	struct diag d;

	if (t->interactive) {
		t->on_secret = password_typed;
		view_say(t->view, "the %s of %s at %s; it is not shown while you type, ^C gives up",
		         what, l->user, t->server);
		return;
	}
	diag_init(&d);
	diag_set(&d, DIAG_USAGE, "/auth", "there is no %s for %s", what, l->user);
	diag_hint(&d, "--auth-password-env, --auth-password-file or ~/.netrc give one to a script");
	not_done(t, &d);
	diag_release(&d);
}

static void get_secret(struct talk *t)
{
	struct talk_login *l = t->login;
	struct buf password;
	struct diag d;
	int found;

	diag_init(&d);
	secret_guard();
	buf_init_secret(&password, PASSWORD_MAX);
	found = secret_find(t->s.options, t->server, t->target.domain, &l->user, &password, &d);
	if (found >= 0 && !l->user && needs_password(l->mechanism)) {
		diag_set(&d, DIAG_USAGE, "/auth", "whose login? no user is named");
		diag_hint(&d, "/auth %s USER", l->mechanism->name);
		found = -1;
	}
	if (found < 0)
		not_done(t, &d);
	else if (found > 0 || !needs_password(l->mechanism))
		begin(t, buf_span(&password));
	else
		ask_password(t);
	buf_release(&password);
	diag_release(&d);
}

/* --- choosing --- */

static const struct sasl_mechanism_info *strongest(struct talk *t, struct span offered,
                                                   struct diag *d)
{
	struct buf binding;
	struct sasl_offer have = {.certificate = t->s.options->client_cert != NULL,
	                          .channel_binding = bind_channel(t, &binding) != NULL};
	const struct sasl_mechanism_info *m = sasl_strongest(offered, &have);

	buf_release(&binding);
	if (m) {
		view_note(t->view,
		          "offered: " SPAN_FMT
		          ". The strongest of them that can be done here is %s. %s",
		          SPAN_ARG(offered), m->name, m->why);
		return m;
	}
	diag_set(d, DIAG_USAGE, "/auth",
	         "none of what the server offers takes a password: " SPAN_FMT, SPAN_ARG(offered));
	diag_hint(d, "/auth XOAUTH2 USER takes an access token in its place");
	return NULL;
}

static bool is_offered(struct span offered, const char *name)
{
	for (struct span w = span_word(&offered); w.n; w = span_word(&offered))
		if (span_eq_nocase(w, span_of(name)))
			return true;
	return false;
}

static const struct sasl_mechanism_info *choose(struct talk *t, struct span name,
                                                struct span offered, struct diag *d)
{
	const struct sasl_mechanism_info *m;

	if (!name.n)
		return strongest(t, offered, d);
	m = sasl_mechanism_find(name);
	if (!m) {
		diag_set(d, DIAG_USAGE, "/auth", SPAN_FMT " is no mechanism that can be done here",
		         SPAN_ARG(name));
	} else if (!is_offered(offered, m->name)) {
		diag_set(d, DIAG_USAGE, "/auth", "the server did not offer %s", m->name);
		diag_hint(d, "it offers " SPAN_FMT "; typed by hand, AUTH %s is sent all the same",
		          SPAN_ARG(offered), m->name);
		m = NULL;
	} else {
		view_note(t->view, "%s: %s", m->name, m->why);
	}
	return m;
}

static int may_begin(struct talk *t, struct diag *d)
{
	const struct smtp_dialogue *s = conversation_dialogue(t->conversation);
	bool local = net_address_range(stream_peer(conversation_stream(t->conversation))) ==
	             NET_RANGE_LOCAL_SOCKET;

	if (smtp_dialogue_authenticated(s))
		return diag_set(
		        d, DIAG_USAGE, "/auth",
		        "a login was accepted already: there can be no second one (RFC 4954 §4)");
	if (!smtp_dialogue_encrypted(s) && !local && !t->s.options->auth_in_clear) {
		diag_set(d, DIAG_USAGE, "/auth", "%s", TALK_CLEAR_LOGIN);
		diag_hint(d, "%s", TALK_CLEAR_HINT);
		return -1;
	}
	if (!smtp_capability_find(smtp_dialogue_capabilities(s), "AUTH")) {
		diag_set(d, DIAG_USAGE, "/auth", "the server did not offer AUTH%s",
		         smtp_dialogue_capabilities(s)->esmtp ? "" : "; EHLO asks what it offers");
		return -1;
	}
	return 0;
}

static void start(struct talk *t, const struct sasl_mechanism_info *m, struct span user)
{
	struct talk_login *l = t->login = mem_zero(sizeof(*l));

	l->mechanism = m;
	l->user = user.n ? mem_dupn(user.p, user.n) : NULL;
	buf_init_secret(&l->means, TEXT_MAX);
	get_secret(t);
}

void local_auth(struct talk *t, struct span arguments)
{
	struct span name = span_word(&arguments), user = arguments;
	const struct sasl_mechanism_info *m = NULL;
	struct diag d;

	if (!talk_is_connected(t)) {
		view_say(t->view, "not connected; /connect opens again");
		return;
	}
	if (t->login || !talk_is_ready(t)) {
		view_say(t->view, "not now: another step is under way");
		return;
	}
	if (name.n && !user.n && !sasl_mechanism_find(name)) { /* /auth bob */
		user = name;
		name = span_first(name, 0);
	}
	diag_init(&d);
	if (may_begin(t, &d) == 0) {
		const struct smtp_capability *offer = smtp_capability_find(
		        smtp_dialogue_capabilities(conversation_dialogue(t->conversation)), "AUTH");

		m = choose(t, name, span_of(offer->argument), &d);
	}
	if (m)
		start(t, m, user);
	else
		not_done(t, &d);
	diag_release(&d);
}

/* --- answering --- */

static void answer(struct talk *t, const struct smtp_event *ev)
{
	struct talk_login *l = t->login;
	struct buf line;
	struct diag d;

	diag_init(&d);
	buf_init_secret(&line, TEXT_MAX);
	buf_clear(&l->means);
	switch (sasl_client_step(l->client, span_trim(smtp_reply_text(ev->reply, 0)), &line, NULL,
	                         &l->means, &d)) {
	case SASL_SEND: send_line(t, &line); break;
	case SASL_SERVER_LIES:
	case SASL_BROKEN:
		talk_fail_after(t, ev->verb, d.what, "the login is given up");
		talk_login_stop(t);
		conversation_line(t->conversation, SPAN("*"));
		break;
	}
	buf_release(&line);
	diag_release(&d);
}

static void accepted(struct talk *t, const struct smtp_event *ev)
{
	const struct talk_login *l = t->login;

	if (!sasl_client_complete(l->client))
		talk_fail_after(
		        t, ev->verb,
		        "the server accepted a login that it cannot have checked: the mechanism "
		        "was not complete",
		        "it may be somebody else's server");
	else if (l->mechanism->proves_server)
		view_note(t->view, "the server has proven that it knows the password, too");
}

static bool is_ours(const struct talk *t, const struct smtp_event *ev)
{
	return t->login && t->login->client &&
	       (ev->verb == SMTP_VERB_AUTH || ev->verb == SMTP_VERB_ANSWER);
}

void talk_login_ended(struct talk *t, const struct smtp_event *ev)
{
	if (!is_ours(t, ev) || ev->reply->code == 334)
		return;
	if (ev->reply->code == 235)
		accepted(t, ev);
	talk_login_stop(t);
}

void talk_login_continue(struct talk *t, const struct smtp_event *ev)
{
	if (is_ours(t, ev))
		answer(t, ev);
}
