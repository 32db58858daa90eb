/*
 * Bounces of many mail systems against what each must become; and what MIME can be made to do to a
 * reader: parts without end, levels without end, wrong bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "explain/bounce.h"

#define BOUNCES "tests/data/bounces/"

static int load_all(void **state)
{
	const char *dir = getenv("SMTPTALK_DATA");
	struct diags ds;

	diags_init(&ds);
	*state = explain_load(dir && *dir ? dir : "lessons", "en", &ds);
	diags_release(&ds);
	return *state ? 0 : -1;
}

static int free_all(void **state)
{
	explain_free(*state);
	return 0;
}

static void read_sample(struct span name, struct buf *out)
{
	char path[200];

	snprintf(path, sizeof(path), BOUNCES SPAN_FMT, SPAN_ARG(name));
	assert_int_equal(file_read(path, out, NULL), 0);
}

static bool is_right(const struct explain *e, struct span row)
{
	struct span name = span_cut(&row, '\t'), address = span_cut(&row, '\t');
	struct span reason = span_cut(&row, '\t');
	const char *got = "not found";
	bool right = false;
	struct bounce b;
	struct buf message;

	buf_init(&message, 1 << 20);
	read_sample(name, &message);
	bounce_read(&b, buf_span(&message));
	for (size_t i = 0; i < b.count; i++) {
		struct explanation x;

		if (!span_eq(address, span_of(b.list[i].address)))
			continue;
		bounce_explain(e, &b.list[i], &x);
		got = explain_reason_name(x.verdict.reason);
		right = span_eq(reason, span_of(got)) &&
		        span_eq(row, span_of(x.verdict.temporary ? "yes" : "no"));
		explanation_release(&x);
	}
	if (!right)
		print_error(BOUNCES SPAN_FMT ": %s instead of " SPAN_FMT "\n", SPAN_ARG(name), got,
		            SPAN_ARG(reason));
	bounce_release(&b);
	buf_release(&message);
	return right;
}

static void test_samples(void **state)
{
	size_t wrong = 0, count = 0;
	struct span rest;
	struct buf file;

	buf_init(&file, 1 << 20);
	read_sample(SPAN("expected.tsv"), &file);
	for (rest = buf_span(&file); rest.n > 0;) {
		struct span row = span_cut(&rest, '\n');

		if (row.n == 0 || row.p[0] == '#')
			continue;
		count++;
		wrong += !is_right(*state, row);
	}
	buf_release(&file);
	assert_true(count >= 40);
	assert_int_equal(wrong, 0);
}

static void read_string(struct bounce *b, const char *message, int expected)
{
	assert_int_equal(bounce_read(b, span_of(message)), expected);
}

static void test_what_is_no_bounce(void **state)
{
	static const char *const MESSAGES[] = {
	        "",
	        "\n\n\n",
	        "From: a@b.example\nSubject: lunch\n\n<c@d.example>: shall we?\n",
	        "Subject: x\nContent-Type: multipart/mixed; boundary=\"\"\n\nhello\n",
	        "Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: "
	        "message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\n--x--\n",
	};
	struct bounce b;

	(void)state;
	for (size_t i = 0; i < sizeof(MESSAGES) / sizeof(MESSAGES[0]); i++) {
		read_string(&b, MESSAGES[i], -1);
		bounce_release(&b);
	}
}

static void count_part(void *arg, const struct mime_part *p)
{
	(void)p;
	++*(size_t *)arg;
}

/* Each level holds the next: a reader that follows without a limit would never come back. */
static void test_levels_without_end(void **state)
{
	size_t told = 0;
	struct mime_walk w = {.part = count_part, .arg = &told};
	struct buf b;

	(void)state;
	buf_init(&b, 4 << 20);
	for (int i = 0; i < 5000; i++)
		buf_addf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
	mime_walk(&w, buf_span(&b));
	assert_true(w.limited);
	assert_int_equal(told, 0);
	buf_release(&b);
}

static void test_parts_without_end(void **state)
{
	size_t told = 0;
	struct mime_walk w = {.part = count_part, .arg = &told};
	struct buf b;

	(void)state;
	buf_init(&b, 4 << 20);
	buf_addstr(&b, "Content-Type: multipart/mixed; boundary=b\n\n");
	for (int i = 0; i < 20000; i++)
		buf_addstr(&b, "--b\n\nx\n");
	mime_walk(&w, buf_span(&b));
	assert_true(told <= MIME_PARTS_MAX);
	buf_release(&b);
}

static void keep_body(void *arg, const struct mime_part *p)
{
	buf_addspan(arg, p->body);
}

static void assert_decoded(const char *message, const char *expected)
{
	struct mime_walk w = {.part = keep_body};
	struct buf b;

	buf_init(&b, 1 << 20);
	w.arg = &b;
	mime_walk(&w, span_of(message));
	assert_string_equal(b.data, expected);
	buf_release(&b);
}

static void test_encodings(void **state)
{
	(void)state;
	assert_decoded("Content-Transfer-Encoding: base64\n\naGVs\nbG8=\nxx", "hello");
	assert_decoded("Content-Transfer-Encoding: BASE64\n\na*G-V(s", "hel");
	assert_decoded("Content-Transfer-Encoding: quoted-printable\n\na=3Db=\nc=\r\nd=zz=",
	               "a=bcd=zz=");
	assert_decoded("Content-Type: text/plain; charset=\"iso-8859-1\"\n\n\xfc", "\xc3\xbc");
	assert_decoded("Content-Type: text/plain; charset=ISO-2022-JP\n\n\033$B$\"\033(B.",
	               "\xe3\x81\x82.");
	assert_decoded("Content-Type: text/plain; charset=utf-8\n\na\xff"
	               "b",
	               "a?b");
	assert_decoded("Content-Type: text/plain; charset=no-such-thing\n\nabc", "abc");
	assert_decoded("Content-Type:\n text/plain;\n charset=../../x\n\nabc", "abc");
}

/* Whatever comes through half is read as far as it goes. */
static void test_every_beginning(void **state)
{
	static const char *const NAMES[] = {"postfix-two-recipients.eml", "nested-mixed.eml",
	                                    "sendmail-old-text.eml", "iso-2022-jp-base64.eml"};

	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		struct buf message;

		buf_init(&message, 1 << 20);
		read_sample(span_of(NAMES[i]), &message);
		for (size_t n = 1; n < message.len; n += 37) {
			char *copy = malloc(n);
			struct bounce b;

			memcpy(copy, message.data, n);
			bounce_read(&b, span_from(copy, n));
			assert_true(b.count <= 2);
			bounce_release(&b);
			free(copy);
		}
		buf_release(&message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_samples),
	        cmocka_unit_test(test_what_is_no_bounce),
	        cmocka_unit_test(test_levels_without_end),
	        cmocka_unit_test(test_parts_without_end),
	        cmocka_unit_test(test_encodings),
	        cmocka_unit_test(test_every_beginning),
	};

	return cmocka_run_group_tests(tests, load_all, free_all);
}
