/*
 * The deadline of a conversation: over a whole reply, whatever drips in, and for each reply anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conversation_peer.h"

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
	/* The loop's clock is the coarse one, which may lag 4 ms behind. */
	assert_in_range(last_ms, 55, 2000);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_silence_ends_at_the_deadline),
	        TEST(test_drips_do_not_hold_the_deadline),
	        TEST(test_each_reply_has_its_own_deadline),
	        TEST(test_the_greeting_has_a_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
