/* Typed lines: correct ones have no fault, wrong ones have exactly the faults that they have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "smtp/command.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define F(NAME)  SMTP_TYPING_BIT(NAME)
#define V(NAME)  SMTP_VERB_##NAME

static void assert_faults(const char *line, unsigned faults, unsigned expected)
{
	for (unsigned f = 0; f < SMTP_TYPING_COUNT; f++)
		if ((faults ^ expected) >> f & 1u)
			print_error("%s: \"%s\" is %s\n", line,
			            smtp_typing_fault_name((enum smtp_typing_fault)f),
			            expected >> f & 1u ? "missing" : "not expected");
	assert_int_equal(faults, expected);
}

static void correct_lines_have_no_fault(void **state)
{
	static const char *const lines[] = {
	        "HELO mail.side-7w.org",
	        "helo mail.side-7w.org",
	        "EHLO me.example.com",
	        "EHLO [192.0.2.1]",
	        "ehlo [IPv6:2001:db8::1]",
	        "LHLO lmtp.example",
	        "EHLO xn--fsq.example",
	        "HELO 1.example",
	        "HELO me.example ",
	        "MAIL FROM:<>",
	        "MAIL FROM:<a@b>",
	        "mail from:<a@b>",
	        "Mail From:<username@yourhostname>",
	        "MAIL FROM:<> SIZE=1000 BODY=8BITMIME",
	        "MAIL FROM:<a@b> AUTH=<>",
	        "MAIL FROM:<a@b> RET=HDRS ENVID=QQ314159",
	        "MAIL FROM:<\"a b\"@c.example>",
	        "MAIL FROM:<\"a>b\"@c.example>",
	        "MAIL FROM:<\"a@b,c@d\"@c.example> SIZE=1",
	        "MAIL FROM:<a@[192.0.2.1]>",
	        "MAIL FROM:<a@[IPv6:2001:db8::1]>",
	        "MAIL FROM:<\xe7\x94\xa8\xe6\x88\xb7@\xe4\xbe\x8b.jp> SMTPUTF8",
	        "MAIL FROM:<\xe7\x94\xa8@b.jp> SIZE=5 smtputf8",
	        "MAIL FROM:<bounce+x=y@b.example>",
	        "RCPT TO:<a@b>",
	        "rcpt to:<a@b>",
	        "RCPT TO:<Postmaster>",
	        "RCPT TO:<postmaster@example.com>",
	        "RCPT TO:<@a.example,@b.example:c@d.example>",
	        "RCPT TO:<a@b> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@b.example",
	        "RCPT TO:<\xc3\xbc@b.example>",
	        "RCPT TO:<\"very.(),:;<>[]\\\".VERY.\\\"@\\\\ odd\"@strange.example>",
	        "DATA",
	        "data",
	        "DATA ",
	        "BDAT 100",
	        "BDAT 0 LAST",
	        "RSET",
	        "NOOP",
	        "NOOP anything",
	        "HELP",
	        "HELP MAIL",
	        "VRFY bob",
	        "VRFY \xc3\xbc@b.example SMTPUTF8",
	        "EXPN list",
	        "ETRN example.com",
	        "ETRN @example.com",
	        "STARTTLS",
	        "starttls",
	        "AUTH PLAIN AGEAYg==",
	        "AUTH LOGIN",
	        "QUIT",
	        "quit",
	        "ATRN example.org",
	        "XCLIENT ADDR=192.0.2.1",
	        "TURN",
	        "BURL imap://x LAST",
	        "GET",
	        "X",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		struct smtp_command c;

		smtp_command_parse(span_of(lines[i]), &c);
		assert_faults(lines[i], c.faults, 0);
	}
}

struct wrong {
	const char *line;
	enum smtp_verb verb, meant;
	unsigned faults;
};

static void check_wrong(const struct wrong *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct smtp_command c;

		smtp_command_parse(span_of(rows[i].line), &c);
		assert_faults(rows[i].line, c.faults, rows[i].faults);
		if (c.verb != rows[i].verb || c.meant != rows[i].meant)
			print_error("%s\n", rows[i].line);
		assert_int_equal(c.verb, rows[i].verb);
		assert_int_equal(c.meant, rows[i].meant);
	}
}

static void strange_lines_are_named(void **state)
{
	static const struct wrong rows[] = {
	        {"", V(UNKNOWN), V(UNKNOWN), F(EMPTY_LINE)},
	        {"  ", V(UNKNOWN), V(UNKNOWN), F(EMPTY_LINE)},
	        {" HELO a.b", V(HELO), V(HELO), F(LEADING_BLANK)},
	        {"\tQUIT", V(QUIT), V(QUIT), F(LEADING_BLANK)},
	        {"\xef\xbc\xa8\xef\xbc\xa5\xef\xbc\xac\xef\xbc\xaf a.b", V(UNKNOWN), V(HELO),
	         F(FULL_WIDTH)},
	        {"HELO\xe3\x80\x80"
	         "a.b",
	         V(UNKNOWN), V(HELO), F(FULL_WIDTH)},
	        {"\xe3\x80\x80QUIT", V(UNKNOWN), V(QUIT), F(FULL_WIDTH)},
	        {"\xef\xbc\x8fhelp", V(UNKNOWN), V(UNKNOWN), F(FULL_WIDTH)},
	        {"MAIL FROM:<a\xef\xbc\xa0"
	         "b>",
	         V(MAIL), V(MAIL), F(FULL_WIDTH) | F(NO_DOMAIN)},
	        {"HEL\x08LO a", V(UNKNOWN), V(UNKNOWN), F(CONTROL_BYTES)},
	        {"HELO a.b\x1b[D", V(HELO), V(HELO), F(CONTROL_BYTES) | F(NAME_NOT_VALID)},
	        {"NOOP \x7f", V(NOOP), V(NOOP), F(CONTROL_BYTES)},
	        {"\xff\xf4\xff\xfd\x06QUIT", V(UNKNOWN), V(UNKNOWN),
	         F(TELNET_BYTES) | F(CONTROL_BYTES)},
	        {"\xff\xfb\x1fNOOP", V(UNKNOWN), V(UNKNOWN), F(TELNET_BYTES) | F(CONTROL_BYTES)},
	        {"HELLO a.b", V(UNKNOWN), V(HELO), F(TYPO)},
	        {"EHO a.b", V(UNKNOWN), V(EHLO), F(TYPO)},
	        {"MIAL FROM:<a@b>", V(UNKNOWN), V(MAIL), F(TYPO)},
	        {"rcpr to:<a@b>", V(UNKNOWN), V(RCPT), F(TYPO)},
	        {"QUITE", V(UNKNOWN), V(QUIT), F(TYPO)},
	        {"uit", V(UNKNOWN), V(QUIT), F(TYPO)},
	        {"DTAA", V(UNKNOWN), V(DATA), F(TYPO)},
	        {"STARTLS", V(UNKNOWN), V(STARTTLS), F(TYPO)},
	        {"START TLS", V(UNKNOWN), V(STARTTLS), F(TYPO)},
	        {"HELO: a.b", V(UNKNOWN), V(HELO), F(TYPO)},
	        {"DATA.", V(UNKNOWN), V(DATA), F(TYPO)},
	        {"Subject: xxx", V(UNKNOWN), V(UNKNOWN), F(HEADER_BEFORE_DATA)},
	        {"Subject:Test", V(UNKNOWN), V(UNKNOWN), F(HEADER_BEFORE_DATA)},
	        {"From: yyy", V(UNKNOWN), V(UNKNOWN), F(HEADER_BEFORE_DATA)},
	        {"To:", V(UNKNOWN), V(UNKNOWN), F(HEADER_BEFORE_DATA)},
	        {"Date: now", V(UNKNOWN), V(UNKNOWN), F(HEADER_BEFORE_DATA)},
	        {"X-Mailer: x", V(UNKNOWN), V(UNKNOWN), F(HEADER_BEFORE_DATA)},
	        {"GET / HTTP/1.1", V(UNKNOWN), V(UNKNOWN), F(HTTP)},
	        {"CONNECT a:25 HTTP/1.1", V(UNKNOWN), V(UNKNOWN), F(HTTP)},
	        {"250 ok", V(UNKNOWN), V(UNKNOWN), F(SERVER_LINE)},
	        {"250-SIZE", V(UNKNOWN), V(UNKNOWN), F(SERVER_LINE)},
	        {"354", V(UNKNOWN), V(UNKNOWN), F(SERVER_LINE)},
	        {"C: HELO x", V(UNKNOWN), V(HELO), F(MARKED_LINE)},
	        {"C:QUIT", V(UNKNOWN), V(QUIT), F(MARKED_LINE)},
	        {"S: 250 ok", V(UNKNOWN), V(UNKNOWN), F(MARKED_LINE)},
	        {"MAILFROM:<a@b>", V(UNKNOWN), V(MAIL), F(TWO_WORDS)},
	        {"rcptto:<a@b>", V(UNKNOWN), V(RCPT), F(TWO_WORDS)},
	        {"RCPT-TO: <a@b>", V(UNKNOWN), V(RCPT), F(TWO_WORDS)},
	        {"message", V(UNKNOWN), V(UNKNOWN), 0},
	        {"connection", V(UNKNOWN), V(UNKNOWN), 0},
	        {"C: message", V(UNKNOWN), V(UNKNOWN), F(MARKED_LINE)},
	};

	(void)state;
	check_wrong(rows, COUNT(rows));
}

static void arguments_are_judged(void **state)
{
	static const struct wrong rows[] = {
	        {"HELO", V(HELO), V(HELO), F(NO_ARGUMENT)},
	        {"EHLO ", V(EHLO), V(EHLO), F(NO_ARGUMENT)},
	        {"MAIL", V(MAIL), V(MAIL), F(NO_ARGUMENT)},
	        {"MAIL FROM:", V(MAIL), V(MAIL), F(NO_ARGUMENT)},
	        {"MAIL FROM: ", V(MAIL), V(MAIL), F(NO_ARGUMENT)},
	        {"RCPT TO", V(RCPT), V(RCPT), F(NO_ARGUMENT) | F(NO_COLON)},
	        {"VRFY", V(VRFY), V(VRFY), F(NO_ARGUMENT)},
	        {"AUTH", V(AUTH), V(AUTH), F(NO_ARGUMENT)},
	        {"BDAT", V(BDAT), V(BDAT), F(NO_ARGUMENT)},
	        {"DATA now", V(DATA), V(DATA), F(EXTRA_ARGUMENT)},
	        {"QUIT please", V(QUIT), V(QUIT), F(EXTRA_ARGUMENT)},
	        {"STARTTLS now", V(STARTTLS), V(STARTTLS), F(EXTRA_ARGUMENT)},
	        {"RSET x", V(RSET), V(RSET), F(EXTRA_ARGUMENT)},
	        {"HELO laptop", V(HELO), V(HELO), F(NAME_NOT_QUALIFIED)},
	        {"EHLO localhost", V(EHLO), V(EHLO), F(NAME_NOT_QUALIFIED)},
	        {"HELO my_pc!", V(HELO), V(HELO), F(NAME_NOT_VALID)},
	        {"HELO a b", V(HELO), V(HELO), F(NAME_NOT_VALID)},
	        {"HELO bob@a.b", V(HELO), V(HELO), F(NAME_NOT_VALID)},
	        {"HELO [192.0.2.999]", V(HELO), V(HELO), F(NAME_NOT_VALID)},
	        {"HELO 192.0.2.1", V(HELO), V(HELO), F(LITERAL_NO_BRACKETS)},
	        {"EHLO 2001:db8::1", V(EHLO), V(EHLO), F(LITERAL_NO_BRACKETS)},
	        {"EHLO IPv6:2001:db8::1", V(EHLO), V(EHLO), F(LITERAL_NO_BRACKETS)},
	        {"HELO \xe4\xbe\x8b.jp", V(HELO), V(HELO), F(NOT_ASCII)},
	        {"NOOP \xc3\xbc", V(NOOP), V(NOOP), F(NOT_ASCII)},
	        {"NOOP \x80", V(NOOP), V(NOOP), F(NOT_ASCII)},
	        {"VRFY \xc3\xbc", V(VRFY), V(VRFY), F(NOT_ASCII)},
	};

	(void)state;
	check_wrong(rows, COUNT(rows));
}

static void paths_are_judged(void **state)
{
	static const struct wrong rows[] = {
	        {"MAIL TO:<a@b>", V(MAIL), V(MAIL), F(WRONG_WORD)},
	        {"RCPT FROM:<a@b>", V(RCPT), V(RCPT), F(WRONG_WORD)},
	        {"MAIL <a@b>", V(MAIL), V(MAIL), F(WRONG_WORD)},
	        {"MAIL a@b", V(MAIL), V(MAIL), F(WRONG_WORD) | F(NO_BRACKETS)},
	        {"MAIL FORM:<a@b>", V(MAIL), V(MAIL), F(WRONG_WORD)},
	        {"RCPT T0:<a@b>", V(RCPT), V(RCPT), F(WRONG_WORD)},
	        {"RCPT tom@b", V(RCPT), V(RCPT), F(WRONG_WORD) | F(NO_BRACKETS)},
	        {"MAIL FROM <a@b>", V(MAIL), V(MAIL), F(NO_COLON)},
	        {"MAIL FROM<a@b>", V(MAIL), V(MAIL), F(NO_COLON)},
	        {"RCPT TO a@b", V(RCPT), V(RCPT), F(NO_COLON) | F(NO_BRACKETS)},
	        {"RCPT TO :<a@b>", V(RCPT), V(RCPT), F(BLANK_BEFORE_COLON)},
	        {"RCPT TO : a@b", V(RCPT), V(RCPT),
	         F(BLANK_BEFORE_COLON) | F(BLANK_AFTER_COLON) | F(NO_BRACKETS)},
	        {"MAIL FROM: <a@b>", V(MAIL), V(MAIL), F(BLANK_AFTER_COLON)},
	        {"MAIL FROM:a@b", V(MAIL), V(MAIL), F(NO_BRACKETS)},
	        {"MAIL FROM:a@b>", V(MAIL), V(MAIL), F(UNCLOSED_BRACKET)},
	        {"MAIL FROM:a@b> SIZE=3", V(MAIL), V(MAIL), F(UNCLOSED_BRACKET)},
	        {"MAIL FROM:>", V(MAIL), V(MAIL), F(NO_BRACKETS) | F(BAD_ADDRESS)},
	        {"mail from:sender@sender.org", V(MAIL), V(MAIL), F(NO_BRACKETS)},
	        {"MAIL FROM:a@b SIZE=3 AUTH=<>", V(MAIL), V(MAIL), F(NO_BRACKETS)},
	        {"MAIL FROM:\"a b\"@c", V(MAIL), V(MAIL), F(NO_BRACKETS)},
	        {"MAIL FROM:<a@b", V(MAIL), V(MAIL), F(UNCLOSED_BRACKET)},
	        {"MAIL FROM:<a@b SIZE=3", V(MAIL), V(MAIL), F(UNCLOSED_BRACKET)},
	        {"MAIL FROM:Bob <a@b>", V(MAIL), V(MAIL), F(DISPLAY_NAME)},
	        {"MAIL FROM:\"Bob B.\" <a@b>", V(MAIL), V(MAIL), F(DISPLAY_NAME)},
	        {"MAIL FROM:Bob<a@b> SIZE=1", V(MAIL), V(MAIL), F(DISPLAY_NAME)},
	        {"RCPT TO: Bob Builder <a@b>", V(RCPT), V(RCPT),
	         F(BLANK_AFTER_COLON) | F(DISPLAY_NAME)},
	        {"MAIL FROM:Bob a@b", V(MAIL), V(MAIL), F(NO_BRACKETS) | F(DISPLAY_NAME)},
	        {"MAIL FROM:<bob>", V(MAIL), V(MAIL), F(NO_DOMAIN)},
	        {"RCPT TO:<bob@>", V(RCPT), V(RCPT), F(NO_DOMAIN)},
	        {"RCPT TO:bob", V(RCPT), V(RCPT), F(NO_BRACKETS) | F(NO_DOMAIN)},
	        {"RCPT TO:<>", V(RCPT), V(RCPT), F(EMPTY_RECIPIENT)},
	        {"RCPT TO:<a@@b>", V(RCPT), V(RCPT), F(BAD_ADDRESS)},
	        {"RCPT TO:<@b>", V(RCPT), V(RCPT), F(BAD_ADDRESS)},
	        {"RCPT TO:< a@b >", V(RCPT), V(RCPT), F(BAD_ADDRESS)},
	        {"RCPT TO:<a..b@c>", V(RCPT), V(RCPT), F(BAD_ADDRESS)},
	        {"RCPT TO:<a\"b@c>", V(RCPT), V(RCPT), F(BAD_ADDRESS)},
	        {"RCPT TO:<a@[2001:db8::1]>", V(RCPT), V(RCPT), F(BAD_ADDRESS)},
	        {"MAIL FROM:<a@b>SIZE=3", V(MAIL), V(MAIL), F(BAD_ADDRESS)},
	        {"RCPT TO:<a@b>>", V(RCPT), V(RCPT), F(BAD_ADDRESS)},
	        {"RCPT TO:<a@b>,<c@d>", V(RCPT), V(RCPT), F(TWO_ADDRESSES)},
	        {"RCPT TO:<a@b>, <c@d>", V(RCPT), V(RCPT), F(TWO_ADDRESSES)},
	        {"RCPT TO:<a@b> <c@d>", V(RCPT), V(RCPT), F(TWO_ADDRESSES)},
	        {"RCPT TO:<a@b>;<c@d>", V(RCPT), V(RCPT), F(TWO_ADDRESSES)},
	        {"RCPT TO:<a@b,c@d>", V(RCPT), V(RCPT), F(TWO_ADDRESSES)},
	        {"RCPT TO:a@b,c@d", V(RCPT), V(RCPT), F(NO_BRACKETS) | F(TWO_ADDRESSES)},
	        {"RCPT TO:a@b, c@d", V(RCPT), V(RCPT), F(NO_BRACKETS) | F(TWO_ADDRESSES)},
	        {"RCPT TO:a@b c@d", V(RCPT), V(RCPT), F(NO_BRACKETS) | F(TWO_ADDRESSES)},
	        {"MAIL FROM:<\xc3\xbc@b>", V(MAIL), V(MAIL), F(NOT_ASCII)},
	        {"RCPT TO:<\xfc@b>", V(RCPT), V(RCPT), F(NOT_ASCII) | F(BAD_ADDRESS)},
	};

	(void)state;
	check_wrong(rows, COUNT(rows));
}

static void assert_span(struct span s, const char *expected)
{
	assert_int_equal(s.n, strlen(expected));
	if (s.n > 0)
		assert_memory_equal(s.p, expected, s.n);
}

static void lines_are_taken_apart(void **state)
{
	static const struct {
		const char *line, *word, *argument, *path, *parameters, *local, *domain;
		bool read;
	} rows[] = {
	        {"MAIL FROM:<a@b> SIZE=3  BODY=7BIT ", "MAIL", "FROM:<a@b> SIZE=3  BODY=7BIT",
	         "<a@b>", "SIZE=3  BODY=7BIT", "a", "b", true},
	        {"mail from:sender@sender.org", "mail", "from:sender@sender.org",
	         "sender@sender.org", "", "sender", "sender.org", true},
	        {"RCPT TO : a@b X=1", "RCPT", "TO : a@b X=1", "a@b", "X=1", "a", "b", true},
	        {"MAIL FROM:Bob <a@b>", "MAIL", "FROM:Bob <a@b>", "<a@b>", "", "a", "b", true},
	        {"MAIL FROM:<a@b SIZE=3", "MAIL", "FROM:<a@b SIZE=3", "<a@b", "SIZE=3", "a", "b",
	         true},
	        {"RCPT TO:<bob>", "RCPT", "TO:<bob>", "<bob>", "", "bob", "", true},
	        {"RCPT TO:< a@b >", "RCPT", "TO:< a@b >", "< a@b >", "", "a", "b", true},
	        {"RCPT TO:<@x:a@b>", "RCPT", "TO:<@x:a@b>", "<@x:a@b>", "", "a", "b", true},
	        {"RCPT TO:<a@@b>", "RCPT", "TO:<a@@b>", "<a@@b>", "", "", "", false},
	        {"MAIL FROM:<>", "MAIL", "FROM:<>", "<>", "", "", "", true},
	        {"  VRFY  bob  b ", "VRFY", "bob  b", "", "", "", "", false},
	        {"", "", "", "", "", "", "", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_command c;

		smtp_command_parse(span_of(rows[i].line), &c);
		assert_span(c.line, rows[i].line);
		assert_span(c.word, rows[i].word);
		assert_span(c.argument, rows[i].argument);
		assert_span(c.path, rows[i].path);
		assert_span(c.parameters, rows[i].parameters);
		assert_span(c.address.local, rows[i].local);
		assert_span(c.address.domain, rows[i].domain);
		assert_int_equal(c.address_read, rows[i].read);
	}
}

static unsigned faults_of_long(const char *head, size_t n, const char *tail)
{
	struct smtp_command c;
	struct buf b;
	unsigned faults;

	buf_init(&b, 1u << 20);
	buf_addstr(&b, head);
	while (b.len + strlen(tail) < n)
		buf_addch(&b, 'x');
	buf_addstr(&b, tail);
	smtp_command_parse(buf_span(&b), &c);
	faults = c.faults;
	buf_release(&b);
	return faults;
}

static void length_is_limited(void **state)
{
	(void)state;
	assert_int_equal(faults_of_long("NOOP ", 510, ""), 0);
	assert_int_equal(faults_of_long("NOOP ", 511, ""), F(TOO_LONG));
	assert_int_equal(faults_of_long("MAIL FROM:<a@b> ENVID=", 600, ""), 0);
	assert_int_equal(faults_of_long("AUTH PLAIN ", 12286, ""), 0);
	assert_int_equal(faults_of_long("AUTH PLAIN ", 12287, ""), F(TOO_LONG));
	assert_int_equal(faults_of_long("RCPT TO:<", 600, "@b>"), F(TOO_LONG) | F(BAD_ADDRESS));
}

static void a_nul_is_a_control_byte(void **state)
{
	struct smtp_command c;

	(void)state;
	smtp_command_parse(span_from("QUIT\0", 5), &c);
	assert_int_equal(c.faults, F(CONTROL_BYTES));
	assert_int_equal(c.verb, SMTP_VERB_UNKNOWN);
}

static void every_fault_has_a_name(void **state)
{
	(void)state;
	for (int f = 0; f < SMTP_TYPING_COUNT; f++) {
		const char *name = smtp_typing_fault_name((enum smtp_typing_fault)f);

		assert_true(strlen(name) > 2);
		assert_int_equal(smtp_typing_fault_find(span_of(name)), f);
	}
	assert_int_equal(smtp_typing_fault_find(SPAN("no-such-fault")), SMTP_TYPING_COUNT);
	assert_string_equal(smtp_typing_fault_name(SMTP_TYPING_COUNT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(correct_lines_have_no_fault),
	        cmocka_unit_test(strange_lines_are_named),
	        cmocka_unit_test(arguments_are_judged),
	        cmocka_unit_test(paths_are_judged),
	        cmocka_unit_test(lines_are_taken_apart),
	        cmocka_unit_test(length_is_limited),
	        cmocka_unit_test(a_nul_is_a_control_byte),
	        cmocka_unit_test(every_fault_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
