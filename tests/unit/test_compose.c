/*
 * Messages: how they come in pieces, what is said about them, and what cannot be made. The bytes as
 * such are compared with those of swaks in tests/e2e/compose.bats.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "send/compose.h"

static struct message_spec spec;
static struct compose *c;
static struct diag d;
static struct buf out;
static char path[] = "/tmp/test_compose.XXXXXX";

static int setup(void **state)
{
	(void)state;
	message_spec_init(&spec);
	spec.from = mem_dup("a@x.example");
	spec.date = mem_dup("DATE");
	spec.message_id = mem_dup("ID");
	spec.boundary = mem_dup("B");
	message_spec_add_address(&spec.to, &spec.to_count, &spec.to_room, SPAN("b@y.example"));
	diag_init(&d);
	buf_init(&out, 64u << 20);
	c = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	compose_free(c);
	message_spec_release(&spec);
	diag_release(&d);
	buf_release(&out);
	return 0;
}

static void write_file(size_t n, char byte)
{
	char block[1000];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	memset(block, byte, sizeof(block));
	for (; n > 0; n -= n < sizeof(block) ? n : sizeof(block))
		assert_true(write(fd, block, n < sizeof(block) ? n : sizeof(block)) > 0);
	close(fd);
}

static void text(struct message_content *content, struct span s)
{
	message_content_set(content, MESSAGE_CONTENT_TEXT, s);
}

static void file(struct message_content *content)
{
	message_content_set(content, MESSAGE_CONTENT_FILE, span_of(path));
}

static int read_all(void)
{
	bool end = false;
	int result = 0;

	buf_clear(&out);
	while (result == 0 && !end)
		result = compose_read(c, &out, &end, &d);
	return result;
}

/* Makes it twice: both must be the same, and as long as was said. */
static void make(void)
{
	struct buf first;

	compose_free(c);
	c = NULL;
	if (compose_open(&c, &spec, &d) < 0)
		fail_msg("%s", d.what);
	assert_int_equal(read_all(), 0);
	assert_int_equal(out.len, compose_size(c));
	buf_init(&first, out.cap);
	buf_addspan(&first, buf_span(&out));
	compose_rewind(c);
	assert_int_equal(read_all(), 0);
	assert_true(span_eq(buf_span(&out), buf_span(&first)));
	buf_release(&first);
}

static void expect_body(const char *wanted)
{
	make();
	assert_true(span_starts(buf_span(&out), compose_header(c)));
	assert_string_equal(out.data + compose_header(c).n, wanted);
}

static void expect_fault(enum diag_kind kind, const char *what)
{
	assert_int_equal(compose_open(&c, &spec, &d), -1);
	assert_int_equal(d.kind, kind);
	if (!strstr(d.what, what))
		fail_msg("%s, not %s", d.what, what);
	diag_release(&d);
}

#define HEADER                                                                                     \
	"Date: DATE\r\nTo: b@y.example\r\nFrom: a@x.example\r\nSubject: test DATE\r\n"             \
	"Message-Id: <ID>\r\n"

static void test_default(void **state)
{
	(void)state;
	make();
	assert_string_equal(out.data, HEADER "\r\nThis is a test mailing\r\n\r\n\r\n");
	assert_false(compose_needs_8bit(c));
	assert_false(compose_needs_utf8(c));
}

static void test_line_ends(void **state)
{
	(void)state;
	text(&spec.body, SPAN("one\rtwo\nthree\r\nfour\r"));
	expect_body("one\r\ntwo\r\nthree\r\nfour\r\n\r\n\r\n");
	text(&spec.body, SPAN("\\"));
	expect_body("\\\r\n\r\n\r\n");
	text(&spec.body, SPAN("%"));
	expect_body("%\r\n\r\n\r\n");
	text(&spec.body, SPAN(""));
	expect_body("\r\n\r\n");
}

static void test_bad_line_ends_are_refused(void **state)
{
	(void)state;
	spec.line_ends = MESSAGE_LINE_ENDS_REFUSE;
	text(&spec.body, SPAN("right\r\n\r\nright"));
	make();
	text(&spec.body, SPAN("right\r\nwrong\nright"));
	expect_fault(DIAG_INPUT, "line 2 does not end in CRLF: it has a bare LF");
	text(&spec.body, SPAN("right\r\nwrong\rright"));
	expect_fault(DIAG_INPUT, "line 2 does not end in CRLF: it has a bare CR");
	text(&spec.body, SPAN("right\r\nwrong\r"));
	expect_fault(DIAG_INPUT, "line 2 does not end in CRLF: it has a bare CR");
	text(&spec.body, SPAN("right\r\nwrong\r\r\n"));
	expect_fault(DIAG_INPUT, "line 2 does not end in CRLF: it has a bare CR");
}

