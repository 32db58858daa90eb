/*
 * One function a step, called again whenever something happened until the step is complete. So what
 * each waits for is written down in one place, and no step leaves anything behind for the next but
 * its effect.
 */
#include <stdlib.h>

#include "base/display.h"
#include "session/message.h"
#include "session/redact.h"
#include "session/runner_state.h"

#define SHOWN_MAX 60

static const struct session_step *here(const struct runner *r)
{
	return &r->file->steps[r->at];
}

static enum runner_step_end step_over(struct runner *r)
{
	runner_end_wait(r);
	r->at++;
	return RUNNER_STEP_DONE;
}

/* --- sending --- */

static bool is_text(const struct session_step *s)
{
	return s->type == SESSION_CLIENT_LINE || s->type == SESSION_CLIENT_RAW;
}

static int build_lines(struct runner *r, struct diag *d)
{
	size_t n = 0;

	while (r->at + n < r->file->count && is_text(&r->file->steps[r->at + n])) {
		if (session_step_wire(r->vars, &r->file->steps[r->at + n], &r->out, d) != 0)
			return -1;
		n++;
	}
	r->out_steps = n;
	r->alone = n == 1;
	return 0;
}

static int build_group(struct runner *r, struct diag *d)
{
	if (here(r)->type != SESSION_MESSAGE)
		return build_lines(r, d);
	r->out_steps = 1;
	r->message = r->settings.message
	                     ? session_message_from(r->settings.message, r->settings.arg)
	                     : session_message_open(r->vars, here(r), d);
	return r->message ? 0 : -1;
}

static enum runner_step_end start_group(struct runner *r)
{
	struct diag d;
	enum runner_step_end end = RUNNER_STEP_DONE;

	diag_init(&d);
	buf_clear(&r->out);
	r->out_at = 0;
	r->out_built = true;
	if (r->sent_at != r->at && r->retry)
		r->retries_left = r->retry->times;
	r->sent_at = r->at;
	r->alone = false;
	if (build_group(r, &d) != 0)
		end = runner_fail_with(r, &d, here(r));
	diag_release(&d);
	return end;
}

/* The next piece of the message, when the one before it is on its way. */
static enum runner_step_end read_piece(struct runner *r)
{
	enum runner_step_end end = RUNNER_STEP_DONE;
	bool last = false;
	struct diag d;

	diag_init(&d);
	buf_clear(&r->out);
	r->out_at = 0;
	if (session_message_wire(r->message, &r->out, &last, &d) != 0)
		end = runner_fail_with(r, &d, here(r));
	if (last || end != RUNNER_STEP_DONE) {
		session_message_free(r->message);
		r->message = NULL;
	}
	diag_release(&d);
	return end;
}

/* What the peer has not taken yet is enough for now. */
static bool must_wait(struct runner *r)
{
	struct stream *s = conversation_stream(r->talk);

	return s && stream_unsent(s) >= CONVERSATION_UNSENT_MAX;
}

static enum runner_step_end send_group(struct runner *r)
{
	enum runner_step_end end = r->out_built ? RUNNER_STEP_DONE : start_group(r);

	while (end == RUNNER_STEP_DONE && (r->message || r->out_at < r->out.len)) {
		struct span piece = span_skip(buf_span(&r->out), r->out_at);

		if (r->ended)
			return runner_fail_with(r, &r->why, here(r));
		if (must_wait(r))
			return RUNNER_STEP_WAITS;
		piece = span_first(piece, CONVERSATION_UNSENT_MAX);
		r->out_at += piece.n;
		if (piece.n > 0)
			conversation_raw(r->talk, piece);
		else
			end = read_piece(r);
	}
	if (end != RUNNER_STEP_DONE)
		return end;
	buf_clear(&r->out);
	r->out_built = false;
	r->at += r->out_steps;
	return RUNNER_STEP_DONE;
}

/* --- connections --- */

/* The file begins to speak before it says what the greeting is. */
static bool must_greet(const struct runner *r)
{
	const struct session_step *s = here(r);

	return s->type == SESSION_CLIENT_LINE || s->type == SESSION_MESSAGE ||
	       s->type == SESSION_REQUIRE;
}

