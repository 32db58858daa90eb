/*
 * The player: this test is the client.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "player_rig.h"

static void test_a_whole_session(void **state)
{
	(void)state;
	play("S: 220 mx\nC: HELO me\nS: 250-mx\nS: 250 hi\nC* *\nS: 221 bye\n");
	assert_string_equal(got.data, "220 mx\r\n");
	send_text("HELO");
	assert_string_equal(got.data, "220 mx\r\n");
	send_text(" me\r\n");
	assert_string_equal(got.data, "220 mx\r\n250-mx\r\n250 hi\r\n");
	send_text("anything at all\n");
	assert_string_equal(got.data, "220 mx\r\n250-mx\r\n250 hi\r\n221 bye\r\n");
	check_result(true, 0, "", "");
	run_for(10);
	assert_true(ended);
	assert_int_equal(why, STREAM_END_EOF);
}

static void test_patterns_and_captures(void **state)
{
	(void)state;
	play("@smtptalk 1\n@set name = mx\nS: 220 ${name}\nC* MAIL FROM:<{from}>*\n"
	     "S= 250 \\x41 ${from}\nC* RCPT TO:<${from}>\nS? 250 x\n");
	send_text("MAIL FROM:<a*b> SIZE=5\r\n");
	assert_string_equal(got.data, "220 mx\r\n250 A a*b\r\n");
	send_text("RCPT TO:<axb>\r\n");
	check_result(true, 1, "f.smtp:6:1",
	             "expected \"RCPT TO:<a\\*b>\", but \"RCPT TO:<axb>\" came");
}

static void test_what_a_server_cannot_send(void **state)
{
	(void)state;
	play("S* 220 *\nC: <close>\n");
	stream_free(client);
	client = NULL;
	run_for(10);
	check_result(true, 1, "f.smtp:1:1", "a pattern compares replies; a server cannot send it");
}

static void test_a_second_connection_is_not_played(void **state)
{
	(void)state;
	play("C: <open mx>\nS: 220 one\nC: QUIT\nC: <open mx>\nS: 220 two\n");
	send_text("QUIT\r\n");
	check_result(true, 0, "", "");
	assert_string_equal(got.data, "220 one\r\n");
}

static void test_pipelined_lines(void **state)
{
	(void)state;
	play("C: a\nC: b\nS: 250 x\nC: c\nS: 250 y\n");
	send_text("a\r\nb\r\nc\r\n");
	assert_string_equal(got.data, "250 x\r\n250 y\r\n");
	check_result(true, 0, "", "");
}

static void test_a_line_that_differs(void **state)
{
	(void)state;
	play("C: HELO me\nS: 250 x\nC: QUIT\nS: 221 x\n");
	send_text("HELO \x1b[2Jyou\r\n");
	assert_string_equal(got.data, "250 x\r\n"); /* the play goes on */
	send_text("quit\r\n");
	check_result(true, 2, "f.smtp:1:1", "expected \"HELO me\", but \"HELO \\x1b[2Jyou\" came");
}

static void test_a_login_is_not_shown(void **state)
{
	(void)state;
	play("S: 220 x\nC: AUTH LOGIN\nS: 221 y\n");
	send_text("AUTH PLAIN AGEAc2VjcmV0\r\n");
	check_result(true, 1, "f.smtp:2:1",
	             "expected \"AUTH LOGIN\", but \"AUTH PLAIN <secret>\" came");
}

static void test_an_answer_to_334_is_not_shown(void **state)
{
	(void)state;
	play("S: 220 x\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: Ym9i\nS: 221 y\n");
	send_text("AUTH LOGIN\r\nc2VjcmV0\r\n");
	check_result(true, 1, "f.smtp:4:1", "expected \"<secret>\", but \"<secret>\" came");
}

static void test_a_client_that_says_nothing(void **state)
{
	(void)state;
	play("S: 220 x\nC: QUIT\nS: 221 x\n");
	send_text("QUI");
	run_for(150);
	check_result(false, 1, "f.smtp:2:1", "expected \"QUIT\", but nothing came in time");
	assert_true(ended);
}

static void test_a_client_that_leaves(void **state)
{
	(void)state;
	play("S: 220 x\nC: QUIT\nS: 221 x\n");
	stream_free(client);
	client = NULL;
	run_for(10);
	check_result(false, 1, "f.smtp:2:1",
	             "expected \"QUIT\", but the client closed the connection");
}

static void test_a_client_that_leaves_when_all_is_said(void **state)
{
	(void)state;
	play("C: QUIT\nS: 221 x\nS: <sleep 3600s>\nS: <stall 3600s>\n");
	stream_write(client, SPAN("QUIT\r\n"));
	stream_finish(client);
	client = NULL;
	run_for(20);
	check_result(true, 0, "", "");
}

