/*
 * The practice server and whole messages: their end and nothing that only looks like it, chunks,
 * what lies in the mailbox, and the dialogues that people have in their notes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "practice_server_rig.h"

/* --- messages --- */

static const struct world_message *newest(struct fixture *f, const char *address)
{
	struct world_mailbox *box = world_mailbox(f->world, span_of(address), NULL);

	assert_non_null(box);
	assert_true(box->count > 0);
	return &box->messages[box->count - 1];
}

static size_t count(struct fixture *f, const char *address)
{
	return world_mailbox(f->world, span_of(address), NULL)->count;
}

/* What lies in the mailbox after the trace lines. */
static const char *text_after_trace(const struct world_message *m)
{
	const char *p = strstr(m->text, "+0000 (UTC)\r\n");

	assert_non_null(p);
	return p + strlen("+0000 (UTC)\r\n");
}

static void send_text(struct fixture *f, const char *text)
{
	again(f);
	feed(f, "HELO me.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob@school.test>\r\nDATA\r\n");
	start(f);
	feed(f, text);
}

static void delivers_with_trace_lines(void **state)
{
	struct fixture *f = *state;
	const struct world_message *m;
	char top[400];

	again(f);
	feed(f, "EHLO client.test\r\nMAIL FROM:<Me@There.test>\r\nRCPT TO:<Bob@School.test>\r\n"
	        "DATA\r\n");
	start(f);
	feed(f, "Subject: x\r\n\r\nHello\r\n.\r\n");
	m = newest(f, "bob@school.test");
	snprintf(top, sizeof top, "250 2.0.0 Ok: queued as %s\r\n", m->queue_id);
	expect(f, top);
	snprintf(top, sizeof top,
	         "Return-Path: <Me@There.test>\r\nX-Original-To: Bob@School.test\r\n"
	         "Delivered-To: Bob@School.test\r\n"
	         "Received: from client.test (laptop.home.test [192.0.2.77])\r\n"
	         "\tby mail.school.test (Postfix) with ESMTP id %s\r\n"
	         "\tfor <Bob@School.test>; ",
	         m->queue_id);
	assert_memory_equal(m->text, top, strlen(top));
	assert_string_equal(text_after_trace(m), "Subject: x\r\n\r\nHello\r\n");
	assert_int_equal(m->len, strlen(m->text));
	assert_string_equal(m->sender, "Me@There.test");
	assert_string_equal(m->recipient, "Bob@School.test");
}

static void names_no_recipient_in_received_when_there_are_two(void **state)
{
	struct fixture *f = *state;
	const struct world_message *m;

	again(f);
	feed(f, "MAIL FROM:<>\r\nRCPT TO:<bob>\r\nRCPT TO:<alice>\r\nRCPT TO:<BOB>\r\nDATA\r\n"
	        "x\r\n.\r\n");
	assert_int_equal(count(f, "bob@school.test"), 1);
	m = newest(f, "alice@school.test");
	assert_null(strstr(m->text, "\tfor <"));
	assert_non_null(
	        strstr(m->text, "Received: from unknown (laptop.home.test [192.0.2.77])\r\n"));
	assert_non_null(strstr(m->text, "with SMTP id"));
	assert_memory_equal(m->text, "Return-Path: <>\r\n", 17);
	assert_string_equal(m->sender, "");
	assert_string_equal(m->recipient, "alice@school.test");
}

static void a_helo_name_cannot_forge_trace_lines(void **state)
{
	struct fixture *f = *state;

	again(f);
	feed(f, "HELO a(b)<c>;@\x1b\r\nMAIL FROM:<>\r\nRCPT TO:<bob>\r\nDATA\r\n.\r\n");
	assert_non_null(
	        strstr(newest(f, "bob@school.test")->text, "from a?b??c???? (laptop.home.test"));
}

static void undoes_dot_stuffing(void **state)
{
	struct fixture *f = *state;

	send_text(f, "\r\n..\r\n..a\r\n.b\r\n. \r\na.\r\n.\r\n");
	assert_string_equal(text_after_trace(newest(f, "bob@school.test")),
	                    "\r\n.\r\n.a\r\nb\r\n \r\na.\r\n");
}

