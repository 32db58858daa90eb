/*
 * What becomes of a message that a practice host accepted: aliases, mailboxes, other hosts, the
 * queue and its retries, and what the log says about it all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "practice/aliases.h"
#include "practice_queue_rig.h"

/* --- mailboxes --- */

static void local_mail_is_logged_from_connect_to_removed(void **state)
{
	static const char *const lines[] = {
	        "postfix/smtpd[",
	        ": client=laptop.home.test[192.0.2.77]",
	        "message-id=<1@client.test>",
	        "postfix/qmgr[",
	        "from=<a@b.test>, size=",
	        ", nrcpt=1 (queue active)",
	        "postfix/local[",
	        "to=<bob@school.test>, relay=local, delay=0, delays=0/0/0/0, "
	        "dsn=2.0.0, status=sent (delivered to mailbox)",
	        ": removed"};
	char *id = send_to(*state, "a@b.test", "bob@school.test");

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		logged(*state, id, lines[i]);
	logged(*state, NULL, "connect from laptop.home.test[192.0.2.77]");
	logged(*state, NULL,
	       "disconnect from laptop.home.test[192.0.2.77] ehlo=1 mail=1 rcpt=1 data=1 quit=1 "
	       "commands=5");
	assert_int_equal(waiting(*state), 0);
	free(id);
}

static void an_mbox_has_a_line_before_each_message_and_quotes_its_like(void **state)
{
	static const char *const rcpts[] = {"RCPT TO:<bob@school.test>", NULL};
	struct fixture *f = *state;
	const struct world_message *m;

	free(send_as(f, "MAIL FROM:<a@b.test>", rcpts,
	             "Subject: x\r\n\r\nFrom here\r\n>From there"));
	m = newest(f, "bob@school.test");
	assert_string_equal(m->file, "/var/mail/bob");
	assert_string_equal(m->from_line, "From a@b.test  Tue Nov 24 20:00:00 2026");
	has(m, "\r\n>From here\r\n>From there\r\n");
}

static void a_maildir_has_a_file_for_each_message(void **state)
{
	static const char *const rcpts[] = {"RCPT TO:<bob@school.test>", NULL};
	struct fixture *f = *state;
	const struct world_message *m;
	char *id;

	set(f, "home_mailbox = Maildir/");
	id = send_as(f, "MAIL FROM:<>", rcpts, "Subject: x\r\n\r\nFrom here");
	m = newest(f, "bob@school.test");
	assert_memory_equal(m->file, "/home/bob/Maildir/new/1795550400.V", 34);
	assert_non_null(strstr(m->file, ".mail.school.test"));
	assert_null(m->from_line);
	has(m, "\r\nFrom here\r\n");
	logged(f, id, "status=sent (delivered to maildir)");
	free(id);
}

static void a_full_mbox_sends_mail_back(void **state)
{
	struct fixture *f = *state;
	char *id;

	set(f, "mailbox_size_limit = 100");
	id = send_to(f, "alice@school.test", "bob@school.test");
	logged(f, id,
	       "dsn=5.2.2, status=bounced (cannot update mailbox /var/mail/bob for user bob. "
	       "error writing message: File too large)");
	logged(f, id, "sender non-delivery notification: ");
	free(id);
}

/* --- aliases --- */

static void aliases_lead_to_users_and_to_other_hosts(void **state)
{
	struct fixture *f = *state;
	char *id;

	set(f, "alias_maps = inline:{{info = alice, team} {team = bob, bob@recipient.test, "
	       "recipient@recipient.test} {alice = alice}}");
	set(f, "local_recipient_maps =");
	id = send_to(f, "carol@school.test", "info@school.test");
	logged(f, id, "to=<alice@school.test>, orig_to=<info@school.test>, relay=local");
	logged(f, id, "to=<bob@school.test>, orig_to=<info@school.test>, relay=local");
	logged(f, id,
	       "to=<info@school.test>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, "
	       "status=sent (forwarded as ");
	has(newest(f, "alice@school.test"), "X-Original-To: info@school.test\r\n"
	                                    "Delivered-To: info@school.test\r\n");
	has(newest(f, "recipient@recipient.test"), "Delivered-To: info@school.test\r\n");
	has(newest(f, "recipient@recipient.test"), "Received: from mail.school.test ");
	has(newest(f, "recipient@recipient.test"),
	    "Received: by mail.school.test (Postfix)\r\n\tid ");
	/* There is no bob at recipient.test. */
	has(newest(f, "carol@school.test"), "Final-Recipient: rfc822; bob@recipient.test\r\n"
	                                    "Original-Recipient: rfc822;info@school.test\r\n");
	free(id);
}

