/*
 * The world: what the shipped zones and hosts say, mailboxes, and the faults of a world's files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

	assert_non_null(world_zones(*state, &zones));
	assert_int_equal(zones, 25);
}

/* --- faults --- */

struct files {
	char folder[64];
};

static void write_file(const struct files *f, const char *name, const char *text)
{
	char path[200];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", f->folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void copy_file(const struct files *f, const char *from, const char *name)
{
	char text[16384];
	FILE *in = fopen(from, "r");
	size_t n;

	assert_non_null(in);
	n = fread(text, 1, sizeof text - 1, in);
	fclose(in);
	text[n] = 0;
	write_file(f, name, text);
}

static int make_files(void **state)
{
	struct files *f = mem_zero(sizeof *f);
	char path[200];
	static const char *const folders[] = {"world", "world/zones", "world/voices"};

	strcpy(f->folder, "/tmp/test_world.XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", f->folder, folders[i]);
		if (mkdir(path, 0700) != 0)
			return -1;
	}
	copy_file(f, "lessons/world/zones/school.test.zone", "world/zones/school.test.zone");
	copy_file(f, "lessons/world/voices/postfix", "world/voices/postfix");
	write_file(f, "world/hosts", "[host a.test]\nAddress: 192.0.2.1\nUser: postmaster\n");
	*state = f;
	return 0;
}

static int remove_files(void **state)
{
	static const char *const names[] = {"world/zones/school.test.zone",
	                                    "world/zones/bad.zone",
	                                    "world/voices/postfix",
	                                    "world/voices/x",
	                                    "world/hosts",
	                                    "world/zones",
	                                    "world/voices",
	                                    "world",
	                                    ""};
	struct files *f = *state;
	char path[200];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", f->folder, names[i]);
		remove(path);
	}
	free(f);
	return 0;
}

/* Loads, and gives all faults as "file:line:column: what" lines without the folder. */
static void expect_faults(const struct files *f, const char *expected)
{
	struct diags ds;
	struct world *w;
	struct buf text;

	diags_init(&ds);
	buf_init(&text, 10000);
	w = world_load(f->folder, &ds);
	for (size_t i = 0; i < ds.count; i++) {
		const char *where = ds.list[i].where;
		size_t skip = strlen(f->folder) + strlen("/world/");

		buf_addf(&text, "%s: %s\n", strlen(where) > skip ? where + skip : where,
		         ds.list[i].what);
	}
	assert_string_equal(text.data, expected);
	assert_true((w == NULL) == (*expected != 0));
	world_free(w);
	buf_release(&text);
	diags_release(&ds);
}

static void a_small_world_is_enough(void **state)
{
	expect_faults(*state, "");
}

