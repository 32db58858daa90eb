/*
 * The conversation over a stream pair, with a peer that this test plays by hand: what is sent when,
 * what is told, and what the deadlines do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "session/conversation.h"

static struct loop *loop;
static struct conversation *talk;
static struct stream *peer; /* the server's end */
static struct buf got;      /* what the server received */
static struct buf events;   /* what was told, a word each */
static int64_t last_ms;
static size_t last_lost;
static bool last_clean;
static enum stream_end last_end;
static int last_error;
static enum conversation_event_type free_at;
static const char *const *script; /* lines that are given whenever READY comes */
static size_t flood;              /* likewise, so many lines of text */

static const char *const type_names[] = {
        [CONVERSATION_SENT] = "sent",     [CONVERSATION_LINE] = "line",
        [CONVERSATION_REPLY] = "reply",   [CONVERSATION_UNSOLICITED] = "unsolicited",
        [CONVERSATION_BROKEN] = "broken", [CONVERSATION_TIMEOUT] = "timeout",
        [CONVERSATION_TLS_DUE] = "tls",   [CONVERSATION_CLOSED] = "closed",
        [CONVERSATION_READY] = "ready",
};

#define NEVER ((enum conversation_event_type) - 1)

static void note(const struct conversation_event *ev)
{
	if (ev->type == CONVERSATION_LINE)
		return;
	buf_addf(&events, "%s%s", events.len ? " " : "", type_names[ev->type]);
	if (ev->type == CONVERSATION_SENT)
		buf_addf(&events, ":%s", ev->raw ? "raw" : smtp_verb_info(ev->verb)->name);
	if (ev->type == CONVERSATION_REPLY || ev->type == CONVERSATION_UNSOLICITED)
		buf_addf(&events, ":%s:%d", smtp_verb_info(ev->smtp.verb)->name,
		         ev->smtp.reply->code);
	if (ev->type == CONVERSATION_TIMEOUT)
		buf_addf(&events, ":%s", smtp_verb_info(ev->verb)->name);
}

static void on_event(void *arg, const struct conversation_event *ev)
{
	assert_ptr_equal(arg, &loop);
	if (flood == 0 || ev->type != CONVERSATION_SENT)
		note(ev);
	last_ms = ev->ms;
	last_lost = ev->smtp.lost;
	last_clean = ev->smtp.clean;
	last_end = ev->end;
	last_error = ev->error;
	if (ev->type == free_at) {
		conversation_free(talk);
		talk = NULL;
		return;
	}
	if (ev->type != CONVERSATION_READY)
		return;
	if (script && *script)
		assert_int_equal(conversation_line(talk, span_of(*script++)), 0);
	else if (flood > 0 && flood--)
		assert_int_equal(conversation_line(talk, SPAN("a line of the message")), 0);
}

static void on_peer_data(void *arg, struct span bytes)
{
	(void)arg;
	buf_addspan(&got, bytes);
}

static void on_peer_end(void *arg, enum stream_end why, int error)
{
	(void)arg, (void)why, (void)error;
	buf_addstr(&got, "<end>");
}

static const struct stream_handler peer_handler = {.data = on_peer_data, .ended = on_peer_end};

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void run_for(int64_t ms)
{
	struct loop_timer *t = loop_timer_new(loop, ms, stop, NULL);

	loop_run(loop);
	loop_timer_free(t);
}

static void serve(const char *bytes)
{
	assert_int_equal(stream_write(peer, span_of(bytes)), 0);
	run_for(10);
}

static int setup(void **state)
{
	struct net_address a, b;
	struct stream *mine;

	(void)state;
	loop = loop_new();
	assert_int_equal(net_address_parse(SPAN("192.0.2.77"), 4000, &a), 0);
	assert_int_equal(net_address_parse(SPAN("192.0.2.25"), 25, &b), 0);
	stream_pair(loop, &a, &b, &mine, &peer);
	stream_handle(peer, &peer_handler, NULL);
	buf_init(&got, 64u << 20);
	buf_init(&events, 1u << 20);
	free_at = NEVER;
	script = NULL;
	flood = 0;
	talk = conversation_new(mine, 0, on_event, &loop);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	conversation_free(talk);
	stream_free(peer);
	buf_release(&got);
	buf_release(&events);
	loop_free(loop);
	return 0;
}

static void forget(void)
{
	buf_clear(&got);
	buf_clear(&events);
}

