/*
 * MTA-STS policies: RFC 8461's own example, then each rule of §3.2 and §4.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "check/sts.h"

/* The policy of RFC 8461 §3.2 and appendix A. */
static const char example[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\n"
                              "mx: *.example.net\nmx: backupmx.example.com\nmax_age: 604800\n";

static void test_example(void **state)
{
	struct sts_policy p;
	size_t line;

	(void)state;
	assert_null(sts_policy_read(span_of(example), &p, &line));
	assert_int_equal(p.mode, STS_ENFORCE);
	assert_int_equal(p.max_age, 604800);
	assert_int_equal(p.count, 3);
	assert_string_equal(p.mx[1], "*.example.net");
	assert_true(sts_policy_names(&p, "mail.example.com"));
	assert_true(sts_policy_names(&p, "MX2.Example.NET."));
	assert_false(sts_policy_names(&p, "example.net"));
	assert_false(sts_policy_names(&p, "a.b.example.net"));
	assert_false(sts_policy_names(&p, "mail.example.org"));
	sts_policy_release(&p);
}

#define HEAD "version: STSv1\nmode: testing\n"
#define TAIL "mx: mx.example\nmax_age: 86400\n"

static const struct {
	const char *text;
	const char *wrong; /* the beginning; NULL: it is a policy */
	size_t line;
	enum sts_mode mode;
	unsigned long max_age;
	size_t count;
} rows[] = {
        /* line ends, order, blanks, unknown keys (§3.2) */
        {"version: STSv1\r\nmode: enforce\r\nmx: mx.example\r\nmax_age: 1\r\n", NULL, 0,
         STS_ENFORCE, 1, 1},
        {"max_age: 0\nmx: a.example\nmx: b.example\nmode: none\nversion: STSv1", NULL, 0, STS_NONE,
         0, 2},
        {"version:STSv1\nmode:   testing \nmx:\tmx.example\nmax_age:86400\n\n", NULL, 0,
         STS_TESTING, 86400, 1},
        {HEAD "future: 1: 2\nfuture_2.x-y: \n" TAIL, NULL, 0, STS_TESTING, 86400, 1},
        {"version: STSv1\nmode: none\nmax_age: 31557600\n", NULL, 0, STS_NONE, 31557600, 0},
        /* of a key that stands twice the first counts */
        {HEAD "mode: enforce\nmode: nonsense\nmax_age: 7\n" TAIL, NULL, 0, STS_TESTING, 7, 1},
        /* what is missing */
        {"", "it has no version", 0, 0, 0, 0},
        {"mode: testing\n" TAIL, "it has no version", 0, 0, 0, 0},
        {"version: STSv1\n" TAIL, "it has no mode", 0, 0, 0, 0},
        {HEAD "mx: mx.example\n", "it has no max_age", 0, 0, 0, 0},
        {HEAD "max_age: 1\n", "it names no mx", 0, 0, 0, 0},
        /* what is wrong */
        {"version: STSv2\nmode: testing\n" TAIL, "the version is not", 1, 0, 0, 0},
        {"version: stsv1\nmode: testing\n" TAIL, "the version is not", 1, 0, 0, 0},
        {"Version: STSv1\nmode: testing\n" TAIL, "it has no version", 0, 0, 0, 0},
        {"version: STSv1\nmode: Enforce\n" TAIL, "the mode is not", 2, 0, 0, 0},
        {HEAD "max_age: 31557601\n" TAIL, "max_age is not", 3, 0, 0, 0},
        {HEAD "max_age: -1\n" TAIL, "max_age is not", 3, 0, 0, 0},
        {HEAD "max_age: 1d\n" TAIL, "max_age is not", 3, 0, 0, 0},
        {HEAD "max_age:\n" TAIL, "max_age is not", 3, 0, 0, 0},
        {HEAD "max_age: 00000000001\n" TAIL, "max_age is not", 3, 0, 0, 0},
        {HEAD "mx: \n" TAIL, "mx is neither", 3, 0, 0, 0},
        {HEAD "mx: *\n" TAIL, "mx is neither", 3, 0, 0, 0},
        {HEAD "mx: mx.*.example\n" TAIL, "mx is neither", 3, 0, 0, 0},
        {HEAD "mx: .example\n" TAIL, "mx is neither", 3, 0, 0, 0},
        {HEAD "mx: a.example, b.example\n" TAIL, "mx is neither", 3, 0, 0, 0},
        {HEAD "<html>\n" TAIL, "the line has no colon", 3, 0, 0, 0},
        {HEAD "a key: x\n" TAIL, "the line does not begin with a key", 3, 0, 0, 0},
        {HEAD ": x\n" TAIL, "the line does not begin with a key", 3, 0, 0, 0},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sts_policy p;
		size_t line;
		const char *wrong = sts_policy_read(span_of(rows[i].text), &p, &line);

		if (rows[i].wrong ? !wrong || strncmp(wrong, rows[i].wrong, strlen(rows[i].wrong))
		                  : wrong != NULL)
			fail_msg("row %zu: %s", i, wrong ? wrong : "is a policy");
		assert_int_equal(line, rows[i].line);
		if (!wrong) {
			assert_int_equal(p.mode, rows[i].mode);
			assert_int_equal(p.max_age, rows[i].max_age);
			assert_int_equal(p.count, rows[i].count);
		}
		sts_policy_release(&p);
	}
}

