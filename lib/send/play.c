/*
 * A stage is written as a piece of a session file and given to the runner, which plays it in the
 * conversation that this file owns; what the runner compared becomes the outcomes that the course
 * is told. Then the next stage begins, from the loop, so that nothing is freed while it speaks.
 */
#include "send/play.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "send/play_state.h"

enum { STAGE_MAX = SESSION_FILE_MAX, PIECE_ROOM = 8 << 20, PATIENCE_MS = 600000 };

void send_play_emit(struct send_play *p, struct send_event *ev)
{
	ev->stage = p->course.stage;
	if (p->freed)
		return;
	p->busy++;
	p->s.fn(p->s.arg, ev);
	p->busy--;
}

static void release(struct send_play *p)
{
	loop_timer_free(p->next);
	loop_timer_free(p->patience);
	runner_free(p->runner);
	session_file_free(p->file);
	conversation_free(p->talk);
	send_login_stop(p);
	send_outgoing_free(p->s.message);
	send_course_release(&p->course);
	session_vars_free(p->vars);
	buf_release(&p->text);
	buf_release(&p->says);
	buf_release(&p->chunk);
	diag_release(&p->fault);
	free(p->outcomes);
	free(p);
}

void send_play_free(struct send_play *p)
{
	if (!p || p->freed)
		return;
	p->freed = true;
	if (p->busy == 0)
		release(p);
}

const struct smtp_dialogue *send_play_dialogue(const struct send_play *p)
{
	return conversation_dialogue(p->talk);
}

const struct send_course *send_play_course(const struct send_play *p)
{
	return &p->course;
}

const struct diag *send_play_fault(const struct send_play *p)
{
	return p->fault.kind != DIAG_NONE ? &p->fault : NULL;
}

/* --- what leaves --- */

static void tell_lines(struct send_play *p, struct span bytes)
{
	struct send_event ev = {.type = SEND_EVENT_SENT, .bytes = bytes};

	if (bytes.n > 0)
		send_play_emit(p, &ev);
}

/* The BDAT line is a command, what follows it is the message. */
static void tell_sent(struct send_play *p, struct span bytes)
{
	struct send_event ev = {.type = SEND_EVENT_MESSAGE, .bytes = bytes};
	size_t line;

	if (p->course.stage == SEND_STAGE_CHUNK) {
		line = span_find(bytes, '\n') + 1;
		tell_lines(p, span_first(bytes, line));
		ev.bytes = span_skip(bytes, line);
		if (ev.bytes.n > 0)
			send_play_emit(p, &ev);
	} else if (p->course.stage == SEND_STAGE_MESSAGE) {
		send_play_emit(p, &ev);
	} else {
		tell_lines(p, bytes);
	}
}

/* --- outcomes --- */

static void keep_outcome(struct send_play *p, enum smtp_verb verb, int code)
{
	p->outcomes = mem_grow(p->outcomes, p->count, &p->room, sizeof(*p->outcomes));
	p->outcomes[p->count++] = (struct send_outcome){verb, code};
}

static void read_offers(struct send_play *p)
{
	const struct smtp_capabilities *all =
	        smtp_dialogue_capabilities(conversation_dialogue(p->talk));
	struct smtp_capabilities *mine = &p->course.offers;

	smtp_capabilities_release(mine);
	smtp_capabilities_init(mine);
	for (size_t i = 0; i < all->count; i++) {
		mine->list[i].keyword = mem_dup(all->list[i].keyword);
		mine->list[i].argument = mem_dup(all->list[i].argument);
		mine->count++;
	}
}

static bool is_helo(enum send_stage s)
{
	return s == SEND_STAGE_HELO || s == SEND_STAGE_XCLIENT_HELO || s == SEND_STAGE_TLS_HELO;
}

static void hear_trouble(struct send_play *p)
{
	struct send_event ev = {.type = SEND_EVENT_TROUBLE, .text = p->course.trouble};

	if (p->course.trouble)
		send_play_emit(p, &ev);
}

