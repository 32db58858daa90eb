/*
 * One function, walk(), does all that can be done: it plays step after step until one waits. What
 * the conversation, the clock and the owner tell only changes something and calls it, so no step is
 * played from within another, whatever is called from where.
 *
 * Once the result is decided the play is only brought to a clean end: QUIT, where a command may
 * stand, and its reply. Nothing that happens then changes the result.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "session/message.h"
#include "session/runner_state.h"

#define PATIENCE_MS 300000
#define LEAVE_MS    10000
#define OUT_MAX     (64u << 20) /* lines that stand together, with their values */
#define REPLIES_MAX 10000u      /* that came and that no step asked for */

static void walk(struct runner *r);

/* --- what the steps use --- */

void runner_emit(struct runner *r, struct runner_event *ev)
{
	if (!r->freed)
		r->settings.fn(r->settings.arg, ev);
}

static void timer_fired(void *arg)
{
	struct runner *r = arg;

	r->due = true;
	walk(r);
}

void runner_wait(struct runner *r, int64_t ms)
{
	if (!r->timer)
		r->timer = loop_timer_new(r->loop, ms, timer_fired, r);
}

void runner_end_wait(struct runner *r)
{
	loop_timer_free(r->timer);
	r->timer = NULL;
	r->due = false;
}

int64_t runner_patience(const struct runner *r)
{
	return r->settings.timeout_ms > 0 ? r->settings.timeout_ms : PATIENCE_MS;
}

static enum runner_step_end decide(struct runner *r, enum runner_end end)
{
	r->result.end = end;
	r->leaving = true;
	runner_end_wait(r);
	return RUNNER_STEP_OVER;
}

/* What ends the play has the word, not what it went on after. */
static void forget_noted(struct runner *r)
{
	if (r->noted && !r->leaving)
		diag_release(&r->result.first);
	r->noted = r->noted && r->leaving;
}

void runner_note_mismatch(struct runner *r, const struct session_step *s, const char *what)
{
	char *where = session_step_place(s);

	diag_set(&r->result.first, DIAG_REPLY, where, "%s", what);
	r->result.end = RUNNER_MISMATCH;
	r->noted = true;
	free(where);
}

enum runner_step_end runner_fail(struct runner *r, enum runner_end end, enum diag_kind kind,
                                 const struct session_step *s, const char *what)
{
	char *where = session_step_place(s);

	forget_noted(r);
	if (!r->leaving)
		diag_set(&r->result.first, kind, where, "%s", what);
	free(where);
	return r->leaving ? RUNNER_STEP_OVER : decide(r, end);
}

enum runner_step_end runner_fail_with(struct runner *r, const struct diag *d,
                                      const struct session_step *s)
{
	char *where = session_step_place(s);

	forget_noted(r);
	if (r->leaving) {
		free(where);
		return RUNNER_STEP_OVER;
	}
	diag_set(&r->result.first, d->kind, d->kind == DIAG_INPUT && d->where ? d->where : where,
	         "%s", d->what ? d->what : "the connection ended");
	if (d->hint)
		diag_hint(&r->result.first, "%s", d->hint);
	free(where);
	return decide(r, RUNNER_FAILED);
}

/* --- from the conversation --- */

void runner_let_go(struct runner *r)
{
	if (!r->lent)
		conversation_free(r->talk);
	r->talk = NULL;
	r->lent = false;
}

static void release(struct runner *r)
{
	runner_end_wait(r);
	runner_let_go(r);
	while (r->replies_count > 0)
		runner_drop_reply(r);
	free(r->replies);
	expected_release(&r->expected);
	buf_release(&r->out);
	session_message_free(r->message);
	diag_release(&r->why);
	diag_release(&r->result.first);
	free(r);
}

static void keep_reply(struct runner *r, const struct conversation_event *ev)
{
	struct runner_reply *one;

	struct runner_event told = {.type = RUNNER_REPLY, .smtp = &ev->smtp};

	if (r->replies_count >= REPLIES_MAX || !ev->smtp.reply)
		return;
	told.number = ++r->replies_came;
	runner_emit(r, &told);
	r->replies = mem_grow(r->replies, r->replies_count, &r->replies_room, sizeof(*r->replies));
	one = &r->replies[r->replies_count++];
	*one = (struct runner_reply){
	        .verb = ev->smtp.verb, .number = r->replies_came, .us = ev->us};
	smtp_reply_init(&one->reply);
	smtp_reply_copy(&one->reply, ev->smtp.reply);
}