static enum runner_step_end take_greeting(struct runner *r)
{
	bool good;

	if (!must_greet(r)) {
		r->greeted = here(r)->type != SESSION_SET && here(r)->type != SESSION_ECHO &&
		             here(r)->type != SESSION_TIMEOUT && here(r)->type != SESSION_RETRY &&
		             here(r)->type != SESSION_TLS;
		return RUNNER_STEP_DONE;
	}
	if (r->replies_count == 0)
		return r->ended ? runner_fail_with(r, &r->why, here(r)) : RUNNER_STEP_WAITS;
	good = r->replies[0].reply.code == 220;
	runner_drop_reply(r);
	r->greeted = true;
	if (good)
		return RUNNER_STEP_DONE;
	return runner_fail(r, RUNNER_MISMATCH, DIAG_REPLY, here(r),
	                   "the server's greeting was no 220");
}

static void forget_connection(struct runner *r)
{
	while (r->replies_count > 0)
		runner_drop_reply(r);
	runner_let_go(r);
	r->opening = r->greeted = r->ended = r->tls_first = r->tls_started = r->tls_ended = false;
	r->lost = 0;
	r->sent_at = r->file->count;
	diag_release(&r->why);
}

static void ask_for(struct runner *r, struct span target)
{
	r->opening = true;
	r->settings.open(r->settings.arg, r, target);
}

static enum runner_step_end open_connection(struct runner *r)
{
	struct diag d;
	struct buf target;

	if (!r->opening) {
		if (r->talk)
			forget_connection(r);
		diag_init(&d);
		buf_init_secret(&target, 4u * SESSION_VALUE_MAX);
		if (session_vars_expand(r->vars, here(r), NULL, &target, &d) != 0)
			runner_fail_with(r, &d, here(r));
		else
			ask_for(r, buf_span(&target));
		buf_release(&target);
		diag_release(&d);
	}
	if (r->leaving)
		return RUNNER_STEP_OVER;
	if (r->freed || !r->talk)
		return RUNNER_STEP_WAITS;
	r->opening = false;
	return step_over(r);
}

static enum runner_step_end close_connection(struct runner *r)
{
	if (r->ended) {
		forget_connection(r);
		return step_over(r);
	}
	if (r->due)
		return runner_fail(r, RUNNER_FAILED, DIAG_NETWORK, here(r),
		                   "the server was to close the connection and did not");
	runner_wait(r, runner_patience(r));
	if (here(r)->client && here(r)->type == SESSION_RESET)
		stream_end_with_reset(conversation_stream(r->talk));
	if (here(r)->client)
		conversation_close(r->talk);
	return RUNNER_STEP_WAITS;
}

static enum runner_step_end no_tls(struct runner *r, const struct tls_report *report)
{
	enum runner_step_end end;
	struct buf what;

	buf_init(&what, 4096);
	buf_addstr(&what, "TLS: ");
	if (report && report->done)
		tls_report_explain(report, &what);
	else
		buf_addstr(&what, r->why.what ? r->why.what : "the handshake failed");
	end = runner_fail(r, RUNNER_FAILED, DIAG_NETWORK, here(r), what.data);
	buf_release(&what);
	return end;
}

static enum runner_step_end shake_hands(struct runner *r, bool verify)
{
	const struct tls_report *report = r->talk ? conversation_tls(r->talk) : NULL;

	if (!r->lent && (!r->settings.tls || !r->settings.name))
		return runner_fail(r, RUNNER_FAILED, DIAG_NETWORK, here(r),
		                   "TLS is not set up for this play");
	if (r->tls_ended && report && report->done && (tls_report_verified(report) || !verify)) {
		r->tls_first = r->tls_started = r->tls_ended = false;
		runner_end_wait(r);
		return RUNNER_STEP_DONE;
	}
	if (r->tls_ended || r->ended)
		return no_tls(r, report);
	if (r->due)
		return runner_fail(r, RUNNER_FAILED, DIAG_NETWORK, here(r),
		                   "the server did not get ready for TLS");
	if (!r->tls_started && !r->lent)
		r->tls_started =
		        conversation_start_tls(r->talk, r->settings.tls, r->settings.name) == 0;
	runner_wait(r, runner_patience(r));
	return RUNNER_STEP_WAITS;
}