static void alias_loops_end(void **state)
{
	struct fixture *f = *state;
	char *id;

	set(f, "alias_maps = inline:{{a = b} {b = a}}");
	set(f, "local_recipient_maps =");
	id = send_to(f, "carol@school.test", "a@school.test");
	logged(f, id, "dsn=5.4.6, status=bounced (alias database loop for ");
	free(id);
}

static void edited_aliases_mean_nothing_before_newaliases(void **state)
{
	struct fixture *f = *state;
	char *id;

	set(f, "alias_maps = hash:/etc/aliases");
	set(f, "local_recipient_maps =");
	assert_int_equal(world_aliases_edit(f->host, SPAN("info: alice, bob")), 0);
	assert_int_equal(world_aliases_edit(f->host, SPAN("info: bob")), 0);
	assert_int_equal(world_aliases_edit(f->host, SPAN("no alias")), -1);
	id = send_to(f, "a@b.test", "info@school.test");
	logged(f, id, "dsn=5.1.1, status=bounced (unknown user: \"info\")");
	free(id);
	assert_int_equal(world_newaliases(f->host), 1);
	assert_true(world_aliases_used(f->host));
	free(send_to(f, "a@b.test", "info@school.test"));
	assert_int_equal(box(f, "bob@school.test")->count, 1);
	assert_int_equal(box(f, "alice@school.test")->count, 0);
	assert_int_equal(world_aliases_edit(f->host, SPAN("INFO:")), 0);
	assert_int_equal(world_newaliases(f->host), 0);
}

static void virtual_aliases_are_followed_before_the_queue(void **state)
{
	struct fixture *f = *state;
	char *id;

	set(f, "virtual_alias_domains = shop.test");
	set(f,
	    "virtual_alias_maps = inline:{{sales@shop.test = alice@school.test, bob@school.test} "
	    "{@shop.test = carol@school.test}}");
	id = send_to(f, "a@b.test", "sales@shop.test");
	logged(f, id, "nrcpt=2 (queue active)");
	logged(f, id, "to=<bob@school.test>, orig_to=<sales@shop.test>, relay=local");
	has(newest(f, "bob@school.test"), "X-Original-To: sales@shop.test\r\n"
	                                  "Delivered-To: bob@school.test\r\n");
	free(id);
	free(send_to(f, "a@b.test", "x@shop.test"));
	has(newest(f, "carol@school.test"), "X-Original-To: x@shop.test\r\n");
}

static void a_list_with_an_owner_sends_in_the_owners_name(void **state)
{
	struct fixture *f = *state;

	set(f, "alias_maps = inline:{{list = bob} {owner-list = dan}}");
	set(f, "local_recipient_maps =");
	free(send_to(f, "a@b.test", "list@school.test"));
	has(newest(f, "bob@school.test"), "Return-Path: <owner-list@school.test>\r\n");
}

/* --- other hosts --- */

static void another_host_adds_its_own_trace(void **state)
{
	struct fixture *f = *state;
	const struct world_message *m;
	char *id;

	open_relay(f);
	id = send_to(f, "alice@school.test", "recipient@recipient.test");
	m = newest(f, "recipient@recipient.test");
	has(m, "Received: from mail.school.test (");
	has(m, " [192.0.2.25])\r\n\tby mail.recipient.test (Postfix) with ESMTP id ");
	has(m,
	    "Received: from client.test (laptop.home.test [192.0.2.77])\r\n\tby mail.school.test ");
	logged(f, id,
	       "to=<recipient@recipient.test>, relay=mail.recipient.test[192.0.2.40]:25, "
	       "delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as ");
	logged(f, NULL, "mail.recipient.test postfix/smtpd[3003]: connect from ");
	free(id);
}

