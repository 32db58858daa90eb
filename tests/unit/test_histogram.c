/* Quantiles: exact for small values, within a few per cent for large ones, never beyond the most.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/histogram.h"

static void nothing_is_zero(void **state)
{
	struct histogram h = {0};

	(void)state;
	assert_int_equal(histogram_quantile(&h, 0.5), 0);
	assert_int_equal(h.most, 0);
}

static void small_values_are_exact(void **state)
{
	struct histogram h = {0};

	(void)state;
	for (int i = 1; i <= 50; i++)
		histogram_add(&h, i);
	assert_int_equal(histogram_quantile(&h, 0.5), 25);
	assert_int_equal(histogram_quantile(&h, 0.9), 45);
	assert_int_equal(histogram_quantile(&h, 0.99), 50);
	assert_int_equal(histogram_quantile(&h, 1), 50);
	assert_int_equal(h.count, 50);
	assert_int_equal(h.sum, 1275);
}

static void every_value_is_near(void **state)
{
	(void)state;
	for (uint64_t v = 1; v < UINT32_MAX; v = v * 9 / 8 + 1) {
		struct histogram h = {0};
		uint32_t q;

		histogram_add(&h, (int64_t)v);
		histogram_add(&h, UINT32_MAX);
		q = histogram_quantile(&h, 0.5);
		assert_true(q >= v && q - v <= v / 32);
	}
}

static void the_ends_are_kept(void **state)
{
	struct histogram h = {0};

	(void)state;
	histogram_add(&h, -5);
	histogram_add(&h, INT64_MAX);
	assert_int_equal(histogram_quantile(&h, 0.5), 0);
	assert_int_equal(histogram_quantile(&h, 1), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(nothing_is_zero),
	        cmocka_unit_test(small_values_are_exact),
	        cmocka_unit_test(every_value_is_near),
	        cmocka_unit_test(the_ends_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
