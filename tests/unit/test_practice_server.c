/*
 * The practice server, byte by byte: Postfix's exact words, pipelining, limits, the end of a
 * message and nothing that only looks like it, what lies in the mailbox.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/server.h"

#define DATA_FOLDER "lessons"

struct fixture {
	struct world *world;
	struct world_host *host;
	struct practice_server *server;
	struct net_address client;
};

static void use_host(struct fixture *f, const char *address)
{
	struct net_address a;

	practice_server_free(f->server);
	assert_int_equal(net_address_parse(span_of(address), 25, &a), 0);
	f->host = world_host_at(f->world, &a);
	assert_non_null(f->host);
	f->server = practice_server_new(f->world, f->host, &f->client);
}

static int setup(void **state)
{
	struct fixture *f = mem_zero(sizeof *f);
	struct diags ds;

	diags_init(&ds);
	f->world = world_load(DATA_FOLDER, &ds);
	for (size_t i = 0; i < ds.count; i++)
		print_error("%s: %s\n", ds.list[i].where, ds.list[i].what);
	diags_release(&ds);
	assert_non_null(f->world);
	assert_int_equal(net_address_parse(SPAN("192.0.2.77"), 49152, &f->client), 0);
	use_host(f, "192.0.2.25");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	practice_server_free(f->server);
	world_free(f->world);
	free(f);
	return 0;
}

/* Everything the server said since the last call. */
static const char *said(struct fixture *f, char *out, size_t room)
{
	struct buf *b = practice_server_output(f->server);

	assert_true(b->len < room);
	memcpy(out, b->data, b->len + 1);
	buf_clear(b);
	return out;
}

static void expect(struct fixture *f, const char *answer)
{
	static char text[1 << 18];

	assert_string_equal(said(f, text, sizeof text), answer);
}

static void feed(struct fixture *f, const char *bytes)
{
	practice_server_feed(f->server, span_of(bytes));
}

static void start(struct fixture *f)
{
	buf_clear(practice_server_output(f->server));
}

/* Restarts the conversation. */
static void again(struct fixture *f)
{
	practice_server_free(f->server);
	f->server = practice_server_new(f->world, f->host, &f->client);
	start(f);
}

static void ask(struct fixture *f, const char *line, const char *answer)
{
	feed(f, line);
	feed(f, "\r\n");
	if (answer[0]) {
		char *with_end = NULL;

		assert_true(asprintf(&with_end, "%s\r\n", answer) > 0);
		expect(f, with_end);
		free(with_end);
	} else {
		expect(f, "");
	}
}

struct line_case {
	const char *line, *answer;
};

/* Each case in the same conversation, in order. */
static void ask_all(struct fixture *f, const struct line_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ask(f, cases[i].line, cases[i].answer);
}
#define ASK_ALL(f, cases) ask_all(f, cases, sizeof(cases) / sizeof *(cases))

static void greets_like_postfix(void **state)
{
	expect(*state, "220 mail.school.test ESMTP Postfix\r\n");
}

static void answers_helo_and_ehlo(void **state)
{
	static const struct line_case cases[] = {
	        {"HELO", "501 Syntax: HELO hostname"},
	        {"HELO ", "501 Syntax: HELO hostname"},
	        {"HELO a b", "250 mail.school.test"},
	        {"hElO\tme", "250 mail.school.test"},
	        {"HELO [192.0.2.1", "250 mail.school.test"},
	        {"EHLO", "501 Syntax: EHLO hostname"},
	        {"EHLO my_pc!", "250-mail.school.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n"
	                        "250-VRFY\r\n250-ETRN\r\n250-ENHANCEDSTATUSCODES\r\n"
	                        "250-8BITMIME\r\n250-SMTPUTF8\r\n250 CHUNKING"},
	};

	start(*state);
	ASK_ALL(*state, cases);
}