static void the_next_mx_host_is_tried_when_the_first_is_dead(void **state)
{
	struct fixture *f = *state;
	char *id;

	open_relay(f);
	id = send_to(f, "alice@school.test", "bob@deadmx.test");
	logged(f, NULL, "connect to mx1.deadmx.test[203.0.113.1]:25: Connection timed out");
	logged(f, id,
	       "relay=mx2.deadmx.test[203.0.113.2]:25, delay=30, delays=0/0/30/0, dsn=2.0.0");
	assert_int_equal(world_time(f->world), START + 30);
	assert_int_equal(box(f, "bob@deadmx.test")->count, 1);
	free(id);
}

static void what_another_host_refuses_comes_back(void **state)
{
	struct fixture *f = *state;
	char *id;

	open_relay(f);
	id = send_to(f, "alice@school.test", "eve@recipient.test");
	logged(f, id,
	       "dsn=5.1.1, status=bounced (host mail.recipient.test[192.0.2.40] said: 550 5.1.1 "
	       "<eve@recipient.test>: Recipient address rejected: User unknown in local "
	       "recipient table (in reply to RCPT TO command))");
	has(newest(f, "alice@school.test"), "Remote-MTA: dns; mail.recipient.test\r\n"
	                                    "Diagnostic-Code: smtp; 550 5.1.1");
	free(id);
}

static void what_cannot_be_routed_comes_back(void **state)
{
	static const struct {
		const char *to, *line;
	} cases[] = {
	        {"x@nullmx.test",
	         "dsn=5.1.0, status=bounced (Domain nullmx.test does not accept mail (nullMX))"},
	        {"x@nowhere.test",
	         "dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for "
	         "name=nowhere.test type=AAAA: Host not found)"},
	};
	struct fixture *f = *state;

	open_relay(f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *id = send_to(f, "alice@school.test", cases[i].to);

		logged(f, id, cases[i].line);
		free(id);
	}
	assert_int_equal(box(f, "alice@school.test")->count, 2);
}

static void main_cf_says_where_mail_goes(void **state)
{
	static const struct {
		const char *setting, *line;
	} cases[] = {
	        {"default_transport = error:5.1.2 no way out",
	         "relay=none, delay=0, delays=0/0/0/0, dsn=5.1.2, status=bounced (no way out)"},
	        {"default_transport = smtp:[mail.recipient.test]",
	         "relay=mail.recipient.test[192.0.2.40]:25"},
	        {"default_transport = smtp", "relay=none, "},
	        {"relayhost = recipient.test", "relay=mail.recipient.test[192.0.2.40]:25"},
	        {"transport_maps = inline:{{.nowhere.test = discard:thrown away} "
	         "{nowhere.test = retry:4.0.1 later}}",
	         "dsn=4.0.1, status=deferred (later)"},
	        {"default_transport = uucp", ""},
	};
	struct fixture *f = *state;

	open_relay(f);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *id;

		set(f, cases[i].setting);
		id = send_to(f, "", "x@nowhere.test");
		logged(f, id, cases[i].line);
		free(id);
	}
}

/* --- the queue --- */

static void mail_for_a_dead_host_waits_and_comes_back(void **state)
{
	struct fixture *f = *state;
	struct buf shown;
	char *id;

	open_relay(f);
	id = send_to(f, "alice@school.test", "bob@silent.test");
	logged(f, id,
	       "dsn=4.4.1, status=deferred (connect to mx.silent.test[203.0.113.3]:25: "
	       "Connection timed out)");
	assert_int_equal(waiting(f), 1);
	buf_init(&shown, 10000);
	world_queue_show(f->world, f->host, &shown);
	assert_non_null(strstr(shown.data, "Tue Nov 24 20:00:00  alice@school.test\n"));
	assert_non_null(strstr(shown.data, "(connect to mx.silent.test[203.0.113.3]:25: Connection "
	                                   "timed out)\n"));
	assert_non_null(strstr(shown.data, "                                         "
	                                   "bob@silent.test\n\n-- 0 Kbytes in 1 Request.\n"));
	buf_release(&shown);

	world_wait(f->world, 4 * HOUR);
	assert_int_equal(waiting(f), 1);
	assert_int_equal(box(f, "alice@school.test")->count, 0);
	world_wait(f->world, 5 * 24 * HOUR);
	assert_int_equal(waiting(f), 0);
	logged(f, id, "from=<alice@school.test>, status=expired, returned to sender");
	logged(f, id, "sender non-delivery notification: ");
	logged(f, id, ": removed");
	has(newest(f, "alice@school.test"), "Action: failed\r\nStatus: 4.4.1\r\n");
	free(id);
}

