/*
 * tests/data/replies.tsv: replies of real servers, labelled by hand: every one must get its reason,
 * and be temporary or final as it is. And the parts that a verdict is made of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "explain/example.h"
#include "explain/internal.h"

#define REPLIES "tests/data/replies.tsv"

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

/* "\n" parts the lines of a reply. */
static void add_reply(struct buf *out, struct span reply)
{
	for (size_t i = 0; i < reply.n; i++) {
		if (reply.p[i] == '\\' && i + 1 < reply.n && reply.p[i + 1] == 'n') {
			buf_addstr(out, "\r\n");
			i++;
		} else {
			buf_addch(out, reply.p[i]);
		}
	}
}

/* Whether this line of the file gets what it says. */
static bool is_right(const struct explain *e, struct span row, unsigned line)
{
	struct span stage = span_cut(&row, '\t'), host = span_cut(&row, '\t');
	struct span reply = span_cut(&row, '\t'), reason = span_cut(&row, '\t');
	struct explain_verdict v;
	struct example x;
	struct buf b;
	bool right = false;

	buf_init(&b, 8192);
	buf_addspan(&b, stage);
	if (host.n > 0 && !span_eq(host, SPAN("-")))
		buf_addf(&b, " | host=" SPAN_FMT, SPAN_ARG(host));
	buf_addstr(&b, " | ");
	add_reply(&b, reply);
	if (reason.n == 0 || explain_reason_find(reason) == EXPLAIN_REASON_NONE ||
	    example_parse(&x, b.data) < 0) {
		print_error("%s:%u: not understood\n", REPLIES, line);
		buf_release(&b);
		return false;
	}
	explain_judge(e, &x.context, &v);
	right = span_eq(reason, span_of(explain_reason_name(v.reason))) &&
	        span_eq(span_trim(row), span_of(v.temporary ? "yes" : "no"));
	if (!right)
		print_error("%s:%u: %s %s (rule %s): %s\n", REPLIES, line,
		            explain_reason_name(v.reason), v.temporary ? "yes" : "no",
		            v.rule ? v.rule : "-", b.data);
	example_release(&x);
	buf_release(&b);
	return right;
}

static void test_labelled_replies(void **state)
{
	size_t wrong = 0, count = 0;
	unsigned number = 0;
	struct span rest;
	struct buf file;

	buf_init(&file, 4 << 20);
	assert_int_equal(file_read(REPLIES, &file, NULL), 0);
	rest = buf_span(&file);
	while (rest.n > 0) {
		struct span row = span_cut(&rest, '\n');

		number++;
		if (row.n == 0 || row.p[0] == '#' || span_starts(row, SPAN("stage\t")))
			continue;
		count++;
		wrong += !is_right(*state, row, number);
	}
	buf_release(&file);
	assert_true(count >= 300);
	if (wrong > 0)
		fail_msg("%zu of %zu replies are explained wrongly", wrong, count);
}

/* What makes a long log quick must not change an answer. */
static void test_labelled_replies_with_index(void **state)
{
	explain_expect_many(*state);
	test_labelled_replies(state);
}

static void test_times_that_servers_name(void **state)
{
	static const struct {
		const char *text;
		long seconds;
	} TIMES[] = {
	        {"Greylisted, please try again in 300 seconds", 300},
	        {"Greylisted for 5 minutes", 300},
	        {"Greylisting in action, please come back in 00:04:51", 291},
	        {"Try again later (45s)", 45},
	        {"please retry in 1 hour.", 3600},
	        {"try again in 99999999999999 days", 0},
	        {"try again later, 192.0.2.7 is busy", 0},
	        {"size limit 300 seconds", 0},
	        {"try again, code A300 s", 0},
	        {"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(TIMES) / sizeof(TIMES[0]); i++)
		assert_int_equal(explain_retry_said(span_of(TIMES[i].text)), TIMES[i].seconds);
}

static void test_names(void **state)
{
	long retry;

	(void)state;
	for (int i = 1; i < EXPLAIN_REASON_COUNT; i++)
		assert_int_equal(
		        explain_reason_find(span_of(explain_reason_name((enum explain_reason)i))),
		        i);
	for (int i = 1; i < EXPLAIN_SIDE_COUNT; i++)
		assert_int_equal(
		        explain_side_find(span_of(explain_side_name((enum explain_side)i))), i);
	for (int i = 1; i < EXPLAIN_STAGE_COUNT; i++) {
		enum explain_stage s = (enum explain_stage)i;

		assert_int_equal(explain_stage_find(span_of(explain_stage_name(s))), i);
		assert_int_equal(explain_stage_of(explain_stage_verb(s)), i);
	}
	assert_int_equal(explain_retry_read(SPAN("15m"), &retry), 0);
	assert_int_equal(retry, 900);
	assert_int_equal(explain_retry_read(SPAN("final"), &retry), 0);
	assert_int_equal(retry, EXPLAIN_RETRY_FINAL);
	assert_int_equal(explain_retry_read(SPAN("15"), &retry), -1);
	assert_int_equal(explain_retry_read(SPAN("m"), &retry), -1);
	assert_int_equal(explain_retry_read(SPAN("0m"), &retry), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_labelled_replies),
	        cmocka_unit_test(test_labelled_replies_with_index),
	        cmocka_unit_test(test_times_that_servers_name),
	        cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, load_all, free_all);
}
