/*
 * Accepting what came: a file and replies give a new file. Each file is checked to read back, and
 * to expect what came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "session/accept.h"

static struct session_vars *vars;

static struct session_file *parse(const char *text)
{
	struct session_file *f;
	struct diags ds;

	diags_init(&ds);
	f = session_file_parse("t.smtp", span_of(text), &ds);
	if (!f)
		fail_msg("%s: %s", ds.list[0].where, ds.list[0].what);
	diags_release(&ds);
	return f;
}

static void read_reply(struct smtp_reply_parser *p, struct span *bytes)
{
	smtp_reply_parser_init(p);
	while (smtp_reply_parser_feed(p, bytes) == SMTP_PARSE_LINE)
		;
}

static bool is_ehlo(const struct session_file *f, size_t at)
{
	while (at > 0 && !f->steps[at - 1].client)
		at--;
	return at > 0 && f->steps[at - 1].text &&
	       span_starts(span_of(f->steps[at - 1].text), SPAN("EHLO"));
}

static void set_variables(const struct session_file *f, size_t *at)
{
	for (; *at < f->count && f->steps[*at].type == SESSION_SET; ++*at)
		assert_int_equal(session_vars_apply(vars, &f->steps[*at], NULL), 0);
}

/* Plays the file against these bytes; how many replies were not as expected. */
static size_t play(const struct session_file *f, struct span came, struct session_accept *a,
                   struct diag *d)
{
	size_t differ = 0;

	for (size_t at = 0; at < f->count;) {
		size_t run;
		struct expected e;

		set_variables(f, &at);
		run = expected_run(f, at);
		expected_init(&e);
		assert_int_equal(expected_build(&e, &f->steps[at], run, vars, NULL), 0);
		for (size_t i = 0; i < e.count; i++) {
			struct smtp_reply_parser p;
			struct comparison c;
			bool ehlo = is_ehlo(f, at);

			read_reply(&p, &came);
			session_compare(&e.replies[i], &p.reply, ehlo, &c);
			comparison_keep(&c, vars, NULL);
			differ += !c.equal;
			if (!c.equal && a)
				session_accept_reply(a, &e.replies[i], &p.reply, ehlo, vars, d);
			smtp_reply_parser_release(&p);
		}
		expected_release(&e);
		at += run > 0 ? run : 1;
	}
	return differ;
}

static struct session_vars *fresh_variables(void)
{
	struct session_vars *v = session_vars_new();

	session_vars_set(v, SPAN("to"), SPAN("bob@x.example"), SESSION_ORIGIN_OPTION, NULL, NULL);
	session_vars_set(v, SPAN("other"), SPAN("carol"), SESSION_ORIGIN_OPTION, NULL, NULL);
	session_vars_set_secret(v, SPAN("pw"), SPAN("hush"), SESSION_ORIGIN_OPTION, NULL, NULL);
	return v;
}

static void accept_and_compare(const char *text, const char *came, const char *expected,
                               const char *diff)
{
	struct session_file *f = parse(text), *again;
	struct session_accept *a = session_accept_new(f);
	struct diag d;
	struct buf out;
	size_t differ;

	diag_init(&d);
	buf_init(&out, 1u << 20);
	vars = fresh_variables();
	assert_int_equal(session_accept_count(a), 0);
	differ = play(f, span_of(came), a, &d);
	assert_int_equal(differ, session_accept_count(a));
	assert_int_equal(d.kind, DIAG_NONE);
	if (diff) {
		assert_int_equal(session_accept_diff(a, span_of(text), &out), 0);
		assert_string_equal(out.data, diff);
		buf_clear(&out);
	}
	assert_int_equal(session_accept_apply(a, span_of(text), &out), 0);
	assert_string_equal(out.data, expected);
	session_vars_free(vars);
	vars = fresh_variables();
	again = parse(out.data);
	assert_int_equal(play(again, span_of(came), NULL, NULL), 0);
	session_vars_free(vars);
	session_file_free(again);
	buf_release(&out);
	session_accept_free(a);
	session_file_free(f);
}

#define BECOMES(text, came, expected) accept_and_compare(text, came, expected, NULL)

static void test_nothing(void **state)
{
	(void)state;
	BECOMES("# hello\nS: 220 a\nC: HELO x\n  \nS: 250 b\n", "220 z\r\n250 y\r\n",
	        "# hello\nS: 220 a\nC: HELO x\n  \nS: 250 b\n");
}

static void test_line(void **state)
{
	(void)state;
	BECOMES("S: 220 a\nC: NOOP\n# why\nS: 250 2.0.0 Ok\nC: QUIT\nS: 221 x\n",
	        "220 z\r\n550 5.7.1 No\r\n221 x\r\n",
	        "S: 220 a\nC: NOOP\n# why\nS: 550 5.7.1 No\nC: QUIT\nS: 221 x\n");
}