static void nothing_but_crlf_dot_crlf_ends_a_message(void **state)
{
	static const char *const not_ends[] = {"\n.\n",   "\r.\r",   "\n.\r\n", "\r\n.\n",
	                                       "\r.\r\n", "\r\n.\r", "\n.\r",   "\r\n. \r\n"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof not_ends / sizeof *not_ends; i++) {
		size_t before = count(f, "bob@school.test");

		send_text(f, "\r\nx");
		feed(f, not_ends[i]);
		feed(f, "MAIL FROM:<evil@b.test>\r\n");
		expect(f, "");
		assert_int_equal(count(f, "bob@school.test"), before);
		feed(f, "\r\n.\r\n");
		assert_int_equal(count(f, "bob@school.test"), before + 1);
		assert_non_null(
		        strstr(newest(f, "bob@school.test")->text, "MAIL FROM:<evil@b.test>"));
	}
}

static void stores_only_whole_line_ends(void **state)
{
	struct fixture *f = *state;

	send_text(f, "\r\na\nb\rc\r\n.\r\n");
	assert_string_equal(text_after_trace(newest(f, "bob@school.test")), "\r\na\r\nb c\r\n");
}

static void parts_header_and_body_when_the_empty_line_is_missing(void **state)
{
	struct fixture *f = *state;

	send_text(f, "Subject: x\r\n more\r\nHello\r\nTo: you\r\n.\r\n");
	assert_string_equal(text_after_trace(newest(f, "bob@school.test")),
	                    "Subject: x\r\n more\r\n\r\nHello\r\nTo: you\r\n");
	send_text(f, "Hello\r\n.\r\n");
	assert_string_equal(text_after_trace(newest(f, "bob@school.test")), "\r\nHello\r\n");
}

static void takes_out_bcc_and_a_forged_return_path(void **state)
{
	struct fixture *f = *state;

	send_text(f, "Bcc: carol@school.test,\r\n dan@school.test\r\nTo: x\r\nReturn-Path: <y>\r\n"
	             "\r\nBcc: in the body\r\n.\r\n");
	assert_string_equal(text_after_trace(newest(f, "bob@school.test")),
	                    "To: x\r\n\r\nBcc: in the body\r\n");
}

static void refuses_a_mail_that_went_in_circles(void **state)
{
	struct fixture *f = *state;

	send_text(f, "");
	for (int i = 0; i < 50; i++)
		feed(f, "Received: x\r\n");
	feed(f, ".\r\n");
	expect(f, "554 5.4.0 Error: too many hops\r\n");
	assert_int_equal(count(f, "bob@school.test"), 0);
}

static void refuses_a_message_over_the_limit(void **state)
{
	struct fixture *f = *state;

	use_host(f, "203.0.113.50");
	start(f);
	ask(f, "MAIL FROM:<a@b.test> SIZE=2001", "552 5.3.4 Message size exceeds fixed limit");
	/* Postfix remembers that SIZE until RSET. */
	ask(f, "MAIL FROM:<a@b.test>", "552 5.3.4 Message size exceeds fixed limit");
	feed(f, "RSET\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob@small.test>\r\nDATA\r\n");
	start(f);
	for (int i = 0; i < 300; i++)
		feed(f, "1234567890\r\n");
	feed(f, ".\r\n");
	expect(f, "552 5.3.4 Error: message file too big\r\n");
	assert_int_equal(count(f, "bob@small.test"), 0);
	ask(f, "NOOP", "250 2.0.0 Ok");
}

static void takes_many_messages_in_one_conversation(void **state)
{
	struct fixture *f = *state;

	start(f);
	for (int i = 0; i < 100; i++)
		feed(f, "MAIL FROM:<>\r\nRCPT TO:<dan>\r\nDATA\r\nx\r\n.\r\n");
	assert_int_equal(count(f, "dan@school.test"), 100);
	assert_string_not_equal(
	        newest(f, "dan@school.test")->queue_id,
	        world_mailbox(f->world, SPAN("dan@school.test"), NULL)->messages[0].queue_id);
}

