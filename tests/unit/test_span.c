/* span: taking text apart at its edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>

#include "base/span.h"

#define assert_span(got, want) assert_true(span_eq((got), SPAN(want)))

static void compares_with_and_without_case(void **state)
{
	(void)state;
	assert_true(span_eq(SPAN("abc"), SPAN("abc")));
	assert_false(span_eq(SPAN("abc"), SPAN("ABC")));
	assert_false(span_eq(SPAN("abc"), SPAN("abcd")));
	assert_true(span_eq_nocase(SPAN("StartTLS"), SPAN("STARTTLS")));
	assert_false(span_eq_nocase(SPAN("STARTTLSX"), SPAN("STARTTLS")));
	assert_false(
	        span_eq_nocase(SPAN("@"), SPAN("`"))); /* 0x40 and 0x60 differ by the case bit */
	assert_true(span_eq(span_of(NULL), SPAN("")));
	assert_true(span_starts(SPAN("abc"), SPAN("ab")));
	assert_false(span_starts(SPAN("a"), SPAN("ab")));
	assert_true(span_starts_nocase(SPAN("Mail From"), SPAN("MAIL ")));
}

static void trims_blanks_and_tabs_only(void **state)
{
	(void)state;
	assert_span(span_trim(SPAN(" \t a b \t")), "a b");
	assert_span(span_trim(SPAN(" \t ")), "");
	assert_span(span_trim_left(SPAN("  x ")), "x ");
	assert_span(span_trim_right(SPAN("\n ")), "\n");
}

static void cuts_at_every_separator(void **state)
{
	(void)state;
	struct span rest = SPAN("a,,b");

	assert_span(span_cut(&rest, ','), "a");
	assert_span(span_cut(&rest, ','), "");
	assert_non_null(rest.p);
	assert_span(span_cut(&rest, ','), "b");
	assert_null(rest.p);
	rest = SPAN("x,");
	assert_span(span_cut(&rest, ','), "x");
	assert_non_null(rest.p); /* one more, empty piece */
	assert_span(span_cut(&rest, ','), "");
	assert_null(rest.p);
}

static void reads_words(void **state)
{
	(void)state;
	struct span rest = SPAN("  one\ttwo   three ");

	assert_span(span_word(&rest), "one");
	assert_span(rest, "two   three ");
	assert_span(span_word(&rest), "two");
	assert_span(span_word(&rest), "three");
	assert_span(span_word(&rest), "");
	assert_int_equal(rest.n, 0);
}

static void reads_numbers_within_bounds(void **state)
{
	(void)state;
	unsigned long n = 7;

	assert_int_equal(span_number(SPAN("65535"), 65535, &n), 0);
	assert_int_equal(n, 65535);
	assert_int_equal(span_number(SPAN("65536"), 65535, &n), -1);
	assert_int_equal(span_number(SPAN(""), 9, &n), -1);
	assert_int_equal(span_number(SPAN("-1"), 9, &n), -1);
	assert_int_equal(span_number(SPAN("1x"), 99, &n), -1);
	assert_int_equal(span_number(SPAN("5"), 3, &n), -1);
	assert_int_equal(span_number(SPAN("0"), 0, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(span_number(SPAN("18446744073709551615"), ULONG_MAX, &n), 0);
	assert_true(n == ULONG_MAX);
	assert_int_equal(span_number(SPAN("18446744073709551616"), ULONG_MAX, &n), -1);
	assert_int_equal(span_number(SPAN("99999999999999999999999"), ULONG_MAX, &n), -1);
}

static void skipping_past_the_end_gives_the_empty_span(void **state)
{
	(void)state;
	assert_int_equal(span_skip(SPAN("ab"), 3).n, 0);
	assert_int_equal(span_first(SPAN("ab"), 3).n, 2);
	assert_int_equal(span_find(SPAN("ab"), 'c'), 2);
	assert_int_equal(span_find(span_from(NULL, 0), 'c'), 0);
}

static void order_is_without_case(void **state)
{
	(void)state;
	assert_true(span_compare_nocase(SPAN("SIZE"), SPAN("size")) == 0);
	assert_true(span_compare_nocase(SPAN("a"), SPAN("B")) < 0);
	assert_true(span_compare_nocase(SPAN("ab"), SPAN("A")) > 0);
	assert_true(span_compare_nocase(SPAN("\xc3"), SPAN("z")) > 0);
	assert_true(span_compare_nocase(SPAN(""), SPAN("")) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(compares_with_and_without_case),
	        cmocka_unit_test(trims_blanks_and_tabs_only),
	        cmocka_unit_test(cuts_at_every_separator),
	        cmocka_unit_test(reads_words),
	        cmocka_unit_test(reads_numbers_within_bounds),
	        cmocka_unit_test(skipping_past_the_end_gives_the_empty_span),
	        cmocka_unit_test(order_is_without_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