static void answers_mail(void **state)
{
	static const struct line_case cases[] = {
	        {"MAIL", "501 5.5.4 Syntax: MAIL FROM:<address>"},
	        {"MAIL FROM", "501 5.5.4 Syntax: MAIL FROM:<address>"},
	        {"MAIL FROM:", "501 5.5.4 Syntax: MAIL FROM:<address>"},
	        {"MAIL FROM <a@b.test>", "501 5.5.4 Syntax: MAIL FROM:<address>"},
	        {"MAIL FROM : <a@b.test>", "501 5.5.4 Syntax: MAIL FROM:<address>"},
	        {"MAIL <a@b.test>", "501 5.5.4 Syntax: MAIL FROM:<address>"},
	        {"MAIL TO:<a@b.test>", "501 5.5.4 Syntax: MAIL FROM:<address>"},
	        {"MAIL FROM:<a@b.test", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a b@c.test>", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a@[1.2]>", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a@>", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a@b..c>", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a@-b.test>", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a@b.test>,<c@d.test>", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a@b.test>x", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a@b.test>SIZE=5", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:a@b.test,c@d.test", "501 5.1.7 Bad sender address syntax"},
	        {"MAIL FROM:<a@b.test>", "250 2.1.0 Ok"},
	        {"MAIL FROM:<c@d.test>", "503 5.5.1 Error: nested MAIL command"},
	        {"MAIL", "503 5.5.1 Error: nested MAIL command"},
	};

	start(*state);
	ASK_ALL(*state, cases);
}

static void takes_the_senders_that_postfix_takes(void **state)
{
	static const char *const senders[] = {
	        "MAIL FROM:a@b.test",
	        "mail from:a@b.test",
	        "MAIL FROM: <a@b.test>",
	        "MAIL FROM:<>",
	        "MAIL FROM:<a>",
	        "MAIL FROM:<a@b.test>>",
	        "MAIL FROM:<<a@b.test>>",
	        "MAIL FROM:a@b.test>",
	        "MAIL FROM:<a.@b.test>",
	        "MAIL FROM:<a@b_c.test>",
	        "MAIL FROM:<@x:a@b>",
	        "MAIL FROM:<\"a b\"@c.test>",
	        "MAIL FROM:<a@[192.0.2.1]>",
	        "MAIL FROM:< a@b.test>",
	        "MAIL FROM:<a@b@c.test>",
	        "MAIL FROM:<\xc3\xa9@b.test>",
	};

	for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
		again(*state);
		ask(*state, senders[i], "250 2.1.0 Ok");
	}
}

static void answers_mail_parameters(void **state)
{
	static const struct line_case cases[] = {
	        {"MAIL FROM:Bob <a@b.test>", "555 5.5.4 Unsupported option: <a@b.test>"},
	        {"MAIL FROM:a b@c", "555 5.5.4 Unsupported option: b@c"},
	        {"MAIL FROM:<a@b.test> FOO=1", "555 5.5.4 Unsupported option: FOO=1"},
	        {"MAIL FROM:<a@b.test> BODY=BINARYMIME",
	         "555 5.5.4 Unsupported option: BODY=BINARYMIME"},
	        {"MAIL FROM:<a@b.test> SMTPUTF8=1", "555 5.5.4 Unsupported option: SMTPUTF8=1"},
	        {"MAIL FROM:<a@b.test> SIZE=10240001",
	         "552 5.3.4 Message size exceeds fixed limit"},
	        {"MAIL FROM:<a@b.test> SIZE=99999999999999999999999",
	         "552 5.3.4 Message size exceeds fixed limit"},
	        {"MAIL FROM:<a@b.test> SIZE=x", "501 5.5.4 Bad message size syntax"},
	        {"MAIL FROM:<a@b.test> SIZE=", "501 5.5.4 Bad message size syntax"},
	        {"MAIL FROM:<a@b.test> SIZE=-1", "501 5.5.4 Bad message size syntax"},
	        {"MAIL FROM:<a@b.test> RET=FULL", "501 5.7.1 DSN support is disabled"},
	        {"MAIL FROM:<a@b.test> ENVID=x", "501 5.7.1 DSN support is disabled"},
	        {"MAIL FROM:<a@b.test> size=10240000 body=8bitmime SMTPUTF8 AUTH=<>",
	         "250 2.1.0 Ok"},
	        {"RCPT TO:<bob@school.test> NOTIFY=NEVER", "501 5.7.1 DSN support is disabled"},
	        {"RCPT TO:<bob@school.test> FOO", "555 5.5.4 Unsupported option: FOO"},
	};

	start(*state);
	ASK_ALL(*state, cases);
}

