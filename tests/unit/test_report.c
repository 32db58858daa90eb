/*
 * Reports of hostile bytes: each form stays what it says it is, and shows them harmless.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/utf8.h"
#include "ui/report.h"

#define EVIL                                                                                       \
	"]]><script>alert(1)</script>&amp; \"'\x1b[2J\x01\x07 \xff\xc0\x80 \xed\xa0\x80 "          \
	"\xef\xbf\xbe"                                                                             \
	" \xe2\x80\xae\xc2\x9b # SKIP\r"

static char path[] = "/tmp/smtptalk-report-XXXXXX";
static struct buf text;

static void begin_file(void)
{
	memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
	close(mkstemp(path));
	buf_init(&text, 1 << 20);
}

static void end_file(void)
{
	unlink(path);
	buf_release(&text);
}

/* Two exchanges, the second not as expected, of a file with an evil name; and what `end` says. */
static void tell(struct report *r, enum runner_end end)
{
	struct runner_result result = {.end = end, .exchanges = 2, .retries = 1, .ms = 1234};
	struct report_exchange x[2] = {
	        {.place = "a.smtp:1:1",
	         .verb = "greeting",
	         .expected = SPAN("220 x"),
	         .came = SPAN("220 " EVIL),
	         .at_ms = 3,
	         .ms = 3},
	        {.place = EVIL ":3:1",
	         .verb = "MAIL",
	         .sent = SPAN("C: MAIL FROM:<" EVIL ">\nC: x"),
	         .expected = SPAN("250 ok"),
	         .came = SPAN("550-a\n550 " EVIL),
	         .difference = SPAN("expected: 250 ok\n     got: 550 " EVIL "\n          ^\n"),
	         .note = SPAN("refused: " EVIL),
	         .what = "another code",
	         .at_ms = 20,
	         .ms = 7},
	};
	struct report_case c = {.path = "evil " EVIL ".smtp",
	                        .host = "127.0.0.1:25",
	                        .started = 1700000000,
	                        .result = &result,
	                        .exchanges = x,
	                        .count = end == RUNNER_MISMATCH ? 2 : 1};

	diag_init(&result.first);
	if (end != RUNNER_PASSED)
		diag_set(&result.first, DIAG_REPLY, EVIL ":3:1", "%s\nsecond line",
		         end == RUNNER_MISMATCH ? "another code" : EVIL);
	report_case(r, &c);
	diag_release(&result.first);
}

/* A report of four files, in `text`. */
static void make(const char *form)
{
	struct report_summary s = {4, 1, 1, 1, 1, 5, 1, 4567};
	char what[100];
	struct report *r;
	struct diag d;

	begin_file();
	diag_init(&d);
	snprintf(what, sizeof(what), "%s=%s", form, path);
	r = report_new(what, 4, &d);
	assert_non_null(r);
	assert_false(report_on_stdout(r));
	tell(r, RUNNER_PASSED);
	tell(r, RUNNER_MISMATCH);
	tell(r, RUNNER_FAILED);
	tell(r, RUNNER_SKIPPED);
	assert_int_equal(report_end(r, &s, &d), 0);
	assert_int_equal(file_read(path, &text, &d), 0);
	diag_release(&d);
	assert_true(utf8_valid(buf_span(&text)));
	for (size_t i = 0; i < text.len; i++)
		assert_true((unsigned char)text.data[i] >= 0x20 || text.data[i] == '\n');
	assert_null(strstr(text.data, "\xe2\x80\xae"));
	assert_null(strstr(text.data, "\xc2\x9b"));
}

/* A shell command that finds the report as $f. */
static int run(const char *command)
{
	char whole[300];

	snprintf(whole, sizeof(whole), "f=%s; %s", path, command);
	return system(whole);
}

