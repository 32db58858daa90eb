/*
 * A host's faults at work (fault.h). Waiting is the caller's: the server only tells how long, and
 * keeps what comes meanwhile, so that the order of a conversation stays what it would be if this
 * process slept, as Postfix's does.
 */
#include "practice/server_state.h"

static bool happens(const struct practice_server *s, const struct fault *f, enum fault_stage stage,
                    struct span verb)
{
	if (f->stage == FAULT_VERB)
		return stage == FAULT_VERB && span_eq_nocase(verb, span_of(f->verb));
	if (f->stage == FAULT_AFTER)
		return stage == FAULT_VERB && s->commands > f->after;
	if (f->stage == FAULT_EVERY)
		return stage == FAULT_VERB || stage == FAULT_END;
	return f->stage == stage;
}

static bool act(struct practice_server *s, const struct fault *f)
{
	switch (f->action) {
	case FAULT_WAIT: s->delay_ms += f->ms; return false;
	case FAULT_DROP: s->phase = SERVER_DONE; break;
	case FAULT_SILENT: s->phase = SERVER_MUTE; break;
	case FAULT_SAY: server_refuse_text(s, f->reply); break;
	}
	reasons_say(s->reasons, "a fault of this practice host", "it is made so, for practice");
	return true;
}

bool server_fault(struct practice_server *s, enum fault_stage stage, struct span verb)
{
	s->commands += stage == FAULT_VERB;
	for (size_t i = 0; i < s->host->fault_count; i++) {
		const struct fault *f = &s->host->faults[i];

		if (happens(s, f, stage, verb) && act(s, f))
			return true;
	}
	return false;
}

void server_end_message(struct practice_server *s)
{
	size_t before = s->out.len;

	for (size_t i = 0; i < s->host->fault_count; i++) {
		const struct fault *f = &s->host->faults[i];

		if (f->stage != FAULT_END || f->action == FAULT_WAIT)
			continue;
		if (f->action != FAULT_SAY)
			server_take_message(s);
		buf_cut(&s->out, before); /* the answer is lost */
		act(s, f);
		server_forget_transaction(s);
		return;
	}
	server_fault(s, FAULT_END, SPAN(""));
	server_take_message(s);
}

/* --- waiting --- */

int64_t practice_server_delay_ms(const struct practice_server *s)
{
	return s->phase == SERVER_MUTE ? 0 : s->delay_ms + s->memory.sleep_ms;
}

bool server_waits(struct practice_server *s, struct span bytes)
{
	if (practice_server_delay_ms(s) == 0)
		return false;
	buf_addspan(&s->held, bytes);
	if (s->held.full)
		s->phase = SERVER_DONE;
	return true;
}

void practice_server_waited(struct practice_server *s)
{
	struct buf held = s->held;

	s->delay_ms = s->memory.sleep_ms = 0;
	buf_init(&s->held, SERVER_HELD_MAX);
	practice_server_feed(s, buf_span(&held));
	buf_release(&held);
}

/* Postfix's smtpd_error_sleep_time, for clients that make one error after another. */
void server_slow_down(struct practice_server *s)
{
	long limit = maincf_number(server_cf(s), MAINCF_SMTPD_SOFT_ERROR_LIMIT);
	long seconds = maincf_number(server_cf(s), MAINCF_SMTPD_ERROR_SLEEP_TIME);

	if (s->errors > 0 && (long)s->errors >= limit && seconds > 0)
		s->delay_ms += seconds > FAULT_WAIT_MAX / PRACTICE_SECOND_MS
		                       ? FAULT_WAIT_MAX
		                       : seconds * PRACTICE_SECOND_MS;
}
