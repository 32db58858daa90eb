/*
 * What the conversation tells becomes lines on the screen here: first the wire as it came, then
 * what it means, then what could be typed next.
 */
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "smtp/mask.h"
#include "ui/talk_record.h"
#include "ui/talk_replay.h"
#include "ui/talk_tls.h"
#include "ui/talk_why.h"

enum { TAB_TOLD_MAX = 3 };

static bool explains(const struct talk *t)
{
	return t->explain != OPTIONS_EXPLAIN_OFF && !t->s.options->quiet;
}

static void show_meaning(struct talk *t, const struct explanation *x, bool full)
{
	struct buf b;

	buf_init(&b, 64u << 10);
	if (x->label)
		buf_addf(&b, "%s: ", x->label);
	buf_addstr(&b, x->brief ? x->brief : "");
	if (full && x->full)
		buf_addf(&b, " %s", x->full);
	if (full && x->source)
		buf_addf(&b, " (%s)", x->source);
	view_note(t->view, "%s", b.data);
	buf_release(&b);
}

void talk_show_next(struct talk *t)
{
	struct explain_context c;
	struct explanation x = {0};

	if (!talk_notes(t))
		return;
	talk_context(t, &c);
	explain_next(t->notes, &c, &x);
	view_say(t->view, "next: %s", x.next ? x.next : "nothing is expected now");
	explanation_release(&x);
}

/* What stands last, right above the prompt. */
static void show_what_follows(struct talk *t, const struct explanation *x)
{
	bool tab;

	if (x->typing)
		view_note(t->view, "%s", x->typing);
	if (!x->next)
		return;
	tab = t->terminal && x->suggest && t->tab_told < TAB_TOLD_MAX;
	view_hint(t->view, "next: %s%s", x->next, tab ? "     (TAB types it)" : "");
	t->tab_told += tab;
}

void talk_show_explanation(struct talk *t, const struct explanation *x)
{
	show_meaning(t, x, t->explain == OPTIONS_EXPLAIN_FULL);
	show_what_follows(t, x);
}

/* --- what was sent --- */

static void sent(struct talk *t, const struct conversation_event *ev)
{
	struct explain_context c;
	char *remark;

	free(t->suggest);
	t->suggest = NULL;
	if (ev->raw && talk_replay_runs(t)) {
		talk_replay_show_sent(t, ev->line);
		return;
	}
	if (ev->raw) {
		view_client_raw(t->view,
		                talk_auth_raw_hides(t, ev->line) ? SPAN(SMTP_MASK) : ev->line);
		return;
	}
	view_client(t->view, ev->line);
	talk_auth_sent(t, ev);
	if (talk_state(t) != SMTP_STATE_MESSAGE || ev->look == SMTP_TEXT_PLAIN || !explains(t) ||
	    !talk_notes(t))
		return;
	talk_context(t, &c);
	remark = explain_text_line(t->notes, ev->look, ev->line, &c);
	if (remark)
		view_note(t->view, "%s", remark);
	free(remark);
}

static void wait_shown(struct talk *t)
{
	enum smtp_verb verb = smtp_dialogue_waiting(conversation_dialogue(t->conversation));

	if (smtp_dialogue_outstanding(conversation_dialogue(t->conversation)) > 0)
		progress_begin(&t->progress, "waiting for the reply to %s",
		               smtp_verb_info(verb)->name);
}

/* --- what came back --- */

static void tell_faults(struct talk *t, const struct smtp_reply *r)
{
	for (int f = 0; f < SMTP_REPLY_FAULT_COUNT; f++) {
		unsigned bit = 1u << f;

		if (!(r->faults & bit) || smtp_reply_fault_fatal(f) ||
		    ((t->faults & bit) && f != SMTP_REPLY_FAULT_MIXED_CODES))
			continue;
		t->faults |= bit;
		view_note(t->view, "odd: %s", smtp_reply_fault_text(f));
	}
}

static bool is_refusal(const struct smtp_event *ev)
{
	if (ev->verb == SMTP_VERB_DATA && ev->reply->code != 354)
		return true;
	if (ev->verb != SMTP_VERB_QUIT && ev->reply->code == 221)
		return true; /* the server leaves in anger */
	return ev->reply->code >= 400 || SMTP_REPLY_HAS(ev->reply, MIXED_CODES);
}

static void count_refusal(struct talk *t, const struct smtp_event *ev)
{
	struct buf b;

	if (t->refused++ > 0)
		return;
	buf_init(&b, 800);
	buf_addf(&b, "%s after %s", t->where,
	         ev->verb == SMTP_VERB_UNKNOWN ? "an unknown command"
	                                       : smtp_verb_info(ev->verb)->name);
	t->first_refusal = buf_take(&b);
	size_t line = SMTP_REPLY_HAS(ev->reply, MIXED_CODES) ? ev->reply->count - 1 : 0;
	if (ev->reply->count)
		t->first_reply = display_dup(smtp_reply_line(ev->reply, line), 300);
}

/* Message text must never go out as commands. */
static void hold_back_text(struct talk *t, const struct smtp_event *ev)
{
	struct diag d;

	if (ev->verb != SMTP_VERB_DATA || ev->after == SMTP_STATE_MESSAGE)
		return;
	if (talk_replay_runs(t) || (t->interactive && t->lines.count == 0))
		return;
	t->skipping = true;
	t->skipped = 0;
	if (t->interactive) {
		view_say(t->view,
		         "DATA was not answered 354, so the pasted lines up to the dot are "
		         "not sent");
		return;
	}
	diag_init(&d);
	diag_set(&d, DIAG_REPLY, t->where,
	         "DATA was answered %d instead of 354: the message text is not sent",
	         ev->reply->code);
	talk_fail(t, &d);
	diag_release(&d);
}

