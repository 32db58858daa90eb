/*
 * The player walks the steps: begin_step() does what can be done at once and says whether the next
 * may follow; what must wait (input, time, the peer's end) comes back through player_walk(). When
 * the peer is gone the walk goes on over what is left: what it still expected is reported, and no
 * time is spent on waiting.
 */
#include "session/player.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/glob.h"
#include "session/parts.h"
#include "session/player_state.h"
#include "session/vars.h"

/* --- what was not as expected --- */

void player_report(struct player *p, const struct session_step *s, const char *what)
{
	char *where = session_step_place(s);

	p->result.mismatches++;
	diag_set(&p->result.first, DIAG_REPLY, where, "%s", what);
	free(where);
}

/* What is wrong with the step itself; d knows the place better, when it has one. */
void player_report_fault(struct player *p, const struct session_step *s, const struct diag *d)
{
	char *where = session_step_place(s);

	p->result.mismatches++;
	diag_set(&p->result.first, DIAG_REPLY, d->where ? d->where : where, "%s", d->what);
	free(where);
}

/* What the step says, with its values, in a secret buf that the caller releases. */
static int expand(struct player *p, const struct session_step *s, session_quote_fn *quote,
                  struct buf *out)
{
	struct diag d;
	int result;

	diag_init(&d);
	buf_init_secret(out, SESSION_FILE_MAX);
	result = session_vars_expand(p->vars, s, quote, out, &d);
	if (result != 0)
		player_report_fault(p, s, &d);
	diag_release(&d);
	return result;
}

void player_differs(struct player *p, const struct session_step *s, struct span wanted,
                    struct span came, const char *instead)
{
	char *expected = player_shown(p, wanted), *actual = player_shown(p, came);
	struct buf what;

	buf_init(&what, 1024);
	if (instead)
		buf_addf(&what, "expected \"%s\", but %s", expected, instead);
	else
		buf_addf(&what, "expected \"%s\", but \"%s\" came", expected, actual);
	player_report(p, s, what.data);
	buf_release(&what);
	free(expected);
	free(actual);
}

/* --- time --- */

static void timer_fired(void *arg)
{
	struct player *p = arg;

	p->due = true;
	player_walk(p);
}

static void set_timer(struct player *p, int64_t ms)
{
	if (p->begun)
		return;
	p->begun = true;
	p->timer = loop_timer_new(p->loop, ms, timer_fired, p);
}

static void end_timer(struct player *p)
{
	loop_timer_free(p->timer);
	p->timer = NULL;
	p->begun = p->due = false;
}

/* --- the steps --- */

static enum step_end send_line(struct player *p, const struct session_step *s)
{
	struct buf bytes;

	if (expand(p, s, NULL, &bytes) == 0 && p->stream) {
		if (span_starts(buf_span(&bytes), SPAN("334 ")))
			session_vars_challenge(p->vars, span_skip(buf_span(&bytes), 4));
		if (s->type != SESSION_SERVER_RAW)
			buf_addstr(&bytes, "\r\n");
		stream_write(p->stream, buf_span(&bytes));
	}
	buf_release(&bytes);
	return STEP_DONE;
}

static enum step_end cannot_send(struct player *p, const struct session_step *s)
{
	player_report(p, s, "a pattern compares replies; a server cannot send it");
	return STEP_DONE;
}

static enum step_end set_variable(struct player *p, const struct session_step *s)
{
	struct diag d;

	diag_init(&d);
	if (session_vars_apply(p->vars, s, &d) != 0)
		player_report_fault(p, s, &d);
	diag_release(&d);
	return STEP_DONE;
}

/* What only the client does, or what was done when the connection came. */
static enum step_end pass_over(struct player *p, const struct session_step *s)
{
	(void)p, (void)s;
	return STEP_DONE;
}

enum step_end player_await(struct player *p, const struct session_step *s, struct span wanted)
{
	if (p->gone) {
		player_differs(p, s, wanted, SPAN(""), "the client closed the connection");
		return STEP_LAST;
	}
	if (p->due) {
		player_differs(p, s, wanted, SPAN(""), "nothing came in time");
		return STEP_LAST;
	}
	set_timer(p, p->timeout_ms);
	return STEP_WAITS;
}

