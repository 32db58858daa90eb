/*
 * Comparing replies: every level, patterns, EHLO as a set; and how a difference is shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "session/compare.h"

static struct session_vars *vars;
static struct session_file *file;
static struct expected wanted;
static struct smtp_reply_parser parser;
static struct comparison result;

static void release(void)
{
	expected_release(&wanted);
	session_file_free(file);
	session_vars_free(vars);
	smtp_reply_parser_release(&parser);
}

static void expect(const char *lines)
{
	struct diags ds;
	struct diag d;
	struct buf text;

	buf_init(&text, 1u << 20);
	buf_addf(&text, "@smtptalk 1\n%s\n", lines);
	diags_init(&ds);
	file = session_file_parse("t.smtp", buf_span(&text), &ds);
	assert_non_null(file);
	buf_release(&text);
	vars = session_vars_new();
	assert_int_equal(
	        session_vars_set(vars, SPAN("n"), SPAN("1*"), SESSION_ORIGIN_FILE, NULL, NULL), 0);
	assert_int_equal(session_vars_set_secret(vars, SPAN("pw"), SPAN("hush"),
	                                         SESSION_ORIGIN_OPTION, NULL, NULL),
	                 0);
	diag_init(&d);
	expected_init(&wanted);
	if (expected_build(&wanted, file->steps, file->count, vars, &d) != 0)
		fail_msg("%s: %s", d.where, d.what);
}

static void come(struct span bytes)
{
	smtp_reply_parser_init(&parser);
	while (smtp_reply_parser_feed(&parser, &bytes) == SMTP_PARSE_LINE)
		;
	assert_int_equal(bytes.n, 0);
}

static void compare(const char *lines, const char *reply, bool ehlo)
{
	expect(lines);
	assert_int_equal(wanted.count, 1);
	come(span_of(reply));
	session_compare(&wanted.replies[0], &parser.reply, ehlo, &result);
}

static void check_equal(const char *lines, const char *reply, bool ehlo)
{
	compare(lines, reply, ehlo);
	if (!result.equal)
		fail_msg("\"%s\" is not \"%s\": %s", reply, lines, result.what);
	release();
}

static void check_differs(const char *lines, const char *reply, bool ehlo, size_t line,
                          size_t column, const char *what)
{
	compare(lines, reply, ehlo);
	if (result.equal)
		fail_msg("\"%s\" is \"%s\"", reply, lines);
	assert_string_equal(result.what, what);
	assert_int_equal(result.line, line);
	assert_int_equal(result.column, column);
	release();
}

#define SAME(lines, reply) check_equal(lines, reply, false)
#define DIFFERS(lines, reply, line, column, what)                                                  \
	check_differs(lines, reply, false, line, column, what)
#define EHLO_SAME(lines, reply) check_equal(lines, reply, true)
#define EHLO_DIFFERS(lines, reply, line, col, what)                                                \
	check_differs(lines, reply, true, line, col, what)

static void test_class(void **state)
{
	(void)state;
	SAME("@match class\nS: 250 2.1.0 Ok", "251 2.5.9 Fine\r\n");
	DIFFERS("@match class\nS: 250 Ok", "450 No\r\n", 0, 0, "another class of reply");
	SAME("@match class\nS: 2", "251 2.5.9 Fine\r\n");
}

static void test_code(void **state)
{
	(void)state;
	SAME("@match code\nS: 250 2.1.0 Ok", "250 2.5.9 Fine\r\n");
	DIFFERS("@match code\nS: 250 Ok", "251 Ok\r\n", 0, 2, "another code");
	SAME("@match code\nS: 250-a\nS: 250 b", "250 c\r\n");
	DIFFERS("@match code\nS: 250 Ok", "250-a\r\n550 b\r\n", 1, 0, "another code");
	SAME("@match code\nS: 250", "250 Ok\r\n");
	DIFFERS("@match code\nS: 25", "250 Ok\r\n", 0, 2, "another code");
}

static void test_status(void **state)
{
	(void)state;
	SAME("S: 250 2.1.0 Ok", "250 2.1.0 Sender accepted\r\n");
	SAME("S: 250 2.1.0 Ok", "250 Sender accepted\r\n");
	SAME("S: 250 Ok", "250-2.1.0 Sender\r\n250 2.1.0 accepted\r\n");
	DIFFERS("S: 550 5.1.1 No", "550-None\r\n550 5.7.1 No\r\n", 1, 6, "another enhanced code");
	DIFFERS("S: 550 5.7.1 No", "551 5.7.1 No\r\n", 0, 2, "another code");
	SAME("S: 550 4.7.1 is no code of this class", "550 5.7.1 No\r\n");
}

static void test_text(void **state)
{
	(void)state;
	SAME("@match text\nS: 250-a  b \nS: 250 c", "250-a b\r\n250 c\t \r\n");
	DIFFERS("@match text\nS: 250 one two", "250 one too\r\n", 0, 9, "another text");
	DIFFERS("@match text\nS: 250-a\nS: 250 b", "250 a\r\n", 1, 0, "the reply has fewer lines");
	DIFFERS("@match text\nS: 250 a", "250-a\r\n250 b\r\n", 1, 0, "the reply has more lines");
	SAME("@match text\nS* 250-{x}\nS~ b+$", "250-aaa\r\n250 bbb\r\n");
	DIFFERS("@match text\nS* 250-a\nS: 250 b", "250-x\r\n250 b\r\n", 0, 4,
	        "no line matches the pattern");
}

static void test_exact(void **state)
{
	(void)state;
	SAME("@match exact\nS: 250-a\nS: 250 b", "250-a\r\n250 b\r\n");
	SAME("@match exact\nS! 250 a\\n", "250 a\n");
	DIFFERS("@match exact\nS: 250 a", "250 a\n", 0, 5, "the line ends in other bytes");
	DIFFERS("@match exact\nS: 250 a", "250 a \r\n", 0, 5, "another text");
	DIFFERS("@match exact\nS: 250 a", "250 A\r\n", 0, 4, "another text");
	SAME("S= 250 caf\\xe9", "250 caf\xe9\r\n");
	DIFFERS("S= 250 a", "250 b\r\n", 0, 4, "no line is the same byte for byte");
	DIFFERS("S= 250 a", "250-a\r\n250 a\r\n", 0, 3, "no line is the same byte for byte");
	SAME("S= 250-a\nS: 250 b", "250-x\r\n250-a\r\n250 y\r\n");
}

#define OFFER "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN\r\n"

static void test_ehlo_is_a_set(void **state)
{
	(void)state;
	EHLO_SAME("S: 250-other.name\nS: 250-auth\nS: 250 SIZE 9", OFFER);
	EHLO_DIFFERS("S: 250-mx\nS: 250-SIZE\nS: 250 STARTTLS", OFFER, 4, 0,
	             "this keyword is not offered");
	EHLO_DIFFERS("S: 250-mx\nS: 250 SIZ", OFFER, 4, 0, "this keyword is not offered");
	EHLO_SAME("@match code\nS: 250-mx\nS: 250 STARTTLS", OFFER);
	EHLO_SAME("@match text\nS: 250-mx\nS: 250-auth  plain login\nS: 250 SIZE 1000", OFFER);
	EHLO_DIFFERS("@match text\nS: 250-mx\nS: 250 SIZE 2000", OFFER, 2, 9,
	             "the keyword has other arguments");
	EHLO_DIFFERS("@match exact\nS: 250-mx.example\nS: 250 SIZE 1000", OFFER, 1, 3,
	             "another text");
	EHLO_SAME("S: 250-mx\nS* 250 SIZE {size}", OFFER);
	EHLO_DIFFERS("S: 250-mx\nS: 250 SIZE", "550 No\r\n", 0, 0, "another code");
}

static void test_globs_and_captures(void **state)
{
	struct diag d;

	(void)state;
	compare("S* 250 * queued as {id} by {host}", "250 2.0.0 Ok: queued as 4F1 by mx\r\n",
	        false);
	assert_true(result.equal);
	assert_int_equal(result.count, 2);
	diag_init(&d);
	assert_int_equal(comparison_keep(&result, vars, &d), 0);
	assert_string_equal(session_vars_find(vars, SPAN("id"))->value.data, "4F1");
	assert_string_equal(session_vars_find(vars, SPAN("host"))->value.data, "mx");
	release();
	compare("S* 250 {x}", "250 a\rb\r\n", false);
	assert_true(result.equal);
	assert_int_equal(comparison_keep(&result, vars, &d), -1);
	diag_release(&d);
	release();
	SAME("S* 250-SIZE *", "250-a\r\n250 SIZE 5\r\n");
	SAME("S* 2?? [192.0.2.1] \\*", "220 [192.0.2.1] *\r\n");
	SAME("S* 250 ${n}", "250 1*\r\n");
	DIFFERS("S* 250 ${n}", "250 12\r\n", 0, 5, "no line matches the pattern");
	DIFFERS("S* 250 a{x}", "250 a\r\n", 0, 5, "no line matches the pattern");
	DIFFERS("S* 250 a*b", "550 aab\r\n", 0, 0, "no line matches the pattern");
	SAME("S* *a*a*a*a*a*b", "250 aaaaaaaaaaaaaaaaaaaaaaaaaab\r\n");
}

static void test_regular_expressions(void **state)
{
	(void)state;
	SAME("S~ ^250[- ](Ok|Fine)$", "250 Fine\r\n");
	SAME("S~ ^250-SIZE", "250-a\r\n250 SIZE 5\r\n");
	SAME("S~ ${n}", "250 x1*x\r\n");
	DIFFERS("S~ ${n}", "250 11\r\n", 0, 0, "no line matches the regular expression");
	DIFFERS("S~ ^25[1-9]", "250 Ok\r\n", 0, 0, "no line matches the regular expression");
	DIFFERS("S: 550-x\nS~ x", "250 x\r\n", 0, 0, "another code");
}

static void check_replies(const char *lines, size_t count, size_t first, bool optional)
{
	expect(lines);
	assert_int_equal(wanted.count, count);
	assert_int_equal(wanted.replies[0].count, first);
	assert_int_equal(wanted.replies[0].optional, optional);
	smtp_reply_parser_init(&parser);
	release();
}

static void test_where_replies_end(void **state)
{
	(void)state;
	check_replies("S: 250-a\nS: 250 b\nS: 250 c", 2, 2, false);
	check_replies("S: 250-a\nS: 250-b", 1, 2, false);
	check_replies("S: 250", 1, 1, false);
	check_replies("S* 250-*\nS~ ^250-x\nS: 250 b\nS: 354 x", 2, 3, false);
	check_replies("S! 250-a\\r\\n250 b\\r\\n354 c\\r\\n", 2, 2, false);
	check_replies("S! 25\nS: <sleep 1s>\nS! 0 a\\r\nS! \\n\nS: 250 b", 2, 1, false);
	check_replies("S! 25\nS: 0 a\nS: 250 b", 2, 1, false);
	check_replies("S? 250-a\nS? 250 b\nS: 250 c", 2, 2, true);
	check_replies("S? 250-a\nS: 250 c", 2, 1, true);
	expect("C: a\nS: 250 x\nS: <stall 1s>\nS? 221 x\nS: <close>\nS: 250 y\n");
	assert_int_equal(expected_run(file, 0), 0);
	assert_int_equal(expected_run(file, 1), 3);
	smtp_reply_parser_init(&parser);
	release();
}

static void check_shown(const char *lines, const char *reply, const char *expected)
{
	struct buf out;

	buf_init(&out, 1u << 20);
	compare(lines, reply, false);
	assert_false(result.equal);
	assert_ptr_equal(result.step, result.wanted->step);
	comparison_show(&result, &parser.reply, vars, &out);
	assert_string_equal(out.data, expected);
	buf_release(&out);
	release();
}

static void test_a_difference_is_shown(void **state)
{
	(void)state;
	check_shown("S: 250 2.1.0 Ok", "550 5.7.1 No\r\n",
	            "expected: 250 2.1.0 Ok\n"
	            "     got: 550 5.7.1 No\n"
	            "          ^\n");
	check_shown("S= 250 \xc3\xa9 a",
	            "250 \xc3\xa9\x1b"
	            "b\r\n",
	            "expected: 250 \xc3\xa9 a\n"
	            "     got: 250 \xc3\xa9\\x1bb\n"
	            "               ^\n");
	check_shown("S= 250 ${pw} ${secret:pw}", "250 hush hushed\r\n",
	            "expected: 250 ${secret:pw} ${secret:pw}\n"
	            "     got: 250 ${secret:pw} ${secret:pw}ed\n"
	            "                                       ^\n");
	check_shown("S= 250-a\nS= 250 b", "250-a\r\n250-b\r\n250 c\r\n",
	            "expected: 250 b\n"
	            "     got: 250-b\n"
	            "             ^\n");
}

static void test_missing_lines_are_shown(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1u << 20);
	compare("@match text\nS: 250-a\nS: 250 b", "250 a\r\n", false);
	comparison_show(&result, &parser.reply, vars, &out);
	assert_string_equal(out.data, "expected: 250 b\n     got: (no such line)\n");
	release();
	buf_clear(&out);
	compare("@match text\nS: 250 a", "250-a\r\n250 b\r\n", false);
	assert_null(result.step);
	comparison_show(&result, &parser.reply, NULL, &out);
	assert_string_equal(out.data,
	                    "expected: (no further line)\n     got: 250 b\n          ^\n");
	release();
	buf_release(&out);
}

static void test_expected_lines_without_values(void **state)
{
	static const char *const lines[] = {"S: ${x}", "S! ${x}", "S* ${x}", "S~ ${x}", "S? ${x}"};
	struct diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		expect("S: 250 x");
		session_file_free(file);
		expected_release(&wanted);
		session_vars_free(vars);
		vars = session_vars_new();
		struct diags ds;
		struct buf text;

		diags_init(&ds);
		buf_init(&text, 1000);
		buf_addf(&text, "@smtptalk 1\n%s\n", lines[i]);
		file = session_file_parse("t.smtp", buf_span(&text), &ds);
		buf_release(&text);
		diag_init(&d);
		assert_int_equal(expected_build(&wanted, file->steps, 1, vars, &d), -1);
		assert_int_equal(wanted.count, 0);
		assert_string_equal(d.where, "t.smtp:2:4");
		diag_release(&d);
		smtp_reply_parser_init(&parser);
		release();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_class),
	        cmocka_unit_test(test_code),
	        cmocka_unit_test(test_status),
	        cmocka_unit_test(test_text),
	        cmocka_unit_test(test_exact),
	        cmocka_unit_test(test_ehlo_is_a_set),
	        cmocka_unit_test(test_globs_and_captures),
	        cmocka_unit_test(test_regular_expressions),
	        cmocka_unit_test(test_where_replies_end),
	        cmocka_unit_test(test_a_difference_is_shown),
	        cmocka_unit_test(test_missing_lines_are_shown),
	        cmocka_unit_test(test_expected_lines_without_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
