/*
 * The hypotheses and their words are whole; each kind of fault in them is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "check/why.h"
#include "explain/hypotheses.h"

enum { CHECKS_MAX = 100 };

static const char *lessons(void)
{
	const char *dir = getenv("SMTPTALK_DATA");

	return dir && *dir ? dir : "lessons";
}

static size_t all_checks(struct hypotheses_check *out)
{
	size_t n = 0;

	for (; why_check_name(n); n++)
		out[n] = (struct hypotheses_check){why_check_name(n), why_check_outcomes(n),
		                                   why_check_values(n)};
	return n;
}

static void test_they_are_whole(void **state)
{
	struct hypotheses_check checks[CHECKS_MAX];
	size_t count = all_checks(checks);
	struct hypotheses *h;
	struct explain *e;
	struct diags ds;

	(void)state;
	diags_init(&ds);
	e = explain_load(lessons(), "en", &ds);
	h = hypotheses_load(lessons(), "en", &ds);
	if (e && h)
		hypotheses_lint(h, e, checks, count, &ds);
	for (size_t i = 0; i < ds.count; i++)
		print_error("%s: %s\n", ds.list[i].where, ds.list[i].what);
	assert_non_null(e);
	assert_non_null(h);
	assert_int_equal(ds.count, 0);
	diags_release(&ds);
	hypotheses_free(h);
	explain_free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_they_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