static enum runner_step_end negotiate(struct runner *r)
{
	enum runner_step_end end = shake_hands(r, here(r)->verify);

	return end == RUNNER_STEP_DONE ? step_over(r) : end;
}

/* --- time --- */

static enum runner_step_end wait_time(struct runner *r)
{
	if (r->due)
		return step_over(r);
	runner_wait(r, here(r)->ms);
	return RUNNER_STEP_WAITS;
}

static enum runner_step_end watch_silence(struct runner *r)
{
	enum runner_step_end end;
	struct buf what, clean;
	char *came;

	if (here(r)->client && r->ended)
		return runner_fail_with(r, &r->why, here(r));
	if (!here(r)->client || r->replies_count == 0)
		return wait_time(r);
	buf_init(&what, 1024);
	buf_init(&clean, 2u * SMTP_REPLY_MAX);
	session_redact(r->vars, smtp_reply_line(&r->replies[0].reply, 0), &clean);
	came = display_dup(buf_span(&clean), SHOWN_MAX);
	buf_addf(&what, "expected silence, but \"%s\" came", came);
	end = runner_fail(r, RUNNER_MISMATCH, DIAG_REPLY, here(r), what.data);
	free(came);
	buf_release(&clean);
	buf_release(&what);
	return end;
}

static enum runner_step_end stall(struct runner *r)
{
	enum runner_step_end end;

	if (r->ended)
		return step_over(r);
	end = wait_time(r);
	stream_pause(conversation_stream(r->talk), end == RUNNER_STEP_WAITS);
	return end;
}

/* --- directives --- */

static enum runner_step_end set_variable(struct runner *r)
{
	struct diag d;
	enum runner_step_end end = RUNNER_STEP_DONE;

	diag_init(&d);
	if (session_vars_apply(r->vars, here(r), &d) != 0)
		end = runner_fail_with(r, &d, here(r));
	diag_release(&d);
	return end == RUNNER_STEP_DONE ? step_over(r) : end;
}

static bool has_word(struct span list, struct span word)
{
	while (list.n > 0) {
		if (span_eq_nocase(span_word(&list), word))
			return true;
	}
	return false;
}

static bool offered(const struct runner *r, struct span wanted)
{
	const struct smtp_capabilities *all =
	        smtp_dialogue_capabilities(conversation_dialogue(r->talk));
	struct span keyword = span_word(&wanted);

	for (size_t i = 0; i < all->count; i++) {
		bool found = span_eq_nocase(span_of(all->list[i].keyword), keyword);
		struct span rest = wanted;

		while (found && rest.n > 0)
			found = has_word(span_of(all->list[i].argument), span_word(&rest));
		if (found)
			return true;
	}
	return false;
}

static enum runner_step_end require(struct runner *r)
{
	struct diag d;
	struct buf wanted, what;
	enum runner_step_end end;

	if (r->ended)
		return runner_fail_with(r, &r->why, here(r));
	diag_init(&d);
	buf_init_secret(&wanted, 4u * SESSION_VALUE_MAX);
	buf_init(&what, 1024);
	if (session_vars_expand(r->vars, here(r), NULL, &wanted, &d) != 0) {
		end = runner_fail_with(r, &d, here(r));
	} else if (offered(r, buf_span(&wanted))) {
		end = step_over(r);
	} else {
		char *shown = display_dup(span_from(here(r)->text, here(r)->len), SHOWN_MAX);

		buf_addf(&what, "skipped: the server does not offer %s", shown);
		end = runner_fail(r, RUNNER_SKIPPED, DIAG_NONE, here(r), what.data);
		free(shown);
	}
	buf_release(&what);
	buf_release(&wanted);
	diag_release(&d);
	return end;
}

static enum runner_step_end set_retry(struct runner *r)
{
	r->retry = here(r)->times > 0 ? here(r) : NULL;
	return step_over(r);
}

static enum runner_step_end set_timeout(struct runner *r)
{
	r->settings.timeout_ms = here(r)->ms;
	if (r->talk && !r->ended)
		conversation_set_timeout(r->talk, r->settings.timeout_ms);
	return step_over(r);
}

