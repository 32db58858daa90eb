/*
 * The faults of practice hosts: how they are written, and what the server does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "practice/fault.h"
#include "practice_server_rig.h"

static void faults_are_read(void **state)
{
	static const struct {
		const char *text;
		enum fault_stage stage;
		enum fault_action action;
		int64_t ms;
		const char *detail; /* verb or reply */
	} good[] = {
	        {"connect silent", FAULT_CONNECT, FAULT_SILENT, 0, NULL},
	        {"every wait 300ms", FAULT_EVERY, FAULT_WAIT, 300, NULL},
	        {"RCPT wait 2s", FAULT_VERB, FAULT_WAIT, 2000, "RCPT"},
	        {"after-3 drop", FAULT_AFTER, FAULT_DROP, 0, NULL},
	        {"text drop", FAULT_TEXT, FAULT_DROP, 0, NULL},
	        {"end say 451 4.3.0 later", FAULT_END, FAULT_SAY, 0, "451 4.3.0 later"},
	};
	static const char *const bad[] = {"",           "connect",     "connect sing",
	                                  "rcpt drop",  "after- drop", "after-x drop",
	                                  "end wait",   "end wait 5",  "end wait 31s",
	                                  "end wait s", "end say",     "end say 99 x",
	                                  "end say hi", "end drop it"};
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_null(fault_parse(span_of(good[i].text), &f));
		assert_int_equal(f.stage, good[i].stage);
		assert_int_equal(f.action, good[i].action);
		assert_int_equal(f.ms, good[i].ms);
		if (good[i].detail)
			assert_string_equal(f.verb ? f.verb : f.reply, good[i].detail);
		fault_release(&f);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(fault_parse(span_of(bad[i]), &f));
}

static struct fault *only(struct fixture *f, const char *text)
{
	struct fault *list = mem_zero(sizeof *list);

	assert_null(fault_parse(span_of(text), list));
	f->host->faults = list;
	f->host->fault_count = 1;
	again(f);
	return list;
}

static void drops_instead_of_an_answer(void **state)
{
	struct fixture *f = *state;

	only(f, "RCPT drop");
	ask(f, "EHLO", "501 Syntax: EHLO hostname");
	ask(f, "MAIL FROM:<a@b.test>", "250 2.1.0 Ok");
	ask(f, "rcpt TO:<bob@school.test>", "");
	assert_true(practice_server_done(f->server));
}

static void drops_after_so_many_commands(void **state)
{
	struct fixture *f = *state;

	only(f, "after-2 drop");
	ask(f, "NOOP", "250 2.0.0 Ok");
	ask(f, "NOOP", "250 2.0.0 Ok");
	ask(f, "NOOP", "");
	assert_true(practice_server_done(f->server));
}

static void a_mute_host_stays_and_says_nothing(void **state)
{
	struct fixture *f = *state;

	only(f, "connect silent");
	ask(f, "EHLO a.test", "");
	ask(f, "QUIT", "");
	assert_false(practice_server_done(f->server));
	assert_int_equal(practice_server_delay_ms(f->server), 0);
}

static void says_something_else(void **state)
{
	struct fixture *f = *state;

	only(f, "MAIL say 452 4.3.1 disk full");
	ask(f, "MAIL FROM:<a@b.test>", "452 4.3.1 disk full");
	ask(f, "RCPT TO:<bob@school.test>", "503 5.5.1 Error: need MAIL command");
}

#define MESSAGE                                                                                    \
	"MAIL FROM:<a@b.test>\r\nRCPT TO:<bob@school.test>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n"

static void a_lost_answer_leaves_the_mail(void **state)
{
	struct fixture *f = *state;
	struct world_mailbox *bob = world_mailbox(f->world, SPAN("bob@school.test"), NULL);

	only(f, "end drop");
	feed(f, MESSAGE);
	start(f);
	ask(f, ".", "");
	assert_true(practice_server_done(f->server));
	assert_int_equal(bob->count, 1);
}

static void a_refusal_at_the_end_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct world_mailbox *bob = world_mailbox(f->world, SPAN("bob@school.test"), NULL);

	only(f, "end say 451 4.3.0 later");
	feed(f, MESSAGE);
	start(f);
	ask(f, ".", "451 4.3.0 later");
	ask(f, "DATA", "503 5.5.1 Error: need RCPT command");
	assert_int_equal(bob->count, 0);
}

static void drops_in_the_message(void **state)
{
	struct fixture *f = *state;

	only(f, "text drop");
	feed(f, MESSAGE);
	assert_true(practice_server_done(f->server));
}

static void what_comes_while_it_waits_is_kept(void **state)
{
	struct fixture *f = *state;

	only(f, "NOOP wait 300ms");
	practice_server_feed(f->server, SPAN("NOOP\r\nRSET x\r\nNO"));
	assert_int_equal(practice_server_delay_ms(f->server), 300);
	practice_server_feed(f->server, SPAN("OP\r\n"));
	expect(f, "250 2.0.0 Ok\r\n");
	practice_server_waited(f->server);
	assert_int_equal(practice_server_delay_ms(f->server), 300);
	expect(f, "501 5.5.4 Syntax: RSET\r\n250 2.0.0 Ok\r\n");
	practice_server_waited(f->server);
	assert_int_equal(practice_server_delay_ms(f->server), 0);
}

static void the_restriction_sleep_waits_a_tenth(void **state)
{
	struct fixture *f = *state;
	struct diags ds;

	diags_init(&ds);
	assert_int_equal(world_host_set(f->host, SPAN("smtpd_sender_restrictions = sleep 5"), &ds),
	                 0);
	diags_release(&ds);
	again(f);
	practice_server_feed(f->server, SPAN(MESSAGE));
	assert_int_equal(practice_server_delay_ms(f->server), 500);
	expect(f, "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n");
	practice_server_waited(f->server);
	expect(f, "354 End data with <CR><LF>.<CR><LF>\r\n");
}

static void one_error_after_another_is_slowed_down(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 9; i++)
		practice_server_feed(f->server, SPAN("FOO\r\n"));
	assert_int_equal(practice_server_delay_ms(f->server), 0);
	practice_server_feed(f->server, SPAN("FOO\r\n"));
	assert_int_equal(practice_server_delay_ms(f->server), PRACTICE_SECOND_MS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(faults_are_read),
	        T(drops_instead_of_an_answer),
	        T(drops_after_so_many_commands),
	        T(a_mute_host_stays_and_says_nothing),
	        T(says_something_else),
	        T(a_lost_answer_leaves_the_mail),
	        T(a_refusal_at_the_end_leaves_nothing),
	        T(drops_in_the_message),
	        T(what_comes_while_it_waits_is_kept),
	        T(the_restriction_sleep_waits_a_tenth),
	        T(one_error_after_another_is_slowed_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