static void answers_rcpt(void **state)
{
	static const struct line_case cases[] = {
	        {"RCPT TO:<bob@school.test>", "503 5.5.1 Error: need MAIL command"},
	        {"MAIL FROM:<>", "250 2.1.0 Ok"},
	        {"RCPT", "501 5.5.4 Syntax: RCPT TO:<address>"},
	        {"RCPT TO:", "501 5.5.4 Syntax: RCPT TO:<address>"},
	        {"RCPT TO : <bob@school.test>", "501 5.5.4 Syntax: RCPT TO:<address>"},
	        {"RCPT TO <bob@school.test>", "501 5.5.4 Syntax: RCPT TO:<address>"},
	        {"RCPT FROM:<bob@school.test>", "501 5.5.4 Syntax: RCPT TO:<address>"},
	        {"RCPT TO:<>", "501 5.1.3 Bad recipient address syntax"},
	        {"RCPT TO:<bob@school.test", "501 5.1.3 Bad recipient address syntax"},
	        {"RCPT TO:<bob@>", "501 5.1.3 Bad recipient address syntax"},
	        {"RCPT TO:<bob@school.test>,<alice@school.test>",
	         "501 5.1.3 Bad recipient address syntax"},
	        {"RCPT TO:Bob <bob@school.test>",
	         "555 5.5.4 Unsupported option: <bob@school.test>"},
	        {"RCPT TO:<eve@school.test>", "550 5.1.1 <eve@school.test>: Recipient address "
	                                      "rejected: User unknown in local recipient table"},
	        {"RCPT TO:<bob+x@school.test>", "550 5.1.1 <bob+x@school.test>: Recipient address "
	                                        "rejected: User unknown in local recipient table"},
	        {"RCPT TO:<x@elsewhere.test>", "554 5.7.1 <x@elsewhere.test>: Relay access denied"},
	        {"RCPT TO:<bob@[192.0.2.1]>", "554 5.7.1 <bob@[192.0.2.1]>: Relay access denied"},
	        {"RCPT TO:<a%b.test@school.test>",
	         "554 5.7.1 <a%b.test@school.test>: Relay access denied"},
	        {"RCPT TO:<b.test!a@school.test>",
	         "554 5.7.1 <b.test!a@school.test>: Relay access denied"},
	        {"RCPT TO:<bob@school.test>", "250 2.1.5 Ok"},
	        {"RCPT TO:bob@school.test", "250 2.1.5 Ok"},
	        {"rcpt to: <Bob@SCHOOL.test>", "250 2.1.5 Ok"},
	        {"RCPT TO:<bob@school.test.>", "250 2.1.5 Ok"},
	        {"RCPT TO:<@school.test:bob@school.test>", "250 2.1.5 Ok"},
	        {"RCPT TO:<\"bob\"@school.test>", "250 2.1.5 Ok"},
	        {"RCPT TO:<bob@[192.0.2.25]>", "250 2.1.5 Ok"},
	        {"RCPT TO:<alice@mail.school.test>", "250 2.1.5 Ok"},
	        {"RCPT TO:<POSTMASTER>", "250 2.1.5 Ok"},
	        {"RCPT TO:alice", "250 2.1.5 Ok"},
	};

	start(*state);
	ASK_ALL(*state, cases);
}

