/*
 * AUTH typed by hand. The wire gets what was typed; the screen gets it masked, and beside it what
 * it says, because base64 hides from its writer what everybody else can read in a moment.
 */
#include <stdlib.h>

#include "smtp/mask.h"
#include "smtp/sasl.h"
#include "ui/talk_tls.h"

enum { MEANS_MAX = 16 << 10 };

bool talk_auth_is_secret(const struct talk *t)
{
	const struct smtp_dialogue *d;
	enum smtp_verb waiting;

	if (t->on_secret)
		return true;
	if (!t->conversation)
		return false;
	d = conversation_dialogue(t->conversation);
	waiting = smtp_dialogue_waiting(d);
	return smtp_dialogue_state(d) == SMTP_STATE_AUTH ||
	       (smtp_dialogue_outstanding(d) > 0 &&
	        (waiting == SMTP_VERB_AUTH || waiting == SMTP_VERB_ANSWER));
}

/* Lines that must not be remembered, nor repeated. */
bool talk_auth_hides(const struct talk *t, struct span line)
{
	struct buf shown;
	bool hidden;

	if (!t->conversation)
		return false;
	buf_init(&shown, INPUT_LINE_MAX + sizeof(SMTP_MASK));
	hidden = smtp_line_mask(conversation_dialogue(t->conversation), line, &shown);
	buf_release(&shown);
	return hidden;
}

bool talk_auth_raw_hides(const struct talk *t, struct span bytes)
{
	if (talk_auth_is_secret(t))
		return true;
	while (bytes.p) {
		struct span line = span_cut(&bytes, '\n');
		struct smtp_command cmd;

		smtp_command_parse(line, &cmd);
		if (cmd.verb == SMTP_VERB_AUTH || cmd.meant == SMTP_VERB_AUTH)
			return true;
	}
	return false;
}

void talk_auth_typed(struct talk *t, struct span line)
{
	buf_clear(&t->typed);
	if (talk_auth_hides(t, line))
		buf_addspan(&t->typed, line);
}

/* --- beside the line --- */

static void say_fault(struct talk *t, struct span base64, size_t at)
{
	if (at >= base64.n)
		view_note(t->view, "what you sent is not base64: something is missing at its end "
		                   "(the length is a multiple of 4, filled up with =)");
	else
		view_note(t->view,
		          "what you sent is not base64: byte %zu of %zu does not belong there",
		          at + 1, base64.n);
}

static void say_meaning(struct talk *t, const char *mechanism, size_t round, struct span base64)
{
	struct buf means;
	size_t at = 0;

	buf_init_secret(&means, MEANS_MAX);
	if (sasl_answer_means(mechanism, round, base64, &means, &at) < 0)
		say_fault(t, base64, at);
	else if (means.len > 0)
		view_note(t->view, "it says: %s", means.data);
	buf_release(&means);
}

static void say_doubt(struct talk *t)
{
	char *why = talk_tls_doubt(t);

	if (why)
		view_note(t->view,
		          "who gets this login is not proven: %s. It may be somebody on the way",
		          why);
	free(why);
}

static void say_odd(struct talk *t, unsigned bits)
{
	for (int o = 0; o < SMTP_ODDITY_COUNT; o++)
		if (bits & (1u << o))
			view_note(t->view, "odd: %s", smtp_oddity_text((enum smtp_oddity)o));
}

static void auth_sent(struct talk *t, struct span line)
{
	const struct smtp_dialogue *d = conversation_dialogue(t->conversation);
	struct smtp_command cmd;
	struct span rest, mechanism;

	smtp_command_parse(line, &cmd);
	rest = cmd.argument;
	mechanism = span_word(&rest);
	say_odd(t, smtp_dialogue_see_auth(d, &cmd));
	say_doubt(t);
	if (!talk_login_means(t) && rest.n > 0 && sasl_mechanism_find(mechanism))
		say_meaning(t, sasl_mechanism_find(mechanism)->name, 0, rest);
}

static void answer_sent(struct talk *t, struct span line)
{
	const struct smtp_login *l = smtp_dialogue_login(conversation_dialogue(t->conversation));
	bool counted = !span_eq(line, SPAN("*")) && l->answers > 0;

	say_meaning(t, l->mechanism, counted ? l->answers - 1 : l->answers, line);
}

void talk_auth_sent(struct talk *t, const struct conversation_event *ev)
{
	const char *means = talk_login_means(t);
	struct span line = t->typed.len ? buf_span(&t->typed) : ev->line;
	bool login = ev->verb == SMTP_VERB_AUTH || ev->verb == SMTP_VERB_ANSWER;

	if (ev->verb == SMTP_VERB_AUTH)
		auth_sent(t, line);
	else if (ev->verb == SMTP_VERB_ANSWER && !means)
		answer_sent(t, line);
	if (login && means && *means)
		view_note(t->view, "it says: %s", means);
	buf_clear(&t->typed);
}

/* --- beside the reply --- */

static void say_challenge(struct talk *t, const struct smtp_event *ev)
{
	struct buf says;

	buf_init(&says, MEANS_MAX);
	if (sasl_challenge_says(span_trim(smtp_reply_text(ev->reply, 0)), &says) < 0)
		view_note(t->view, "odd: what stands behind the 334 is not base64");
	else if (says.len > 0)
		view_note(t->view, "decoded: %s", says.data);
	buf_release(&says);
}

/* What an honest server does not do: in a script it is the end. */
static void say_trick(struct talk *t, const struct smtp_event *ev, enum smtp_oddity o)
{
	talk_fail_after(t, ev->verb, smtp_oddity_text(o),
	                t->interactive ? "an honest server does not do this; /close hangs up"
	                               : NULL);
	talk_login_stop(t);
	if (t->interactive)
		return;
	t->closing = true;
	conversation_close(t->conversation);
	talk_finish(t);
}

void talk_auth_replied(struct talk *t, const struct smtp_event *ev)
{
	/* Before the line was sent, or with more about it: talk_say_injected(), compare(). */
	static const unsigned said =
	        SMTP_ODDITY_BIT(AUTH_IN_CLEAR) | SMTP_ODDITY_BIT(AUTH_AGAIN) |
	        SMTP_ODDITY_BIT(AUTH_NOT_OFFERED) | SMTP_ODDITY_BIT(MECHANISM_NOT_OFFERED) |
	        SMTP_ODDITY_BIT(CLEAR_AFTER_STARTTLS) | SMTP_ODDITY_BIT(EHLO_DIFFERS);
	unsigned odd = ev->oddities & ~said;
	bool login = ev->verb == SMTP_VERB_AUTH || ev->verb == SMTP_VERB_ANSWER;

	for (int o = 0; o < SMTP_ODDITY_COUNT; o++) {
		if (!(odd & (1u << o)))
			continue;
		if (smtp_oddity_stops((enum smtp_oddity)o))
			say_trick(t, ev, (enum smtp_oddity)o);
		else
			say_odd(t, 1u << o);
	}
	if (login && ev->type == SMTP_EVENT_REPLY && ev->reply->code == 334)
		say_challenge(t, ev);
}