static void rset_and_helo_forget_the_transaction(void **state)
{
	static const struct line_case cases[] = {
	        {"MAIL FROM:<a@b.test>", "250 2.1.0 Ok"},
	        {"RCPT TO:<bob>", "250 2.1.5 Ok"},
	        {"RSET", "250 2.0.0 Ok"},
	        {"RCPT TO:<bob>", "503 5.5.1 Error: need MAIL command"},
	        {"MAIL FROM:<a@b.test>", "250 2.1.0 Ok"},
	        {"RCPT TO:<bob>", "250 2.1.5 Ok"},
	        {"HELO me", "250 mail.school.test"},
	        {"DATA", "503 5.5.1 Error: need RCPT command"},
	};

	start(*state);
	ASK_ALL(*state, cases);
}

/* --- BDAT --- */

static void takes_chunks(void **state)
{
	struct fixture *f = *state;
	const struct world_message *m;
	char answer[100];

	start(f);
	feed(f, "EHLO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob>\r\n");
	start(f);
	feed(f, "BDAT 14\r\nSubject: x\r\n\r\n");
	expect(f, "250 2.0.0 Ok: 14 bytes\r\n");
	ask(f, "DATA", "503 5.5.1 Error: DATA after BDAT");
	ask(f, "RCPT TO:<bob>", "503 5.5.1 Error: RCPT after BDAT");
	feed(f, "BDAT 5 LAST\r\n.\r\nQU");
	m = newest(f, "bob@school.test");
	snprintf(answer, sizeof answer, "250 2.0.0 Ok: 21 bytes queued as %s\r\n", m->queue_id);
	expect(f, answer);
	assert_string_equal(text_after_trace(m), "Subject: x\r\n\r\n.\r\nQU\r\n");
	ask(f, "IT", "500 5.5.2 Error: command not recognized");
}

/* The smallest text that grows the most: no header, no line end. */
static void ends_the_last_line_of_a_chunk(void **state)
{
	struct fixture *f = *state;

	start(f);
	feed(f, "EHLO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob>\r\nBDAT 1 LAST\r\na");
	assert_string_equal(text_after_trace(newest(f, "bob@school.test")), "\r\na\r\n");
}

static void drops_chunks_after_a_refused_one(void **state)
{
	struct fixture *f = *state;

	start(f);
	feed(f, "BDAT 6\r\nQUIT\r\n");
	expect(f, "503 5.5.1 Error: need RCPT command\r\n");
	ask(f, "MAIL FROM:<a@b.test>", "503 5.5.1 Error: MAIL after BDAT");
	feed(f, "BDAT 4 LAST\r\nabcd");
	expect(f, "551 5.0.0 Discarded 4 bytes after earlier error\r\n");
	ask(f, "RSET", "250 2.0.0 Ok");
	ask(f, "MAIL FROM:<a@b.test>", "250 2.1.0 Ok");
	feed(f, "BDAT 1\r\nx");
	expect(f, "554 5.5.1 Error: no valid recipients\r\n");
	ask(f, "RSET", "250 2.0.0 Ok");
	feed(f, "MAIL FROM:<a@b.test>\r\nRCPT TO:<bob>\r\n");
	start(f);
	ask(f, "BDAT 0", "551 5.7.1 Null BDAT request");
	ask(f, "BDAT x", "521 5.5.4 Syntax: BDAT count [LAST]");
	assert_true(practice_server_done(f->server));
}

static void refuses_a_chunk_over_the_limit(void **state)
{
	struct fixture *f = *state;

	use_host(f, "203.0.113.50");
	start(f);
	feed(f, "MAIL FROM:<a@b.test>\r\nRCPT TO:<bob>\r\nBDAT 2001 LAST\r\n");
	start(f);
	for (int i = 0; i < 2001; i++)
		feed(f, "x");
	expect(f, "552 5.3.4 Chunk exceeds message size limit\r\n");
}

/* --- the dialogues from people's notes --- */