/* A block ends in the middle of every token and line end once. */
static void test_cuts(void **state)
{
	static const char piece[] = "%TO_ADDRESS%\\n\r\n\r%DATE%\n";
	static const char made[] = "b@y.example\r\n\r\n\r\nDATE\r\n";
	size_t block = 1024 * 57, n = sizeof(piece) - 1;
	struct buf b, wanted;

	(void)state;
	for (size_t shift = 0; shift <= n; shift++) {
		buf_init(&b, 1u << 20);
		buf_init(&wanted, 1u << 20);
		for (size_t i = 0; i < block - shift; i++) {
			buf_addch(&b, i % 70 == 69 ? '\n' : 'x');
			buf_addstr(&wanted, i % 70 == 69 ? "\r\n" : "x");
		}
		buf_addstr(&b, piece);
		buf_addstr(&wanted, made);
		buf_addstr(&wanted, "\r\n\r\n");
		text(&spec.body, buf_span(&b));
		expect_body(wanted.data);
		buf_release(&b);
		buf_release(&wanted);
	}
}

static void test_expansion(void **state)
{
	struct buf b;

	(void)state;
	for (size_t i = 0; i < 500; i++)
		message_spec_add_address(&spec.to, &spec.to_count, &spec.to_room,
		                         SPAN("someone.with.a.long.name@y.example"));
	buf_init(&b, 100000);
	for (size_t i = 0; i < 1000; i++)
		buf_addstr(&b, "%TO_ADDRESS% ");
	text(&spec.data, SPAN("Subject: large\n\n%BODY%"));
	text(&spec.body, buf_span(&b));
	make();
	assert_true(out.len > 16u << 20);
	buf_release(&b);
}

static void test_files(void **state)
{
	(void)state;
	write_file(200000, 'x');
	file(&message_spec_add_attachment(&spec)->content);
	make();
	assert_non_null(strstr(out.data, "Content-Type: multipart/mixed; "
	                                 "boundary=\"----=_MIME_BOUNDARY_000_B\"\r\n"));
	assert_int_equal(truncate(path, 100000), 0);
	compose_rewind(c);
	assert_int_equal(read_all(), -1);
	assert_non_null(strstr(d.what, "became shorter while it was read"));
	diag_release(&d);
	write_file(300000, 'x');
	compose_rewind(c);
	assert_int_equal(read_all(), 0);
	assert_int_equal(out.len, compose_size(c));
	unlink(path);
	compose_rewind(c);
	assert_int_equal(read_all(), -1);
}

