/*
 * A bounce is told recipient by recipient: one mail to three people may have failed for three
 * reasons.
 */
#include "explain/bounce.h"
#include "ui/explain_state.h"

static void show_recipient(struct explaining *e, const struct bounce *b,
                           const struct bounce_recipient *r)
{
	struct explain_found found;
	struct explanation x;

	explain_found_init(&found);
	found.kind = r->action;
	found.from = span_of(b->from);
	found.to = span_of(r->address);
	found.relay = r->said.host;
	found.text = span_of(r->words);
	bounce_explain(e->notes, r, &x);
	if (!e->show.json && e->show.how != OPTIONS_EXPLAIN_SHORT && r->words[0])
		view_say(e->show.view, "%s: %s: %.500s", r->address, r->action, r->words);
	explain_show(&e->show, &x, &found);
	explanation_release(&x);
}

static void show_shape(struct explaining *e, const struct bounce *b)
{
	if (e->show.json || e->show.how == OPTIONS_EXPLAIN_SHORT)
		return;
	view_say(e->show.view, "a bounce%s%s, about %zu recipient%s; %s",
	         b->reporter ? " from " : "", b->reporter ? b->reporter : "", b->count,
	         b->count == 1 ? "" : "s",
	         b->fields ? "it has the fields of RFC 3464"
	                   : "it has words for people only, so this is read from its prose");
	if (b->truncated)
		view_say(e->show.view, "the message ends in the middle; there may have been more");
	if (b->limited)
		view_say(e->show.view,
		         "it has more parts, levels or recipients than are read here");
}

void explain_mail(struct explaining *e, struct explain_input *in)
{
	struct bounce b;
	bool cut;

	if (bounce_read(&b, explain_input_all(in, &cut)) < 0) {
		diag_hint(
		        diags_add(e->ds, DIAG_USAGE, in->name,
		                  "this is a message, but nothing in it speaks of a mail that was "
		                  "not delivered"),
		        "a bounce mostly comes from MAILER-DAEMON or postmaster");
		e->status = 1;
	} else {
		b.truncated |= cut;
		show_shape(e, &b);
		for (size_t i = 0; i < b.count; i++)
			show_recipient(e, &b, &b.list[i]);
	}
	bounce_release(&b);
}
