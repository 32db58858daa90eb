/*
 * The sentences about failures: where, after which command, what happened, what is known about the
 * message, and what to try. They go to standard error; the notes beside them to the screen.
 */
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "net/tls.h"
#include "ui/talk_state.h"

static char *where_after(const struct talk *t, enum smtp_verb verb)
{
	struct buf b;

	buf_init(&b, 800);
	buf_addstr(&b, t->where ? t->where : "");
	if (verb != SMTP_VERB_UNKNOWN)
		buf_addf(&b, " after %s", smtp_verb_info(verb)->name);
	return buf_take(&b);
}

void talk_note(struct talk *t, const char *id)
{
	struct explain_context c;
	struct explanation x = {0};

	if (t->explain == OPTIONS_EXPLAIN_OFF || t->s.options->quiet || !talk_notes(t))
		return;
	talk_context(t, &c);
	if (explain_note(t->notes, id, &c, &x) == 0)
		talk_show_explanation(t, &x);
	explanation_release(&x);
}

/* What is known about the message when the conversation ends at this point. */
static const char *message_fate(enum smtp_verb waiting, enum smtp_state before)
{
	if (waiting == SMTP_VERB_MESSAGE)
		return "whether the message was delivered is unknown; sending it again may deliver "
		       "it twice";
	if (before == SMTP_STATE_MESSAGE || waiting == SMTP_VERB_DATA)
		return "the message was not delivered";
	return "/connect opens a new connection";
}

static bool knows_fate(enum smtp_verb waiting, enum smtp_state before)
{
	return waiting == SMTP_VERB_MESSAGE || waiting == SMTP_VERB_DATA ||
	       before == SMTP_STATE_MESSAGE;
}

void talk_fail_after(struct talk *t, enum smtp_verb verb, const char *what, const char *hint)
{
	char *where = where_after(t, verb);
	struct diag d;

	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, where, "%s", what);
	if (hint)
		diag_hint(&d, "%s", hint);
	talk_fail(t, &d);
	diag_release(&d);
	free(where);
}

static void fail(struct talk *t, enum smtp_verb verb, enum smtp_state before, const char *what)
{
	bool hint = t->interactive || knows_fate(verb, before);

	talk_fail_after(t, verb, what, hint ? message_fate(verb, before) : NULL);
}

void talk_say_broken(struct talk *t, const struct conversation_event *ev)
{
	struct buf what;
	int fault = 0;

	while (fault < SMTP_REPLY_FAULT_COUNT &&
	       !(((ev->smtp.reply->faults >> fault) & 1u) && smtp_reply_fault_fatal(fault)))
		fault++;
	buf_init(&what, 600);
	buf_addf(&what, "%s (state %s); the connection is no longer usable and was closed",
	         fault < SMTP_REPLY_FAULT_COUNT ? smtp_reply_fault_text(fault)
	                                        : "the reply could not be understood",
	         smtp_state_name(ev->smtp.before));
	fail(t, ev->smtp.waiting, ev->smtp.before, what.data);
	buf_release(&what);
	talk_note(t, fault == SMTP_REPLY_FAULT_CUT_OFF ? "cut-off" : "broken-reply");
}

void talk_say_timeout(struct talk *t, const struct conversation_event *ev)
{
	struct buf what;

	buf_init(&what, 200);
	buf_addf(&what, "no whole reply came within %lld s; the connection was closed",
	         (long long)((ev->ms + 500) / 1000));
	fail(t, ev->verb, SMTP_STATE_BROKEN, what.data);
	buf_release(&what);
	talk_note(t, ev->verb == SMTP_VERB_MESSAGE ? "silence-after-dot" : "silence");
}

/* RFC 3207 §5: somebody on the path puts replies where they will be read inside TLS. */
void talk_say_injected(struct talk *t, const struct conversation_event *ev)
{
	char *bytes = display_dup(ev->line, 200);
	struct buf what;

	buf_init(&what, 1000);
	buf_addf(&what,
	         "the server's 220 came with more bytes behind it, in the clear (\"%s\"): somebody "
	         "on "
	         "the way may have put them there to be taken for replies inside TLS; the "
	         "connection "
	         "was closed",
	         bytes);
	fail(t, SMTP_VERB_STARTTLS, SMTP_STATE_BROKEN, what.data);
	buf_release(&what);
	free(bytes);
}