static void explain_begin(struct talk *t, const struct conversation_event *ev)
{
	struct explain_context c;

	explanation_release(&t->last);
	if (!explains(t) || !talk_notes(t))
		return;
	talk_context(t, &c);
	c.state = ev->smtp.before;
	c.after = ev->smtp.after;
	c.verb = ev->smtp.verb;
	c.command = ev->smtp.command;
	c.reply = ev->smtp.reply;
	c.unsolicited = ev->type == CONVERSATION_UNSOLICITED;
	explain_reply(t->notes, &c, &t->last);
	free(t->suggest);
	t->suggest = mem_dup(t->last.suggest);
	show_meaning(t, &t->last, t->explain == OPTIONS_EXPLAIN_FULL);
}

/* Nothing follows when this reply was the end, and /auth goes on by itself. */
static void explain_end(struct talk *t)
{
	if (t->last.brief && !t->finished && !t->closing && !talk_replay_runs(t))
		show_what_follows(t, &t->last);
}

static void say_keyword(void *arg, const char *keyword, const char *argument, const char *text)
{
	struct talk *t = arg;

	(void)keyword;
	(void)argument;
	view_note(t->view, "%s", text);
}

static void explain_keywords(struct talk *t)
{
	const struct smtp_dialogue *d = conversation_dialogue(t->conversation);

	if (t->explain == OPTIONS_EXPLAIN_FULL && talk_notes(t))
		explain_capabilities(t->notes, smtp_dialogue_capabilities(d), say_keyword, t);
}

static void replied(struct talk *t, const struct conversation_event *ev)
{
	bool refused = is_refusal(&ev->smtp), replays = talk_replay_runs(t);

	tell_faults(t, ev->smtp.reply);
	if (!replays && (t->interactive || refused))
		talk_set_status(t, refused ? 4 : 0);
	if (refused && !replays && !t->interactive)
		count_refusal(t, &ev->smtp);
	explain_begin(t, ev);
	if (!refused && ev->smtp.verb == SMTP_VERB_EHLO)
		explain_keywords(t);
	talk_auth_replied(t, &ev->smtp);
	talk_tls_replied(t, &ev->smtp);
	talk_login_ended(t, &ev->smtp);
	hold_back_text(t, &ev->smtp);
	if (!talk_login_runs(t))
		explain_end(t);
	talk_login_continue(t, &ev->smtp);
	if (!t->interactive && !replays && ev->smtp.after == SMTP_STATE_LEAVING)
		talk_finish(t);
}

static void unsolicited(struct talk *t, const struct conversation_event *ev)
{
	tell_faults(t, ev->smtp.reply);
	talk_set_status(t, 3);
	explain_begin(t, ev);
	talk_auth_replied(t, &ev->smtp);
	explain_end(t);
	view_flush(t->view);
}

static void server_line(struct talk *t, const struct conversation_event *ev)
{
	progress_end(&t->progress);
	view_server(t->view, ev->line);
	/* The greeting is on the screen before anything else is loaded. */
	if (!t->input || talk_state(t) == SMTP_STATE_CONNECTED)
		view_flush(t->view);
}

static void observe(struct talk *t, const struct conversation_event *ev)
{
	if (t->s.hooks)
		t->s.hooks->observe(t->s.hooks->arg, t, ev, talk_dialogue(t));
}

static void ended(struct talk *t, const struct conversation_event *ev)
{
	progress_end(&t->progress);
	switch (ev->type) {
	case CONVERSATION_BROKEN: talk_say_broken(t, ev); break;
	case CONVERSATION_TIMEOUT: talk_say_timeout(t, ev); break;
	case CONVERSATION_INJECTED: talk_say_injected(t, ev); break;
	default: talk_say_closed(t, ev);
	}
	talk_replay_told(t, ev);
	observe(t, ev);
	talk_disconnect(t);
	if (!t->interactive && !t->replay)
		talk_finish(t);
}

void talk_event(void *arg, const struct conversation_event *ev)
{
	struct talk *t = arg;

	if (t->finished)
		return;
	talk_replay_hears(t);
	talk_record_event(t, ev);
	talk_why_event(t, ev);
	switch (ev->type) {
	case CONVERSATION_SENT:
		sent(t, ev);
		wait_shown(t);
		observe(t, ev);
		break;
	case CONVERSATION_LINE: server_line(t, ev); break;
	case CONVERSATION_REPLY:
		replied(t, ev);
		observe(t, ev);
		break;
	case CONVERSATION_UNSOLICITED: unsolicited(t, ev); break;
	case CONVERSATION_TLS_DUE: talk_tls_begin(t); break;
	case CONVERSATION_TLS:
		talk_tls_ended(t, ev);
		observe(t, ev);
		break;
	case CONVERSATION_READY: talk_start_input(t); break;
	case CONVERSATION_BROKEN:
	case CONVERSATION_TIMEOUT:
	case CONVERSATION_INJECTED:
	case CONVERSATION_CLOSED: ended(t, ev); break;
	}
	talk_record_told(t, ev);
	if (t->conversation && ev->type != CONVERSATION_SENT)
		talk_replay_told(t, ev);
	talk_pump(t);
}