static enum runner_step_end echo(struct runner *r)
{
	struct runner_event ev = {.type = RUNNER_ECHO};
	enum runner_step_end end = RUNNER_STEP_DONE;
	struct buf text, clean;
	struct diag d;

	diag_init(&d);
	buf_init_secret(&text, SESSION_FILE_MAX);
	buf_init(&clean, 2u * SESSION_FILE_MAX);
	if (session_vars_expand(r->vars, here(r), NULL, &text, &d) != 0)
		end = runner_fail_with(r, &d, here(r));
	session_redact(r->vars, buf_span(&text), &clean);
	ev.text = buf_span(&clean);
	if (end == RUNNER_STEP_DONE)
		runner_emit(r, &ev);
	buf_release(&clean);
	buf_release(&text);
	diag_release(&d);
	return end == RUNNER_STEP_DONE ? step_over(r) : end;
}

/* --- the table --- */

static const struct {
	enum runner_step_end (*play)(struct runner *r);
	bool offline; /* needs no connection */
} steps[SESSION_STEP_COUNT] = {
        [SESSION_CLIENT_LINE] = {send_group, false},
        [SESSION_CLIENT_RAW] = {send_group, false},
        [SESSION_MESSAGE] = {send_group, false},
        [SESSION_SERVER_LINE] = {runner_compare_run, false},
        [SESSION_SERVER_RAW] = {runner_compare_run, false},
        [SESSION_SERVER_GLOB] = {runner_compare_run, false},
        [SESSION_SERVER_REGEX] = {runner_compare_run, false},
        [SESSION_SERVER_EXACT] = {runner_compare_run, false},
        [SESSION_SERVER_OPTIONAL] = {runner_compare_run, false},
        [SESSION_TLS] = {negotiate, false},
        [SESSION_OPEN] = {open_connection, true},
        [SESSION_CLOSE] = {close_connection, false},
        [SESSION_RESET] = {close_connection, false},
        [SESSION_SLEEP] = {wait_time, true},
        [SESSION_NOTHING] = {watch_silence, false},
        [SESSION_STALL] = {stall, false},
        [SESSION_SET] = {set_variable, true},
        [SESSION_REQUIRE] = {require, false},
        [SESSION_RETRY] = {set_retry, true},
        [SESSION_TIMEOUT] = {set_timeout, true},
        [SESSION_ECHO] = {echo, true},
};

/* A file that names no host is played to the one that the owner has in mind. */
static bool connect_first(struct runner *r)
{
	if (!r->talk && !r->ended && !r->opening)
		ask_for(r, SPAN(""));
	if ((!r->talk && !r->ended) || r->leaving || r->freed)
		return false;
	r->opening = false;
	return true;
}

/* In a conversation that was open already: <open> and the greeting. */
static bool is_past(struct runner *r)
{
	enum session_step_type type = here(r)->type;
	bool directive = steps[type].offline && type != SESSION_OPEN && type != SESSION_SLEEP;

	r->past = r->past && (!here(r)->client || type == SESSION_OPEN || type == SESSION_TLS ||
	                      directive || type == SESSION_REQUIRE);
	return r->past && !directive && type != SESSION_REQUIRE;
}

enum runner_step_end runner_step(struct runner *r)
{
	enum session_step_type type = here(r)->type;
	enum runner_step_end end = RUNNER_STEP_DONE;

	if (r->past && is_past(r))
		return step_over(r);
	if (!steps[type].play)
		return runner_fail(r, RUNNER_FAILED, DIAG_INPUT, here(r),
		                   "only a server can play this step");
	/* A server's sleep between two of its lines is part of their run. */
	if (type == SESSION_SLEEP && !here(r)->client)
		return runner_compare_run(r);
	if (!steps[type].offline && !connect_first(r))
		return r->leaving ? RUNNER_STEP_OVER : RUNNER_STEP_WAITS;
	if (r->talk && r->tls_first && !steps[type].offline && type != SESSION_TLS)
		end = shake_hands(r, true);
	if (end == RUNNER_STEP_DONE && r->talk && !r->greeted && type != SESSION_OPEN)
		end = take_greeting(r);
	return end == RUNNER_STEP_DONE ? steps[type].play(r) : end;
}
