/*
 * The runner against the player, over a pair: what one file says on both sides, or two files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runner_rig.h"

static const char whole[] = "S: 220 mx ESMTP\n"
                            "C: EHLO me\n"
                            "S: 250-mx\nS: 250-PIPELINING\nS: 250 SIZE 1000\n"
                            "C: MAIL FROM:<a@b>\n"
                            "C: RCPT TO:<c@d>\n"
                            "C: DATA\n"
                            "S: 250 2.1.0 Ok\nS: 250 2.1.5 Ok\nS: 354 go\n"
                            "C: Subject: x\nC:\nC: ..dot\nC: .\n"
                            "S: 250 2.0.0 queued\n"
                            "C: QUIT\n"
                            "S: 221 2.0.0 Bye\n"
                            "S: <close>\n";

static void test_a_file_plays_both_sides(void **state)
{
	(void)state;
	play(whole, whole);
	check(RUNNER_PASSED, "ok:220 ok:250 ok:250 ok:250 ok:354 ok:250 ok:221", ": ");
	assert_int_equal(server_faults, 0);
	assert_int_equal(exchanges, 7);
	assert_string_equal(targets.data, "[]");
}

static void test_a_mismatch_ends_with_quit(void **state)
{
	(void)state;
	play("S: 220 x\nC: MAIL FROM:<a>\nS: 250 2.1.0 Ok\nC: RCPT TO:<b>\nS: 250 Ok\n",
	     "S: 220 x\nC: MAIL FROM:<a>\nS: 550 5.7.1 No\nC: QUIT\nS: 221 bye\n");
	check(RUNNER_MISMATCH, "ok:220 bad:550",
	      "c.smtp:3:1: another code\n"
	      "expected: 250 2.1.0 Ok\n"
	      "     got: 550 5.7.1 No\n"
	      "          ^");
	assert_int_equal(server_faults, 0);
}

static void test_no_quit_goes_into_a_message(void **state)
{
	(void)state;
	play("S: 220 x\nC: DATA\nS: 250 Ok\n", "S: 220 x\nC: DATA\nS: 354 go\nC: <close>\n");
	assert_int_equal(end, RUNNER_MISMATCH);
	assert_int_equal(server_faults, 0);
}

static void test_a_greeting_that_is_not_written_down(void **state)
{
	(void)state;
	play("@smtptalk 1\n@set x = me\nC: HELO ${x}\nS: 250 x\n",
	     "S: 220 x\nC: HELO me\nS: 250 x\nC: <close>\n");
	check(RUNNER_PASSED, "ok:250", ": ");
	assert_int_equal(server_faults, 0);
}

static void test_a_greeting_that_is_none(void **state)
{
	(void)state;
	play("C: HELO me\nS: 250 x\n", "S: 554 No\nC: QUIT\nS: 221 x\n");
	check(RUNNER_MISMATCH, "", "c.smtp:1:1: the server's greeting was no 220");
}

static void test_captures_go_into_later_lines(void **state)
{
	(void)state;
	assert_int_equal(session_vars_option(vars, "to=c@d", NULL), 0);
	play("@smtptalk 1\nS* 220 {host} *\nC: RCPT TO:<${to}>\nS* 250 id {id}\n"
	     "@echo got ${id} of ${host}\nC: NOOP ${id}\nS: 250 x\n",
	     "@smtptalk 1\nS: 220 mx1 ESMTP\nC* RCPT TO:<{to}>\nS: 250 id 4F-${to}\n"
	     "C: NOOP 4F-c@d\nS: 250 x\n");
	check(RUNNER_PASSED, "ok:220 ok:250 \"got 4F-c@d of mx1\" ok:250", ": ");
	assert_int_equal(server_faults, 0);
}

static void test_optional_replies(void **state)
{
	(void)state;
	play("S: 220 x\nC: NOOP\nS? 421 later\nS: 250 x\nC: QUIT\nS? 221 x\nS: <close>\n",
	     "S: 220 x\nC: NOOP\nS: 250 x\nC: QUIT\nS: <close>\n");
	check(RUNNER_PASSED, "ok:220 ok:250", ": ");
	assert_int_equal(server_faults, 0);
}

static void test_secrets_are_sent_and_not_shown(void **state)
{
	(void)state;
	assert_int_equal(session_vars_set_secret(vars, SPAN("pw"), SPAN("hush"),
	                                         SESSION_ORIGIN_OPTION, NULL, NULL),
	                 0);
	play("@smtptalk 1\nS: 220 x\nC: AUTH PLAIN ${plain:'bob',pw}\nS: 235 x\n@echo ${pw}\n",
	     "S: 220 x\nC: AUTH PLAIN AGJvYgBodXNo\nS: 535 5.7.8 AGJvYgBodXNo hush\nC: QUIT\n");
	check(RUNNER_MISMATCH, "ok:220 bad:535",
	      "c.smtp:4:1: another code\n"
	      "expected: 235 x\n"
	      "     got: 535 5.7.8 ${plain:'bob',pw} ${secret:pw}\n"
	      "          ^");
	assert_int_equal(server_faults, 0);
}

static void test_a_variable_without_a_value(void **state)
{
	(void)state;
	play("@smtptalk 1\nS: 220 x\nC: RCPT TO:<${to}>\nS: 250 x\n", "S: 220 x\nC: QUIT\n");
	check(RUNNER_FAILED, "ok:220", "c.smtp:3:13: to: there is no variable of this name");
	assert_int_equal(server_faults, 0);
}

static void test_raw_bytes_both_ways(void **state)
{
	(void)state;
	play("S! 220 \\xff\\r\\n\nC! NO\nC! OP\\r\\n\nS! 25\nS: <sleep 1s>\nS! 0 x\\n\n",
	     "S! 220 \\xff\\r\\n\nC! NOOP\\r\\n\nS! 25\nS: <sleep 20ms>\nS! 0 x\\n\n");
	check(RUNNER_PASSED, "ok:220 ok:250", ": ");
}

static void test_time_and_silence(void **state)
{
	(void)state;
	play("S: 220 x\nC: <sleep 30ms>\nC: <nothing 50ms>\nC: NOOP\nS: 250 x\n",
	     "S: 220 x\nC: NOOP\nS: 250 x\n");
	check(RUNNER_PASSED, "ok:220 ok:250", ": ");
}

static void test_silence_that_is_broken(void **state)
{
	(void)state;
	play("S: 220 x\nC: <nothing 3s>\nC: NOOP\n",
	     "S: 220 x\nS: <sleep 30ms>\nS: 421 4.3.2 bye\nS: <close>\n");
	check(RUNNER_MISMATCH, "ok:220",
	      "c.smtp:2:4: expected silence, but \"421 4.3.2 bye\" came");
}

static void test_no_reply_in_time(void **state)
{
	(void)state;
	play("S: 220 x\nC: NOOP\nS: 250 x\n", "S: 220 x\nC: NOOP\nC: more\n");
	check(RUNNER_FAILED, "ok:220", "c.smtp:3:1: no whole reply came in time");
}

static void test_one_reply_too_few(void **state)
{
	(void)state;
	play("S: 220 x\nC: NOOP\nS: 250 x\nS: 250 y\n", "S: 220 x\nC: NOOP\nS: 250 x\nC: QUIT\n");
	check(RUNNER_FAILED, "ok:220 ok:250", "c.smtp:4:1: no reply came in time");
	assert_int_equal(server_faults, 0);
}

static void test_a_closed_connection(void **state)
{
	(void)state;
	play("S: 220 x\nC: NOOP\nS: 250 x\n", "S: 220 x\nC: NOOP\nS: <close>\n");
	check(RUNNER_FAILED, "ok:220", "c.smtp:3:1: the server closed the connection");
}

static void test_a_closed_connection_at_the_end(void **state)
{
	(void)state;
	play("S: 220 x\nC: NOOP\n", "S: 220 x\nC: NOOP\nS: <close>\n");
	check(RUNNER_FAILED, "ok:220", "c.smtp:2:1: the server closed the connection");
}

static void test_a_server_that_does_not_close(void **state)
{
	(void)state;
	play("S: 220 x\nS: <close>\n", "S: 220 x\nC: QUIT\nS: 221 x\n");
	check(RUNNER_FAILED, "ok:220",
	      "c.smtp:2:4: the server was to close the connection and did not");
	assert_int_equal(server_faults, 0);
}

static void test_no_connection(void **state)
{
	(void)state;
	refuse = true;
	play("S: 220 x\n", NULL);
	check(RUNNER_FAILED, "", "c.smtp:1:1: connection refused");
}

static void test_requirements(void **state)
{
	static const char server[] = "S: 220 x\nC: EHLO me\nS: 250-x\nS: 250-AUTH PLAIN LOGIN\n"
	                             "S: 250 SIZE\nC: QUIT\nS: 221 x\n";

	(void)state;
	play("@smtptalk 1\nC: EHLO me\nS: 250 x\n@require auth Login\n@require SIZE\n"
	     "@require AUTH EXTERNAL\nC: never\n",
	     server);
	check(RUNNER_SKIPPED, "ok:250",
	      "c.smtp:6:1: skipped: the server does not offer AUTH EXTERNAL");
	assert_int_equal(server_faults, 0);
}

static void test_retries(void **state)
{
	(void)state;
	play("@smtptalk 1\n@retry 45x 3 20ms\nS: 220 x\nC: RCPT TO:<a>\nS: 250 x\nC: QUIT\n"
	     "S: 221 x\n",
	     "S: 220 x\nC: RCPT TO:<a>\nS: 450 grey\nC: RCPT TO:<a>\nS: 451 grey\n"
	     "C: RCPT TO:<a>\nS: 250 x\nC: QUIT\nS: 221 x\n");
	check(RUNNER_PASSED, "ok:220 retry:450 retry:451 ok:250 ok:221", ": ");
	assert_int_equal(retries, 2);
	assert_int_equal(server_faults, 0);
}

static void test_retries_come_to_an_end(void **state)
{
	(void)state;
	play("@smtptalk 1\n@retry 450 1 1ms\nC: RCPT TO:<a>\nS: 250 x\n",
	     "S: 220 x\nC: RCPT TO:<a>\nS: 450 grey\nC: RCPT TO:<a>\nS: 450 grey\nC: QUIT\n");
	assert_string_equal(log_text.data, "retry:450 bad:450");
	assert_int_equal(end, RUNNER_MISMATCH);
	assert_int_equal(server_faults, 0);
}

static void test_several_connections(void **state)
{
	(void)state;
	server_files[1] = parse("s1.smtp", "S: 220 two\nC: QUIT\nS: 221 x\n");
	play("@smtptalk 1\n@set h = mx2\nC: <open mx1:25>\nS: 220 one\nC: <close>\n"
	     "C: <open ${h}>\nS: 220 two\nC: QUIT\nS: 221 x\nC: <open [::1]:26>\nS: 220 x\n",
	     "S: 220 one\nC: <close>\n");
	check(RUNNER_FAILED, "ok:220 ok:220 ok:221", "c.smtp:10:4: connection refused");
	assert_string_equal(targets.data, "[mx1:25][mx2][[::1]:26]");
	assert_int_equal(server_faults, 0);
}

static void test_freeing_from_the_callback(void **state)
{
	(void)state;
	free_at_exchange = true;
	play(whole, whole);
	assert_int_equal(dones, 0);
	assert_string_equal(log_text.data, "ok:220");
}

static void test_tls_that_is_not_set_up(void **state)
{
	(void)state;
	play("S: 220 x\nC: STARTTLS\nS: 220 x\nC & S: <negotiate TLS>\n",
	     "S: 220 x\nC: STARTTLS\nS: 220 x\nC: <close>\n");
	check(RUNNER_FAILED, "ok:220 ok:220", "c.smtp:4:8: TLS is not set up for this play");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_file_plays_both_sides),
	        TEST(test_a_mismatch_ends_with_quit),
	        TEST(test_no_quit_goes_into_a_message),
	        TEST(test_a_greeting_that_is_not_written_down),
	        TEST(test_a_greeting_that_is_none),
	        TEST(test_captures_go_into_later_lines),
	        TEST(test_optional_replies),
	        TEST(test_secrets_are_sent_and_not_shown),
	        TEST(test_a_variable_without_a_value),
	        TEST(test_raw_bytes_both_ways),
	        TEST(test_time_and_silence),
	        TEST(test_silence_that_is_broken),
	        TEST(test_no_reply_in_time),
	        TEST(test_one_reply_too_few),
	        TEST(test_a_closed_connection),
	        TEST(test_a_closed_connection_at_the_end),
	        TEST(test_a_server_that_does_not_close),
	        TEST(test_no_connection),
	        TEST(test_requirements),
	        TEST(test_retries),
	        TEST(test_retries_come_to_an_end),
	        TEST(test_several_connections),
	        TEST(test_freeing_from_the_callback),
	        TEST(test_tls_that_is_not_set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