static void test_eight_bits(void **state)
{
	(void)state;
	text(&spec.body, SPAN("gr\xc3\xb6\xc3\x9f"
	                      "er, but not by much more"));
	make();
	assert_non_null(strstr(out.data, "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	                                 "gr=C3=B6=C3=9Fer"));
	assert_false(compose_needs_8bit(c));
	spec.eightbit = true;
	make();
	assert_non_null(strstr(out.data, "\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	                                 "gr\xc3\xb6\xc3\x9f"
	                                 "er"));
	assert_true(compose_needs_8bit(c));
	spec.eightbit = false;
	message_spec_add_header(&spec, MESSAGE_HEADER_REPLACE, SPAN("content-type: text/x"));
	make();
	assert_null(strstr(out.data, "Content-Transfer-Encoding"));
	assert_true(compose_needs_8bit(c));
	assert_false(compose_needs_utf8(c));
}

static void test_utf8(void **state)
{
	(void)state;
	message_spec_add_address(&spec.to, &spec.to_count, &spec.to_room,
	                         SPAN("j@b\xc3\xbc"
	                              "cher.example"));
	message_spec_add_header(&spec, MESSAGE_HEADER_REPLACE, SPAN("Subject: \xc3\xbc"));
	make();
	assert_non_null(strstr(out.data, "\r\nTo: b@y.example,j@xn--bcher-kva.example\r\n"));
	assert_non_null(strstr(out.data, "\r\nSubject: =?utf-8?Q?=C3=BC?=\r\n"));
	assert_false(compose_needs_utf8(c));
	spec.utf8 = true;
	make();
	assert_non_null(strstr(out.data, "\r\nSubject: \xc3\xbc\r\n"));
	assert_true(compose_needs_utf8(c));
	spec.utf8 = false;
	message_spec_add_address(&spec.cc, &spec.cc_count, &spec.cc_room,
	                         SPAN("\xc3\xbc@y.example"));
	make();
	assert_non_null(strstr(out.data, "\r\nCc: \xc3\xbc@y.example\r\n"));
	assert_true(compose_needs_utf8(c));
	assert_false(compose_needs_8bit(c));
}

static void test_header_edits(void **state)
{
	(void)state;
	message_spec_add_header(&spec, MESSAGE_HEADER_REPLACE, SPAN("subject: any case"));
	message_spec_add_header(&spec, MESSAGE_HEADER_REPLACE, SPAN("X-Two: 1\\n folded"));
	message_spec_add_header(&spec, MESSAGE_HEADER_ADD, SPAN("Subject: another\\nX-Three: 3"));
	text(&spec.body, SPAN("Subject: not the header\r\nFrom: neither"));
	make();
	assert_string_equal(out.data, "Date: DATE\r\nTo: b@y.example\r\nFrom: a@x.example\r\n"
	                              "subject: any case\r\nMessage-Id: <ID>\r\n"
	                              "Subject: another\r\nX-Three: 3\r\nX-Two: 1\r\n folded\r\n"
	                              "\r\nSubject: not the header\r\nFrom: neither\r\n\r\n\r\n");
}

static void test_data(void **state)
{
	(void)state;
	text(&spec.data, SPAN("From: gr\xc3\xbc\xc3\x9f\nX: 1\n\n\xc3\xbc %BODY%."));
	text(&spec.body, SPAN("b"));
	make();
	assert_string_equal(out.data, "From: gr\xc3\xbc\xc3\x9f\r\nX: 1\r\n\r\n\xc3\xbc b.\r\n");
	assert_true(compose_needs_utf8(c));
	assert_true(compose_needs_8bit(c));
	text(&spec.data, SPAN("\n\n"));
	make();
	assert_string_equal(out.data, "\r\n\r\n");
	text(&spec.data, SPAN(""));
	make();
	spec.no_data_fixup = true;
	text(&spec.data, SPAN("as\rit\nis \\n %DATE% \xff\0."));
	make();
	assert_int_equal(out.len, 22);
	assert_memory_equal(out.data, spec.data.text, 22);
	assert_true(compose_needs_8bit(c));
}

static void test_what_cannot_be_made(void **state)
{
	struct message_attachment *a;
	struct buf b;

	(void)state;
	write_file((600u << 10), 'x');
	file(&spec.data);
	expect_fault(DIAG_INPUT, "no empty line in the first 512 KiB");
	message_content_set(&spec.data, MESSAGE_CONTENT_FILE, SPAN("/nowhere"));
	expect_fault(DIAG_INPUT, "cannot read this file");
	buf_init(&b, 10000);
	for (size_t i = 0; i < 101; i++)
		buf_addstr(&b, "%BODY%");
	text(&spec.data, buf_span(&b));
	buf_release(&b);
	expect_fault(DIAG_INPUT, "%BODY% in it more than 100 times");
	spec.data.source = MESSAGE_CONTENT_NONE;
	a = message_spec_add_attachment(&spec);
	text(&a->content, SPAN("x"));
	a->type = mem_dup("text/x\r\nX: y");
	expect_fault(DIAG_USAGE, "has a line end in it");
	free(a->type);
	a->type = NULL;
	file(&a->content);
	unlink(path);
	expect_fault(DIAG_INPUT, "cannot read this file");
	spec.to[0][0] = '\n';
	expect_fault(DIAG_USAGE, "an address, the date or the message id has a line end");
	spec.no_data_fixup = true;
	spec.dkim_key = mem_dup(path);
	expect_fault(DIAG_USAGE, "cannot be signed");
}

static void test_stamps(void **state)
{
	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	compose_date(1600000000, &out);
	assert_string_equal(out.data, "Sun, 13 Sep 2020 12:26:40 +0000");
	setenv("TZ", "NST3:30", 1);
	tzset();
	buf_clear(&out);
	compose_date(1600000000, &out);
	assert_string_equal(out.data, "Sun, 13 Sep 2020 08:56:40 -0330");
	buf_clear(&out);
	compose_message_id(1600000000, "host.example", &out);
	assert_true(span_starts(buf_span(&out), SPAN("20200913085640.")));
	assert_string_equal(strchr(out.data, '@'), "@host.example");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_default),
	        TEST(test_line_ends),
	        TEST(test_bad_line_ends_are_refused),
	        TEST(test_cuts),
	        TEST(test_expansion),
	        TEST(test_files),
	        TEST(test_eight_bits),
	        TEST(test_utf8),
	        TEST(test_header_edits),
	        TEST(test_data),
	        TEST(test_what_cannot_be_made),
	        TEST(test_stamps),
	};
	int fd = mkstemp(path), failed;

	if (fd < 0)
		return 1;
	close(fd);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
