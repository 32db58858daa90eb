/*
 * Logs of each program, line by line, against what must come out of them; the story of a message;
 * and that memory stays bounded.
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
#include "explain/log.h"
#include "explain/log_line.h"
#include "explain/log_table.h"

#define LOGS "tests/data/logs/"

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

static void add_event(void *arg, const struct log_event *ev)
{
	buf_addf(arg, "%s\t" SPAN_FMT "\t" SPAN_FMT "\t" SPAN_FMT "\t%s\n",
	         log_event_name(ev->kind), SPAN_ARG(ev->id), SPAN_ARG(ev->from), SPAN_ARG(ev->to),
	         explain_reason_name(ev->verdict.reason));
}

static void add_story(void *arg, const char *id, const char *story)
{
	buf_addf(arg, "%s: %s\n", id, story);
}

static void read_file(const char *name, const char *ending, struct buf *out)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%s%s", LOGS, name, ending);
	assert_int_equal(file_read(path, out, NULL), 0);
}

static void feed_all(struct log *l, struct span text)
{
	while (text.n > 0)
		log_feed(l, span_cut(&text, '\n'));
}

static struct log_summary run(const struct explain *e, const char *name, struct log_callbacks c)
{
	struct log *l = log_new(e, &c);
	struct log_summary s;
	struct buf text;

	buf_init(&text, 1 << 20);
	read_file(name, ".log", &text);
	feed_all(l, buf_span(&text));
	log_end(l);
	s = *log_summary(l);
	log_free(l);
	buf_release(&text);
	return s;
}

static void test_events(void **state)
{
	static const char *const NAMES[] = {"postfix", "exim", "sendmail", "forms"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		struct buf got, expected;

		buf_init(&got, 1 << 20);
		buf_init(&expected, 1 << 20);
		read_file(NAMES[i], ".expected", &expected);
		run(*state, NAMES[i], (struct log_callbacks){.event = add_event, .arg = &got});
		assert_string_equal(got.data, expected.data);
		buf_release(&got);
		buf_release(&expected);
	}
}

static void test_the_story_of_a_message(void **state)
{
	struct buf got;

	buf_init(&got, 1 << 20);
	run(*state, "postfix", (struct log_callbacks){.story = add_story, .arg = &got});
	assert_non_null(strstr(
	        got.data,
	        "56060D2814C: accepted from root at 03:05:03, queued as 56060D2814C; sender "
	        "<root@mx.sender.example>, 431 bytes, recipients: 1; for <bob@dest.example>: "
	        "handed "
	        "to mx.dest.example[192.0.2.7]:25 (TLSv1.3, Trusted) in 0.65 s: 0.31 before the "
	        "queue, 0.04 in it, 0.22 connecting, 0.08 sending; delivered; removed from the "
	        "queue at 03:05:03\n"));
	assert_non_null(strstr(got.data, "put off, and tried again later"));
	assert_non_null(strstr(got.data, "a notice went to the sender as 8B2D3E4F5A1"));
	assert_non_null(strstr(got.data, "D4E5F6A7B8C: accepted from client.sender.example"));
	buf_release(&got);
}

static void test_sums(void **state)
{
	struct log_summary s = run(*state, "postfix", (struct log_callbacks){.arg = NULL});

	assert_int_equal(s.events[LOG_EVENT_DELIVERED], 2);
	assert_int_equal(s.events[LOG_EVENT_REJECTED], 2);
	assert_int_equal(s.reasons[EXPLAIN_REASON_USER_UNKNOWN].count, 1);
	assert_string_equal(s.reasons[EXPLAIN_REASON_RELAY_DENIED].example,
	                    "<x@elsewhere.example>: Relay access denied");
	assert_int_equal(s.tls, 1);
	assert_int_equal(s.open, 2);
	assert_int_equal(s.forgotten, 0);
}

static void test_delays(void **state)
{
	struct log_line line;

	(void)state;
	assert_true(log_line_read(SPAN("Nov  4 03:05:03 mx postfix/smtp[1]: text"), &line));
	assert_int_equal(line.program, LOG_POSTFIX);
	assert_true(span_eq(line.daemon, SPAN("smtp")));
	assert_true(span_eq(line.clock, SPAN("03:05:03")));
	assert_true(span_eq(line.text, SPAN("text")));
	assert_false(log_line_read(SPAN(""), &line));
	assert_false(log_line_read(SPAN("Nov 24 03:05:03"), &line));
	assert_false(log_line_read(SPAN("Nov 24 03:05:03 mx"), &line));
	assert_false(log_line_read(SPAN("<22>1"), &line));
	assert_false(log_line_read(SPAN("550 5.1.1 User unknown at 03:05:03"), &line));
}

/* More messages than are followed: the oldest are forgotten, and that is counted. */
static void test_bounded(void **state)
{
	struct log *l = log_new(*state, &(struct log_callbacks){.arg = NULL});
	char line[200];

	for (unsigned i = 0; i < LOG_OPEN_MAX + 10; i++) {
		snprintf(line, sizeof(line),
		         "Nov 24 03:05:03 mx postfix/qmgr[1]: %010X: from=<a@b.example>, size=1, "
		         "nrcpt=1 "
		         "(queue active)",
		         i);
		log_feed(l, span_of(line));
	}
	assert_int_equal(log_summary(l)->forgotten, 10);
	log_feed(l, SPAN("Nov 24 03:05:03 mx postfix/qmgr[1]: 000000FFFF: removed"));
	log_end(l);
	assert_int_equal(log_summary(l)->messages, LOG_OPEN_MAX + 10);
	assert_int_equal(log_summary(l)->open, LOG_OPEN_MAX);
	log_free(l);
}

/* Every beginning of every line: nothing is read past its end. */
static void test_cut_lines(void **state)
{
	static const char *const NAMES[] = {"postfix", "exim", "sendmail", "forms"};

	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		struct log *l = log_new(*state, &(struct log_callbacks){.arg = NULL});
		struct buf text;
		struct span rest;

		buf_init(&text, 1 << 20);
		read_file(NAMES[i], ".log", &text);
		for (rest = buf_span(&text); rest.n > 0;) {
			struct span whole = span_cut(&rest, '\n');

			for (size_t n = 0; n <= whole.n; n += 3) {
				char *copy = n > 0 ? malloc(n) : NULL;

				if (n > 0)
					memcpy(copy, whole.p, n);
				log_feed(l, span_from(copy ? copy : "", n));
				free(copy);
			}
		}
		assert_true(log_summary(l)->lines > 0);
		log_free(l);
		buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_events),  cmocka_unit_test(test_the_story_of_a_message),
	        cmocka_unit_test(test_sums),    cmocka_unit_test(test_delays),
	        cmocka_unit_test(test_bounded), cmocka_unit_test(test_cut_lines),
	};

	return cmocka_run_group_tests(tests, load_all, free_all);
}
