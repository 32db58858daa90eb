/*
 * One function, conversation_advance(), does all that can be done: it gives the dialogue's events,
 * sends the next line when nothing is outstanding, and says READY when nothing is left to do.
 * Everything else only changes something and calls it. A call from within a callback returns at
 * once, and the conversation_advance() that made the callback sees the change: so a driver that
 * sends its next line whenever it hears READY makes a loop, not a recursion, however many lines it
 * has.
 *
 * A conversation ends with exactly one of BROKEN, TIMEOUT, INJECTED, CLOSED and a TLS that failed.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "session/conversation_state.h"
#include "smtp/mask.h"

#define GOODBYE_MS 5000 /* how long the server may take to close after 221 or 421 */

/* --- events --- */

void conversation_emit(struct conversation *c, struct conversation_event *ev)
{
	if (!c->freed && !c->over)
		c->fn(c->arg, ev);
}

static void tap(struct conversation *c, enum conversation_flow flow, struct span bytes)
{
	if (c->tap)
		c->tap(c->tap_arg, flow, bytes);
}

void conversation_drop_timer(struct loop_timer **t)
{
	loop_timer_free(*t);
	*t = NULL;
}

static void drop_stream(struct conversation *c)
{
	if (c->stream)
		stream_finish(c->stream);
	c->stream = NULL;
	conversation_drop_timer(&c->deadline);
	conversation_drop_timer(&c->goodbye);
}

/* The last event: the stream is closed after it. */
void conversation_emit_last(struct conversation *c, struct conversation_event *ev)
{
	conversation_emit(c, ev);
	c->over = true;
	drop_stream(c);
}

/* --- the deadline for a reply --- */

static void deadline_passed(void *arg);

static int64_t patience(const struct conversation *c)
{
	if (c->timeout_ms > 0)
		return c->timeout_ms;
	return (int64_t)smtp_verb_info(smtp_dialogue_waiting(c->dialogue))->patience * 1000;
}

static int64_t waited_us(const struct conversation *c)
{
	return clock_us() - c->since;
}

static void restart_deadline(struct conversation *c)
{
	conversation_drop_timer(&c->deadline);
	if (c->over || !c->stream || smtp_dialogue_outstanding(c->dialogue) == 0)
		return;
	c->deadline =
	        loop_timer_new(c->loop, patience(c) - waited_us(c) / 1000, deadline_passed, c);
}

void conversation_oldest_changed(struct conversation *c)
{
	c->since = clock_us();
	restart_deadline(c);
}

static void goodbye_over(void *arg)
{
	struct conversation *c = arg;

	conversation_drop_timer(&c->goodbye);
	conversation_close(c);
}

/* After 221 and 421 the server is to close; one that forgets it does not keep us here. */
static void expect_close(struct conversation *c)
{
	c->halted = true;
	if (!c->goodbye)
		c->goodbye = loop_timer_new(c->loop, GOODBYE_MS, goodbye_over, c);
}

/* --- from the dialogue --- */

static const enum conversation_event_type event_types[] = {
        [SMTP_EVENT_LINE] = CONVERSATION_LINE,
        [SMTP_EVENT_REPLY] = CONVERSATION_REPLY,
        [SMTP_EVENT_UNSOLICITED] = CONVERSATION_UNSOLICITED,
        [SMTP_EVENT_BROKEN] = CONVERSATION_BROKEN,
        [SMTP_EVENT_CLOSED] = CONVERSATION_CLOSED,
};

/* A TLS server waits for the client's hello: whatever came behind the 220 was put there by somebody
 * who wants it taken for replies inside TLS (RFC 3207 §4.2 and §5). */
static void tls_due(struct conversation *c)
{
	struct conversation_event ev = {.type = CONVERSATION_TLS_DUE};

	ev.line = smtp_dialogue_leftover(c->dialogue);
	if (ev.line.n == 0) {
		conversation_emit(c, &ev);
		return;
	}
	ev.type = CONVERSATION_INJECTED;
	conversation_emit_last(c, &ev);
}