static size_t count(const char *what)
{
	size_t n = 0;

	for (const char *p = text.data; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static void junit_is_valid_xml(void **state)
{
	(void)state;
	make("junit");
	if (system("command -v xmllint >/dev/null") == 0)
		assert_int_equal(run("xmllint --noout $f"), 0);
	else
		assert_null(getenv("CI"));
	assert_int_equal(count("<testsuite "), 4);
	assert_int_equal(count("<testcase "), 1 + 2 + 2 + 2);
	assert_int_equal(count("<failure "), 1);
	assert_int_equal(count("<error "), 1);
	assert_int_equal(count("<skipped "), 1);
	assert_null(strstr(text.data, "<script"));
	assert_non_null(strstr(text.data, "timestamp=\"2023-11-14T22:13:20\""));
	assert_non_null(strstr(text.data, "tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\""));
	end_file();
}

static void tap_is_read_by_prove(void **state)
{
	(void)state;
	make("tap");
	assert_int_equal(count("\nok "), 2);
	assert_int_equal(count("\nnot ok "), 2);
	assert_int_equal(count("\n1..4\n"), 1);
	assert_int_equal(count("\n    not ok 2 - MAIL at "), 1);
	assert_int_equal(count(" # SKIP "), 1);
	/* two of four fail, which prove says with its status; a parse error would be in its words
	 */
	assert_int_equal(run("prove --exec cat $f 2>&1 | grep -q 'Failed 2/4 subtests'"), 0);
	assert_int_not_equal(run("prove --exec cat $f 2>&1 | grep -q 'Parse errors'"), 0);
	end_file();
}

static void json_is_an_object_a_line(void **state)
{
	static const char *const types[] = {"exchange", "file", "exchange", "exchange", "file",
	                                    "exchange", "file", "exchange", "file",     "summary"};
	struct span rest;
	size_t lines = 0;

	(void)state;
	make("json");
	rest = buf_span(&text);
	while (rest.n > 0) {
		struct span line = span_cut(&rest, '\n');
		json_t *o = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);

		assert_non_null(o);
		assert_string_equal(json_string_value(json_object_get(o, "type")), types[lines]);
		if (lines == 3) {
			assert_false(json_boolean_value(json_object_get(o, "as_expected")));
			assert_non_null(strstr(json_string_value(json_object_get(o, "reply")),
			                       "550-a\n550 ]]><script>"));
		}
		if (lines == 9)
			assert_int_equal(json_integer_value(json_object_get(o, "files")), 4);
		json_decref(o);
		lines++;
	}
	assert_int_equal(lines, 10);
	end_file();
}

static void html_lets_nothing_through(void **state)
{
	(void)state;
	make("html");
	assert_null(strstr(text.data, "<script"));
	assert_non_null(strstr(text.data, "&lt;script&gt;"));
	assert_non_null(
	        strstr(text.data, "Content-Security-Policy\" content=\"default-src 'none'"));
	assert_int_equal(count("<section "), 4);
	assert_int_equal(count("</section>"), 4);
	assert_int_equal(count("NOT AS EXPECTED:"), 1);
	assert_int_equal(count("<b>FAILED:</b>"), 1);
	assert_int_equal(count("<b>SKIPPED:</b>"), 1);
	assert_int_equal(count("<li>"), count("</li>"));
	assert_int_equal(count("<div"), count("</div>"));
	assert_int_equal(count("<pre>"), count("</pre>"));
	assert_non_null(strstr(text.data, "</html>\n"));
	/* the summary stands before the dialogues */
	assert_true(strstr(text.data, "<table>") < strstr(text.data, "<section "));
	assert_null(strstr(text.data, "http://"));
	assert_null(strstr(text.data, "https://"));
	end_file();
}

static void a_full_disk_is_told_once(void **state)
{
	static const char *const forms[] = {"tap=/dev/full", "junit=/dev/full", "json=/dev/full",
	                                    "html=/dev/full"};
	struct report_summary s = {0};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct diag d;
		struct report *r;

		diag_init(&d);
		r = report_new(forms[i], 2, &d);
		assert_non_null(r);
		tell(r, RUNNER_MISMATCH);
		tell(r, RUNNER_PASSED);
		assert_int_equal(report_end(r, &s, &d), -1);
		assert_string_equal(d.where, "/dev/full");
		assert_non_null(strstr(d.what, "cannot be written: No space left on device"));
		diag_release(&d);
	}
}

static void what_cannot_be_made_is_said(void **state)
{
	static const struct {
		const char *what;
		enum diag_kind kind;
	} rows[] = {{"xml", DIAG_USAGE},
	            {"", DIAG_USAGE},
	            {"json=", DIAG_USAGE},
	            {"tap=/no/such/folder/x", DIAG_INPUT}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct diag d;

		diag_init(&d);
		assert_null(report_new(rows[i].what, 1, &d));
		assert_int_equal(d.kind, rows[i].kind);
		diag_release(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(junit_is_valid_xml),
	        cmocka_unit_test(tap_is_read_by_prove),
	        cmocka_unit_test(json_is_an_object_a_line),
	        cmocka_unit_test(html_lets_nothing_through),
	        cmocka_unit_test(a_full_disk_is_told_once),
	        cmocka_unit_test(what_cannot_be_made_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