static void end_with(struct runner *r, size_t lost, const char *what)
{
	r->ended = true;
	r->lost = lost;
	diag_set(&r->why, DIAG_NETWORK, NULL, "%s", what);
}

static void broken(struct runner *r, const struct conversation_event *ev)
{
	keep_reply(r, ev);
	end_with(r, 1, "the server's answer could not be understood, so the connection was closed");
}

static void timed_out(struct runner *r, const struct conversation_event *ev)
{
	(void)ev;
	end_with(r, 1, "no whole reply came in time");
}

static void closed(struct runner *r, const struct conversation_event *ev)
{
	static const char *const how[] = {
	        [STREAM_END_EOF] = "the server closed the connection",
	        [STREAM_END_ERROR] = "the connection broke",
	        [STREAM_END_STALLED] = "the server took nothing more",
	        [STREAM_END_CUT] = "the connection was cut without TLS's goodbye",
	};

	end_with(r, ev->smtp.lost, how[ev->end]);
}

static void tls_ended(struct runner *r, const struct conversation_event *ev)
{
	struct runner_event told = {.type = RUNNER_TLS, .tls = ev->tls};

	r->tls_ended = true;
	runner_emit(r, &told);
	if (!ev->tls->done)
		end_with(r, 1, tls_failure_text(ev->tls->failure));
}

static void injected(struct runner *r, const struct conversation_event *ev)
{
	(void)ev;
	end_with(r, 1, "bytes stood behind the answer to STARTTLS, in the clear (RFC 3207 §4.1)");
}

static void (*const event_table[])(struct runner *, const struct conversation_event *) = {
        [CONVERSATION_REPLY] = keep_reply, [CONVERSATION_UNSOLICITED] = keep_reply,
        [CONVERSATION_BROKEN] = broken,    [CONVERSATION_TIMEOUT] = timed_out,
        [CONVERSATION_TLS] = tls_ended,    [CONVERSATION_INJECTED] = injected,
        [CONVERSATION_CLOSED] = closed,    [CONVERSATION_READY] = NULL,
};

static void on_event(void *arg, const struct conversation_event *ev)
{
	struct runner *r = arg;

	if (ev->type == CONVERSATION_SENT || ev->type == CONVERSATION_LINE)
		return;
	if ((size_t)ev->type < sizeof(event_table) / sizeof(event_table[0]) &&
	    event_table[ev->type]) {
		r->busy++;
		event_table[ev->type](r, ev);
		r->busy--;
	}
	if (r->freed && r->busy == 0)
		release(r);
	else
		walk(r);
}

/* --- a clean end --- */

/* Whether QUIT would be taken for a command. */
static bool may_quit(const struct runner *r)
{
	enum smtp_state state;

	if (!r->talk || r->ended)
		return false;
	state = smtp_dialogue_state(conversation_dialogue(r->talk));
	return state != SMTP_STATE_MESSAGE && state != SMTP_STATE_AUTH && state != SMTP_STATE_TLS &&
	       state < SMTP_STATE_LEAVING;
}

static void finish(struct runner *r)
{
	struct runner_event ev = {.type = RUNNER_DONE, .result = &r->result};

	r->over = true;
	runner_end_wait(r);
	runner_let_go(r);
	r->result.ms = clock_ms() - r->since;
	runner_emit(r, &ev);
}

/* True when nothing is left to wait for. */
static bool left(struct runner *r)
{
	if (!r->talk || r->lent || r->ended || r->due)
		return true;
	if (!r->timer) {
		if (!may_quit(r) || conversation_line(r->talk, SPAN("QUIT")) != 0)
			return true;
		runner_wait(r, LEAVE_MS);
	}
	return smtp_dialogue_state(conversation_dialogue(r->talk)) == SMTP_STATE_LEAVING &&
	       smtp_dialogue_outstanding(conversation_dialogue(r->talk)) == 0;
}