static void keep_captures(struct player *p, const struct session_step *s,
                          const struct session_match *m)
{
	struct diag d;

	diag_init(&d);
	for (size_t i = 0; i < m->count; i++) {
		if (session_vars_set(p->vars, m->captures[i].name, m->captures[i].value,
		                     SESSION_ORIGIN_CAPTURE, NULL, &d) != 0)
			player_report_fault(p, s, &d);
	}
	diag_release(&d);
}

static bool line_fits(struct player *p, const struct session_step *s, struct span wanted,
                      struct span came)
{
	struct session_match m;

	if (s->type == SESSION_CLIENT_LINE)
		return span_eq(wanted, came);
	if (!session_glob_match(wanted, came, &m))
		return false;
	keep_captures(p, s, &m);
	return true;
}

static enum step_end judge_line(struct player *p, const struct session_step *s, struct span wanted)
{
	struct span rest = buf_span(&p->input), line = span_cut(&rest, '\n');
	size_t whole = line.n + 1;

	if (!rest.p)
		return player_await(p, s, wanted);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (!line_fits(p, s, wanted, line))
		player_differs(p, s, wanted, line, NULL);
	buf_drop(&p->input, whole);
	return STEP_DONE;
}

static enum step_end judge_bytes(struct player *p, const struct session_step *s, struct span wanted)
{
	struct span came = span_first(buf_span(&p->input), wanted.n);

	if (came.n < wanted.n)
		return player_await(p, s, wanted);
	if (!span_eq(came, wanted))
		player_differs(p, s, wanted, came, NULL);
	buf_drop(&p->input, wanted.n);
	return STEP_DONE;
}

/* A client's line, pattern or bytes. */
static enum step_end take(struct player *p, const struct session_step *s)
{
	session_quote_fn *quote = s->type == SESSION_CLIENT_GLOB ? session_glob_quote : NULL;
	enum step_end end = STEP_LAST;
	struct buf wanted;

	if (expand(p, s, quote, &wanted) == 0)
		end = s->type == SESSION_CLIENT_RAW ? judge_bytes(p, s, buf_span(&wanted))
		                                    : judge_line(p, s, buf_span(&wanted));
	buf_release(&wanted);
	return end;
}

/* --- ends, time and silence --- */

static enum step_end close_stream(struct player *p, const struct session_step *s)
{
	if (!s->client) {
		stream_finish(p->stream);
		p->stream = NULL;
		return STEP_LAST;
	}
	if (p->gone)
		return STEP_DONE;
	if (p->due) {
		player_report(p, s, "the client was to close the connection and did not");
		return STEP_LAST;
	}
	set_timer(p, p->timeout_ms);
	return STEP_WAITS;
}

static enum step_end reset_stream(struct player *p, const struct session_step *s)
{
	if (!s->client && p->stream)
		stream_end_with_reset(p->stream);
	return close_stream(p, s);
}

static enum step_end wait_time(struct player *p, const struct session_step *s)
{
	if (p->due || p->gone)
		return STEP_DONE;
	set_timer(p, s->ms);
	return STEP_WAITS;
}

/* The client's own <nothing> is about the server, which is silent while the time goes by. */
static enum step_end watch_silence(struct player *p, const struct session_step *s)
{
	char *came;
	struct buf what;

	if (s->client || p->input.len == 0)
		return wait_time(p, s);
	came = player_shown(p, buf_span(&p->input));
	buf_init(&what, 1024);
	buf_addf(&what, "expected silence, but \"%s\" came", came);
	player_report(p, s, what.data);
	buf_release(&what);
	free(came);
	return STEP_DONE;
}

static enum step_end stall(struct player *p, const struct session_step *s)
{
	enum step_end end = wait_time(p, s);

	if (p->stream && !s->client)
		stream_pause(p->stream, end == STEP_WAITS);
	return end;
}

