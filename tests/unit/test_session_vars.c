/*
 * Variables: where they come from, what they may hold, what references make of them; and secrets,
 * which nothing shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/glob.h"
#include "session/pattern.h"
#include "session/redact.h"
#include "session/vars.h"

static struct session_vars *vars;
static struct session_file *file;
static struct diag d;
static struct buf out;

static int setup(void **state)
{
	(void)state;
	vars = session_vars_new();
	file = NULL;
	diag_init(&d);
	buf_init(&out, 1u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	session_vars_free(vars);
	session_file_free(file);
	diag_release(&d);
	buf_release(&out);
	return 0;
}

static void load(const char *lines)
{
	struct diags ds;
	struct buf text;

	buf_init(&text, 1u << 20);
	buf_addf(&text, "@smtptalk 1\n%s\n", lines);
	diags_init(&ds);
	session_file_free(file);
	file = session_file_parse("t.smtp", buf_span(&text), &ds);
	assert_non_null(file);
	buf_release(&text);
}

static void set(const char *name, const char *value, enum session_origin origin)
{
	assert_int_equal(session_vars_set(vars, span_of(name), span_of(value), origin, NULL, &d),
	                 0);
}

static void set_secret(const char *name, const char *value)
{
	assert_int_equal(session_vars_set_secret(vars, span_of(name), span_of(value),
	                                         SESSION_ORIGIN_OPTION, NULL, &d),
	                 0);
}

static const char *value(const char *name)
{
	const struct session_variable *v = session_vars_find(vars, span_of(name));

	return v ? v->value.data : NULL;
}

static void check_expansion(const char *line, session_quote_fn *quote, const char *expected)
{
	load(line);
	buf_clear(&out);
	if (session_vars_expand(vars, &file->steps[0], quote, &out, &d) != 0)
		fail_msg("%s: %s", d.where, d.what);
	assert_string_equal(out.data, expected);
}

static void check_failure(const char *line, const char *where, const char *what)
{
	load(line);
	buf_clear(&out);
	diag_release(&d);
	assert_int_equal(session_vars_expand(vars, &file->steps[0], NULL, &out, &d), -1);
	assert_int_equal(d.kind, DIAG_INPUT);
	assert_string_equal(d.where, where);
	if (!strstr(d.what, what))
		fail_msg("%s", d.what);
}

static void check_redaction(const char *bytes, size_t n, const char *expected)
{
	buf_clear(&out);
	assert_int_equal(session_redact(vars, span_from(bytes, n), &out), 0);
	assert_string_equal(out.data, expected);
}

#define REDACTS(bytes, expected) check_redaction(bytes, sizeof(bytes) - 1, expected)

static void test_options_stand_against_the_file(void **state)
{
	(void)state;
	set("to", "file", SESSION_ORIGIN_FILE);
	assert_string_equal(value("to"), "file");
	assert_int_equal(session_vars_option(vars, "to=option=x", &d), 0);
	assert_string_equal(value("to"), "option=x");
	set("to", "file again", SESSION_ORIGIN_FILE);
	assert_string_equal(value("to"), "option=x");
	set("to", "seen", SESSION_ORIGIN_CAPTURE);
	assert_string_equal(value("to"), "seen");
	assert_int_equal(session_vars_count(vars), 1);
	assert_int_equal(session_vars_at(vars, 0)->origin, SESSION_ORIGIN_CAPTURE);
	assert_null(session_vars_at(vars, 1));
	assert_string_equal(session_origin_name(SESSION_ORIGIN_OPTION), "--set");
}

static void test_a_value_may_hold_no_line_end(void **state)
{
	static const struct {
		struct span name, value;
		const char *what;
	} cases[] = {
	        {{"to", 2}, {"a\r\nRSET", 7}, "line end"}, {{"to", 2}, {"a\rb", 3}, "line end"},
	        {{"to", 2}, {"a\nb", 3}, "line end"},      {{"to", 2}, {"a\0b", 3}, "NUL"},
	        {{"1", 1}, {"x", 1}, "no name"},           {{"", 0}, {"x", 1}, "no name"},
	        {{"a\x1b", 2}, {"x", 1}, "no name"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		diag_release(&d);
		assert_int_equal(session_vars_set(vars, cases[i].name, cases[i].value,
		                                  SESSION_ORIGIN_CAPTURE, "t.smtp:3:1", &d),
		                 -1);
		assert_string_equal(d.where, "t.smtp:3:1");
		if (!strstr(d.what, cases[i].what))
			fail_msg("%s", d.what);
	}
	assert_null(value("to"));
	diag_release(&d);
	assert_int_equal(session_vars_option(vars, "to=a\nb", &d), -1);
	assert_int_equal(d.kind, DIAG_USAGE);
	assert_string_equal(d.where, "--set");
	diag_release(&d);
	assert_int_equal(session_vars_option(vars, "to", &d), -1);
	assert_int_equal(d.kind, DIAG_USAGE);
}

static void test_limits(void **state)
{
	char *big = calloc(1, SESSION_VALUE_MAX + 2), name[20];

	(void)state;
	memset(big, 'x', SESSION_VALUE_MAX + 1);
	assert_int_equal(
	        session_vars_set(vars, SPAN("big"), span_of(big), SESSION_ORIGIN_FILE, NULL, &d),
	        -1);
	free(big);
	for (unsigned i = 0; i < SESSION_VARS_MAX; i++) {
		snprintf(name, sizeof(name), "v%u", i);
		set(name, "x", SESSION_ORIGIN_FILE);
	}
	diag_release(&d);
	assert_int_equal(
	        session_vars_set(vars, SPAN("one-more"), SPAN("x"), SESSION_ORIGIN_FILE, NULL, &d),
	        -1);
	set("v7", "again", SESSION_ORIGIN_FILE);
}

static void test_references(void **state)
{
	(void)state;
	set("to", "bob@example.org", SESSION_ORIGIN_FILE);
	set("user", "bob", SESSION_ORIGIN_FILE);
	set_secret("pass", "secret");
	setenv("SESSION_TEST", "from env", 1);
	check_expansion("C: RCPT TO:<${to}> $$ $1 ${env:SESSION_TEST}", NULL,
	                "RCPT TO:<bob@example.org> $ $1 from env");
	check_expansion("C: ${plain:user,pass}", NULL, "AGJvYgBzZWNyZXQ=");
	check_expansion("C: ${plain:'bob',secret:pass}", NULL, "AGJvYgBzZWNyZXQ=");
	check_expansion("C: ${login-user:user} ${login-pass:pass}", NULL, "Ym9i c2VjcmV0");
	check_expansion("C: ${base64:'a'}${base64:env:SESSION_TEST}", NULL, "YQ==ZnJvbSBlbnY=");
	check_expansion("C: ${xoauth2:user,pass}", NULL,
	                "dXNlcj1ib2IBYXV0aD1CZWFyZXIgc2VjcmV0AQE=");
	check_expansion("C! ${user}\\r\\n", NULL, "bob\r\n");
	set("odd", "a*?{b}\\.$", SESSION_ORIGIN_FILE);
	check_expansion("S* 250 ${odd}*", session_glob_quote, "250 a\\*\\?\\{b}\\\\.$*");
	check_expansion("S~ ^${odd}", session_pattern_quote, "^a\\*\\?\\{b\\}\\\\\\.\\$");
	buf_clear(&out);
	load("C: ${user}");
	assert_int_equal(session_step_wire(vars, &file->steps[0], &out, &d), 0);
	assert_string_equal(out.data, "bob\r\n");
}

static void test_references_without_a_value(void **state)
{
	(void)state;
	unsetenv("SESSION_TEST");
	check_failure("C: to ${nobody}", "t.smtp:2:7", "nobody: there is no variable");
	check_failure("C: ${env:SESSION_TEST}", "t.smtp:2:4", "SESSION_TEST: the environment");
	check_failure("C: ${secret:SESSION_TEST}", "t.smtp:2:4", "no secret");
	check_failure("C: ${plain:'x',SESSION_TEST}", "t.smtp:2:4", "no secret");
	setenv("SESSION_TEST", "hidden\r\nRSET", 1);
	check_failure("C: ${env:SESSION_TEST}", "t.smtp:2:4", "line end");
	assert_null(strstr(d.what, "hidden"));
	check_failure("C: ${secret:SESSION_TEST}", "t.smtp:2:1", "line end");
	assert_null(strstr(d.what, "hidden"));
	unsetenv("SESSION_TEST");
}

static void test_a_secret_of_the_environment(void **state)
{
	(void)state;
	setenv("SESSION_TEST", "hush", 1);
	check_expansion("C: ${secret:SESSION_TEST}", NULL, "hush");
	assert_true(session_vars_find(vars, SPAN("SESSION_TEST"))->secret);
	REDACTS("it said hush!", "it said ${secret:SESSION_TEST}!");
	unsetenv("SESSION_TEST");
}

static void test_set_steps(void **state)
{
	(void)state;
	set("user", "bob", SESSION_ORIGIN_FILE);
	set_secret("pass", "secret");
	load("@set to = ${user}@example.org");
	assert_int_equal(session_vars_apply(vars, &file->steps[0], &d), 0);
	assert_string_equal(value("to"), "bob@example.org");
	assert_false(session_vars_find(vars, SPAN("to"))->secret);
	load("@set line = AUTH ${login-pass:pass}");
	assert_int_equal(session_vars_apply(vars, &file->steps[0], &d), 0);
	assert_string_equal(value("line"), "AUTH c2VjcmV0");
	assert_true(session_vars_find(vars, SPAN("line"))->secret);
	load("@set x = ${nothing}");
	assert_int_equal(session_vars_apply(vars, &file->steps[0], &d), -1);
	assert_string_equal(d.where, "t.smtp:2:10");
}

static void test_redaction(void **state)
{
	(void)state;
	REDACTS("nothing is secret", "nothing is secret");
	set("user", "bob", SESSION_ORIGIN_FILE);
	set_secret("pass", "secret");
	set_secret("none", "");
	REDACTS("bob's secret, secretly", "bob's ${secret:pass}, ${secret:pass}ly");
	REDACTS("334 c2VjcmV0", "334 ${login-pass:pass}");
	REDACTS("AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n", "AUTH PLAIN ${plain:'bob',pass}\r\n");
	REDACTS("AGJvYgBzZWNyZXQ", "${secret:pass}");      /* the padding is missing */
	REDACTS("AGInbwBzZWNyZXQ=", "${secret:pass}");     /* a user with a quote */
	REDACTS("YWJjZGVzZWNyZXR4eXo=", "${secret:pass}"); /* in the midst of something */
	REDACTS("xAGJvYgBzZWNyZXQ=", "${secret:pass}");    /* shifted */
	REDACTS("dXNlcj1ib2IBYXV0aD1CZWFyZXIgc2VjcmV0AQE=", "${xoauth2:'bob',pass}");
	REDACTS("YWJjZGVmZ2hpamts", "YWJjZGVmZ2hpamts");
	buf_clear(&out);
	assert_int_equal(session_redact(NULL, SPAN("secret"), &out), 0);
	assert_string_equal(out.data, "secret");
}