static void answers_data_out_of_order(void **state)
{
	static const struct line_case cases[] = {
	        {"DATA", "503 5.5.1 Error: need RCPT command"},
	        {"DATA now", "503 5.5.1 Error: need RCPT command"},
	        {"MAIL FROM:<a>", "250 2.1.0 Ok"},
	        {"DATA", "554 5.5.1 Error: no valid recipients"},
	        {"RCPT TO:<bob@school.test>", "250 2.1.5 Ok"},
	        {"DATA now", "501 5.5.4 Syntax: DATA"},
	        {"DATA", "354 End data with <CR><LF>.<CR><LF>"},
	};

	start(*state);
	ASK_ALL(*state, cases);
}

static void answers_the_small_verbs(void **state)
{
	static const struct line_case cases[] = {
	        {"NOOP", "250 2.0.0 Ok"},
	        {"NOOP x y", "250 2.0.0 Ok"},
	        {"RSET", "250 2.0.0 Ok"},
	        {"RSET x", "501 5.5.4 Syntax: RSET"},
	        {"VRFY", "501 5.5.4 Syntax: VRFY address [SMTPUTF8]"},
	        {"VRFY bob", "252 2.0.0 bob"},
	        {"VRFY <bob@school.test>", "252 2.0.0 <bob@school.test>"},
	        {"VRFY bob SMTPUTF8", "252 2.0.0 bob"},
	        {"VRFY a b", "501 5.1.3 Bad recipient address syntax"},
	        {"VRFY x@else.test", "554 5.7.1 <x@else.test>: Relay access denied"},
	        {"VRFY eve", "550 5.1.1 <eve>: Recipient address rejected: User unknown in local "
	                     "recipient table"},
	        {"EXPN x", "500 5.5.2 Error: command not recognized"},
	        {"HELP", "500 5.5.2 Error: command not recognized"},
	        {"ETRN", "500 Syntax: ETRN domain"},
	        {"ETRN a b", "500 Syntax: ETRN domain"},
	        {"ETRN school.test", "459 <school.test>: service unavailable"},
	        {"ETRN foo!", "501 Error: invalid parameter syntax"},
	        {"AUTH PLAIN", "503 5.5.1 Error: authentication not enabled"},
	        {"STARTTLS", "502 5.5.1 Error: command not implemented"},
	        {"STARTTLS x", "501 5.5.4 Syntax: STARTTLS"},
	        {"MAIL FROM:<a@b.test>", "250 2.1.0 Ok"},
	        {"ETRN school.test", "503 Error: MAIL transaction in progress"},
	};

	start(*state);
	ASK_ALL(*state, cases);
}

static void answers_what_is_no_command(void **state)
{
	static const struct line_case cases[] = {
	        {"", "500 5.5.2 Error: bad syntax"},
	        {"  ", "500 5.5.2 Error: bad syntax"},
	        {"FOO", "500 5.5.2 Error: command not recognized"},
	        {"foo : bar", "500 5.5.2 Error: command not recognized"},
	        {"N\rOOP", "500 5.5.2 Error: command not recognized"},
	        {"NOOP\b", "500 5.5.2 Error: command not recognized"},
	        {"\xff\xfd\x06NOOP", "500 5.5.2 Error: bad UTF-8 syntax"},
	};

	start(*state);
	ASK_ALL(*state, cases);
}

static void takes_a_nul_for_no_command(void **state)
{
	start(*state);
	practice_server_feed(((struct fixture *)*state)->server, SPAN("NO\0OP\r\n"));
	expect(*state, "500 5.5.2 Error: command not recognized\r\n");
}

static void quit_ends_the_conversation(void **state)
{
	struct fixture *f = *state;

	start(f);
	assert_false(practice_server_done(f->server));
	ask(f, "quit now", "221 2.0.0 Bye");
	assert_true(practice_server_done(f->server));
	ask(f, "NOOP", "");
}