static enum step_end (*const step_table[])(struct player *, const struct session_step *) = {
        [SESSION_CLIENT_LINE] = take,
        [SESSION_SERVER_LINE] = send_line,
        [SESSION_CLIENT_RAW] = take,
        [SESSION_SERVER_RAW] = send_line,
        [SESSION_CLIENT_GLOB] = take,
        [SESSION_SERVER_GLOB] = cannot_send,
        [SESSION_SERVER_REGEX] = cannot_send,
        [SESSION_SERVER_EXACT] = send_line,
        [SESSION_SERVER_OPTIONAL] = send_line,
        [SESSION_TLS] = player_negotiate,
        [SESSION_CLOSE] = close_stream,
        [SESSION_RESET] = reset_stream,
        [SESSION_SLEEP] = wait_time,
        [SESSION_NOTHING] = watch_silence,
        [SESSION_STALL] = stall,
        [SESSION_OPEN] = pass_over,
        [SESSION_MESSAGE] = player_take_message,
        [SESSION_SET] = set_variable,
        [SESSION_REQUIRE] = pass_over,
        [SESSION_RETRY] = pass_over,
        [SESSION_TIMEOUT] = pass_over,
        [SESSION_ECHO] = pass_over,
};

/* --- the walk --- */

static void release(struct player *p)
{
	end_timer(p);
	diag_release(&p->result.first);
	buf_release(&p->input);
	player_message_free(p->message);
	session_vars_free(p->own_vars);
	free(p->tls_failure);
	free(p);
}

static void finish(struct player *p)
{
	p->over = true;
	end_timer(p);
	if (p->stream)
		stream_finish(p->stream);
	p->stream = NULL;
	p->result.completed = p->at >= p->end;
	p->in_callback = true;
	p->fn(p->arg, &p->result);
	p->in_callback = false;
	if (p->freed)
		release(p);
}

void player_walk(struct player *p)
{
	enum step_end end = STEP_DONE;

	if (!p->begun)
		end_timer(p);
	while (end == STEP_DONE && p->at < p->end) {
		const struct session_step *s = &p->file->steps[p->at];
		size_t mismatches = p->result.mismatches;

		end = step_table[s->type](p, s);
		if (end == STEP_WAITS)
			return;
		end_timer(p);
		if (end == STEP_DONE || p->result.mismatches == mismatches)
			p->at++;
	}
	finish(p);
}

static void on_data(void *arg, struct span bytes)
{
	struct player *p = arg;

	if (buf_addspan(&p->input, bytes) != 0 && p->at < p->end)
		player_report(p, &p->file->steps[p->at],
		              "4 MiB came that the file does not expect");
	player_walk(p);
}

static void on_ended(void *arg, enum stream_end why, int error)
{
	struct player *p = arg;

	(void)why, (void)error;
	p->gone = true;
	player_walk(p);
}

static const struct stream_handler handler = {.data = on_data, .ended = on_ended};

static void start(void *arg)
{
	struct player *p = arg;

	stream_pause(p->stream, false);
	player_walk(p);
}

/* The first step waits for the loop: nothing is called from within player_new(). Nothing is read
 * before it either, since it may be TLS. */
struct player *player_new(struct stream *take, const struct session_file *f, int64_t timeout_ms,
                          player_fn *fn, void *arg)
{
	struct player *p = mem_zero(sizeof(*p));

	p->stream = take;
	p->loop = stream_loop(take);
	p->file = f;
	p->timeout_ms = timeout_ms;
	p->fn = fn;
	p->arg = arg;
	diag_init(&p->result.first);
	buf_init(&p->input, PLAYER_INPUT_MAX);
	p->vars = p->own_vars = session_vars_new();
	player_use_part(p, 0);
	stream_handle(take, &handler, p);
	stream_pause(take, true);
	p->timer = loop_timer_new(p->loop, 0, start, p);
	return p;
}

void player_use_part(struct player *p, size_t part)
{
	p->at = session_part_begin(p->file, part);
	p->end = session_part_end(p->file, p->at);
}

void player_use_vars(struct player *p, struct session_vars *v)
{
	session_vars_free(p->own_vars);
	p->own_vars = NULL;
	p->vars = v;
}

void player_use_tls(struct player *p, struct tls_context *c)
{
	p->tls_context = c;
}

void player_free(struct player *p)
{
	if (!p || p->freed)
		return;
	stream_free(p->stream);
	p->stream = NULL;
	p->freed = true;
	if (!p->in_callback)
		release(p);
}
