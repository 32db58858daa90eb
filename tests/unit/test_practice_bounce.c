/*
 * What a practice host tells a sender about a message that it accepted, and whether smtptalk itself
 * understands that and the log.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "explain/bounce.h"
#include "explain/log.h"
#include "practice_queue_rig.h"

/* --- notifications --- */

static void nobody_is_told_about_a_lost_notification(void **state)
{
	struct fixture *f = *state;
	char *id;

	open_relay(f);
	id = send_to(f, "", "x@nowhere.test");
	logged(f, id, "status=bounced");
	logged(f, id, ": removed");
	assert_false(world_log_has(f->world, id, "notification"));
	free(id);
	set(f, "notify_classes = 2bounce");
	id = send_to(f, "", "x@nowhere.test");
	logged(f, id, "postmaster non-delivery notification: ");
	has(newest(f, "postmaster@school.test"), "Return-Path: <double-bounce@school.test>\r\n");
	free(id);
}

static void dsn_parameters_are_honoured(void **state)
{
	static const char *const never[] = {"RCPT TO:<x@nowhere.test> NOTIFY=NEVER", NULL};
	static const char *const success[] = {
	        "RCPT TO:<bob@school.test> NOTIFY=SUCCESS ORCPT=rfc822;robert+2Bx@school.test",
	        "RCPT TO:<recipient@recipient.test> NOTIFY=SUCCESS,FAILURE", NULL};
	static const char *const failure[] = {"RCPT TO:<x@nowhere.test> NOTIFY=FAILURE", NULL};
	struct fixture *f = *state;
	const struct world_message *m;

	open_relay(f);
	free(send_as(f, "MAIL FROM:<alice@school.test>", never, "\r\nx"));
	assert_int_equal(box(f, "alice@school.test")->count, 0);

	free(send_as(f, "MAIL FROM:<alice@school.test> ENVID=QQ+2B1 RET=HDRS", success, "\r\nx"));
	m = newest(f, "alice@school.test");
	has(m, "Subject: Successful Mail Delivery Report\r\n");
	has(m, "Original-Envelope-Id: QQ+1\r\n");
	has(m, "Original-Recipient: rfc822;robert+x@school.test\r\nAction: delivered\r\n"
	       "Status: 2.0.0\r\n");
	/* That host has no DSN: it is told that the mail went there. */
	has(m, "Final-Recipient: rfc822; recipient@recipient.test\r\n");
	has(m, "Action: relayed\r\n");

	free(send_as(f, "MAIL FROM:<alice@school.test> RET=HDRS", failure,
	             "Subject: in the header\r\n\r\nin the body"));
	m = newest(f, "alice@school.test");
	has(m, "Content-Type: text/rfc822-headers\r\n");
	has(m, "Subject: in the header\r\n");
	has_not(m, "in the body");
}

/* --- smtptalk's own eyes --- */

static void a_bounce_is_understood(void **state)
{
	struct fixture *f = *state;
	const struct world_message *m;
	struct bounce b;

	open_relay(f);
	free(send_to(f, "alice@school.test", "eve@recipient.test"));
	m = newest(f, "alice@school.test");
	assert_string_equal(m->sender, "");
	assert_int_equal(bounce_read(&b, span_from(m->text, m->len)), 0);
	assert_true(b.fields);
	assert_false(b.truncated);
	assert_int_equal(b.count, 1);
	assert_string_equal(b.list[0].address, "eve@recipient.test");
	assert_string_equal(b.list[0].action, "failed");
	assert_string_equal(b.list[0].status, "5.1.1");
	assert_string_equal(b.list[0].host, "mail.recipient.test");
	assert_string_equal(b.reporter, "mail.school.test");
	assert_string_equal(b.from, "alice@school.test");
	bounce_release(&b);
}

static void feed_log(void *arg, const char *line)
{
	assert_true(log_recognise(span_of(line)));
	log_feed(arg, span_of(line));
}

static void the_log_is_understood(void **state)
{
	struct fixture *f = *state;
	const struct log_summary *s;
	struct explain *e;
	struct diags ds;
	struct log *l;

	open_relay(f);
	free(send_to(f, "alice@school.test", "eve@recipient.test"));
	free(send_to(f, "alice@school.test", "x@refused.test"));
	again(f);
	feed(f, "HELO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<nobody@school.test>\r\n");
	diags_init(&ds);
	e = explain_load(DATA_FOLDER, "en", &ds);
	assert_non_null(e);
	l = log_new(e, &(struct log_callbacks){0});
	world_each_log_line(f->world, 0, NULL, feed_log, l);
	log_end(l);
	s = log_summary(l);
	assert_int_equal(s->foreign_lines, 0);
	assert_int_equal(s->events[LOG_EVENT_BOUNCED], 1);
	assert_int_equal(s->events[LOG_EVENT_DELIVERED], 1); /* the bounce */
	assert_int_equal(s->events[LOG_EVENT_DEFERRED], 1);
	assert_int_equal(s->events[LOG_EVENT_REJECTED], 2); /* there, and here */
	assert_int_equal(s->open, 1);
	log_free(l);
	explain_free(e);
	diags_release(&ds);
}

static void the_log_forgets_its_oldest_lines(void **state)
{
	struct fixture *f = *state;
	size_t written;

	for (int i = 0; i < 2000; i++)
		free(send_to(f, "a@b.test", "bob@school.test"));
	written = world_log_written(f->world);
	/* Seven lines each, and three of a connection that is given up. */
	assert_int_equal(written, 2000 * (7 + 3) + 1);
	assert_false(world_log_has(f->world, NULL, "smtpd[3001]"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(nobody_is_told_about_a_lost_notification),
	        T(dsn_parameters_are_honoured),
	        T(a_bounce_is_understood),
	        T(the_log_is_understood),
	        T(the_log_forgets_its_oldest_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
