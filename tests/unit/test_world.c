/*
 * The world: what the shipped zones and hosts say, and mailboxes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/mailbox.h"
#include "practice/voice.h"
#include "practice/world.h"

static int load_shipped(void **state)
{
	struct diags ds;

	diags_init(&ds);
	*state = world_load("lessons", &ds);
	for (size_t i = 0; i < ds.count; i++)
		print_error("%s: %s\n", ds.list[i].where, ds.list[i].what);
	diags_release(&ds);
	return *state ? 0 : -1;
}

static int free_shipped(void **state)
{
	world_free(*state);
	return 0;
}

/* "5 gmail-smtp-in.gmail.test, 10 …" or the status. */
static void expect_mx(const struct world *w, const char *name, const char *expected)
{
	struct dns_answer *a = world_answer(w, name, DNS_MX);
	struct buf text;

	buf_init(&text, 1000);
	if (a->status != DNS_STATUS_OK)
		buf_addstr(&text, dns_status_text(a->status));
	for (size_t i = 0; i < a->count; i++)
		buf_addf(&text, "%s%u %s", i ? ", " : "", a->records[i].preference,
		         a->records[i].name);
	assert_string_equal(text.data, expected);
	buf_release(&text);
	dns_answer_free(a);
}

static void every_domain_has_its_mail_hosts(void **state)
{
	expect_mx(*state, "school.test", "10 mail.school.test");
	expect_mx(*state, "SCHOOL.test", "10 mail.school.test");
	expect_mx(*state, "gmail.test",
	          "5 gmail-smtp-in.gmail.test, 10 alt1.gmail-smtp-in.gmail.test");
	expect_mx(*state, "recipient.test", "10 mail.recipient.test");
	expect_mx(*state, "deadmx.test", "10 mx1.deadmx.test, 20 mx2.deadmx.test");
	expect_mx(*state, "nullmx.test", "0 ");
	expect_mx(*state, "nomx.test", "the name exists but has no such record");
	expect_mx(*state, "noname.test", "the name does not exist (NXDOMAIN)");
	expect_mx(*state, "nowhere.school.test", "the name does not exist (NXDOMAIN)");
	expect_mx(*state, "refused.test", "10 mx.refused.test");
	expect_mx(*state, "alias.test", "10 mx.alias.test");
	expect_mx(*state, "literal.test", "10 203.0.113.60");
	expect_mx(*state, "hidden.test", "10 mx.nowhere.hidden.test");
	expect_mx(*state, "private.test", "10 mx.private.test");
	expect_mx(*state, "farms.test",
	          "10 mx-a.farms.test, 10 mx-b.farms.test, 10 mx-c.farms.test");
	expect_mx(*state, "www.school.test", "10 mail.school.test");
}

static void expect_address(const struct world *w, const char *name, enum dns_type type,
                           const char *expected)
{
	struct dns_answer *a = world_answer(w, name, type);
	char text[NET_ADDRESS_TEXT];

	if (expected) {
		assert_int_equal(a->status, DNS_STATUS_OK);
		assert_int_equal(a->count, 1);
		assert_string_equal(net_address_text(&a->records[0].address, text), expected);
	} else {
		assert_int_not_equal(a->status, DNS_STATUS_OK);
	}
	dns_answer_free(a);
}

static void every_mail_host_is_a_host_of_the_world(void **state)
{
	expect_address(*state, "mail.school.test", DNS_A, "192.0.2.25");
	expect_address(*state, "mail.school.test", DNS_AAAA, "2001:db8:25::25");
	expect_address(*state, "mx.alias.test", DNS_A, "203.0.113.30");
	expect_address(*state, "mx.private.test", DNS_A, "127.0.0.1");
	expect_address(*state, "mx.nowhere.hidden.test", DNS_A, NULL);
	expect_address(*state, "nomx.test", DNS_A, "203.0.113.10");
}

static void aliases_in_a_circle_are_cut(void **state)
{
	struct dns_answer *a = world_answer(*state, "mx.loop.test", DNS_A);

	assert_int_equal(a->status, DNS_STATUS_CNAME_LOOP);
	assert_int_equal(a->count, 0);
	dns_answer_free(a);
}

static struct world_host *host_at(const struct world *w, const char *address, unsigned port)
{
	struct net_address a;

	assert_int_equal(net_address_parse(span_of(address), port, &a), 0);
	return world_host_at(w, &a);
}