static void hangs_up_on_what_is_no_mail_client(void **state)
{
	static const char *const lines[] = {
	        "Subject: hello",
	        "From:",
	        "GET / HTTP/1.1",
	        "post / HTTP/1.1",
	        "CONNECT x:25",
	        "250 ok",
	        ".",
	        "mailfrom:<a@b>",
	        "a.b: c",
	        ": x",
	        "\xef\xbc\xa8\xef\xbc\xa5\xef\xbc\xac\xef\xbc\xaf me",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		again(f);
		ask(f, lines[i], "221 2.7.0 Error: I can break rules, too. Goodbye.");
		assert_true(practice_server_done(f->server));
	}
}

static void hangs_up_after_twenty_errors(void **state)
{
	struct fixture *f = *state;

	start(f);
	for (int i = 0; i < 19; i++)
		ask(f, "FOO", "500 5.5.2 Error: command not recognized");
	assert_false(practice_server_done(f->server));
	ask(f, "FOO",
	    "500 5.5.2 Error: command not recognized\r\n"
	    "421 4.7.0 mail.school.test Error: too many errors");
	assert_true(practice_server_done(f->server));
}

static void counts_errors_of_every_refusal(void **state)
{
	static const char *const refused[] = {"HELO", "RSET x", "RCPT TO:<a>", "DATA", "AUTH", ""};

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct fixture *f = *state;

		again(f);
		for (int k = 0; k < 20; k++) {
			assert_false(practice_server_done(f->server));
			feed(f, refused[i]);
			feed(f, "\r\n");
		}
		assert_true(practice_server_done(f->server));
	}
}

static void a_delivered_message_forgives_errors(void **state)
{
	struct fixture *f = *state;

	start(f);
	for (int i = 0; i < 19; i++)
		feed(f, "FOO\r\n");
	feed(f, "MAIL FROM:<a@b.test>\r\nRCPT TO:<bob>\r\nDATA\r\n.\r\n");
	for (int i = 0; i < 19; i++)
		feed(f, "FOO\r\n");
	assert_false(practice_server_done(f->server));
}

static void idle_chatter_becomes_an_error(void **state)
{
	struct fixture *f = *state;
	int n = 0;

	start(f);
	while (!practice_server_done(f->server) && n < 1000) {
		feed(f, "NOOP\r\n");
		n++;
	}
	assert_int_equal(n, 101 + 20);
}

static void cuts_lines_at_2048_bytes(void **state)
{
	struct fixture *f = *state;

	start(f);
	feed(f, "NOOP ");
	for (int i = 0; i < 5000; i++)
		feed(f, "xxxxxxxxxx");
	feed(f, "\r\n");
	expect(f, "250 2.0.0 Ok\r\n");
	ask(f, "NOOP", "250 2.0.0 Ok");
}

static void stops_at_1000_recipients(void **state)
{
	struct fixture *f = *state;

	start(f);
	ask(f, "MAIL FROM:<a@b.test>", "250 2.1.0 Ok");
	for (int i = 0; i < 1000; i++)
		ask(f, "RCPT TO:<bob@school.test>", "250 2.1.5 Ok");
	for (int i = 0; i < 1000; i++) /* these are no errors of the client yet */
		ask(f, "RCPT TO:<bob@school.test>", "452 4.5.3 Error: too many recipients");
	for (int i = 0; i < 20; i++)
		feed(f, "RCPT TO:<bob@school.test>\r\n");
	assert_true(practice_server_done(f->server));
}

