/*
 * The practice server, byte by byte: Postfix's exact words to every command, pipelining, limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "practice_server_rig.h"

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
	        {"EHLO my_pc!",
	         "250-mail.school.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n"
	         "250-VRFY\r\n250-ETRN\r\n250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n"
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
	         "552 5.3.4 Message size exceeds file system imposed limit"},
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
	        "250-ETRN\r\n250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-"
	        "SMTPUTF8\r\n"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
