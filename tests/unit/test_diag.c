/* diag, datadir and clock: one sentence, the right status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/datadir.h"
#include "base/diag.h"

static void says_where_what_and_what_to_try(void **state)
{
	(void)state;
	struct diag d;
	struct buf out;

	diag_init(&d);
	buf_init(&out, 1000);
	assert_int_equal(diag_set(&d, DIAG_NETWORK, "h[192.0.2.1]:25", "no answer in %d s", 5), -1);
	diag_hint(&d, "try %s", "later");
	diag_format(&d, &out);
	assert_string_equal(out.data, "h[192.0.2.1]:25: no answer in 5 s; try later");
	assert_int_equal(diag_exit_status(&d), 3);
	diag_release(&d);
	buf_clear(&out);
	diag_set(&d, DIAG_USAGE, NULL, "unknown option");
	diag_format(&d, &out);
	assert_string_equal(out.data, "unknown option");
	assert_int_equal(diag_exit_status(&d), 1);
	diag_release(&d);
	buf_release(&out);
}

static void keeps_the_first_failure(void **state)
{
	(void)state;
	struct diag d;

	diag_init(&d);
	assert_int_equal(diag_exit_status(&d), 0);
	diag_set(&d, DIAG_INPUT, "f:1:1", "first");
	diag_set(&d, DIAG_REPLY, "g", "second");
	assert_string_equal(d.what, "first");
	assert_string_equal(d.where, "f:1:1");
	assert_int_equal(diag_exit_status(&d), 2);
	diag_release(&d);
	assert_int_equal(diag_set(NULL, DIAG_INPUT, NULL, "lost"), -1);
	diag_hint(NULL, "lost");
}

static void finds_the_data_or_says_where_it_looked(void **state)
{
	(void)state;
	struct diag d;

	diag_init(&d);
	setenv("SMTPTALK_DATA", "/nonexistent", 1);
	assert_null(datadir_find(&d));
	assert_string_equal(d.where, "/nonexistent");
	assert_int_equal(diag_exit_status(&d), 2);
	diag_release(&d);
	setenv("SMTPTALK_DATA", "lessons", 1);
	char *found = datadir_find(&d);
	assert_string_equal(found, "lessons");
	free(found);
	unsetenv("SMTPTALK_DATA");
}

static void the_clock_does_not_go_back(void **state)
{
	(void)state;
	int64_t before = clock_ms();

	assert_true(before > 0);
	assert_true(clock_ms() >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(says_where_what_and_what_to_try),
	        cmocka_unit_test(keeps_the_first_failure),
	        cmocka_unit_test(finds_the_data_or_says_where_it_looked),
	        cmocka_unit_test(the_clock_does_not_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
