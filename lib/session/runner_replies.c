/*
 * Replies may come before the step that expects them is reached, so they are kept in a list and
 * compared from its front. An optional reply that does not fit is passed over, and what came is
 * compared with the next.
 */
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "session/runner_state.h"

void runner_drop_reply(struct runner *r)
{
	smtp_reply_release(&r->replies[0].reply);
	r->replies_count--;
	memmove(r->replies, r->replies + 1, r->replies_count * sizeof(*r->replies));
}

void runner_forget_expected(struct runner *r)
{
	expected_release(&r->expected);
	r->built = false;
	r->next = 0;
}

static const struct session_step *step_of(const struct runner *r)
{
	if (r->built && r->next < r->expected.count)
		return r->expected.replies[r->next].lines[0].step;
	return &r->file->steps[r->at];
}

/* --- @retry --- */

static bool code_fits(const char *code, struct span came)
{
	if (came.n < 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (code[i] != 'x' && code[i] != came.p[i])
			return false;
	}
	return true;
}

static bool may_retry(const struct runner *r)
{
	const struct smtp_reply *came = &r->replies[0].reply;

	return r->retry && r->retries_left > 0 && r->alone && r->sent_at < r->at && r->next == 0 &&
	       r->expected.count == 1 && came->count > 0 &&
	       code_fits(r->retry->code, smtp_reply_line(came, came->count - 1));
}

/* The command goes out again when the delay is over: until then there is nothing to expect. */
static enum runner_step_end retry(struct runner *r, struct runner_event *ev)
{
	r->retries_left--;
	r->result.retries++;
	ev->type = RUNNER_RETRY;
	ev->ms = r->retry->ms;
	runner_emit(r, ev);
	runner_drop_reply(r);
	runner_forget_expected(r);
	r->at = r->sent_at;
	runner_end_wait(r);
	runner_wait(r, r->retry->ms);
	return RUNNER_STEP_WAITS;
}

/* --- one reply --- */

static void describe(const struct runner *r, const struct comparison *c,
                     const struct smtp_reply *came, struct buf *out)
{
	buf_addf(out, "%s\n", c->what);
	comparison_show(c, came, r->vars, out);
	if (out->len > 0 && out->data[out->len - 1] == '\n')
		buf_cut(out, out->len - 1);
}

/* After these, what the file says next is a message, a secret or a handshake, which must not go out
 * as a command; only the same code tells that the server waits for it. */
static bool decides_what_follows(enum smtp_verb verb)
{
	return verb == SMTP_VERB_CONNECT || verb == SMTP_VERB_DATA || verb == SMTP_VERB_BDAT ||
	       verb == SMTP_VERB_AUTH || verb == SMTP_VERB_ANSWER || verb == SMTP_VERB_STARTTLS;
}

static bool may_go_on(const struct runner *r)
{
	const struct expected_reply *wanted = &r->expected.replies[r->next];
	const struct smtp_reply *came = &r->replies[0].reply;
	struct span code = buf_span(&wanted->lines[wanted->count - 1].text);

	if (!r->settings.go_on || r->leaving || came->count == 0)
		return false;
	return !decides_what_follows(r->replies[0].verb) ||
	       span_eq(span_first(code, 3), span_first(smtp_reply_line(came, came->count - 1), 3));
}

static enum runner_step_end mismatch(struct runner *r, const struct comparison *c)
{
	const struct session_step *s = c->step ? c->step : step_of(r);
	struct buf what;
	enum runner_step_end end;

	buf_init(&what, 64u << 10);
	describe(r, c, &r->replies[0].reply, &what);
	r->result.mismatches++;
	if (may_go_on(r)) {
		runner_note_mismatch(r, s, what.data);
		runner_drop_reply(r);
		r->next++;
		end = RUNNER_STEP_DONE;
	} else {
		end = runner_fail(r, RUNNER_MISMATCH, DIAG_REPLY, s, what.data);
	}
	buf_release(&what);
	return end;
}