static void gmail_dialogue_as_typed(void **state)
{
	static const struct line_case cases[] = {
	        {"HELO", "250 mx.google.test at your service"},
	        {"MAIL FROM:<username@yourhostname>", "250 2.1.0 OK k8si26817952pax.291 - gsmtp"},
	        {"RCPT TO:<username@gmail.com>", "250 2.1.5 OK k8si26817952pax.291 - gsmtp"},
	        {"DATA", "354  Go ahead k8si26817952pax.291 - gsmtp"},
	        {"Subject: xxx", ""},
	        {"From: yyy", ""},
	        {"To: zzz", ""},
	        {"", ""},
	};
	struct fixture *f = *state;
	char answer[100];

	use_host(f, "198.51.100.26");
	expect(f, "220 mx.google.test ESMTP k8si26817952pax.291 - gsmtp\r\n");
	ASK_ALL(f, cases);
	feed(f, ".\r\n");
	snprintf(answer, sizeof answer, "250 2.0.0 OK %s k8si26817952pax.291 - gsmtp\r\n",
	         newest(f, "username@gmail.test")->queue_id);
	expect(f, answer);
	ask(f, "QUIT", "221 2.0.0 closing connection k8si26817952pax.291 - gsmtp");
	assert_true(practice_server_done(f->server));
	assert_string_equal(text_after_trace(newest(f, "username@gmail.com")),
	                    "Subject: xxx\r\nFrom: yyy\r\nTo: zzz\r\n\r\n");
}

static void postfix_dialogue_as_typed(void **state)
{
	static const struct line_case cases[] = {
	        {"helo mail.side-7w.org", "250 mail.recipient.test"},
	        {"mail from:sender@sender.org", "250 2.1.0 Ok"},
	        {"rcpt to:recipient@recipient.com", "250 2.1.5 Ok"},
	        {"data", "354 End data with <CR><LF>.<CR><LF>"},
	        {"From:sender@sender.org", ""},
	        {"To:recipient@recipient.com", ""},
	        {"Subject:Test", ""},
	        {"", ""},
	        {"Test Mail", ""},
	};
	struct fixture *f = *state;

	use_host(f, "192.0.2.40");
	start(f);
	ASK_ALL(f, cases);
	feed(f, ".\r\n");
	start(f);
	ask(f, "quit", "221 2.0.0 Bye");
	assert_string_equal(newest(f, "recipient@recipient.com")->sender, "sender@sender.org");
	assert_non_null(strstr(newest(f, "recipient@recipient.com")->text,
	                       "\r\nSubject:Test\r\n\r\nTest Mail\r\n"));
}

static void google_voice_says_unknown_user_in_three_lines(void **state)
{
	struct fixture *f = *state;

	use_host(f, "198.51.100.26");
	start(f);
	ask(f, "EHLO",
	    "250-mx.google.test at your service, [192.0.2.77]\r\n250-PIPELINING\r\n"
	    "250-SIZE "
	    "35882577\r\n250-VRFY\r\n250-ETRN\r\n250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n"
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250 CHUNKING");
	ask(f, "MAIL FROM:<a@b.test>", "250 2.1.0 OK k8si26817952pax.291 - gsmtp");
	ask(f, "RCPT TO:<eve@gmail.test>",
	    "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n"
	    "550-5.1.1 double-checking the recipient's email address for typos or\r\n"
	    "550 5.1.1 unnecessary spaces. k8si26817952pax.291 - gsmtp");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(delivers_with_trace_lines),
	        T(names_no_recipient_in_received_when_there_are_two),
	        T(a_helo_name_cannot_forge_trace_lines),
	        T(undoes_dot_stuffing),
	        T(nothing_but_crlf_dot_crlf_ends_a_message),
	        T(stores_only_whole_line_ends),
	        T(parts_header_and_body_when_the_empty_line_is_missing),
	        T(takes_out_bcc_and_a_forged_return_path),
	        T(refuses_a_mail_that_went_in_circles),
	        T(refuses_a_message_over_the_limit),
	        T(takes_many_messages_in_one_conversation),
	        T(rset_and_helo_forget_the_transaction),
	        T(takes_chunks),
	        T(ends_the_last_line_of_a_chunk),
	        T(drops_chunks_after_a_refused_one),
	        T(refuses_a_chunk_over_the_limit),
	        T(gmail_dialogue_as_typed),
	        T(postfix_dialogue_as_typed),
	        T(google_voice_says_unknown_user_in_three_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
