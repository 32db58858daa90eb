/*
 * The shipped world as a whole: every zone has a place in the list that a beginner sees, every host
 * can be reached, has a postmaster, and a main.cf that says what it is for and holds nothing that a
 * practice host does not know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "practice/mailbox.h"
#include "practice/places.h"
#include "practice/world.h"

static int load(void **state)
{
	struct diags ds;

	diags_init(&ds);
	*state = world_load("lessons", &ds);
	for (size_t i = 0; i < ds.count; i++)
		print_error("%s: %s\n", ds.list[i].where, ds.list[i].what);
	diags_release(&ds);
	return *state ? 0 : -1;
}

static int unload(void **state)
{
	world_free(*state);
	return 0;
}

static struct span domain_of(const char *target)
{
	const char *at = strchr(target, '@');
	struct span domain = span_of(at ? at + 1 : target);

	return span_first(domain, span_find(domain, ':'));
}

static bool has_place(const struct places *p, const char *zone)
{
	for (size_t i = 0; i < p->count; i++)
		if (span_eq(domain_of(p->list[i].target), span_of(zone)))
			return true;
	return false;
}

static bool is_service(const char *zone)
{
	return strstr(zone, ".arpa") || strcmp(zone, "bl.test") == 0 ||
	       strcmp(zone, "dbl.test") == 0 || strcmp(zone, "practice.test") == 0;
}

static void every_zone_has_a_place(void **state)
{
	struct places p;
	struct diags ds;
	size_t count;
	const struct dns_zone *const *zones = world_zones(*state, &count);

	diags_init(&ds);
	assert_int_equal(places_load("lessons", "en", &p, &ds), 0);
	for (size_t i = 0; i < count; i++) {
		const char *zone = dns_zone_origin(zones[i]);

		if (!is_service(zone) && !has_place(&p, zone))
			fail_msg("%s has no place in lessons/world/en.txt", zone);
	}
	for (size_t i = 0; i < p.count; i++) {
		assert_true(strlen(p.list[i].target) <= 24);
		assert_true(strlen(p.list[i].purpose) <= 80);
	}
	places_release(&p);
	assert_int_equal(places_load("lessons", "xx", &p, &ds), 0); /* in English */
	assert_true(p.count > 40);
	places_release(&p);
	diags_release(&ds);
}

static void check_main_cf(const struct world_host *h)
{
	struct diags ds;
	struct buf text;
	char *path = NULL;

	diags_init(&ds);
	buf_init(&text, 1 << 20);
	assert_true(asprintf(&path, "%s/main.cf", h->folder) > 0);
	assert_int_equal(file_read(path, &text, NULL), 0);
	if (strncmp(text.data, "# ", 2) != 0)
		fail_msg("%s does not begin with what the host is for", path);
	maincf_warn(h->sites[0].cf, &ds);
	for (size_t i = 0; i < ds.count; i++)
		print_error("%s: %s\n", ds.list[i].where, ds.list[i].what);
	assert_int_equal(ds.count, 0);
	buf_release(&text);
	diags_release(&ds);
	free(path);
}

static void every_host_can_be_used(void **state)
{
	static const char *const some[] = {
	        "mx.uni.test",     "relay.uni.test",   "mx2.deadmx.test", "mx.grey.test",
	        "mx.secure.test",  "submission.test",  "mx.strict.test",  "mx.small.test",
	        "mx.slow.test",    "mx.drops.test",    "mx.refused.test", "mx.silent.test",
	        "mx.bigmail.test", "mx.sendmail.test", "mx.qmail.test",   "mx.exchange.test"};

	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		const struct world_host *h = world_host_named(*state, some[i]);

		if (!h)
			fail_msg("there is no %s", some[i]);
		if (h->behaviour != HOST_SERVES)
			continue;
		assert_non_null(world_host_mailbox(h, SPAN("postmaster")));
		check_main_cf(h);
	}
}

/* The name of an address, or "" and how the look-up ended. */
static void expect_answer(const struct world *w, const char *name, enum dns_type type,
                          enum dns_status status, const char *text)
{
	struct dns_answer *a = world_answer(w, name, type);

	assert_int_equal(a->status, status);
	if (text)
		assert_string_equal(type == DNS_TXT ? a->records[0].text : a->records[0].name,
		                    text);
	dns_answer_free(a);
}

static void names_lead_both_ways(void **state)
{
	expect_answer(*state, "77.2.0.192.in-addr.arpa", DNS_PTR, DNS_STATUS_OK,
	              "laptop.home.test");
	expect_answer(*state, "laptop.home.test", DNS_A, DNS_STATUS_OK, NULL);
	expect_answer(*state, "80.100.51.198.in-addr.arpa", DNS_PTR, DNS_STATUS_NO_NAME, NULL);
	expect_answer(*state, "2.0.0.127.bl.test", DNS_TXT, DNS_STATUS_OK, "test entry, RFC 5782");
	expect_answer(*state, "1.0.0.127.bl.test", DNS_A, DNS_STATUS_NO_NAME, NULL);
	expect_answer(*state, "webmail.uni.test", DNS_A, DNS_STATUS_OK, NULL);
	expect_answer(*state, "uni.test", DNS_A, DNS_STATUS_NO_DATA, NULL);
}

static void names_fail_as_they_should(void **state)
{
	struct dns_answer *a;

	expect_answer(*state, "mx.broken.test", DNS_A, DNS_STATUS_SERVFAIL, NULL);
	expect_answer(*state, "timeout.test.", DNS_MX, DNS_STATUS_TIMEOUT, NULL);
	expect_answer(*state, "halfbroken.test", DNS_TXT, DNS_STATUS_SERVFAIL, NULL);
	expect_answer(*state, "halfbroken.test", DNS_MX, DNS_STATUS_OK, "mx.uni.test");
	a = world_answer(*state, "_25._tcp.mx.signed.test", DNS_TLSA);
	assert_true(a->authentic);
	assert_int_equal(a->count, 1);
	assert_int_equal(a->records[0].text_len, 35);
	dns_answer_free(a);
	a = world_answer(*state, "mail.school.test", DNS_A);
	assert_false(a->authentic);
	dns_answer_free(a);
}

#define T(name) cmocka_unit_test_setup_teardown(name, load, unload)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(every_zone_has_a_place),
	        T(every_host_can_be_used),
	        T(names_lead_both_ways),
	        T(names_fail_as_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
