/*
 * A recorder beside a dialogue that a test plays line by line, and the file that it writes: as it
 * is, or with its dates and times masked.
 */
#ifndef TESTS_RECORDER_RIG_H
#define TESTS_RECORDER_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "session/recorder.h"
#include "smtp/sasl.h"

#define DATE_LENGTH (sizeof(", 2026-01-02 03:04:05 UTC") - 1)

static struct recorder *rec;
static struct smtp_dialogue *d;
static char folder[] = "/tmp/smtptalk-recorder-XXXXXX";
static char path[64];
static unsigned failures;
static struct diag failure;

static void on_failure(void *arg, const struct diag *why)
{
	assert_ptr_equal(arg, &rec);
	failures++;
	diag_set(&failure, why->kind, why->where, "%s", why->what);
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/r.smtp", folder);
	rec = recorder_new(on_failure, &rec);
	d = smtp_dialogue_new();
	failures = 0;
	diag_init(&failure);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	recorder_free(rec);
	smtp_dialogue_free(d);
	diag_release(&failure);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

static void start(void)
{
	assert_int_equal(recorder_start(rec, path, false, NULL), 0);
}

static inline void stop(void)
{
	assert_int_equal(recorder_stop(rec, NULL), 0);
}

static void server(const char *bytes)
{
	struct smtp_event ev;

	recorder_tap(rec, CONVERSATION_CAME, span_of(bytes));
	smtp_dialogue_feed(d, span_of(bytes));
	while (smtp_dialogue_next(d, &ev)) {
		if (ev.type != SMTP_EVENT_REPLY && ev.type != SMTP_EVENT_UNSOLICITED)
			continue;
		recorder_replied(rec, ev.reply->code, 7);
		if (smtp_dialogue_outstanding(d) == 0)
			recorder_whole(rec);
	}
}

static void client(const char *text)
{
	recorder_tap(rec, CONVERSATION_LINE_GOES, span_of(text));
	smtp_dialogue_line(d, span_of(text), NULL);
}

static inline void raw(const char *bytes)
{
	recorder_tap(rec, CONVERSATION_RAW_GOES, span_of(bytes));
	smtp_dialogue_raw(d, span_of(bytes));
}

/* A connection up to EHLO's reply. */
static inline void begin(void)
{
	recorder_opened(rec, SPAN("mx.example:25"), d);
	server("220 mx.example ESMTP\r\n");
	client("EHLO me");
	server("250-mx.example\r\n250 AUTH PLAIN LOGIN\r\n");
}

/* Every time is "<time>" and every date "<date>". */
static void mask_times(struct buf *text)
{
	struct buf out;

	buf_init(&out, text->cap);
	for (struct span rest = buf_span(text); rest.p;) {
		struct span one = span_cut(&rest, '\n');
		const char *comma = one.n ? memchr(one.p, ',', one.n) : NULL;

		if (comma && span_starts(one, SPAN("# ")) &&
		    memmem(one.p, one.n, " UTC, after", 11))
			buf_addstr(&out, "# <time>");
		else if (comma && (span_starts(one, SPAN(RECORDING_BEGIN)) ||
		                   span_starts(one, SPAN(RECORDING_END))))
			buf_addf(&out, SPAN_FMT " <date>" SPAN_FMT,
			         SPAN_ARG(span_first(one, (size_t)(comma - one.p))),
			         SPAN_ARG(span_skip(one, (size_t)(comma - one.p) + DATE_LENGTH)));
		else
			buf_addspan(&out, one);
		if (rest.p)
			buf_addch(&out, '\n');
	}
	buf_clear(text);
	buf_addspan(text, buf_span(&out));
	buf_release(&out);
}

static struct buf file_text(void)
{
	struct buf text;

	buf_init(&text, 32u << 20);
	assert_int_equal(file_read(path, &text, NULL), 0);
	return text;
}

/* The file, masked, is exactly this between the date of its second line and its last line. */
static inline void expect(const char *expected)
{
	static const char head[] = "@smtptalk 1\n# recorded by smtptalk <date>";
	struct buf text = file_text();
	char *end;

	mask_times(&text);
	assert_memory_equal(text.data, head, sizeof(head) - 1);
	end = strstr(text.data, "\n" RECORDING_END);
	if (end)
		end[1] = '\0';
	assert_string_equal(text.data + sizeof(head) - 1, expected);
	buf_release(&text);
}

/* The secret is nowhere in the file, neither as it is nor in base64. */
static inline void expect_hidden(const char *secret)
{
	struct buf text = file_text(), base64;

	buf_init(&base64, 4096);
	sasl_base64_encode(span_of(secret), &base64);
	assert_null(strstr(text.data, secret));
	assert_null(strstr(text.data, base64.data));
	buf_release(&base64);
	buf_release(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