static void takes_commands_in_one_piece_and_in_single_bytes(void **state)
{
	static const char all[] = "EHLO me\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<bob@school.test>\r\n"
	                          "RCPT TO:<eve@school.test>\r\nRSET\r\nNOOP\r\nQUIT\r\n";
	static const char answer[] =
	        "250-mail.school.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-VRFY\r\n"
	        "250-ETRN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
	        "250 CHUNKING\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550 5.1.1 <eve@school.test>: "
	        "Recipient address rejected: User unknown in local recipient table\r\n"
	        "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n";
	struct fixture *f = *state;

	start(f);
	feed(f, all);
	expect(f, answer);
	again(f);
	for (size_t i = 0; i + 1 < sizeof all; i++)
		practice_server_feed(f->server, span_from(all + i, 1));
	expect(f, answer);
}

static void takes_commands_that_end_in_lf_alone(void **state)
{
	start(*state);
	feed(*state, "NOOP\nNOOP\n");
	expect(*state, "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n");
}

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
	         "Received: from client.test (unknown [192.0.2.77])\r\n"
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
	assert_non_null(strstr(m->text, "Received: from unknown (unknown [192.0.2.77])\r\n"));
	assert_non_null(strstr(m->text, "with SMTP id"));
	assert_memory_equal(m->text, "Return-Path: <>\r\n", 17);
	assert_string_equal(m->sender, "");
	assert_string_equal(m->recipient, "alice@mail.school.test");
}

static void a_helo_name_cannot_forge_trace_lines(void **state)
{
	struct fixture *f = *state;

	again(f);
	feed(f, "HELO a(b)<c>;@\x1b\r\nMAIL FROM:<>\r\nRCPT TO:<bob>\r\nDATA\r\n.\r\n");
	assert_non_null(strstr(newest(f, "bob@school.test")->text, "from a?b??c???? (unknown"));
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
	feed(f, "MAIL FROM:<a@b.test>\r\nRCPT TO:<bob@small.test>\r\nDATA\r\n");
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
	snprintf(answer, sizeof answer, "250 2.0.0 Ok: 19 bytes queued as %s\r\n", m->queue_id);
	expect(f, answer);
	assert_string_equal(text_after_trace(m), "Subject: x\r\n\r\n.\r\nQU\r\n");
	ask(f, "IT", "500 5.5.2 Error: command not recognized");
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
	ask(f, "BDAT 0", "554 5.5.1 Error: no valid recipients");
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
	expect(f, "552 5.3.4 Chunk size 2001 exceeds message size limit\r\n");
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
	    "250-SIZE 35882577\r\n250-VRFY\r\n250-ETRN\r\n250-ENHANCEDSTATUSCODES\r\n"
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250 CHUNKING");
	ask(f, "MAIL FROM:<a@b.test>", "250 2.1.0 OK k8si26817952pax.291 - gsmtp");
	ask(f, "RCPT TO:<eve@gmail.test>",
	    "550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n"
	    "550-5.1.1 double-checking the recipient's email address for typos or\r\n"
	    "550 5.1.1 unnecessary spaces. k8si26817952pax.291 - gsmtp");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(greets_like_postfix),
	        T(answers_helo_and_ehlo),
	        T(answers_mail),
	        T(takes_the_senders_that_postfix_takes),
	        T(answers_mail_parameters),
	        T(answers_rcpt),
	        T(answers_data_out_of_order),
	        T(answers_the_small_verbs),
	        T(answers_what_is_no_command),
	        T(takes_a_nul_for_no_command),
	        T(quit_ends_the_conversation),
	        T(hangs_up_on_what_is_no_mail_client),
	        T(hangs_up_after_twenty_errors),
	        T(counts_errors_of_every_refusal),
	        T(a_delivered_message_forgives_errors),
	        T(idle_chatter_becomes_an_error),
	        T(cuts_lines_at_2048_bytes),
	        T(stops_at_1000_recipients),
	        T(takes_commands_in_one_piece_and_in_single_bytes),
	        T(takes_commands_that_end_in_lf_alone),
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
	        T(drops_chunks_after_a_refused_one),
	        T(refuses_a_chunk_over_the_limit),
	        T(gmail_dialogue_as_typed),
	        T(postfix_dialogue_as_typed),
	        T(google_voice_says_unknown_user_in_three_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
