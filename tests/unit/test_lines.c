/* The queue of lines: order, room given back, and what happens at the cap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/lines.h"

static void assert_taken(struct lines *l, const char *expected)
{
	struct span line;

	assert_true(lines_take(l, &line));
	assert_true(span_eq(line, span_of(expected)));
}

static void lines_come_out_in_order(void **state)
{
	struct lines l;
	struct span line;

	(void)state;
	lines_init(&l, 1000);
	assert_int_equal(lines_push(&l, SPAN("one")), 0);
	assert_int_equal(lines_push(&l, SPAN("")), 0);
	assert_taken(&l, "one");
	assert_int_equal(lines_push(&l, SPAN("three")), 0);
	assert_taken(&l, "");
	assert_taken(&l, "three");
	assert_false(lines_take(&l, &line));
	lines_release(&l);
}

/* At each distance from the cap a line is either taken whole or not at all. */
static void a_full_queue_refuses_and_stays_whole(void **state)
{
	(void)state;
	for (size_t left = 0; left < 2 * sizeof(size_t); left++) {
		char first[100];
		struct lines l;

		lines_init(&l, sizeof(size_t) + sizeof(first) + left);
		memset(first, 'x', sizeof(first));
		assert_int_equal(lines_push(&l, span_from(first, sizeof(first))), 0);
		assert_int_equal(lines_push(&l, SPAN(".")), left > sizeof(size_t) ? 0 : -1);
		assert_int_equal(l.count, left > sizeof(size_t) ? 2 : 1);

		struct span line;
		assert_true(lines_take(&l, &line));
		assert_int_equal(line.n, sizeof(first));
		if (left > sizeof(size_t))
			assert_taken(&l, ".");
		assert_int_equal(lines_push(&l, SPAN("again")), 0);
		assert_taken(&l, "again");
		lines_release(&l);
	}
}

static void room_is_given_back_while_lines_wait(void **state)
{
	struct lines l;

	(void)state;
	lines_init(&l, 200);
	assert_int_equal(lines_push(&l, SPAN("0123456789")), 0);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(lines_push(&l, SPAN("0123456789")), 0);
		assert_taken(&l, "0123456789");
	}
	assert_int_equal(l.count, 1);
	lines_clear(&l);
	assert_int_equal(l.count, 0);
	lines_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lines_come_out_in_order),
	        cmocka_unit_test(a_full_queue_refuses_and_stays_whole),
	        cmocka_unit_test(room_is_given_back_while_lines_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
