/* dns_zone: master files read, their faults told, and questions answered from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/dns.h"

#define SOA "@ IN SOA ns hostmaster 1 3600 600 86400 300\n"

static struct diags faults;

static struct dns_zone *load(const char *text, size_t n)
{
	char path[] = "/tmp/test_dns_zone.XXXXXX";
	int fd = mkstemp(path);
	struct dns_zone *z;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	close(fd);
	diags_release(&faults);
	diags_init(&faults);
	z = dns_zone_load(path, &faults);
	unlink(path);
	return z;
}

static struct dns_zone *zone(const char *text)
{
	struct dns_zone *z = load(text, strlen(text));

	assert_non_null(z);
	assert_int_equal(faults.count, 0);
	return z;
}

/* The file has faults: at each of these lines, ended by 0, and the first says `what`. */
static void is_faulty(const char *text, const char *what, ...)
{
	va_list lines;
	size_t i = 0;
	int line;

	assert_null(load(text, strlen(text)));
	va_start(lines, what);
	while ((line = va_arg(lines, int)) != 0) {
		char tail[16];
		const char *where;

		assert_true(i < faults.count);
		where = faults.list[i++].where;
		snprintf(tail, sizeof(tail), ":%d", line);
		assert_string_equal(strrchr(where, ':'), tail);
	}
	va_end(lines);
	assert_int_equal(faults.count, i);
	assert_non_null(strstr(faults.list[0].what, what));
	diags_release(&faults);
}

static struct dns_answer *ask(const struct dns_zone *z, const char *name, enum dns_type type)
{
	struct dns_answer *a = dns_zone_answer(z, name, type);

	assert_non_null(a);
	assert_null(a->server);
	assert_int_equal(a->elapsed_ms, 0);
	return a;
}

static void is_status(const struct dns_zone *z, const char *name, enum dns_type type,
                      enum dns_status want)
{
	struct dns_answer *a = ask(z, name, type);

	assert_int_equal(a->status, want);
	assert_int_equal(a->count > 0, want == DNS_STATUS_OK);
	dns_answer_free(a);
}

static void answers_with_records_or_with_why_there_are_none(void **state)
{
	struct dns_zone *z = zone("; a comment\n$ORIGIN School.test.\n$TTL 300\n\n" SOA
	                          "  MX 10 mx\n  MX 20 backup.mx.\n"
	                          "mx A 192.0.2.1\n  AAAA 2001:db8::1\n"
	                          "deep.er A 192.0.2.2\n"
	                          "t TXT \"a;b\" \"c d\"\n"
	                          "null MX 0 .");
	struct dns_answer *a = ask(z, "SCHOOL.test.", DNS_MX);

	(void)state;
	assert_string_equal(dns_zone_origin(z), "School.test");
	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_int_equal(a->count, 2);
	assert_int_equal(a->records[0].preference, 10);
	assert_int_equal(a->records[0].ttl, 300);
	assert_string_equal(a->records[0].name, "mx.School.test");
	assert_string_equal(a->records[1].name, "backup.mx");
	dns_answer_free(a);
	a = ask(z, "t.school.test", DNS_TXT);
	assert_string_equal(a->records[0].text, "a;bc d");
	dns_answer_free(a);
	a = ask(z, "null.school.test", DNS_MX);
	assert_string_equal(a->records[0].name, "");
	dns_answer_free(a);
	is_status(z, "mx.school.test", DNS_AAAA, DNS_STATUS_OK);
	is_status(z, "mx.school.test", DNS_MX, DNS_STATUS_NO_DATA);
	is_status(z, "er.school.test", DNS_A, DNS_STATUS_NO_DATA); /* a name below it exists */
	is_status(z, "x.school.test", DNS_A, DNS_STATUS_NO_NAME);
	assert_null(dns_zone_answer(z, "test", DNS_A));
	assert_null(dns_zone_answer(z, "preschool.test", DNS_A));
	assert_null(dns_zone_answer(z, "a..b", DNS_A));
	dns_zone_free(z);
}