static void faults_of_tls_and_logins_are_told(void **state)
{
	write_file(*state, "world/hosts",
	           "[host a.test]\n"
	           "Address: 192.0.2.1\n"
	           "User: postmaster\n"
	           "Port: 587\n"
	           "Port: 587\n"
	           "Port: 80\n"
	           "Port: x\n"
	           "Certificate: fine\n"
	           "Attack: laugh\n"
	           "Password: eve secret\n"
	           "Password: postmaster\n"
	           "Auth: PLAIN MAGIC\n"
	           "[host b.test]\n"
	           "Address: 192.0.2.2\n"
	           "User: postmaster\n"
	           "Port: 465\n"
	           "Attack: strip\n"
	           "Auth: SCRAM-SHA-256-PLUS\n"
	           "Auth: EXTERNAL\n");
	expect_faults(
	        *state,
	        "hosts:10:11: here is one of the users expected, and a password\n"
	        "hosts:11:11: here is one of the users expected, and a password\n"
	        "hosts:5:7: a port is 25, 587 or 465, each once\n"
	        "hosts:6:7: a port is 25, 587 or 465, each once\n"
	        "hosts:7:7: a port is 25, 587 or 465, each once\n"
	        "hosts:8:14: a certificate is good, expired, not-yet-valid, wrong-name, "
	        "self-signed, or incomplete\n"
	        "hosts:9:9: an attack is strip or inject\n"
	        "hosts:12:7: \"MAGIC\" is not a mechanism that a host can do\n"
	        "hosts:1:1: port 587 is for users that log in: Auth is missing\n"
	        "hosts:18:7: \"SCRAM-SHA-256-PLUS\" is not a mechanism that a host can do\n"
	        "hosts:19:7: \"EXTERNAL\" is not a mechanism that a host can do\n"
	        "hosts:13:1: port 465 is for users that log in over TLS: Auth and Certificate "
	        "are needed\n"
	        "hosts:13:1: an attack on TLS needs a host with a Certificate\n");
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

static void all_faults_of_hosts_are_told(void **state)
{
	write_file(*state, "world/hosts",
	           "Stray: x\n"
	           "[host a.test]\n"
	           "Address: 8.8.8.8\n"
	           "Address: x\n"
	           "User: a b\n"
	           "User: bob\n"
	           "User: BOB\n"
	           "Behaviour: sleeps\n"
	           "Size-Limit: 0\n"
	           "Voice: ../x\n"
	           "Domain:\n"
	           "Colour: red\n"
	           "[host b.test]\n"
	           "Address: 192.0.2.1\n"
	           "User: postmaster\n"
	           "[host c.test]\n"
	           "Address: 192.0.2.1\n"
	           "User: postmaster\n"
	           "[hose d.test]\n");
	expect_faults(
	        *state,
	        "hosts:1:1: here is a [host NAME] expected\n"
	        "hosts:12:9: a host has no \"Colour\"\n"
	        "hosts:3:10: this is not an address of the documentation ranges (RFC 5737, RFC "
	        "3849)\n"
	        "hosts:4:10: this is not an address of the documentation ranges (RFC 5737, RFC "
	        "3849)\n"
	        "hosts:8:12: a host serves, refuses, or is dead\n"
	        "hosts:11:8: a domain name is missing\n"
	        "hosts:5:7: this is not a user's name\n"
	        "hosts:7:7: this user is there already\n"
	        "hosts:9:13: this must be a number of bytes from 1 to 67108864\n"
	        "hosts:10:8: this is not the name of a voice\n"
	        "hosts:2:1: the host has no address\n"
	        "hosts:2:1: a host that serves needs the user postmaster (RFC 5321 §4.5.1)\n"
	        "hosts:17:10: another host has this address\n"
	        "hosts:16:1: the host has no address\n"
	        "hosts:19:1: here is a [host NAME] expected\n");
}

static void faults_of_zones_are_told_too(void **state)
{
	struct files *f = *state;
	struct diags ds;

	write_file(f, "world/zones/bad.zone", "x IN MX\n");
	write_file(f, "world/hosts", "[host a.test]\n");
	diags_init(&ds);
	assert_null(world_load(f->folder, &ds));
	assert_true(ds.count >= 3);
	assert_non_null(strstr(ds.list[0].where, "zones/bad.zone"));
	assert_non_null(strstr(ds.list[ds.count - 1].where, "/hosts:1"));
	diags_release(&ds);
}

static void a_world_without_files_is_told(void **state)
{
	struct diags ds;

	(void)state;
	diags_init(&ds);
	assert_null(world_load("/nonexistent", &ds));
	assert_int_equal(ds.count, 2);
	diags_release(&ds);
}

static void faults_of_voices_are_told(void **state)
{
	write_file(*state, "world/hosts",
	           "[host a.test]\nAddress: 192.0.2.1\nUser: postmaster\nVoice: x\n");
	write_file(*state, "world/voices/x",
	           "Like: postfix\nEmpty-Helo: maybe\n"
	           "Banner: 500 no\n"
	           "Helo: 250-a\n"
	           "Ok: 250 a\n"
	           "Ok: 250 b\n"
	           "Bye: 221 {home}\n"
	           "Queued: Ok\n"
	           "Hallo: 250\n");
	expect_faults(*state,
	              "voices/x:9:8: no reply has the name \"Hallo\"\n"
	              "voices/x:2:13: the only value is \"accept\"\n"
	              "voices/x:3:9: this reply must begin with a code from 200 to 299\n"
	              "voices/x:4:7: every line of a reply but the last has '-' after its code\n"
	              "voices/x:5:5: every line of a reply but the last has '-' after its code\n"
	              "voices/x:8:9: this reply must begin with a code from 200 to 299\n"
	              "voices/x:7:6: the places are {host} {client} {id} {what} {bytes}\n");
}

static void a_voice_must_have_all_its_words(void **state)
{
	struct diags ds;

	write_file(*state, "world/voices/x", "Banner: 220 {host}\n");
	diags_init(&ds);
	assert_null(voice_load(((struct files *)*state)->folder, "x", &ds));
	assert_int_equal(ds.count + ds.dropped, PRACTICE_REPLY_COUNT - 1);
	assert_string_equal(ds.list[0].what, "has no words for the reply \"Helo\"");
	diags_release(&ds);
	write_file(*state, "world/voices/x", "Like: x\n"); /* like itself */
	diags_init(&ds);
	assert_null(voice_load(((struct files *)*state)->folder, "x", &ds));
	assert_true(ds.count > 0);
	diags_release(&ds);
}

#define SHIPPED(name) cmocka_unit_test_setup_teardown(name, load_shipped, free_shipped)
#define FILES(name)   cmocka_unit_test_setup_teardown(name, make_files, remove_files)

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
	        FILES(a_small_world_is_enough),
	        FILES(all_faults_of_hosts_are_told),
	        FILES(faults_of_tls_and_logins_are_told),
	        FILES(faults_of_zones_are_told_too),
	        cmocka_unit_test(a_world_without_files_is_told),
	        FILES(faults_of_voices_are_told),
	        FILES(a_voice_must_have_all_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