static void test_the_longest_secret_wins(void **state)
{
	(void)state;
	set_secret("short", "sec");
	set_secret("long", "secret");
	REDACTS("a secret sec", "a ${secret:long} ${secret:short}");
	REDACTS("c2VjcmV0", "${login-pass:long}");
}

static void test_what_redaction_gives_makes_the_same_bytes(void **state)
{
	static const char *const lines[] = {
	        "AUTH PLAIN AGJvYgBzZWNyZXQ=",
	        "c2VjcmV0",
	        "dXNlcj1ib2IBYXV0aD1CZWFyZXIgc2VjcmV0AQE=",
	        "a secret",
	};

	(void)state;
	set_secret("pass", "secret");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char line[200];

		buf_clear(&out);
		session_redact(vars, span_of(lines[i]), &out);
		assert_null(strstr(out.data, "secret "));
		snprintf(line, sizeof(line), "C: %s", out.data);
		check_expansion(line, NULL, lines[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_options_stand_against_the_file),
	        TEST(test_a_value_may_hold_no_line_end),
	        TEST(test_limits),
	        TEST(test_references),
	        TEST(test_references_without_a_value),
	        TEST(test_a_secret_of_the_environment),
	        TEST(test_set_steps),
	        TEST(test_redaction),
	        TEST(test_the_longest_secret_wins),
	        TEST(test_what_redaction_gives_makes_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
