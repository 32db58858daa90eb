/* Enhanced status codes: what is one, what only looks similar, and how many bytes it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/enhanced.h"

static void codes_are_read(void **state)
{
	static const struct {
		const char *text;
		int class, subject, detail;
		size_t taken;
	} rows[] = {
	        {"2.1.0 Ok", 2, 1, 0, 6},
	        {"2.0.0", 2, 0, 0, 5},
	        {"4.7.1 ", 4, 7, 1, 6},
	        {"5.1.1\tNo such user", 5, 1, 1, 6},
	        {"5.999.999 far away", 5, 999, 999, 10},
	        {"5.7.26 unauthenticated", 5, 7, 26, 7},
	        {"5.1.1  two blanks", 5, 1, 1, 6},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct smtp_enhanced e;

		assert_int_equal(smtp_enhanced_parse(span_of(rows[i].text), &e), rows[i].taken);
		assert_true(e.present);
		assert_int_equal(e.class, rows[i].class);
		assert_int_equal(e.subject, rows[i].subject);
		assert_int_equal(e.detail, rows[i].detail);
	}
}

static void other_text_is_left_alone(void **state)
{
	static const char *const texts[] = {
	        "",         "2",         "2.",      "2.1",     "2.1.",       "2.1. 0",   "2..0 x",
	        "3.1.0 x",  "1.0.0",     "6.1.1 x", "2.1.0.4", "2.1.0Ok",    "2.1000.0", "2.0.1000",
	        " 2.1.0 x", "22.1.0 Ok", "2,1,0 x", "2.1.0-x", "5.7 is old", "x2.1.0",   "2.-1.0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct smtp_enhanced e = {.present = true};

		assert_int_equal(smtp_enhanced_parse(span_of(texts[i]), &e), 0);
		assert_false(e.present);
		assert_int_equal(e.class, 0);
	}
}

static void nothing_is_read_past_the_end(void **state)
{
	struct smtp_enhanced e;

	(void)state;
	assert_int_equal(smtp_enhanced_parse(span_from("2.1.034", 5), &e), 5);
	assert_int_equal(e.detail, 0);
	assert_int_equal(smtp_enhanced_parse(span_from("2.1.0", 4), &e), 0);
	assert_int_equal(smtp_enhanced_parse(span_from(NULL, 0), &e), 0);
}

static void equality_needs_all_three_numbers(void **state)
{
	struct smtp_enhanced none = {0}, a = {true, 5, 1, 1}, b = a;

	(void)state;
	assert_true(smtp_enhanced_equal(a, b));
	assert_true(smtp_enhanced_equal(none, none));
	assert_false(smtp_enhanced_equal(a, none));
	b.detail = 2;
	assert_false(smtp_enhanced_equal(a, b));
	b = (struct smtp_enhanced){true, 4, 1, 1};
	assert_false(smtp_enhanced_equal(a, b));
	b = (struct smtp_enhanced){true, 5, 7, 1};
	assert_false(smtp_enhanced_equal(a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(codes_are_read),
	        cmocka_unit_test(other_text_is_left_alone),
	        cmocka_unit_test(nothing_is_read_past_the_end),
	        cmocka_unit_test(equality_needs_all_three_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