struct tries {
	const char *id;
	size_t count;
};

static void count_try(void *arg, const char *line)
{
	struct tries *t = arg;

	t->count += strstr(line, "(queue active)") != NULL;
}

static size_t tries(const struct fixture *f, const char *id)
{
	struct tries t = {id, 0};

	world_each_log_line(f->world, 0, id, count_try, &t);
	return t.count;
}

/* The age of the message, but 300 s at least and 4000 s at most, at the next scan. */
static void the_time_between_attempts_grows(void **state)
{
	struct fixture *f = *state;
	char *id;

	open_relay(f);
	id = send_to(f, "alice@school.test", "x@refused.test");
	assert_int_equal(tries(f, id), 1);
	world_wait(f->world, 299);
	assert_int_equal(tries(f, id), 1);
	world_wait(f->world, 1); /* 300 */
	assert_int_equal(tries(f, id), 2);
	world_wait(f->world, 300); /* 600 */
	assert_int_equal(tries(f, id), 3);
	world_wait(f->world, 600); /* 1200 */
	assert_int_equal(tries(f, id), 4);
	world_wait(f->world, 1199);
	assert_int_equal(tries(f, id), 4);
	world_wait(f->world, 1); /* 2400 */
	assert_int_equal(tries(f, id), 5);
	world_queue_flush(f->world, NULL);
	assert_int_equal(tries(f, id), 6);
	assert_true(world_queue_delete(f->world, id));
	assert_false(world_queue_delete(f->world, id));
	logged(f, id, "postfix/postsuper[");
	assert_int_equal(waiting(f), 0);
	free(id);
}

static void a_greylisting_host_takes_it_at_the_second_attempt(void **state)
{
	struct fixture *f = *state;
	struct world_host *other = world_host_named(f->world, "mail.recipient.test");
	struct diags ds;
	char *id;

	diags_init(&ds);
	assert_int_equal(world_host_set(other,
	                                SPAN("smtpd_recipient_restrictions = check_policy_service "
	                                     "unix:private/greylist"),
	                                &ds),
	                 0);
	diags_release(&ds);
	open_relay(f);
	id = send_to(f, "alice@school.test", "recipient@recipient.test");
	logged(f, id, "status=deferred (host mail.recipient.test[192.0.2.40] said: 450 4.7.1");
	world_wait(f->world, 600);
	assert_int_equal(waiting(f), 0);
	assert_int_equal(box(f, "recipient@recipient.test")->count, 1);
	free(id);
}

static void the_sender_is_warned_of_a_delay(void **state)
{
	struct fixture *f = *state;

	open_relay(f);
	set(f, "delay_warning_time = 1h");
	free(send_to(f, "alice@school.test", "x@refused.test"));
	world_wait(f->world, 50 * 60);
	assert_int_equal(box(f, "alice@school.test")->count, 0);
	world_wait(f->world, 5 * HOUR);
	assert_int_equal(box(f, "alice@school.test")->count, 1);
	has(newest(f, "alice@school.test"), "Subject: Delayed Mail (still being retried)\r\n");
	has(newest(f, "alice@school.test"), "Action: delayed\r\n");
	has(newest(f, "alice@school.test"),
	    "Will-Retry-Until: Sun, 29 Nov 2026 20:00:00 +0000 (UTC)");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(local_mail_is_logged_from_connect_to_removed),
	        T(an_mbox_has_a_line_before_each_message_and_quotes_its_like),
	        T(a_maildir_has_a_file_for_each_message),
	        T(a_full_mbox_sends_mail_back),
	        T(aliases_lead_to_users_and_to_other_hosts),
	        T(alias_loops_end),
	        T(edited_aliases_mean_nothing_before_newaliases),
	        T(virtual_aliases_are_followed_before_the_queue),
	        T(a_list_with_an_owner_sends_in_the_owners_name),
	        T(another_host_adds_its_own_trace),
	        T(the_next_mx_host_is_tried_when_the_first_is_dead),
	        T(what_another_host_refuses_comes_back),
	        T(what_cannot_be_routed_comes_back),
	        T(main_cf_says_where_mail_goes),
	        T(mail_for_a_dead_host_waits_and_comes_back),
	        T(the_time_between_attempts_grows),
	        T(a_greylisting_host_takes_it_at_the_second_attempt),
	        T(the_sender_is_warned_of_a_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
