/* The dialogue: message text as it is typed, and what it looks like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue_stage.h"

static struct smtp_dialogue *in_message(void)
{
	struct smtp_dialogue *d = greeted();
	struct smtp_event ev;

	say(d, "DATA", "354 x\r\n", &ev);
	assert_int_equal(smtp_dialogue_state(d), SMTP_STATE_MESSAGE);
	buf_clear(smtp_dialogue_output(d));
	return d;
}

struct seen {
	const char *line;
	enum smtp_text_look look;
};

static void check_looks(const struct seen *lines, size_t count)
{
	struct smtp_dialogue *d = in_message();

	for (size_t i = 0; i < count; i++) {
		enum smtp_text_look look;

		assert_int_equal(smtp_dialogue_line(d, span_of(lines[i].line), &look),
		                 SMTP_VERB_MESSAGE);
		if (look != lines[i].look)
			print_error("%s\n", lines[i].line);
		assert_int_equal(look, lines[i].look);
		assert_int_equal(smtp_dialogue_outstanding(d), look == SMTP_TEXT_END);
	}
	smtp_dialogue_free(d);
}

static void message_lines_are_recognised(void **state)
{
	static const struct seen well[] = {
	        {"Subject: xxx", SMTP_TEXT_HEADER},
	        {"  folded", SMTP_TEXT_PLAIN},
	        {"From:yyy", SMTP_TEXT_HEADER},
	        {"", SMTP_TEXT_HEADERS_END},
	        {"", SMTP_TEXT_PLAIN},
	        {"From: in the body", SMTP_TEXT_PLAIN},
	        {"Help me, please", SMTP_TEXT_PLAIN},
	        {"mail from Bob", SMTP_TEXT_PLAIN},
	        {"data are plural", SMTP_TEXT_PLAIN},
	        {"helo wor ld", SMTP_TEXT_PLAIN},
	        {"quit", SMTP_TEXT_COMMAND},
	        {"QUIT ", SMTP_TEXT_COMMAND},
	        {"rcpt to:<a@b>", SMTP_TEXT_COMMAND},
	        {"HELO a.b", SMTP_TEXT_COMMAND},
	        {"VRFY bob", SMTP_TEXT_COMMAND},
	        {"expn ses", SMTP_TEXT_PLAIN},
	        {"/quit", SMTP_TEXT_LOCAL_COMMAND},
	        {"/", SMTP_TEXT_PLAIN},
	        {"//x", SMTP_TEXT_PLAIN},
	        {"..", SMTP_TEXT_ALMOST_DOT},
	        {". ", SMTP_TEXT_ALMOST_DOT},
	        {" .", SMTP_TEXT_ALMOST_DOT},
	        {"\xe3\x80\x82", SMTP_TEXT_ALMOST_DOT},
	        {"...", SMTP_TEXT_STUFFING},
	        {".x", SMTP_TEXT_STUFFING},
	        {".", SMTP_TEXT_END},
	};
	static const struct seen no_header[] = {{"Hello", SMTP_TEXT_NO_HEADER},
	                                        {"Subject: late", SMTP_TEXT_PLAIN},
	                                        {".", SMTP_TEXT_END}};
	static const struct seen forgot_the_empty_line[] = {{"Subject: x", SMTP_TEXT_HEADER},
	                                                    {"Test Mail", SMTP_TEXT_NO_HEADER},
	                                                    {"", SMTP_TEXT_PLAIN}};
	static const struct seen folded_first[] = {{" x: y", SMTP_TEXT_NO_HEADER}};
	static const struct seen nothing[] = {{".", SMTP_TEXT_END}};

	(void)state;
	check_looks(well, COUNT(well));
	check_looks(no_header, COUNT(no_header));
	check_looks(forgot_the_empty_line, COUNT(forgot_the_empty_line));
	check_looks(folded_first, COUNT(folded_first));
	check_looks(nothing, COUNT(nothing));
}

static void a_long_text_line_is_noticed(void **state)
{
	struct smtp_dialogue *d = in_message();
	char line[1000];
	enum smtp_text_look look;

	(void)state;
	memset(line, 'x', sizeof(line));
	smtp_dialogue_line(d, SPAN(""), &look);
	smtp_dialogue_line(d, span_from(line, 998), &look);
	assert_int_equal(look, SMTP_TEXT_PLAIN);
	smtp_dialogue_line(d, span_from(line, 999), &look);
	assert_int_equal(look, SMTP_TEXT_TOO_LONG);
	smtp_dialogue_free(d);
}

static void only_crlf_dot_crlf_ends_a_message(void **state)
{
	static const char *const not_ends[] = {"\n.\n",   "a\r\n.\n", "a\n.\r\n", ".\r.\r\n",
	                                       ".\r\r\n", "x.\r\n",   ". \r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(not_ends); i++) {
		struct smtp_dialogue *d = in_message();

		smtp_dialogue_raw(d, span_of(not_ends[i]));
		assert_int_equal(smtp_dialogue_outstanding(d), 0);
		smtp_dialogue_raw(d, SPAN("\r\n.\r\n"));
		assert_int_equal(smtp_dialogue_outstanding(d), 1);
		assert_int_equal(smtp_dialogue_waiting(d), SMTP_VERB_MESSAGE);
		smtp_dialogue_free(d);
	}
}

static void a_raw_start_and_a_typed_end_make_one_line(void **state)
{
	struct smtp_dialogue *d = smtp_dialogue_new();

	(void)state;
	smtp_dialogue_raw(d, SPAN("QU"));
	assert_int_equal(smtp_dialogue_outstanding(d), 1);
	assert_int_equal(smtp_dialogue_line(d, SPAN("IT"), NULL), SMTP_VERB_QUIT);
	assert_int_equal(smtp_dialogue_outstanding(d), 2);
	assert_string_equal(smtp_dialogue_output(d)->data, "IT\r\n");
	smtp_dialogue_free(d);
}

static void line_says_what_it_was(void **state)
{
	struct smtp_dialogue *d = greeted();
	struct smtp_event ev;
	enum smtp_text_look look = SMTP_TEXT_END;

	(void)state;
	assert_int_equal(smtp_dialogue_line(d, SPAN("rset"), &look), SMTP_VERB_RSET);
	assert_int_equal(look, SMTP_TEXT_PLAIN);
	assert_int_equal(smtp_dialogue_line(d, SPAN("what"), NULL), SMTP_VERB_UNKNOWN);
	smtp_dialogue_feed(d, SPAN("250 x\r\n500 x\r\n"));
	while (smtp_dialogue_next(d, &ev))
		continue;
	say(d, "AUTH LOGIN", "334 x\r\n", &ev);
	assert_int_equal(smtp_dialogue_line(d, SPAN("QUIT"), NULL), SMTP_VERB_ANSWER);
	smtp_dialogue_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(message_lines_are_recognised),
	        cmocka_unit_test(a_long_text_line_is_noticed),
	        cmocka_unit_test(only_crlf_dot_crlf_ends_a_message),
	        cmocka_unit_test(a_raw_start_and_a_typed_end_make_one_line),
	        cmocka_unit_test(line_says_what_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