static void test_indentation_and_ends(void **state)
{
	(void)state;
	BECOMES("  S: 220 a\r\n  C: NOOP\r\n  S: 250 Ok\r\n",
	        "220 z\r\n550-5.7.1 No\r\n550 5.7.1 no\r\n",
	        "  S: 220 a\r\n  C: NOOP\r\n  S: 550-5.7.1 No\r\n  S: 550 5.7.1 no\r\n");
	BECOMES("S: 220 a\nC: NOOP\nS: 250 Ok", "220 z\r\n550 No\r\n",
	        "S: 220 a\nC: NOOP\nS: 550 No\n");
}

static void test_fewer_and_more_lines(void **state)
{
	(void)state;
	BECOMES("S: 220 a\nC: HELP\nS: 214-one\n# between\nS: 214-two\nS: 214 three\n",
	        "220 z\r\n502 5.5.1 No help\r\n",
	        "S: 220 a\nC: HELP\nS: 502 5.5.1 No help\n# between\n");
	BECOMES("@smtptalk 1\n@match text\nS: 220 a\nC: HELP\nS: 214-one\nS: 214 three\n",
	        "220 a\r\n214-one\r\n214-two\r\n214 three\r\n",
	        "@smtptalk 1\n@match text\nS: 220 a\nC: HELP\nS: 214-one\nS: 214-two\nS: 214 "
	        "three\n");
	BECOMES("@smtptalk 1\n@match text\nS: 220 a\nC: HELP\nS: 214-one\nS: 214 three\n",
	        "220 a\r\n214-one\r\n214-three\r\n214 four\r\n",
	        "@smtptalk 1\n@match text\nS: 220 a\nC: HELP\nS: 214-one\nS: 214-three\nS: 214 "
	        "four\n");
	BECOMES("@smtptalk 1\n@match text\nS: 220 a\nC: HELP\nS: 214-one\nS: 214 three\n",
	        "220 a\r\n214 one\r\n",
	        "@smtptalk 1\n@match text\nS: 220 a\nC: HELP\nS: 214 one\n");
	BECOMES("@smtptalk 1\n@match text\nS: 220 a\nC: HELP\nS: 214 three\n",
	        "220 a\r\n214-zero\r\n214 three\r\n",
	        "@smtptalk 1\n@match text\nS: 220 a\nC: HELP\nS: 214-zero\nS: 214 three\n");
}

static void test_patterns_stay(void **state)
{
	(void)state;
	BECOMES("S* 220 * ESMTP*\nC: HELP\nS* 214-*\nS~ ^214-[0-9]+\nS: 214 Ok\n",
	        "220 m ESMTP\r\n214-a\r\n214-12\r\n215 5.0.0 No\r\n",
	        "S* 220 * ESMTP*\nC: HELP\nS* 214-*\nS~ ^214-[0-9]+\nS: 215 5.0.0 No\n");
	BECOMES("S* 220 * ESMTP*\nC: NOOP\nS: 250 Ok\n", "220 m SMTP\r\n250 x\r\n",
	        "S: 220 m SMTP\nC: NOOP\nS: 250 Ok\n");
	BECOMES("S* 220 {me} *\nC: HELP\nS* 214-*\nS~ ^214 .*end\n", "220 m x\r\n214 a\r\n",
	        "S* 220 {me} *\nC: HELP\nS* 214 *\n");
	BECOMES("S: 220 x\nC: NOOP\nS= 250 exactly\\tthis\n", "220 m x\r\n250 exactly\tthat\r\n",
	        "S: 220 x\nC: NOOP\nS: 250 exactly\tthat\n");
}

static void test_ehlo(void **state)
{
	(void)state;
	BECOMES("S: 220 a\nC: EHLO me\nS: 250-a\nS: 250-PIPELINING\nS: 250-8BITMIME\nS: 250 "
	        "STARTTLS\n",
	        "220 z\r\n250-b\r\n250-8BITMIME\r\n250-SIZE 100\r\n250 PIPELINING\r\n",
	        "S: 220 a\nC: EHLO me\nS: 250-a\nS: 250-PIPELINING\nS: 250 8BITMIME\n");
	BECOMES("@smtptalk 1\n@match text\nS: 220 a\nC: EHLO me\nS: 250-a\nS: 250-SIZE 10\nS: 250 "
	        "AUTH PLAIN\n",
	        "220 a\r\n250-a\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 10\r\n",
	        "@smtptalk 1\n@match text\nS: 220 a\nC: EHLO me\nS: 250-a\nS: 250-SIZE 10\n"
	        "S: 250 AUTH PLAIN LOGIN\n");
	BECOMES("S: 220 a\nC: EHLO me\nS: 250-a\nS: 250 HELP\n", "220 z\r\n502 5.5.1 No\r\n",
	        "S: 220 a\nC: EHLO me\nS: 502 5.5.1 No\n");
}

