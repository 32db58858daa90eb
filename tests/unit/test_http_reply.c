/*
 * HTTP replies: each is read whole and byte by byte, with the same result.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/http_reply.h"

#define OK "HTTP/1.1 200 OK\r\n"

static const struct {
	const char *text;
	bool closed; /* the connection ends behind it */
	enum http_progress end;
	int status;
	const char *body, *fault;
} rows[] = {
        {OK "Content-Length: 5\r\n\r\nhello", false, HTTP_DONE, 200, "hello", NULL},
        {OK "content-length:5\r\n\r\nhello, more", false, HTTP_DONE, 200, "hello", NULL},
        {OK "\r\nto the end", true, HTTP_DONE, 200, "to the end", NULL},
        {"HTTP/1.0 200\nContent-Length: 2\n\nhi", false, HTTP_DONE, 200, "hi", NULL},
        {OK "Content-Length: 0\r\n\r\n", false, HTTP_DONE, 200, "", NULL},
        {"HTTP/1.1 204 No Content\r\n\r\n", false, HTTP_DONE, 204, "", NULL},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", false,
         HTTP_DONE, 404, "x", NULL},
        {OK
         "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: x\r\n\r\n",
         false, HTTP_DONE, 200, "abc0123456789", NULL},
        /* not whole */
        {OK "Content-Length: 5\r\n\r\nhell", true, HTTP_FAULT, 200, NULL, "was closed before all"},
        {OK "Content-Le", true, HTTP_FAULT, 200, NULL, "was closed before all"},
        {"", true, HTTP_FAULT, 0, NULL, "closed without a reply"},
        {OK "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", true, HTTP_FAULT, 200, NULL,
         "was closed before all"},
        /* against the rules */
        {"220 mx.example ESMTP\r\n", false, HTTP_FAULT, 0, NULL, "no HTTP/1.1"},
        {"HTTP/2 200\r\n", false, HTTP_FAULT, 0, NULL, "no HTTP/1.1"},
        {"HTTP/1.1 2000 OK\r\n", false, HTTP_FAULT, 0, NULL, "no HTTP/1.1"},
        {OK "a line\r\n", false, HTTP_FAULT, 200, NULL, "no colon"},
        {OK "Content-Length: -1\r\n", false, HTTP_FAULT, 200, NULL, "Content-Length"},
        {OK "Content-Length: 1\r\nContent-Length: 2\r\n", false, HTTP_FAULT, 200, NULL,
         "Content-Length"},
        {OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", false, HTTP_FAULT, 200, NULL,
         "comes in chunks too"},
        {OK "Transfer-Encoding: gzip\r\n", false, HTTP_FAULT, 200, NULL, "transfer coding"},
        {OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", false, HTTP_FAULT, 200, NULL,
         "size of a chunk"},
        {OK "Transfer-Encoding: chunked\r\n\r\n\r\n", false, HTTP_FAULT, 200, NULL,
         "size of a chunk"},
        {OK "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", false, HTTP_FAULT, 200, NULL,
         "longer than it says"},
        /* too long: 20 bytes are allowed here */
        {OK "Content-Length: 21\r\n\r\n", false, HTTP_FAULT, 200, NULL, "too long"},
        {OK "\r\n012345678901234567890", false, HTTP_FAULT, 200, NULL, "too long"},
        {OK "Transfer-Encoding: chunked\r\n\r\n15\r\n012345678901234567890\r\n", false, HTTP_FAULT,
         200, NULL, "too long"},
};

static void read_row(size_t i, size_t step)
{
	struct span rest = span_of(rows[i].text);
	enum http_progress end = HTTP_MORE;
	struct http_reply r;

	http_reply_init(&r, 20);
	for (; rest.n > 0 && end == HTTP_MORE; rest = span_skip(rest, step))
		end = http_reply_feed(&r, span_first(rest, step));
	if (end == HTTP_MORE && rows[i].closed)
		end = http_reply_end(&r);
	if (end != rows[i].end || r.status != rows[i].status)
		fail_msg("row %zu: end %d, status %d, %s", i, end, r.status,
		         r.fault ? r.fault : "");
	if (rows[i].body)
		assert_string_equal(r.body.data, rows[i].body);
	if (rows[i].fault && (!r.fault || !strstr(r.fault, rows[i].fault)))
		fail_msg("row %zu: %s", i, r.fault ? r.fault : "no fault");
	http_reply_release(&r);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		read_row(i, 1);
		read_row(i, 7);
		read_row(i, 10000);
	}
}

static void test_fields(void **state)
{
	struct http_reply r;

	(void)state;
	http_reply_init(&r, 20);
	assert_int_equal(
	        http_reply_feed(&r, SPAN("HTTP/1.1 301 Moved\r\ncontent-TYPE: text/plain \r\n"
	                                 "Content-Type: text/html\r\nLocation: /x\r\n"
	                                 "Content-Length: 0\r\n\r\n")),
	        HTTP_DONE);
	assert_string_equal(r.type, "text/plain");
	assert_string_equal(r.location, "/x");
	http_reply_release(&r);
}

static void test_endless_header(void **state)
{
	struct http_reply r;
	enum http_progress end;
	size_t fed = 0;

	(void)state;
	http_reply_init(&r, 20);
	end = http_reply_feed(&r, SPAN(OK));
	for (; end == HTTP_MORE && fed < 1000000; fed += 6)
		end = http_reply_feed(&r, SPAN("a: b\r\n"));
	assert_int_equal(end, HTTP_FAULT);
	assert_true(fed <= HTTP_HEAD_MAX + 6);
	assert_string_equal(r.fault, "its header is too long");
	http_reply_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_rows),
	        cmocka_unit_test(test_fields),
	        cmocka_unit_test(test_endless_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
