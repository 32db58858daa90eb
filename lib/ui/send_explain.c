/*
 * After a refusal: what the reply means, whose side it is on, what to do about it. The words come
 * from the same notes as at the prompt.
 */
#include <stdlib.h>
#include <string.h>

#include "ui/send_state.h"
#include "ui/teaching.h"

static const struct explain *notes(struct ui_send *u)
{
	struct diags ds;

	if (u->notes_tried)
		return u->notes;
	u->notes_tried = true;
	diags_init(&ds);
	u->notes = teaching_notes(u->options.lang, &ds);
	diags_release(&ds);
	return u->notes;
}

static void fill_context(const struct ui_send *u, const struct send_event *ev,
                         struct explain_context *c)
{
	const struct smtp_dialogue *d = send_play_dialogue(u->play);

	memset(c, 0, sizeof(*c));
	c->state = ev->smtp->before;
	c->after = ev->smtp->after;
	c->verb = ev->smtp->verb;
	c->command = ev->smtp->command;
	c->reply = ev->smtp->reply;
	c->envelope = smtp_dialogue_envelope(d);
	c->capabilities = smtp_dialogue_capabilities(d);
	c->banner = smtp_dialogue_banner(d);
	c->server = u->server;
	c->domain = u->plan.domain;
	c->me = u->plan.helo;
	c->encrypted = smtp_dialogue_encrypted(d);
	c->logged_in = smtp_dialogue_authenticated(d);
	c->submission = u->plan.port == 587 || u->plan.port == 465;
}

bool send_explain_judge(struct ui_send *u, const struct send_event *ev, struct explanation *x)
{
	struct explain_context c;

	memset(x, 0, sizeof(*x));
	if (ev->smtp->reply->code < 400 || !notes(u))
		return false;
	fill_context(u, ev, &c);
	explain_reply(u->notes, &c, x);
	return true;
}

void send_explain_reply(struct ui_send *u, const struct send_event *ev)
{
	struct explanation x;

	if (u->explain == OPTIONS_EXPLAIN_OFF || !send_shows(&u->show, SEND_SHOWN_INFO, true) ||
	    !send_explain_judge(u, ev, &x))
		return;
	view_note(u->show.view, "%s: %s", x.label ? x.label : "", x.brief ? x.brief : "");
	if (x.full && u->explain == OPTIONS_EXPLAIN_FULL)
		view_note(u->show.view, "%s", x.full);
	if (x.doing)
		view_note(u->show.view, "what to do: %s", x.doing);
	if (x.proof && u->explain == OPTIONS_EXPLAIN_FULL)
		view_note(u->show.view, "what would prove it: %s", x.proof);
	explanation_release(&x);
}