/* The last steps may be lines without an expected reply: their replies are awaited all the same. */
static bool all_answered(struct runner *r)
{
	if (r->at < r->file->count)
		return false;
	if (!r->talk || (r->ended && r->lost == 0))
		return true;
	if (r->ended)
		runner_fail_with(r, &r->why, &r->file->steps[r->file->count - 1]);
	return !r->ended && smtp_dialogue_outstanding(conversation_dialogue(r->talk)) == 0;
}

/* --- the walk --- */

/* The delay of @retry: the steps are played on when it is over. */
static bool delayed(struct runner *r)
{
	return r->at < r->file->count && r->at == r->sent_at && !r->out_built && r->timer &&
	       !r->due;
}

static void play(struct runner *r)
{
	enum runner_step_end end = RUNNER_STEP_DONE;

	while (!r->freed && !r->leaving && end == RUNNER_STEP_DONE && r->at < r->file->count) {
		size_t at = r->at;

		if (delayed(r))
			return;
		end = runner_step(r);
		if (!r->freed && r->at != at && !delayed(r))
			runner_end_wait(r);
	}
	if (!r->freed && !r->leaving && all_answered(r)) {
		r->result.whole = true;
		finish(r);
	} else if (!r->freed && r->leaving && left(r)) {
		finish(r);
	}
}

static void walk(struct runner *r)
{
	if (r->busy > 0 || r->over)
		return;
	r->busy++;
	play(r);
	r->busy--;
	if (r->freed)
		release(r);
}

/* --- what the owner calls --- */

static void start(void *arg)
{
	struct runner *r = arg;

	runner_end_wait(r);
	walk(r);
}

struct runner *runner_new(struct loop *l, const struct session_file *f, struct session_vars *v,
                          const struct runner_settings *s)
{
	struct runner *r = mem_zero(sizeof(*r));

	r->loop = l;
	r->file = f;
	r->vars = v;
	r->settings = *s;
	r->sent_at = f->count;
	r->since = clock_ms();
	diag_init(&r->why);
	diag_init(&r->result.first);
	expected_init(&r->expected);
	buf_init_secret(&r->out, OUT_MAX);
	r->timer = loop_timer_new(l, 0, start, r);
	return r;
}

void runner_free(struct runner *r)
{
	if (!r || r->freed)
		return;
	r->freed = true;
	if (r->busy == 0)
		release(r);
}

const struct smtp_dialogue *runner_dialogue(const struct runner *r)
{
	return r->talk ? conversation_dialogue(r->talk) : NULL;
}

static void opened(struct runner *r, struct stream *take, bool tls_first)
{
	struct runner_event told = {.type = RUNNER_OPENED};

	if (r->over || r->leaving) {
		stream_free(take);
		return;
	}
	r->talk = conversation_new(take, r->settings.timeout_ms, on_event, r);
	r->tls_first = tls_first;
	r->busy++;
	runner_emit(r, &told);
	r->busy--;
	if (r->freed && r->busy == 0)
		release(r);
	else
		walk(r);
}

void runner_opened(struct runner *r, struct stream *take)
{
	opened(r, take, false);
}

void runner_opened_for_tls(struct runner *r, struct stream *take)
{
	opened(r, take, true);
}

void runner_not_opened(struct runner *r, const struct diag *why)
{
	size_t at = r->at < r->file->count ? r->at : 0;

	runner_fail_with(r, why, &r->file->steps[at]);
	walk(r);
}

void runner_lend(struct runner *r, struct conversation *c)
{
	if (r->over || r->leaving)
		return;
	r->talk = c;
	r->lent = true;
	r->past = smtp_dialogue_state(conversation_dialogue(c)) != SMTP_STATE_CONNECTED;
	r->greeted = r->past;
	walk(r);
}

void runner_told(struct runner *r, const struct conversation_event *ev)
{
	if (r->lent)
		on_event(r, ev);
}

void runner_take_back(struct runner *r)
{
	if (!r->lent)
		return;
	if (!r->ended)
		end_with(r, 1, "the connection ended");
	runner_let_go(r);
	walk(r);
}