/* --- the next stage --- */

static void begin_stage(struct send_play *p);

static void next_due(void *arg)
{
	struct send_play *p = arg;

	loop_timer_free(p->next);
	p->next = NULL;
	runner_free(p->runner);
	p->runner = NULL;
	session_file_free(p->file);
	p->file = NULL;
	p->busy++;
	begin_stage(p);
	p->busy--;
	if (p->freed && p->busy == 0)
		release(p);
}

void send_play_go_on(struct send_play *p)
{
	hear_trouble(p);
	if (!p->next)
		p->next = loop_timer_new(p->loop, 0, next_due, p);
}

void send_play_give_up(struct send_play *p, int status)
{
	p->course.status = status;
	p->course.stage = SEND_STAGE_OVER;
	send_play_go_on(p);
}

static void lost(struct send_play *p)
{
	struct send_event ev = {.type = SEND_EVENT_LOST, .text = p->how, .timeout = p->timeout};

	send_play_emit(p, &ev);
	send_course_lost(&p->course, p->timeout);
	send_play_go_on(p);
}

static bool we_dropped(const struct send_play *p)
{
	return conversation_hung_up(p->talk);
}

static void out_of_patience(void *arg)
{
	struct send_play *p = arg;

	loop_timer_free(p->patience);
	p->patience = NULL;
	p->awaited = 0;
	p->how = "the server did not answer for each recipient in time";
	p->timeout = true;
	lost(p);
}

static bool await_more(struct send_play *p)
{
	int64_t ms = p->s.plan->timeout_ms;

	if (p->course.stage != SEND_STAGE_MESSAGE || !p->s.plan->prdr || p->count == 0 ||
	    p->outcomes[p->count - 1].code != 353)
		return false;
	p->awaited = p->course.accepted + 1;
	p->count = 0;
	p->patience = loop_timer_new(p->loop, ms > 0 ? ms : PATIENCE_MS, out_of_patience, p);
	return true;
}

static void stage_done(struct send_play *p, const struct runner_result *r)
{
	const struct tls_report *tls = conversation_tls(p->talk);
	struct send_event dropped = {.type = SEND_EVENT_DROPPED};
	bool tls_stage = p->course.stage == SEND_STAGE_STARTTLS ||
	                 (p->course.stage == SEND_STAGE_CONNECT && p->s.plan->tls_on_connect);

	if (r->end == RUNNER_FAILED && r->first.kind == DIAG_INPUT) {
		diag_copy(&p->fault, &r->first);
		send_play_give_up(p, SEND_EXIT_USAGE);
		return;
	}
	if (we_dropped(p)) {
		send_play_emit(p, &dropped);
		send_course_take(&p->course, p->outcomes, p->count);
		p->course.stage = SEND_STAGE_OVER;
		send_play_go_on(p);
	} else if (tls_stage && tls && (!tls->done || r->end == RUNNER_FAILED)) {
		send_course_tls_failed(&p->course);
		send_play_go_on(p);
	} else if (r->end == RUNNER_FAILED) {
		lost(p);
	} else {
		if (is_helo(p->course.stage))
			read_offers(p);
		if (await_more(p))
			return;
		send_course_take(&p->course, p->outcomes, p->count);
		send_play_go_on(p);
	}
}

static void told(void *arg, const struct runner_event *ev)
{
	struct send_play *p = arg;

	if (ev->type == RUNNER_EXCHANGE)
		keep_outcome(p, ev->verb, ev->came->code);
	else if (ev->type == RUNNER_DONE)
		stage_done(p, ev->result);
}

static void asked(void *arg, struct runner *r, struct span target)
{
	struct diag d;

	(void)arg;
	(void)target;
	diag_init(&d);
	diag_set(&d, DIAG_NETWORK, NULL, "the connection is gone");
	runner_not_opened(r, &d);
	diag_release(&d);
}