static void hosts_are_found_by_address(void **state)
{
	struct world_host *h = host_at(*state, "192.0.2.25", 25);

	assert_non_null(h);
	assert_string_equal(h->name, "mail.school.test");
	assert_int_equal(h->behaviour, HOST_SERVES);
	assert_int_equal(maincf_number(world_host_site(h, 25)->cf, MAINCF_MESSAGE_SIZE_LIMIT),
	                 10240000);
	assert_ptr_equal(host_at(*state, "2001:db8:25::25", 2525), h);
	assert_int_equal(host_at(*state, "203.0.113.1", 25)->behaviour, HOST_DEAD);
	assert_int_equal(host_at(*state, "203.0.113.20", 25)->behaviour, HOST_REFUSES);
	assert_string_equal(host_at(*state, "198.51.100.26", 25)->voice->name, "google");
	assert_null(host_at(*state, "192.0.2.99", 25));
}

static void mailboxes_are_found_by_any_of_their_addresses(void **state)
{
	struct world_host *h = NULL;
	struct world_mailbox *bob = world_mailbox(*state, SPAN("bob@school.test"), &h);

	assert_non_null(bob);
	assert_string_equal(bob->address, "bob@school.test");
	assert_string_equal(h->name, "mail.school.test");
	assert_ptr_equal(world_mailbox(*state, SPAN("BOB@School.Test"), NULL), bob);
	assert_ptr_equal(world_mailbox(*state, SPAN("bob@mail.school.test"), NULL), bob);
	assert_ptr_equal(world_mailbox(*state, SPAN("bob@[192.0.2.25]"), NULL), bob);
	assert_null(world_mailbox(*state, SPAN("bob@[192.0.2.26]"), NULL));
	assert_null(world_mailbox(*state, SPAN("bob@["), NULL));
	assert_null(world_mailbox(*state, SPAN("eve@school.test"), NULL));
	assert_null(world_mailbox(*state, SPAN("bob"), NULL));
	assert_null(world_mailbox(*state, SPAN(""), NULL));
	assert_null(world_mailbox(*state, SPAN("@school.test"), NULL));
}

static void count_mailbox(void *arg, const struct world_mailbox *m)
{
	assert_true(m->count > 0);
	++*(size_t *)arg;
}

static int deliver(struct world *w, const char *address, size_t size)
{
	struct world_mailbox *box = world_mailbox(w, span_of(address), NULL);
	struct world_message m = {.sender = mem_dup(""),
	                          .recipient = mem_dup(address),
	                          .text = mem_zero(size + 1),
	                          .len = size,
	                          .queue_id = mem_dup("1")};

	return world_deliver(w, box, &m);
}

static void only_mailboxes_with_mail_are_listed(void **state)
{
	size_t n = 0;

	world_each_mailbox(*state, count_mailbox, &n);
	assert_int_equal(n, 0);
	assert_int_equal(deliver(*state, "bob@school.test", 10), 0);
	assert_int_equal(deliver(*state, "bob@school.test", 10), 0);
	assert_int_equal(deliver(*state, "bob@nomx.test", 10), 0);
	world_each_mailbox(*state, count_mailbox, &n);
	assert_int_equal(n, 2);
}

static void a_full_world_takes_no_more(void **state)
{
	for (int i = 0; i < 4; i++)
		assert_int_equal(deliver(*state, "bob@school.test", WORLD_MAIL_MAX / 4), 0);
	assert_int_equal(deliver(*state, "bob@school.test", 1), -1);
	assert_int_equal(world_mailbox(*state, SPAN("bob@school.test"), NULL)->count, 4);
}

static void every_zone_file_is_read(void **state)
{
	size_t zones = 0;
	glob_t files;

	assert_int_equal(glob("lessons/world/zones/*.zone", 0, NULL, &files), 0);
	assert_non_null(world_zones(*state, &zones));
	assert_int_equal(zones, files.gl_pathc);
	globfree(&files);
}

static void passwords_belong_to_users(void **state)
{
	const struct world_host *h = world_serving(*state, SPAN("SUBMISSION.test"));

	assert_non_null(h);
	assert_string_equal(world_host_password(h, SPAN("alice")), "wonderland");
	assert_string_equal(world_host_password(h, SPAN("Alice@submission.test")), "wonderland");
	assert_null(world_host_password(h, SPAN("alice@school.test")));
	assert_null(world_host_password(h, SPAN("postmaster")));
	assert_null(world_host_password(h, SPAN("eve")));
	assert_null(world_host_password(h, SPAN("")));
	assert_null(world_serving(*state, SPAN("nobody.test")));
}

#define SHIPPED(name) cmocka_unit_test_setup_teardown(name, load_shipped, free_shipped)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        SHIPPED(every_domain_has_its_mail_hosts),
	        SHIPPED(every_mail_host_is_a_host_of_the_world),
	        SHIPPED(aliases_in_a_circle_are_cut),
	        SHIPPED(hosts_are_found_by_address),
	        SHIPPED(mailboxes_are_found_by_any_of_their_addresses),
	        SHIPPED(only_mailboxes_with_mail_are_listed),
	        SHIPPED(a_full_world_takes_no_more),
	        SHIPPED(every_zone_file_is_read),
	        SHIPPED(passwords_belong_to_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