static void test_limits(void **state)
{
	struct sts_policy p;
	struct buf text;
	size_t line;

	(void)state;
	buf_init(&text, STS_POLICY_MAX);
	buf_addstr(&text, HEAD);
	for (unsigned i = 0; i < STS_MX_MAX + 5; i++)
		buf_addf(&text, "mx: mx%u.example\n", i);
	buf_addstr(&text, "max_age: 1\n");
	assert_null(sts_policy_read(buf_span(&text), &p, &line));
	assert_int_equal(p.count, STS_MX_MAX);
	assert_int_equal(p.dropped, 5);
	sts_policy_release(&p);
	buf_release(&text);
	assert_string_equal(sts_policy_read(SPAN(HEAD "x: \0\n" TAIL), &p, &line),
	                    "the line holds a NUL");
	sts_policy_release(&p);
}

/* §4.1: a wildcard stands for one label, the leftmost. */
static void test_patterns(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool matches;
	} pairs[] = {
	        {"mail.example.com", "mail.example.com", true},
	        {"mail.example.com", "MAIL.example.com.", true},
	        {"mail.example.com", "mail2.example.com", false},
	        {"*.example.com", "mail.example.com", true},
	        {"*.example.com", "example.com", false},
	        {"*.example.com", ".example.com", false},
	        {"*.example.com", "a.mail.example.com", false},
	        {"*.example.com", "mail.example.org", false},
	        {"*.example.com", "mailexample.com", false},
	        {"*.example.com", "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_int_equal(sts_mx_matches(pairs[i].pattern, pairs[i].host), pairs[i].matches);
}

/* §3.1: 1*32(ALPHA / DIGIT) */
static void test_id(void **state)
{
	(void)state;
	assert_true(sts_id_valid(SPAN("20160831085700Z")));
	assert_true(sts_id_valid(SPAN("1")));
	assert_true(sts_id_valid(SPAN("abcdefghijklmnopqrstuvwxyz012345")));
	assert_false(sts_id_valid(SPAN("abcdefghijklmnopqrstuvwxyz0123456")));
	assert_false(sts_id_valid(SPAN("")));
	assert_false(sts_id_valid(SPAN("2016-08-31")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_example), cmocka_unit_test(test_rows),
	        cmocka_unit_test(test_limits),  cmocka_unit_test(test_patterns),
	        cmocka_unit_test(test_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