/* --- playing --- */

static int write_stage(struct send_play *p)
{
	struct session_writer w = {.out = &p->text, .vars = p->vars};
	enum send_stage s = p->course.stage;

	buf_clear(&p->text);
	session_write_start(&w);
	if (s == SEND_STAGE_MAIL)
		send_play_begin_round(p);
	if (s == SEND_STAGE_MAIL && p->s.plan->quit_after == SEND_POINT_NONE &&
	    send_play_make_message(p) != 0)
		return -1;
	p->course.pipelined = s == SEND_STAGE_MAIL && send_course_groups(&p->course);
	if (s == SEND_STAGE_MESSAGE)
		return send_play_write_message(p, &w);
	if (s == SEND_STAGE_CHUNK)
		return send_play_write_chunk(p, &w);
	return send_course_write(&p->course, &w, &p->fault);
}

static void begin_runner(struct send_play *p)
{
	struct runner_settings s = {.timeout_ms = p->s.plan->timeout_ms,
	                            .open = asked,
	                            .fn = told,
	                            .arg = p,
	                            .go_on = true,
	                            .message = send_play_read_message};
	struct diags ds;

	diags_init(&ds);
	p->file = session_file_parse("send", buf_span(&p->text), &ds);
	if (!p->file) {
		diag_copy(&p->fault, &ds.list[0]);
		send_play_give_up(p, SEND_EXIT_USAGE);
	} else {
		p->runner = runner_new(p->loop, p->file, p->vars, &s);
		runner_lend(p->runner, p->talk);
		if (p->course.stage == SEND_STAGE_CONNECT && p->s.plan->tls_on_connect && p->s.tls)
			conversation_start_tls(p->talk, p->s.tls, &p->s.target);
	}
	diags_release(&ds);
}

static void finish(struct send_play *p)
{
	struct send_event ev = {.type = SEND_EVENT_DONE, .status = p->course.status};

	p->over = true;
	send_play_emit(p, &ev);
}

static void begin_stage(struct send_play *p)
{
	if (p->freed || p->over)
		return;
	if (p->course.stage != SEND_STAGE_OVER && p->ended) {
		/* After a refusal it is not the end of the connection that counts. */
		if (!p->course.failed) {
			lost(p);
			return;
		}
		p->course.stage = SEND_STAGE_OVER;
	}
	if (p->course.stage == SEND_STAGE_OVER) {
		finish(p);
		return;
	}
	p->count = 0;
	if (p->course.stage == SEND_STAGE_AUTH) {
		send_login_begin(p);
	} else if (write_stage(p) != 0) {
		send_play_give_up(p,
		                  p->fault.kind == DIAG_NETWORK ? SEND_EXIT_MAIL : SEND_EXIT_USAGE);
	} else {
		begin_runner(p);
	}
}

/* --- from the conversation --- */

static void connection_ended(struct send_play *p, const char *how, bool timeout)
{
	p->ended = true;
	p->how = how;
	p->timeout = timeout;
}

/* What swaks would show as a reply that it expected. */
static bool is_expected(const struct send_play *p, const struct smtp_event *ev)
{
	int code = ev->reply->code;

	switch (ev->verb) {
	case SMTP_VERB_CONNECT:
	case SMTP_VERB_STARTTLS: return code == 220;
	case SMTP_VERB_DATA: return code == 354;
	case SMTP_VERB_QUIT: return code == 221;
	case SMTP_VERB_AUTH:
	case SMTP_VERB_ANSWER: return code == 334 || code == 235;
	case SMTP_VERB_MESSAGE: return code == 250 || (p->s.plan->prdr && code == 353);
	default: break;
	}
	if (p->course.stage == SEND_STAGE_XCLIENT)
		return code == 220;
	return code == 250 || code == 251;
}