static void replied(struct conversation *c, const struct conversation_event *ev)
{
	bool leaves = ev->smtp.after == SMTP_STATE_LEAVING;
	bool last = ev->smtp.verb == SMTP_VERB_QUIT || ev->smtp.reply->code == 421;

	if (ev->smtp.type == SMTP_EVENT_REPLY)
		conversation_oldest_changed(c);
	c->halted |= leaves;
	if (leaves && last)
		expect_close(c);
	if (ev->smtp.after == SMTP_STATE_TLS && ev->smtp.before != SMTP_STATE_TLS)
		tls_due(c);
}

static void give_event(struct conversation *c, const struct smtp_event *smtp)
{
	int64_t us = waited_us(c);
	struct conversation_event ev = {
	        .type = event_types[smtp->type],
	        .smtp = *smtp,
	        .verb = smtp->verb,
	        .line = smtp->line,
	        .end = c->end,
	        .error = c->error,
	        .ms = us / 1000,
	        .us = us,
	};
	struct conversation_event after = ev;
	struct smtp_reply code_only = {.code = smtp->reply ? smtp->reply->code : 0};

	switch (smtp->type) {
	case SMTP_EVENT_BROKEN:
	case SMTP_EVENT_CLOSED: conversation_emit_last(c, &ev); break;
	case SMTP_EVENT_REPLY:
	case SMTP_EVENT_UNSOLICITED:
		/* What the event points to may be gone after the callback. */
		after.smtp.reply = &code_only;
		conversation_emit(c, &ev);
		replied(c, &after);
		break;
	default: conversation_emit(c, &ev);
	}
}

static bool give_events(struct conversation *c)
{
	struct smtp_event smtp;
	bool any = false;

	while (!c->freed && !c->over && smtp_dialogue_next(c->dialogue, &smtp)) {
		give_event(c, &smtp);
		any = true;
	}
	return any;
}

/* --- sending --- */

static bool may_send(const struct conversation *c)
{
	enum smtp_state state = smtp_dialogue_state(c->dialogue);

	return !c->freed && !c->over && c->stream && !c->hung_up && !c->goodbye &&
	       !c->handshaking && state != SMTP_STATE_TLS && state < SMTP_STATE_BROKEN &&
	       smtp_dialogue_outstanding(c->dialogue) == 0 &&
	       stream_unsent(c->stream) < CONVERSATION_UNSENT_MAX;
}

/* A write that fails is followed by the stream's end: nothing is to be said here. */
static void flush_output(struct conversation *c)
{
	struct buf *out = smtp_dialogue_output(c->dialogue);

	stream_write(c->stream, buf_span(out));
	buf_clear(out);
	c->ready = false;
}

static void send_line(struct conversation *c, struct span line)
{
	struct conversation_event ev = {.type = CONVERSATION_SENT};

	tap(c, CONVERSATION_LINE_GOES, line);
	buf_clear(&c->shown);
	smtp_line_mask(c->dialogue, line, &c->shown);
	ev.line = buf_span(&c->shown);
	ev.verb = smtp_dialogue_line(c->dialogue, line, &ev.look);
	flush_output(c);
	if (smtp_dialogue_outstanding(c->dialogue) > 0)
		conversation_oldest_changed(c);
	conversation_emit(c, &ev);
}

static bool send_next(struct conversation *c)
{
	struct span line;

	if (c->halted || !may_send(c) || !lines_take(&c->waiting, &line))
		return false;
	send_line(c, line);
	return true;
}

static bool say_ready(struct conversation *c)
{
	struct conversation_event ev = {.type = CONVERSATION_READY};

	if (c->ready || c->waiting.count > 0 || !may_send(c))
		return false;
	c->ready = true;
	conversation_emit(c, &ev);
	return true;
}

static void destroy(struct conversation *c)
{
	drop_stream(c);
	smtp_dialogue_free(c->dialogue);
	lines_release(&c->waiting);
	buf_release(&c->shown);
	tls_report_free(c->tls);
	free(c);
}

void conversation_advance(struct conversation *c)
{
	if (c->busy)
		return;
	c->busy = true;
	while (give_events(c) || send_next(c) || say_ready(c))
		;
	c->busy = false;
	if (c->freed)
		destroy(c);
}

/* --- from the stream and the clock --- */

static void on_data(void *arg, struct span bytes)
{
	struct conversation *c = arg;

	tap(c, CONVERSATION_CAME, bytes);
	smtp_dialogue_feed(c->dialogue, bytes);
	conversation_advance(c);
}