static void test_variables(void **state)
{
	(void)state;
	BECOMES("@smtptalk 1\n@set id = 12345\nS: 220 a\nC: RCPT TO:<${to}>\nS: 250 Ok\n",
	        "220 a\r\n550 5.1.1 <bob@x.example>, carol: $unknown ${12345}\r\n",
	        "@smtptalk 1\n@set id = 12345\nS: 220 a\nC: RCPT TO:<${to}>\n"
	        "S: 550 5.1.1 <${to}>, carol: $unknown $${${id}}\n");
	BECOMES("S: 220 a\nC: NOOP\nS: 250 Ok\n", "220 a\r\n550 5.1.1 bob@x.example ${to}\r\n",
	        "S: 220 a\nC: NOOP\nS: 550 5.1.1 bob@x.example ${to}\n");
}

static void test_secrets(void **state)
{
	(void)state;
	BECOMES("@smtptalk 1\nS: 220 a\nC: AUTH ${secret:pw}\nS: 235 Ok\n",
	        "220 a\r\n535 5.7.8 not hush or aHVzaA==\r\n",
	        "@smtptalk 1\nS: 220 a\nC: AUTH ${secret:pw}\n"
	        "S: 535 5.7.8 not ${secret:pw} or ${login-pass:pw}\n");
}

static void test_bytes(void **state)
{
	(void)state;
	BECOMES("S: 220 a\nC: NOOP\nS! 250 \\xff\\r\\n\n", "220 a\r\n451 \x1b[2J\r\n",
	        "S: 220 a\nC: NOOP\nS! 451 \\x1b[2J\\r\\n\n");
}

static void test_diff(void **state)
{
	(void)state;
	accept_and_compare(
	        "S: 220 a\nC: NOOP\nS: 250 Ok\nC: NOOP\nS: 250 Ok\nC: NOOP\nS: 250 Ok\n"
	        "C: NOOP\nS: 250 Ok\nC: NOOP\nS: 250 Ok\n# end\nC: QUIT\nS: 221 x\n",
	        "220 a\r\n250 x\r\n451 no\r\n250 x\r\n250 x\r\n250 x\r\n500-y\r\n500 z\r\n",
	        "S: 220 a\nC: NOOP\nS: 250 Ok\nC: NOOP\nS: 451 no\nC: NOOP\nS: 250 Ok\n"
	        "C: NOOP\nS: 250 Ok\nC: NOOP\nS: 250 Ok\n# end\nC: QUIT\nS: 500-y\nS: 500 z\n",
	        "--- t.smtp\n+++ t.smtp\n"
	        "@@ -2,7 +2,7 @@\n C: NOOP\n S: 250 Ok\n C: NOOP\n-S: 250 Ok\n+S: 451 no\n"
	        " C: NOOP\n S: 250 Ok\n C: NOOP\n"
	        "@@ -11,4 +11,5 @@\n S: 250 Ok\n # end\n C: QUIT\n-S: 221 x\n+S: 500-y\n"
	        "+S: 500 z\n");
}

static void refused(const char *text, const char *came, const char *where)
{
	struct session_file *f = parse(text);
	struct session_accept *a = session_accept_new(f);
	struct diag d;

	diag_init(&d);
	vars = fresh_variables();
	play(f, span_of(came), a, &d);
	assert_int_equal(session_accept_count(a), 0);
	assert_int_equal(d.kind, DIAG_INPUT);
	assert_string_equal(d.where, where);
	diag_release(&d);
	session_vars_free(vars);
	session_accept_free(a);
	session_file_free(f);
}

static void test_refused(void **state)
{
	(void)state;
	refused("S: 220 a\nC: NOOP\nS! 250-a\\r\\n250 b\\r\\n\n", "220 a\r\n451 x\r\n",
	        "t.smtp:3:1");
	refused("S: 220 a\nC: NOOP\nS! 25\nS! 0 b\\r\\n\n", "220 a\r\n451 x\r\n", "t.smtp:3:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_nothing),
	        cmocka_unit_test(test_line),
	        cmocka_unit_test(test_indentation_and_ends),
	        cmocka_unit_test(test_fewer_and_more_lines),
	        cmocka_unit_test(test_patterns_stay),
	        cmocka_unit_test(test_ehlo),
	        cmocka_unit_test(test_variables),
	        cmocka_unit_test(test_secrets),
	        cmocka_unit_test(test_bytes),
	        cmocka_unit_test(test_diff),
	        cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