static void greet(void)
{
	serve("220 mx.example ESMTP\r\n");
	forget();
}

/* Brings it to message text. */
static void to_message(void)
{
	greet();
	conversation_line(talk, SPAN("DATA"));
	serve("354 go on\r\n");
	forget();
}

#define line(text) assert_int_equal(conversation_line(talk, SPAN(text)), 0)

static void test_lines_wait_for_replies(void **state)
{
	(void)state;
	line("HELO me");
	line("QUIT");
	run_for(10);
	assert_string_equal(got.data, ""); /* the greeting is not in */
	assert_int_equal(conversation_waiting(talk), 2);
	serve("220 mx.example\r\n");
	assert_string_equal(got.data, "HELO me\r\n");
	assert_int_equal(conversation_waiting(talk), 1);
	serve("250 mx.example\r\n");
	assert_string_equal(got.data, "HELO me\r\nQUIT\r\n");
	serve("221 bye\r\n");
	assert_string_equal(events.data, "reply:connection:220 sent:HELO reply:HELO:250 sent:QUIT "
	                                 "reply:QUIT:221");
	stream_finish(peer);
	peer = NULL;
	run_for(10);
	assert_non_null(strstr(events.data, "221 closed"));
	assert_true(last_clean);
	assert_int_equal(conversation_line(talk, SPAN("NOOP")), -1);
	assert_null(conversation_stream(talk));
}

static void test_ready_is_said_once(void **state)
{
	(void)state;
	serve("220 mx.example\r\n");
	run_for(10);
	assert_string_equal(events.data, "reply:connection:220 ready");
	line("NOOP");
	serve("250-a\r\n");
	serve("250 b\r\n");
	assert_string_equal(events.data,
	                    "reply:connection:220 ready sent:NOOP reply:NOOP:250 ready");
}

static void test_text_flows_and_the_dot_waits(void **state)
{
	(void)state;
	to_message();
	line("Subject: x");
	line("");
	line("DATA");
	line(".");
	line("NOOP");
	run_for(10);
	assert_string_equal(got.data, "Subject: x\r\n\r\nDATA\r\n.\r\n");
	assert_int_equal(conversation_waiting(talk), 1);
	serve("250 2.0.0 Ok: queued\r\n");
	assert_string_equal(got.data, "Subject: x\r\n\r\nDATA\r\n.\r\nNOOP\r\n");
}

static void test_a_script_driven_by_ready(void **state)
{
	static const char *const lines[] = {"DATA", "a", "b", ".", NULL};

	(void)state;
	script = lines;
	serve("220 mx.example\r\n");
	serve("354 go on\r\n");
	assert_string_equal(got.data, "DATA\r\na\r\nb\r\n.\r\n");
	serve("250 Ok\r\n");
	assert_string_equal(
	        events.data,
	        "reply:connection:220 ready sent:DATA reply:DATA:354 ready sent:message "
	        "ready sent:message ready sent:message reply:message:250 ready");
}

/* READY in answer to READY must be a loop, and must not run ahead of the wire. */
static void test_very_many_lines(void **state)
{
	const size_t count = 300000, bytes = sizeof("a line of the message\r");

	(void)state;
	to_message();
	flood = count;
	stream_pause(peer, true);
	line("begin");
	run_for(20);
	assert_true(stream_unsent(conversation_stream(talk)) < 512u << 10);
	assert_true(flood > count / 2);
	stream_pause(peer, false);
	for (int i = 0; i < 500 && flood > 0; i++)
		run_for(10);
	run_for(10);
	assert_int_equal(flood, 0);
	assert_int_equal(got.len, count * bytes + strlen("begin\r\n"));
}

static void test_raw_goes_at_once(void **state)
{
	(void)state;
	line("HELO me");
	assert_int_equal(conversation_raw(talk, SPAN("NOOP\r\nRSET\r\n")), 0);
	run_for(10);
	assert_string_equal(got.data, "NOOP\r\nRSET\r\n");
	assert_string_equal(events.data, "sent:raw");
	serve("220 mx.example\r\n250 one\r\n250 two\r\n");
	assert_string_equal(got.data, "NOOP\r\nRSET\r\nHELO me\r\n");
	assert_string_equal(events.data, "sent:raw reply:connection:220 reply:NOOP:250 "
	                                 "reply:RSET:250 sent:HELO");
}