static void on_ended(void *arg, enum stream_end why, int error)
{
	struct conversation *c = arg;

	c->end = why;
	c->error = error;
	smtp_dialogue_end(c->dialogue);
	conversation_advance(c);
}

static void on_drained(void *arg)
{
	conversation_advance(arg);
}

static const struct stream_handler handler = {
        .data = on_data,
        .ended = on_ended,
        .drained = on_drained,
};

static void deadline_passed(void *arg)
{
	struct conversation *c = arg;
	struct conversation_event ev = {
	        .type = CONVERSATION_TIMEOUT,
	        .verb = smtp_dialogue_waiting(c->dialogue),
	        .ms = waited_us(c) / 1000,
	};

	conversation_drop_timer(&c->deadline);
	smtp_dialogue_timeout(c->dialogue);
	c->busy = true;
	conversation_emit_last(c, &ev);
	c->busy = false;
	conversation_advance(c);
}

/* --- what the owner calls --- */

struct conversation *conversation_new(struct stream *take, int64_t timeout_ms, conversation_fn *fn,
                                      void *arg)
{
	struct conversation *c = mem_zero(sizeof(*c));

	c->stream = take;
	c->loop = stream_loop(take);
	c->dialogue = smtp_dialogue_new();
	c->timeout_ms = timeout_ms;
	c->fn = fn;
	c->arg = arg;
	lines_init(&c->waiting, CONVERSATION_QUEUE_MAX);
	buf_init(&c->shown, CONVERSATION_QUEUE_MAX);
	if (timeout_ms > 0)
		stream_set_write_deadline(take, timeout_ms);
	stream_handle(take, &handler, c);
	conversation_oldest_changed(c);
	return c;
}

void conversation_free(struct conversation *c)
{
	if (!c || c->freed)
		return;
	c->freed = true;
	if (!c->busy)
		destroy(c);
}

int conversation_line(struct conversation *c, struct span line)
{
	if (c->over || !c->stream || c->hung_up)
		return -1;
	if (lines_push(&c->waiting, line) != 0)
		return -1;
	if (c->waiting.count == 1 && !c->goodbye)
		c->halted = false;
	conversation_advance(c);
	return 0;
}

int conversation_raw(struct conversation *c, struct span bytes)
{
	struct conversation_event ev = {.type = CONVERSATION_SENT, .line = bytes, .raw = true};
	bool was_quiet = smtp_dialogue_outstanding(c->dialogue) == 0;
	bool inside = c->busy;

	if (c->over || !c->stream || c->hung_up)
		return -1;
	tap(c, CONVERSATION_RAW_GOES, bytes);
	smtp_dialogue_raw(c->dialogue, bytes);
	stream_write(c->stream, bytes);
	c->ready = false;
	if (was_quiet)
		conversation_oldest_changed(c);
	c->busy = true;
	conversation_emit(c, &ev);
	c->busy = inside;
	conversation_advance(c);
	return 0;
}

void conversation_set_tap(struct conversation *c, conversation_tap_fn *fn, void *arg)
{
	c->tap = fn;
	c->tap_arg = arg;
}

size_t conversation_waiting(const struct conversation *c)
{
	return c->waiting.count;
}

void conversation_forget_waiting(struct conversation *c)
{
	lines_clear(&c->waiting);
}

static void close_now(void *arg)
{
	struct conversation *c = arg;

	conversation_drop_timer(&c->goodbye);
	on_ended(c, STREAM_END_EOF, 0);
}

/* CLOSED comes from the loop, as when the server closes. */
void conversation_close(struct conversation *c)
{
	if (c->over || c->hung_up || !c->stream)
		return;
	c->hung_up = true;
	conversation_drop_timer(&c->goodbye);
	c->goodbye = loop_timer_new(c->loop, 0, close_now, c);
}

bool conversation_hung_up(const struct conversation *c)
{
	return c->hung_up;
}

const struct smtp_dialogue *conversation_dialogue(const struct conversation *c)
{
	return c->dialogue;
}

struct stream *conversation_stream(struct conversation *c)
{
	return c->stream;
}

void conversation_set_timeout(struct conversation *c, int64_t ms)
{
	c->timeout_ms = ms;
	if (c->stream && ms > 0)
		stream_set_write_deadline(c->stream, ms);
	restart_deadline(c);
}
