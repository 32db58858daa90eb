/*
 * The stage for tests of the dialogue. A scene is a list of what the user and the server do, and
 * the events that must come of it, written as text. Every scene is played in pieces of several
 * sizes down to one byte; the events must be the same. Include it after <cmocka.h>.
 */
#ifndef TESTS_DIALOGUE_STAGE_H
#define TESTS_DIALOGUE_STAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "smtp/dialogue.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static inline void tell(struct buf *out, const struct smtp_event *ev)
{
	const char *before = smtp_state_name(ev->before), *after = smtp_state_name(ev->after);
	const char *waiting = smtp_verb_info(ev->waiting)->name;

	switch (ev->type) {
	case SMTP_EVENT_LINE:
		buf_addf(out, "S: ");
		buf_addspan(out, ev->line);
		buf_addstr(out, "\n");
		return;
	case SMTP_EVENT_REPLY:
		assert_true(ev->command == NULL || ev->command->verb == ev->verb);
		buf_addf(out, "%d to %s: %s > %s\n", ev->reply->code,
		         smtp_verb_info(ev->verb)->name, before, after);
		return;
	case SMTP_EVENT_UNSOLICITED:
		buf_addf(out, "%d to nothing: %s > %s\n", ev->reply->code, before, after);
		return;
	case SMTP_EVENT_BROKEN:
		buf_addf(out, "broken:");
		for (int f = 0; f < SMTP_REPLY_FAULT_COUNT; f++)
			if (ev->reply->faults >> f & 1u &&
			    smtp_reply_fault_fatal((enum smtp_reply_fault)f))
				buf_addf(out, " %s",
				         smtp_reply_fault_name((enum smtp_reply_fault)f));
		buf_addf(out, ", %zu lost from %s: %s > %s\n", ev->lost, waiting, before, after);
		return;
	case SMTP_EVENT_CLOSED:
		buf_addf(out, "closed, %zu lost from %s, %s: %s > %s\n", ev->lost, waiting,
		         ev->clean ? "clean" : "not clean", before, after);
		return;
	case SMTP_EVENT_NONE: break;
	}
	fail_msg("an event without a type");
}

static inline void drain(struct smtp_dialogue *d, struct buf *out)
{
	struct smtp_event ev;

	while (smtp_dialogue_next(d, &ev))
		tell(out, &ev);
}

static inline void feed(struct smtp_dialogue *d, struct span bytes, size_t step, struct buf *out)
{
	while (bytes.n > 0) {
		smtp_dialogue_feed(d, span_first(bytes, step));
		bytes = span_skip(bytes, step);
		drain(d, out);
	}
}

/* "C…" the user's line, "R…" raw bytes, "S…" the server's bytes, "E" its end, "T" a time-out,
 * "L" TLS is there. */
static inline void act(struct smtp_dialogue *d, const char *what, size_t step, struct buf *out,
                       struct buf *sent)
{
	struct span s = span_of(what + 1);

	switch (what[0]) {
	case 'C':
		smtp_dialogue_line(d, s, NULL);
		buf_addspan(sent, s);
		buf_addstr(sent, "\r\n");
		break;
	case 'R':
		for (; s.n > 0; s = span_skip(s, step))
			smtp_dialogue_raw(d, span_first(s, step));
		break;
	case 'S': feed(d, s, step, out); break;
	case 'E': smtp_dialogue_end(d); break;
	case 'T': smtp_dialogue_timeout(d); break;
	case 'L': smtp_dialogue_tls_started(d); break;
	default: fail_msg("what is %s?", what);
	}
	drain(d, out);
}

static inline struct smtp_dialogue *play(const char *const *script, size_t step,
                                         const char *expected)
{
	struct smtp_dialogue *d = smtp_dialogue_new();
	struct buf out, sent;

	buf_init(&out, 1u << 20);
	buf_init(&sent, 1u << 20);
	for (; *script; script++)
		act(d, *script, step, &out, &sent);
	assert_string_equal(out.data, expected);
	assert_string_equal(smtp_dialogue_output(d)->data, sent.data);
	buf_release(&out);
	buf_release(&sent);
	return d;
}

static inline void scene(const char *const *script, const char *expected)
{
	static const size_t steps[] = {1, 2, 3, 7, 64, 100000};

	for (size_t i = 0; i < COUNT(steps); i++)
		smtp_dialogue_free(play(script, steps[i], expected));
}

#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})
#define READY                                                                                      \
	"S220 mx.example ESMTP\r\n", "CEHLO me.example", "S250-mx.example\r\n250 SIZE 1000\r\n"
#define READY_TOLD                                                                                 \
	"S: 220 mx.example ESMTP\n220 to connection: connected > greeted\n"                        \
	"S: 250-mx.example\nS: 250 SIZE 1000\n250 to EHLO: greeted > ready\n"
#define RCPT                                                                                       \
	READY, "CMAIL FROM:<a@b.example>", "S250 2.1.0 Ok\r\n", "CRCPT TO:<c@d.example>",          \
	        "S250 2.1.5 Ok\r\n"
#define RCPT_TOLD                                                                                  \
	READY_TOLD "S: 250 2.1.0 Ok\n250 to MAIL: ready > mail\n"                                  \
	           "S: 250 2.1.5 Ok\n250 to RCPT: mail > rcpt\n"

/* A dialogue whose greeting came. */
static inline struct smtp_dialogue *greeted(void)
{
	struct smtp_dialogue *d = smtp_dialogue_new();
	struct smtp_event ev;

	smtp_dialogue_feed(d, SPAN("220 x\r\n"));
	while (smtp_dialogue_next(d, &ev))
		continue;
	return d;
}

/* The user says a line, the server answers: the event of the whole reply. */
static inline void say(struct smtp_dialogue *d, const char *line, const char *answer,
                       struct smtp_event *last)
{
	struct smtp_event ev;

	smtp_dialogue_line(d, span_of(line), NULL);
	smtp_dialogue_feed(d, span_of(answer));
	do
		assert_true(smtp_dialogue_next(d, &ev));
	while (ev.type == SMTP_EVENT_LINE);
	*last = ev;
}

#endif
