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

#include "conversation_peer.h"

/* Brings it to message text. */
static void to_message(void)
{
	greet();
	conversation_line(talk, SPAN("DATA"));
	serve("354 go on\r\n");
	forget();
}

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
	        TEST(test_tls_is_due),
	        TEST(test_hanging_up),
	        TEST(test_freed_while_it_tells),
	        TEST(test_the_queue_has_a_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
