/*
 * Session files: every construct, and every fault with its file:line:column.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/file.h"

static struct diags ds;

static struct session_file *parse(const char *text)
{
	struct session_file *f;

	diags_init(&ds);
	f = session_file_parse("t.smtp", span_of(text), &ds);
	if (!f)
		fail_msg("%s: %s", ds.list[0].where, ds.list[0].what);
	return f;
}

static void done(struct session_file *f)
{
	session_file_free(f);
	diags_release(&ds);
}

static void check_step(const struct session_file *f, size_t i, enum session_step_type type,
                       bool client, const char *text, size_t len)
{
	assert_true(i < f->count);
	assert_int_equal(f->steps[i].type, type);
	assert_int_equal(f->steps[i].client, client);
	assert_int_equal(f->steps[i].len, len);
	if (text)
		assert_memory_equal(f->steps[i].text, text, len + 1);
}

#define LINE(f, i, type, client, text) check_step(f, i, type, client, text, sizeof(text) - 1)

static void test_the_plain_notation_of_the_rfcs(void **state)
{
	struct session_file *f = parse("S: 220 mail.example.com ESMTP\n"
	                               "C: EHLO me.example.com\n"
	                               "S: 250-mail.example.com\n"
	                               "S: 250 PIPELINING\n"
	                               "C:\n"
	                               "C: \n"
	                               "C:  indented\n"
	                               "C: \\r is literal \n");

	(void)state;
	assert_int_equal(f->count, 8);
	LINE(f, 0, SESSION_SERVER_LINE, false, "220 mail.example.com ESMTP");
	LINE(f, 1, SESSION_CLIENT_LINE, true, "EHLO me.example.com");
	LINE(f, 2, SESSION_SERVER_LINE, false, "250-mail.example.com");
	LINE(f, 3, SESSION_SERVER_LINE, false, "250 PIPELINING");
	LINE(f, 4, SESSION_CLIENT_LINE, true, "");
	LINE(f, 5, SESSION_CLIENT_LINE, true, "");
	LINE(f, 6, SESSION_CLIENT_LINE, true, " indented");
	LINE(f, 7, SESSION_CLIENT_LINE, true, "\\r is literal ");
	assert_int_equal(f->steps[3].line, 4);
	assert_int_equal(f->steps[3].column, 1);
	assert_string_equal(f->path, "t.smtp");
	assert_int_equal(f->warnings.count, 0);
	done(f);
}

static void test_comments_blanks_and_indentation(void **state)
{
	struct session_file *f = parse("  # a comment\r\n"
	                               "\r\n"
	                               " \t \n"
	                               "  S: 220 x\r\n"
	                               "\n"
	                               "  C: # no comment\n"
	                               "  #C: comment");

	(void)state;
	assert_int_equal(f->count, 2);
	LINE(f, 0, SESSION_SERVER_LINE, false, "220 x");
	LINE(f, 1, SESSION_CLIENT_LINE, true, "# no comment");
	assert_int_equal(f->steps[1].line, 6);
	assert_int_equal(f->steps[1].column, 3);
	done(f);
	f = parse("");
	assert_int_equal(f->count, 0);
	done(f);
	f = parse("\tC: a\n\t\n\tC: b\n");
	assert_int_equal(f->count, 2);
	done(f);
}

static void test_raw_bytes(void **state)
{
	struct session_file *f = parse("S! 250\\x20Ok\\r\\n\\t\\\\\\0\\xfF\\xC2\n"
	                               "C! no end\n"
	                               "C!\n"
	                               "S!  two blanks\n");

	(void)state;
	LINE(f, 0, SESSION_SERVER_RAW, false, "250 Ok\r\n\t\\\0\xff\xc2");
	LINE(f, 1, SESSION_CLIENT_RAW, true, "no end");
	LINE(f, 2, SESSION_CLIENT_RAW, true, "");
	LINE(f, 3, SESSION_SERVER_RAW, false, " two blanks");
	done(f);
}

static void test_steps_in_brackets(void **state)
{
	static const struct {
		enum session_step_type type;
		bool client;
		int64_t ms;
	} expected[] = {
	        {SESSION_CLOSE, false, 0},    {SESSION_CLOSE, true, 0},
	        {SESSION_RESET, false, 0},    {SESSION_SLEEP, false, 2000},
	        {SESSION_SLEEP, true, 100},   {SESSION_NOTHING, false, 200},
	        {SESSION_STALL, false, 1250}, {SESSION_SLEEP, false, 3600000},
	        {SESSION_SLEEP, false, 0},    {SESSION_CLOSE, false, 0},
	        {SESSION_TLS, true, 0},       {SESSION_TLS, true, 0},
	        {SESSION_TLS, true, 0},       {SESSION_OPEN, true, 0},
	        {SESSION_MESSAGE, true, 0},
	};
	struct session_file *f = parse("S: <close>\n"
	                               "C: <close>\n"
	                               "S: <reset>\n"
	                               "S: <sleep 2s>\n"
	                               "C: <sleep 0.1s>\n"
	                               "S: <nothing 200ms>\n"
	                               "S: <stall 1.25s>\n"
	                               "S: <sleep 3600s>\n"
	                               "S: <sleep 0ms>\n"
	                               "S: <CLOSE> \n"
	                               "C & S: <negotiate TLS>\n"
	                               "C & S: <Negotiate tls verify=no>\n"
	                               "C & S: <negotiate a TLS session>\n"
	                               "C: <open [::1]:2525>\n"
	                               "C: <FILE  my mail.eml >\n");

	(void)state;
	assert_int_equal(f->count, sizeof(expected) / sizeof(expected[0]));
	for (size_t i = 0; i < f->count; i++) {
		assert_int_equal(f->steps[i].type, expected[i].type);
		assert_int_equal(f->steps[i].client, expected[i].client);
		assert_int_equal(f->steps[i].ms, expected[i].ms);
	}
	assert_true(f->steps[10].verify);
	assert_false(f->steps[11].verify);
	assert_string_equal(f->steps[13].text, "[::1]:2525");
	assert_string_equal(f->steps[14].text, "my mail.eml");
	done(f);
}

static void test_patterns(void **state)
{
	struct session_file *f = parse("S* 250 queued as {id} \\* \\{\n"
	                               "S~ ^250 (a|b)$\n"
	                               "S= 250 caf\\xe9\n"
	                               "S? 221 Bye\n"
	                               "C* MAIL FROM:<{from}>*\n");

	(void)state;
	assert_int_equal(f->count, 5);
	LINE(f, 0, SESSION_SERVER_GLOB, false, "250 queued as {id} \\* \\{");
	LINE(f, 1, SESSION_SERVER_REGEX, false, "^250 (a|b)$");
	LINE(f, 2, SESSION_SERVER_EXACT, false, "250 caf\xe9");
	LINE(f, 3, SESSION_SERVER_OPTIONAL, false, "221 Bye");
	LINE(f, 4, SESSION_CLIENT_GLOB, true, "MAIL FROM:<{from}>*");
	assert_non_null(f->steps[1].pattern);
	assert_int_equal(f->steps[0].level, SESSION_MATCH_STATUS);
	done(f);
}

static void test_without_the_first_line_all_is_text(void **state)
{
	struct session_file *f = parse("C: ${name} $$ @set\nS! ${x\n");

	(void)state;
	LINE(f, 0, SESSION_CLIENT_LINE, true, "${name} $$ @set");
	LINE(f, 1, SESSION_SERVER_RAW, false, "${x");
	assert_int_equal(f->steps[0].refs_count, 0);
	done(f);
}

static void check_side(const struct session_file *f, bool client, size_t faults, const char *where)
{
	struct diags found;

	diags_init(&found);
	assert_int_equal(session_file_check_side(f, client, &found), faults ? -1 : 0);
	assert_int_equal(found.count, faults);
	if (faults)
		assert_string_equal(found.list[0].where, where);
	diags_release(&found);
}

static void test_what_a_side_cannot_play(void **state)
{
	struct session_file *f = parse("S: 220 x\nS? 250 x\nS= 250 x\nC: a\n");

	(void)state;
	check_side(f, true, 0, NULL);
	check_side(f, false, 0, NULL);
	done(f);
	f = parse("S: 220 x\nC* *\nS* 250 *\nS~ ^2\n");
	check_side(f, true, 1, "t.smtp:2:1");
	check_side(f, false, 2, "t.smtp:3:1");
	done(f);
}

static void test_other_prose_is_passed_over(void **state)
{
	struct session_file *f = parse("C: <waits for the user>\n"
	                               "S: 250 <me@example.com>\n"
	                               "C & S: <talk>\n"
	                               "S: <>\n");

	(void)state;
	assert_int_equal(f->count, 2);
	LINE(f, 0, SESSION_SERVER_LINE, false, "250 <me@example.com>");
	LINE(f, 1, SESSION_SERVER_LINE, false, "<>");
	assert_int_equal(f->warnings.count, 2);
	assert_string_equal(f->warnings.list[0].where, "t.smtp:1:4");
	assert_string_equal(f->warnings.list[1].where, "t.smtp:3:8");
	done(f);
}

static void test_faults_say_where(void **state)
{
	static const struct {
		const char *text, *where, *what;
	} cases[] = {
	        {"hello", "t.smtp:1:1", "begins with no known mark"},
	        {"S: 220 x\n\nc: QUIT", "t.smtp:3:1", "\"c: QUIT\""},
	        {"  S: 220 x\n  D: x", "t.smtp:2:3", "no known mark"},
	        {" S: a\nC: b\n", "t.smtp:1:1", "no known mark"},
	        {"S! a\\q", "t.smtp:1:5", "no known escape"},
	        {"S! a\\", "t.smtp:1:5", "no known escape"},
	        {"S! \\x4", "t.smtp:1:4", "no known escape"},
	        {"S! \\xg0", "t.smtp:1:4", "no known escape"},
	        {"S! ok\\r\\n\\N", "t.smtp:1:10", "no known escape"},
	        {"S: <sleep>", "t.smtp:1:10", "duration"},
	        {"S: <sleep 2>", "t.smtp:1:11", "duration"},
	        {"S: <sleep two s>", "t.smtp:1:11", "duration"},
	        {"S: <sleep 2 s>", "t.smtp:1:11", "duration"},
	        {"S: <sleep 2.s>", "t.smtp:1:11", "duration"},
	        {"S: <sleep .5s>", "t.smtp:1:11", "duration"},
	        {"S: <sleep 1.2345s>", "t.smtp:1:11", "duration"},
	        {"S: <sleep 1.5ms>", "t.smtp:1:11", "duration"},
	        {"S: <sleep 1.5.5s>", "t.smtp:1:11", "duration"},
	        {"S: <sleep 3601s>", "t.smtp:1:11", "duration"},
	        {"S: <sleep 99999999999999999999s>", "t.smtp:1:11", "duration"},
	        {"S: <sleep -1s>", "t.smtp:1:11", "duration"},
	        {"S: <close now>", "t.smtp:1:11", "nothing may follow"},
	        {"C & S: hello", "t.smtp:1:8", "only a step in <…>"},
	        {"C & S:", "t.smtp:1:7", "only a step in <…>"},
	        {"S* 250 {", "t.smtp:1:8", "begins no {name}"},
	        {"S* {a}{1}", "t.smtp:1:7", "begins no {name}"},
	        {"S* {a} {b} {a}", "t.smtp:1:12", "captured twice"},
	        {"S* 250 \\", "t.smtp:1:8", "backslash"},
	        {"C* {", "t.smtp:1:4", "begins no {name}"},
	        {"S~ (250", "t.smtp:1:4", "no regular expression"},
	        {"S~ a{200}{200}", "t.smtp:1:4", "repeats or groups too much"},
	        {"S~ a+++++++++++", "t.smtp:1:4", "repeats or groups too much"},
	        {"S~ ((((((((((a+)+)+)+)+)+)+)+)+)+)+", "t.smtp:1:4", "repeats or groups too much"},
	        {"S~ (a)\\1", "t.smtp:1:4", "back-references"},
	        {"S= \\q", "t.smtp:1:4", "no known escape"},
	        {"S: <open mx.example>", "t.smtp:1:4", "only a client"},
	        {"S: <file a.eml>", "t.smtp:1:4", "only a client"},
	        {"C: <open>", "t.smtp:1:9", "missing"},
	        {"C: <file >", "t.smtp:1:9", "missing"},
	        {"C & S: <negotiate TLS verify=maybe>", "t.smtp:1:23", "unknown here"},
	        {"@set a = b", "t.smtp:1:1", "not turned on"},
	        {"S: 220 x\n@smtptalk 1", "t.smtp:2:1", "first line"},
	        {"S: a\x1b[2J", "t.smtp:1:5", "control character"},
	        {"S: caf\xe9", "t.smtp:1:7", "not UTF-8"},
	        {"S: \xed\xa0\x80", "t.smtp:1:4", "not UTF-8"},
	        {"S: a\rb", "t.smtp:1:5", "control character"},
	        {"S: a\x7f", "t.smtp:1:5", "control character"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		diags_init(&ds);
		if (session_file_parse("t.smtp", span_of(cases[i].text), &ds))
			fail_msg("\"%s\" was accepted", cases[i].text);
		assert_true(ds.count >= 1);
		assert_int_equal(ds.list[0].kind, DIAG_INPUT);
		assert_string_equal(ds.list[0].where, cases[i].where);
		if (!strstr(ds.list[0].what, cases[i].what))
			fail_msg("\"%s\": %s", cases[i].text, ds.list[0].what);
		diags_release(&ds);
	}
}

static void test_all_faults_are_told_at_once(void **state)
{
	char text[400] = "";

	(void)state;
	for (int i = 0; i < 25; i++)
		strcat(text, "x\nS: fine\n");
	diags_init(&ds);
	assert_null(session_file_parse("t.smtp", span_of(text), &ds));
	assert_int_equal(ds.count, DIAGS_MAX);
	assert_int_equal(ds.dropped, 5);
	assert_string_equal(ds.list[1].where, "t.smtp:3:1");
	diags_release(&ds);
}

static void test_a_fault_shows_no_control_bytes(void **state)
{
	(void)state;
	diags_init(&ds);
	assert_null(session_file_parse("t.smtp", SPAN("X\xe2\x80\xae!"), &ds));
	assert_non_null(strstr(ds.list[0].what, "X\\u{202E}!"));
	diags_release(&ds);
}

static void test_too_many_steps(void **state)
{
	size_t count = SESSION_STEPS_MAX + 10, n = count * 3;
	char *text = malloc(n + 1);

	(void)state;
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * 3, "S:\n", 4);
	diags_init(&ds);
	assert_null(session_file_parse("t.smtp", span_from(text, n), &ds));
	assert_int_equal(ds.count, 1);
	assert_string_equal(ds.list[0].where, "t.smtp:200001:1");
	diags_release(&ds);
	free(text);
}

static void test_files(void **state)
{
	char path[] = "/tmp/smtptalk-session-XXXXXX";
	int fd = mkstemp(path);
	struct session_file *f;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "S: 220 x\n", 9), 9);
	close(fd);
	diags_init(&ds);
	f = session_file_load(path, &ds);
	assert_non_null(f);
	assert_int_equal(f->count, 1);
	session_file_free(f);
	unlink(path);
	assert_null(session_file_load(path, &ds));
	assert_null(session_file_load("/dev/zero", &ds));
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(session_file_load(path, &ds));
	unlink(path);
	assert_int_equal(ds.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ds.list[i].kind, DIAG_INPUT);
		assert_non_null(ds.list[i].where);
	}
	diags_release(&ds);
	session_file_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_the_plain_notation_of_the_rfcs),
	        cmocka_unit_test(test_comments_blanks_and_indentation),
	        cmocka_unit_test(test_raw_bytes),
	        cmocka_unit_test(test_steps_in_brackets),
	        cmocka_unit_test(test_patterns),
	        cmocka_unit_test(test_without_the_first_line_all_is_text),
	        cmocka_unit_test(test_what_a_side_cannot_play),
	        cmocka_unit_test(test_other_prose_is_passed_over),
	        cmocka_unit_test(test_faults_say_where),
	        cmocka_unit_test(test_all_faults_are_told_at_once),
	        cmocka_unit_test(test_a_fault_shows_no_control_bytes),
	        cmocka_unit_test(test_too_many_steps),
	        cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
