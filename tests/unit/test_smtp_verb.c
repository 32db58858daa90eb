/* The verb table: every row is complete, and names are found as servers find them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "smtp/verb.h"

static void every_row_is_complete(void **state)
{
	(void)state;
	for (int v = 0; v < SMTP_VERB_COUNT; v++) {
		const struct smtp_verb_info *info = smtp_verb_info((enum smtp_verb)v);

		assert_non_null(info->name);
		assert_true(info->name[0] != '\0');
		assert_non_null(info->usage);
		assert_int_equal(strncmp(info->section, "RFC ", 4), 0);
		assert_in_range(info->patience, 120, 600);
	}
}

static void every_name_is_found(void **state)
{
	(void)state;
	for (int v = SMTP_VERB_CONNECT; v < SMTP_VERB_COUNT; v++) {
		const char *name = smtp_verb_info((enum smtp_verb)v)->name;

		assert_int_equal(smtp_verb_find(span_of(name)), v);
	}
}

static void case_does_not_matter(void **state)
{
	(void)state;
	assert_int_equal(smtp_verb_find(SPAN("helo")), SMTP_VERB_HELO);
	assert_int_equal(smtp_verb_find(SPAN("StartTLS")), SMTP_VERB_STARTTLS);
}

static void pseudo_verbs_are_only_ours(void **state)
{
	(void)state;
	assert_int_equal(smtp_verb_find(SPAN("message")), SMTP_VERB_MESSAGE);
	assert_int_equal(smtp_verb_find(SPAN("connection")), SMTP_VERB_CONNECT);
	assert_int_equal(smtp_verb_find(SPAN("answer")), SMTP_VERB_ANSWER);
	assert_int_equal(smtp_verb_find(SPAN("MESSAGE")), SMTP_VERB_UNKNOWN);
}

static void near_misses_are_unknown(void **state)
{
	static const char *const names[] = {"",      "H",     "HEL",     "HELOO",     " HELO",
	                                    "HELO ", "DATA.", "unknown", "STARTTLSX", "MAIL:"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(smtp_verb_find(span_of(names[i])), SMTP_VERB_UNKNOWN);
	assert_int_equal(smtp_verb_find(span_from("HELO\0", 5)), SMTP_VERB_UNKNOWN);
}

static void a_wrong_number_gives_the_unknown_row(void **state)
{
	(void)state;
	assert_ptr_equal(smtp_verb_info((enum smtp_verb)SMTP_VERB_COUNT),
	                 smtp_verb_info(SMTP_VERB_UNKNOWN));
	assert_ptr_equal(smtp_verb_info((enum smtp_verb) - 1), smtp_verb_info(SMTP_VERB_UNKNOWN));
}

/* RFC 5321 §4.5.3.2 */
static void patience_is_the_rfcs(void **state)
{
	(void)state;
	assert_int_equal(smtp_verb_info(SMTP_VERB_CONNECT)->patience, 300);
	assert_int_equal(smtp_verb_info(SMTP_VERB_MAIL)->patience, 300);
	assert_int_equal(smtp_verb_info(SMTP_VERB_RCPT)->patience, 300);
	assert_int_equal(smtp_verb_info(SMTP_VERB_DATA)->patience, 120);
	assert_int_equal(smtp_verb_info(SMTP_VERB_MESSAGE)->patience, 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_row_is_complete),
	        cmocka_unit_test(every_name_is_found),
	        cmocka_unit_test(case_does_not_matter),
	        cmocka_unit_test(pseudo_verbs_are_only_ours),
	        cmocka_unit_test(near_misses_are_unknown),
	        cmocka_unit_test(a_wrong_number_gives_the_unknown_row),
	        cmocka_unit_test(patience_is_the_rfcs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