static void follows_aliases_inside_the_zone(void **state)
{
	struct dns_zone *z = zone("$ORIGIN z.test.\n" SOA "a CNAME b\nb CNAME c\nc A 192.0.2.1\n"
	                          "out CNAME mx.elsewhere.test.\ndead CNAME nobody\n"
	                          "x CNAME y\ny CNAME x\nself CNAME self\n");
	struct dns_answer *a = ask(z, "a.z.test", DNS_A);

	(void)state;
	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_int_equal(a->alias_count, 2);
	assert_string_equal(a->aliases[1], "c.z.test");
	dns_answer_free(a);
	a = ask(z, "a.z.test", DNS_CNAME);
	assert_int_equal(a->alias_count, 0);
	assert_string_equal(a->records[0].name, "b.z.test");
	dns_answer_free(a);
	a = ask(z, "out.z.test", DNS_A);
	assert_int_equal(a->status, DNS_STATUS_NO_DATA);
	assert_string_equal(dns_answer_onward(a), "mx.elsewhere.test");
	dns_answer_free(a);
	a = ask(z, "dead.z.test", DNS_A);
	assert_int_equal(a->status, DNS_STATUS_NO_NAME);
	assert_int_equal(a->alias_count, 1);
	dns_answer_free(a);
	is_status(z, "x.z.test", DNS_MX, DNS_STATUS_CNAME_LOOP);
	is_status(z, "self.z.test", DNS_MX, DNS_STATUS_CNAME_LOOP);
	dns_zone_free(z);
}

static void wildcards_stand_in_for_names_that_do_not_exist(void **state)
{
	struct dns_zone *z = zone("$ORIGIN z.test.\n" SOA "*.w MX 5 mx\n*.w A 192.0.2.9\n"
	                          "real.w A 192.0.2.1\nsub.real.w A 192.0.2.2\n*.c CNAME real.w\n");
	struct dns_answer *a = ask(z, "deep.any.w.z.test", DNS_MX);

	(void)state;
	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_string_equal(a->name, "deep.any.w.z.test");
	dns_answer_free(a);
	is_status(z, "real.w.z.test", DNS_MX, DNS_STATUS_NO_DATA); /* RFC 4592 §2.2.1 */
	is_status(z, "x.real.w.z.test", DNS_A, DNS_STATUS_NO_NAME);
	is_status(z, "any.w.z.test", DNS_TXT, DNS_STATUS_NO_DATA);
	is_status(z, "q.c.z.test", DNS_A, DNS_STATUS_OK);
	dns_zone_free(z);
}

static void tells_every_fault_with_its_line(void **state)
{
	(void)state;
	is_faulty("$ORIGIN z.test.\n\n\n" SOA "; comment\n\na A 192.0.2\nb A 192.0.2.1\n"
	          "c MX ten mx\n$INCLUDE other\n  \nd QX 1\n",
	          "", 7, 9, 10, 12, 0);
	is_faulty("$ORIGIN z.test.\n" SOA "a.other. A 192.0.2.1\n" SOA "b CH A 192.0.2.1\n",
	          "outside the zone", 3, 4, 5, 0);
	is_faulty("a A 192.0.2.1\n", "before the SOA", 1, 0);
	is_faulty("$ORIGIN z.test.\n@ IN SOA ns\nb A 192.0.2.1\nc A 192.0.2.1\n", "", 2, 0);
	is_faulty("; nothing\n", "no SOA", 1, 0);
	is_faulty("", "empty", 1, 0);
	is_faulty("$ORIGIN z.test.\n@ IN SOA ns hostmaster (1 2 3 4 5\na A 192.0.2.1\n", "", 2, 0);
}

static void refuses_files_that_are_no_text(void **state)
{
	(void)state;
	assert_null(load("a\0b", 3));
	assert_int_equal(faults.count, 1);
	diags_release(&faults);
	diags_init(&faults);
	assert_null(dns_zone_load("/tmp", &faults));
	assert_null(dns_zone_load("/nonexistent/zone", &faults));
	assert_int_equal(faults.count, 2);
	assert_string_equal(faults.list[1].where, "/nonexistent/zone");
	assert_int_equal(faults.list[1].kind, DIAG_INPUT);
	diags_release(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(answers_with_records_or_with_why_there_are_none),
	        cmocka_unit_test(follows_aliases_inside_the_zone),
	        cmocka_unit_test(wildcards_stand_in_for_names_that_do_not_exist),
	        cmocka_unit_test(tells_every_fault_with_its_line),
	        cmocka_unit_test(refuses_files_that_are_no_text),
	};

	return cmocka_run_group_tests_name("dns_zone", tests, NULL, NULL);
}
