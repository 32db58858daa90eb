/* dns: the memory of answers, joining their parts, and the words for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/dns.h"

static struct dns_answer *part(const char *name, enum dns_status status, const char *alias)
{
	struct dns_answer *a = dns_answer_new(name, DNS_A, status);

	if (alias)
		assert_int_equal(dns_answer_alias(a, alias), 0);
	return a;
}

static void joins_the_parts_of_a_chain(void **state)
{
	struct dns_record r = {.type = DNS_A};
	struct dns_answer *next = part("b.test", DNS_STATUS_OK, "c.test"), *whole;

	(void)state;
	dns_answer_add(next, &r);
	whole = dns_answer_join(part("a.test.", DNS_STATUS_NO_DATA, "b.test"), next);
	assert_string_equal(whole->name, "a.test");
	assert_int_equal(whole->status, DNS_STATUS_OK);
	assert_int_equal(whole->alias_count, 2);
	assert_int_equal(whole->count, 1);
	dns_answer_free(whole);

	whole = dns_answer_join(part("a.test", DNS_STATUS_NO_DATA, "b.test"),
	                        part("b.test", DNS_STATUS_NO_DATA, "A.TEST"));
	assert_int_equal(whole->status, DNS_STATUS_CNAME_LOOP);
	dns_answer_free(whole);
	whole = dns_answer_join(part("a.test", DNS_STATUS_NO_DATA, "b.test"),
	                        part("b.test", DNS_STATUS_REFUSED, NULL));
	assert_int_equal(whole->status, DNS_STATUS_REFUSED);
	assert_int_equal(whole->alias_count, 1);
	dns_answer_free(whole);
}

static void keeps_a_dot_that_belongs_to_a_label(void **state)
{
	static const char *const names[][2] = {
	        {"a.", "a"}, {"a\\.", "a\\."}, {"a\\\\.", "a\\\\"}, {".", ""}, {"", ""}};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct dns_answer *a = dns_answer_new(names[i][0], DNS_A, DNS_STATUS_OK);

		assert_string_equal(a->name, names[i][1]);
		dns_answer_free(a);
	}
}

static void names_types_and_statuses(void **state)
{
	(void)state;
	assert_string_equal(dns_type_name(DNS_AAAA), "AAAA");
	assert_string_equal(dns_type_name((enum dns_type)99), "unknown");
	assert_string_equal(dns_status_text(DNS_STATUS_NO_NAME),
	                    "the name does not exist (NXDOMAIN)");
	assert_string_equal(dns_status_text(DNS_STATUS_COUNT), "was not looked up");
	for (int s = 0; s < DNS_STATUS_COUNT; s++) {
		assert_non_null(dns_status_text((enum dns_status)s));
		assert_int_equal(dns_status_negative((enum dns_status)s),
		                 s == DNS_STATUS_NO_DATA || s == DNS_STATUS_NO_NAME);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(joins_the_parts_of_a_chain),
	        cmocka_unit_test(keeps_a_dot_that_belongs_to_a_label),
	        cmocka_unit_test(names_types_and_statuses),
	};

	return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