static void test_a_late_421_stops_what_waits(void **state)
{
	(void)state;
	greet();
	line("NOOP");
	line("RSET");
	serve("421 4.4.2 idle too long\r\n");
	line("QUIT");
	run_for(10);
	assert_string_equal(got.data, "NOOP\r\n");
	assert_int_equal(conversation_waiting(talk), 2);
	stream_finish(peer);
	peer = NULL;
	run_for(10);
	assert_string_equal(events.data, "sent:NOOP reply:NOOP:421 closed");
	assert_int_equal(conversation_waiting(talk), 2);
	conversation_forget_waiting(talk);
	assert_int_equal(conversation_waiting(talk), 0);
}

static void test_421_out_of_nowhere(void **state)
{
	(void)state;
	greet();
	serve("421 shutting down\r\n");
	stream_finish(peer);
	peer = NULL;
	run_for(10);
	assert_string_equal(events.data, "unsolicited:unknown:421 closed");
	assert_true(last_clean);
}

static void test_after_a_refusing_greeting(void **state)
{
	(void)state;
	line("HELO me");
	serve("554 no mail here\r\n");
	assert_string_equal(got.data, "");
	assert_string_equal(events.data, "reply:connection:554");
	conversation_forget_waiting(talk);
	line("QUIT"); /* RFC 5321 §3.1: the one thing that may follow */
	run_for(10);
	assert_string_equal(got.data, "QUIT\r\n");
}

static void test_the_end_after_354(void **state)
{
	(void)state;
	to_message();
	line("Subject: x");
	stream_finish(peer);
	peer = NULL;
	run_for(10);
	assert_string_equal(events.data, "sent:message ready closed");
	assert_int_equal(last_lost, 0);
	assert_false(last_clean);
	assert_int_equal(last_end, STREAM_END_EOF);
}

static void test_the_end_with_a_command_out(void **state)
{
	(void)state;
	greet();
	line("NOOP");
	line("QUIT");
	stream_reset(peer);
	peer = NULL;
	run_for(10);
	assert_string_equal(events.data, "sent:NOOP closed");
	assert_int_equal(last_lost, 1);
	assert_int_equal(last_end, STREAM_END_ERROR);
	assert_int_equal(last_error, ECONNRESET);
	assert_int_equal(conversation_waiting(talk), 1);
}

static void test_the_end_inside_a_reply(void **state)
{
	(void)state;
	greet();
	line("EHLO me");
	serve("250-one\r\n250-tw");
	stream_finish(peer);
	peer = NULL;
	run_for(10);
	assert_string_equal(events.data, "sent:EHLO broken");
	assert_null(conversation_stream(talk));
}

static void test_garbage_ends_it(void **state)
{
	(void)state;
	greet();
	line("NOOP");
	line("RSET");
	serve("hello there\r\n250 Ok\r\n");
	run_for(10);
	assert_string_equal(events.data, "sent:NOOP broken");
	assert_string_equal(got.data, "NOOP\r\n<end>");
}

static void test_a_reply_too_many(void **state)
{
	(void)state;
	greet();
	line("NOOP");
	serve("250 one\r\n250 two\r\n");
	assert_string_equal(events.data, "sent:NOOP reply:NOOP:250 unsolicited:unknown:250 ready");
}

static void test_silence_ends_at_the_deadline(void **state)
{
	int64_t began;

	(void)state;
	greet();
	conversation_set_timeout(talk, 60);
	run_for(100); /* nothing is out: nothing is late */
	assert_string_equal(events.data, "");
	began = clock_ms();
	line("NOOP");
	line("RSET");
	for (int i = 0; i < 40 && events.len < 10; i++)
		run_for(10);
	assert_string_equal(events.data, "sent:NOOP timeout:NOOP");
	assert_in_range(clock_ms() - began, 55, 2000);
	assert_in_range(last_ms, 58, 2000);
	run_for(10);
	assert_string_equal(got.data, "NOOP\r\n<end>");
	assert_int_equal(conversation_waiting(talk), 1);
	assert_int_equal(smtp_dialogue_state(conversation_dialogue(talk)), SMTP_STATE_BROKEN);
}

static void test_drips_do_not_hold_the_deadline(void **state)
{
	int64_t began;

	(void)state;
	greet();
	conversation_set_timeout(talk, 100);
	line("NOOP");
	began = clock_ms();
	serve("250-");
	for (int i = 0; i < 60 && conversation_stream(talk); i++)
		serve("x");
	assert_in_range(clock_ms() - began, 95, 2000);
	assert_string_equal(events.data, "sent:NOOP timeout:NOOP");
}