static const char *how_it_ended(const struct talk *t, const struct conversation_event *ev)
{
	struct stream *s = conversation_stream(t->conversation);
	const char *trouble = s ? tls_trouble(s) : NULL;

	if (ev->end == STREAM_END_STALLED)
		return "the server stopped taking what we send; the connection was closed";
	if (ev->end == STREAM_END_CUT)
		return "TLS was cut off without its closing message: the server, or somebody on "
		       "the "
		       "way, ended it";
	if (ev->end == STREAM_END_ERROR)
		return trouble ? trouble : connector_error_text(ev->error);
	return "the server closed the connection without a word";
}

static const char *close_note(const struct conversation_event *ev)
{
	if (ev->smtp.waiting == SMTP_VERB_MESSAGE)
		return "silence-after-dot";
	if (ev->smtp.before == SMTP_STATE_MESSAGE || ev->smtp.waiting == SMTP_VERB_DATA)
		return "closed-after-354";
	return ev->smtp.lost > 0 ? "closed-waiting" : "closed-idle";
}

void talk_say_closed(struct talk *t, const struct conversation_event *ev)
{
	if (t->closing) {
		view_note(t->view, "connection closed");
		return;
	}
	if (ev->smtp.clean) {
		view_note(t->view, "the server closed the connection");
		return;
	}
	fail(t, ev->smtp.waiting, ev->smtp.before, how_it_ended(t, ev));
	talk_note(t, close_note(ev));
}

/* --- nobody could be connected to --- */

static void count_ways(const struct connector_event *ev, struct buf *out)
{
	const struct {
		size_t count;
		const char *what;
	} ways[] = {{ev->timed_out, "no answer"},
	            {ev->refused, "refused"},
	            {ev->unreachable, "unreachable"},
	            {ev->other, "failed otherwise"}};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (ways[i].count == 0)
			continue;
		buf_addf(out, "%s%zu %s", comma, ways[i].count, ways[i].what);
		comma = ", ";
	}
}

void talk_say_gave_up(struct talk *t, const struct connector_event *ev)
{
	bool silent = ev->tried > 0 && ev->timed_out == ev->tried;
	struct diag d;
	struct buf ways;

	diag_init(&d);
	buf_init(&ways, 200);
	count_ways(ev, &ways);
	if (ev->tried == 1)
		diag_set(&d, DIAG_NETWORK, t->attempt, "%s",
		         connector_error_text(t->attempt_error));
	else
		diag_set(&d, DIAG_NETWORK, t->route->domain,
		         "none of %zu addresses could be connected to (%s)", ev->tried, ways.data);
	if (silent && t->target.port == 25)
		diag_hint(&d, "many home and trial networks block outgoing port 25: try -p 587 or "
		              "-p 465, another network, or --practice");
	else if (ev->tried > 0 && ev->refused == ev->tried)
		diag_hint(&d, "is a mail server running there, and on this port?");
	talk_fail(t, &d);
	if (silent && t->target.port == 25)
		talk_note(t, "all-timed-out");
	buf_release(&ways);
	diag_release(&d);
}

/* --- at the end of a script --- */

void talk_say_refusals(struct talk *t)
{
	struct diag d;

	if (t->refused == 0 || t->told || t->status != 4)
		return;
	diag_init(&d);
	diag_set(&d, DIAG_REPLY, t->first_refusal, "refused with %s",
	         t->first_reply ? t->first_reply : "no text");
	if (t->refused > 1)
		diag_hint(&d, "%zu commands were refused in all", t->refused);
	view_diag(t->view, &d);
	diag_release(&d);
}

void talk_say_unsent(struct talk *t)
{
	size_t left = t->lines.count;
	struct diag d;
	bool all = true;

	if (t->interactive || !t->input || !t->connected_once)
		return;
	if (talk_is_connected(t) && talk_state(t) != SMTP_STATE_LEAVING)
		return; /* it is we who stopped */
	left += t->input->ops->left(t->input, &all);
	if (left == 0)
		return;
	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, "standard input",
	         "%s%zu line%s %s not sent, because the connection had ended",
	         all ? "" : "at least ", left, left == 1 ? "" : "s", left == 1 ? "was" : "were");
	view_diag(t->view, &d);
	if (t->status == 0)
		t->status = 3;
	diag_release(&d);
}