/* PRDR: after 353 a reply for each recipient, and one for all. */
static void take_awaited(struct send_play *p, const struct smtp_event *ev)
{
	if (p->awaited == 0)
		return;
	keep_outcome(p, SMTP_VERB_MESSAGE, ev->reply->code);
	if (--p->awaited > 0)
		return;
	loop_timer_free(p->patience);
	p->patience = NULL;
	send_course_take(&p->course, p->outcomes, p->count);
	send_play_go_on(p);
}

static void replied(struct send_play *p, const struct conversation_event *ev)
{
	struct send_event told_of = {.type = SEND_EVENT_REPLY,
	                             .smtp = &ev->smtp,
	                             .ms = ev->us / 1000,
	                             .us = ev->us,
	                             .expected = is_expected(p, &ev->smtp)};

	send_play_emit(p, &told_of);
	take_awaited(p, &ev->smtp);
}

static void hear(struct send_play *p, const struct conversation_event *ev)
{
	struct send_event told_of = {.type = SEND_EVENT_LINE, .bytes = ev->line};

	switch (ev->type) {
	case CONVERSATION_SENT:
		if (ev->raw)
			tell_sent(p, ev->line);
		break;
	case CONVERSATION_LINE: send_play_emit(p, &told_of); break;
	case CONVERSATION_REPLY:
	case CONVERSATION_UNSOLICITED: replied(p, ev); break;
	case CONVERSATION_TLS_DUE:
		if (p->s.tls)
			conversation_start_tls(p->talk, p->s.tls, &p->s.target);
		break;
	case CONVERSATION_TLS:
		told_of.type = SEND_EVENT_TLS;
		told_of.tls = ev->tls;
		send_play_emit(p, &told_of);
		if (!ev->tls->done)
			connection_ended(p, tls_failure_text(ev->tls->failure), false);
		break;
	case CONVERSATION_BROKEN:
		connection_ended(p, "what the server sent is no reply", false);
		break;
	case CONVERSATION_TIMEOUT:
		connection_ended(p, "the server did not answer in time", true);
		break;
	case CONVERSATION_INJECTED:
		connection_ended(p, "bytes stood behind the answer to STARTTLS, in the clear",
		                 false);
		break;
	case CONVERSATION_CLOSED:
		connection_ended(p, "the server closed the connection", false);
		break;
	case CONVERSATION_READY: break;
	}
}

static void tapped(void *arg, enum conversation_flow flow, struct span bytes)
{
	struct send_play *p = arg;
	struct send_event ev = {.type = SEND_EVENT_CAME, .bytes = bytes};

	if (flow == CONVERSATION_CAME)
		send_play_emit(p, &ev);
}

static void on_event(void *arg, const struct conversation_event *ev)
{
	struct send_play *p = arg;
	bool login = p->sasl != NULL;

	p->busy++;
	hear(p, ev);
	if (login && p->sasl && ev->type == CONVERSATION_REPLY)
		send_login_replied(p, &ev->smtp);
	else if (login && p->ended && !p->over && p->sasl) {
		send_login_stop(p);
		lost(p);
	}
	if (p->runner && !p->freed && !p->next)
		runner_told(p->runner, ev);
	p->busy--;
	if (p->freed && p->busy == 0)
		release(p);
}

struct send_play *send_play_new(struct stream *take, const struct send_play_settings *s)
{
	struct send_play *p = mem_zero(sizeof(*p));

	p->s = *s;
	p->loop = stream_loop(take);
	diag_init(&p->fault);
	send_course_init(&p->course, s->plan);
	p->vars = session_vars_new();
	buf_init(&p->text, STAGE_MAX);
	buf_init(&p->says, PIECE_ROOM);
	buf_init(&p->chunk, PIECE_ROOM);
	p->talk = conversation_new(take, s->plan->timeout_ms, on_event, p);
	conversation_set_tap(p->talk, tapped, p);
	/* At once: a greeting that comes before the runner has the conversation is lost to it. */
	p->busy++;
	begin_stage(p);
	p->busy--;
	return p;
}