static enum runner_step_end keep(struct runner *r, const struct comparison *c)
{
	struct diag d;
	enum runner_step_end end = RUNNER_STEP_DONE;

	diag_init(&d);
	if (comparison_keep(c, r->vars, &d) != 0)
		end = runner_fail_with(r, &d, step_of(r));
	diag_release(&d);
	runner_drop_reply(r);
	r->next++;
	return end;
}

/* Whether it is the expected reply or not: what comes next may answer it. */
static void keep_challenge(struct runner *r, const struct smtp_reply *came)
{
	if (came->code == 334 && came->count > 0)
		session_vars_challenge(r->vars, smtp_reply_text(came, came->count - 1));
}

static enum runner_step_end judge(struct runner *r)
{
	struct runner_reply *came = &r->replies[0];
	const struct expected_reply *wanted = &r->expected.replies[r->next];
	bool ehlo = came->verb == SMTP_VERB_EHLO || came->verb == SMTP_VERB_LHLO;
	struct comparison c;
	struct runner_event ev = {.type = RUNNER_EXCHANGE,
	                          .verb = came->verb,
	                          .number = came->number,
	                          .wanted = wanted,
	                          .came = &came->reply,
	                          .comparison = &c,
	                          .ms = came->us / 1000,
	                          .us = came->us};

	keep_challenge(r, &came->reply);
	session_compare(wanted, &came->reply, ehlo, &c);
	if (!c.equal && wanted->optional) {
		r->next++;
		return RUNNER_STEP_DONE;
	}
	if (r->sent_at < r->file->count)
		ev.sent = &r->file->steps[r->sent_at];
	r->result.exchanges++;
	if (!c.equal && may_retry(r))
		return retry(r, &ev);
	runner_emit(r, &ev);
	return c.equal ? keep(r, &c) : mismatch(r, &c);
}

/* --- the run --- */

static bool only_optional_left(const struct runner *r)
{
	for (size_t i = r->next; i < r->expected.count; i++) {
		if (!r->expected.replies[i].optional)
			return false;
	}
	return true;
}

static bool outstanding(const struct runner *r)
{
	return !r->ended && smtp_dialogue_outstanding(conversation_dialogue(r->talk)) > 0;
}

static enum runner_step_end await(struct runner *r)
{
	if (only_optional_left(r) && !outstanding(r)) {
		r->next = r->expected.count;
		return RUNNER_STEP_DONE;
	}
	if (r->ended)
		return runner_fail_with(r, &r->why, step_of(r));
	if (r->due)
		return runner_fail(r, RUNNER_FAILED, DIAG_NETWORK, step_of(r),
		                   "no reply came in time");
	/* For what is outstanding the conversation keeps the time. */
	if (!outstanding(r))
		runner_wait(r, runner_patience(r));
	return RUNNER_STEP_WAITS;
}

static enum runner_step_end build(struct runner *r, size_t run)
{
	struct diag d;
	enum runner_step_end end = RUNNER_STEP_DONE;

	diag_init(&d);
	r->built = true;
	if (expected_build(&r->expected, &r->file->steps[r->at], run, r->vars, &d) != 0)
		end = runner_fail_with(r, &d, &r->file->steps[r->at]);
	diag_release(&d);
	return end;
}

enum runner_step_end runner_compare_run(struct runner *r)
{
	size_t run = expected_run(r->file, r->at);
	enum runner_step_end end = r->built ? RUNNER_STEP_DONE : build(r, run);

	while (end == RUNNER_STEP_DONE && !r->freed && r->next < r->expected.count)
		end = r->replies_count > 0 ? judge(r) : await(r);
	if (end != RUNNER_STEP_DONE || r->freed)
		return end;
	runner_forget_expected(r);
	r->at += run;
	return RUNNER_STEP_DONE;
}