static void test_the_client_is_to_close(void **state)
{
	(void)state;
	play("S: 220 x\nC: <close>\n");
	stream_free(client);
	client = NULL;
	run_for(10);
	check_result(true, 0, "", "");
}

static void test_the_client_does_not_close(void **state)
{
	(void)state;
	play("S: 220 x\nC: <close>\n");
	run_for(150);
	check_result(false, 1, "f.smtp:2:4", "the client was to close the connection and did not");
}

static void test_raw_bytes(void **state)
{
	(void)state;
	play("S! 220 \\0\\xff\nC! ab\\r\\ncd\nS! x\n");
	assert_int_equal(got.len, 6);
	assert_memory_equal(got.data, "220 \0\xff", 6);
	send_text("ab\r\nc");
	assert_int_equal(got.len, 6);
	send_text("D");
	assert_int_equal(got.len, 7);
	check_result(true, 1, "f.smtp:2:1",
	             "expected \"ab\\x0d\\x0acd\", but \"ab\\x0d\\x0acD\" came");
}

static void test_sleeping(void **state)
{
	int64_t began = clock_ms();

	(void)state;
	play("S: 220 one\nS: <sleep 0.08s>\nS: 220 two\n");
	assert_string_equal(got.data, "220 one\r\n");
	send_text("early\r\n"); /* does not cut the sleep short */
	assert_string_equal(got.data, "220 one\r\n");
	while (results == 0 && clock_ms() - began < 3000)
		run_for(10);
	assert_true(clock_ms() - began >= 75);
	assert_string_equal(got.data, "220 one\r\n220 two\r\n");
}

static void test_silence_is_kept(void **state)
{
	(void)state;
	play("S: <nothing 50ms>\nC: a\n");
	run_for(80);
	send_text("a\r\n");
	check_result(true, 0, "", "");
}

static void test_silence_is_broken(void **state)
{
	(void)state;
	play("S: <nothing 3600s>\nC: a\n");
	send_text("a\r\n");
	check_result(true, 1, "f.smtp:1:4", "expected silence, but \"a\\x0d\\x0a\" came");
}

static void test_stalling(void **state)
{
	(void)state;
	play("S: <stall 100ms>\nC: a\nS: 250 x\n");
	send_text("a\r\n");
	assert_true(stream_unsent(client) > 0);
	for (int i = 0; i < 100 && results == 0; i++)
		run_for(10);
	check_result(true, 0, "", "");
	assert_string_equal(got.data, "250 x\r\n");
}

static void test_resetting(void **state)
{
	(void)state;
	play("S: 354 go on\nC: a\nS: 250 x\nS: <reset>\n");
	send_text("a\r\n");
	assert_string_equal(got.data, "354 go on\r\n250 x\r\n");
	check_result(true, 0, "", "");
	assert_true(ended);
	assert_int_equal(why, STREAM_END_ERROR);
}

static void test_no_tls(void **state)
{
	(void)state;
	play("S: 220 x\nC & S: <negotiate TLS>\nC: EHLO me\n");
	check_result(false, 1, "f.smtp:2:8", "there is no certificate for a TLS handshake");
}

static void test_an_empty_file(void **state)
{
	(void)state;
	play("# nothing\n");
	check_result(true, 0, "", "");
}

static void test_freed_in_its_callback(void **state)
{
	(void)state;
	free_in_callback = true;
	play("S: 220 x\n");
	assert_null(player);
	assert_int_equal(results, 1);
}

static void test_freed_in_the_middle(void **state)
{
	(void)state;
	play("S: 220 x\nC: a\n");
	player_free(player);
	player = NULL;
	run_for(10);
	assert_int_equal(results, 0);
	assert_true(ended);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_whole_session),
	        TEST(test_pipelined_lines),
	        TEST(test_patterns_and_captures),
	        TEST(test_what_a_server_cannot_send),
	        TEST(test_a_second_connection_is_not_played),
	        TEST(test_a_line_that_differs),
	        TEST(test_a_login_is_not_shown),
	        TEST(test_an_answer_to_334_is_not_shown),
	        TEST(test_a_client_that_says_nothing),
	        TEST(test_a_client_that_leaves),
	        TEST(test_a_client_that_leaves_when_all_is_said),
	        TEST(test_the_client_is_to_close),
	        TEST(test_the_client_does_not_close),
	        TEST(test_raw_bytes),
	        TEST(test_sleeping),
	        TEST(test_silence_is_kept),
	        TEST(test_silence_is_broken),
	        TEST(test_stalling),
	        TEST(test_resetting),
	        TEST(test_no_tls),
	        TEST(test_an_empty_file),
	        TEST(test_freed_in_its_callback),
	        TEST(test_freed_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