static void test_each_reply_has_its_own_deadline(void **state)
{
	(void)state;
	greet();
	conversation_set_timeout(talk, 100);
	conversation_raw(talk, SPAN("NOOP\r\nRSET\r\nVRFY x\r\n"));
	run_for(60);
	serve("250 one\r\n");
	run_for(60);
	serve("250 two\r\n");
	run_for(60);
	assert_string_equal(events.data, "sent:raw reply:NOOP:250 reply:RSET:250");
	run_for(60);
	assert_non_null(strstr(events.data, "timeout:VRFY"));
}

static void test_the_greeting_has_a_deadline(void **state)
{
	(void)state;
	conversation_set_timeout(talk, 50);
	run_for(90);
	assert_string_equal(events.data, "timeout:connection");
}

static void test_tls_is_due(void **state)
{
	(void)state;
	greet();
	line("STARTTLS");
	line("EHLO me");
	serve("220 go ahead\r\n");
	run_for(10);
	assert_string_equal(events.data, "sent:STARTTLS reply:STARTTLS:220 tls");
	assert_string_equal(got.data, "STARTTLS\r\n");
	assert_int_equal(conversation_waiting(talk), 1);
}

static void test_hanging_up(void **state)
{
	(void)state;
	greet();
	line("NOOP");
	conversation_close(talk);
	assert_string_equal(events.data, "sent:NOOP"); /* not from within the call */
	assert_int_equal(conversation_line(talk, SPAN("RSET")), -1);
	run_for(10);
	assert_string_equal(events.data, "sent:NOOP closed");
	assert_string_equal(got.data, "NOOP\r\n<end>");
	assert_int_equal(last_lost, 1);
}

/* Whoever hears anything may free the conversation. */
static void test_freed_while_it_tells(void **state)
{
	static const enum conversation_event_type types[] = {CONVERSATION_LINE, CONVERSATION_REPLY,
	                                                     CONVERSATION_READY, CONVERSATION_SENT,
	                                                     CONVERSATION_CLOSED};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (i > 0)
			setup(state);
		free_at = types[i];
		serve("220 mx.example\r\n");
		if (talk)
			line("NOOP");
		stream_finish(peer);
		peer = NULL;
		run_for(10);
		assert_null(talk);
		teardown(state);
	}
	setup(state);
	free_at = CONVERSATION_TIMEOUT;
	conversation_set_timeout(talk, 1);
	run_for(30);
	assert_null(talk);
	teardown(state);
	setup(state);
	free_at = CONVERSATION_SENT;
	conversation_raw(talk, SPAN("NOOP\r\n"));
	assert_null(talk);
}

static void test_the_queue_has_a_cap(void **state)
{
	char *big = malloc(4u << 20);
	int taken = 0;

	(void)state;
	memset(big, 'x', 4u << 20);
	while (conversation_line(talk, span_from(big, 4u << 20)) == 0)
		taken++;
	assert_int_equal(taken, 3);
	assert_int_equal(conversation_waiting(talk), 3);
	line("small");
	assert_int_equal(conversation_waiting(talk), 4);
	free(big);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_lines_wait_for_replies),
	        TEST(test_ready_is_said_once),
	        TEST(test_text_flows_and_the_dot_waits),
	        TEST(test_a_script_driven_by_ready),
	        TEST(test_very_many_lines),
	        TEST(test_raw_goes_at_once),
	        TEST(test_a_late_421_stops_what_waits),
	        TEST(test_421_out_of_nowhere),
	        TEST(test_after_a_refusing_greeting),
	        TEST(test_the_end_after_354),
	        TEST(test_the_end_with_a_command_out),
	        TEST(test_the_end_inside_a_reply),
	        TEST(test_garbage_ends_it),
	        TEST(test_a_reply_too_many),
	        TEST(test_silence_ends_at_the_deadline),
	        TEST(test_drips_do_not_hold_the_deadline),
	        TEST(test_each_reply_has_its_own_deadline),
	        TEST(test_the_greeting_has_a_deadline),
	        TEST(test_tls_is_due),
	        TEST(test_hanging_up),
	        TEST(test_freed_while_it_tells),
	        TEST(test_the_queue_has_a_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
