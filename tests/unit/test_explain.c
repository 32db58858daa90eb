/*
 * explain: what is said about a reply and a typed line, and that nothing of a peer gets out
 * unescaped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "explain/example.h"
#include "explain/internal.h"

static const char *data_folder(void)
{
	const char *dir = getenv("SMTPTALK_DATA");

	return dir && *dir ? dir : "lessons";
}

static int load_all(void **state)
{
	struct diags ds;

	diags_init(&ds);
	*state = explain_load(data_folder(), "en", &ds);
	diags_release(&ds);
	return *state ? 0 : -1;
}

static int free_all(void **state)
{
	explain_free(*state);
	return 0;
}

/* Explains an Example: line; the caller releases. */
static struct explanation explain_line(const struct explain *e, const char *line,
                                       enum smtp_state after)
{
	struct explanation out;
	struct example x;

	assert_int_equal(example_parse(&x, line), 0);
	x.context.after = after;
	explain_reply(e, &x.context, &out);
	example_release(&x);
	return out;
}

static void assert_safe(const char *s)
{
	struct span rest = span_of(s);

	while (rest.n > 0) {
		uint32_t cp = 0;
		size_t n = utf8_decode(rest, &cp);

		assert_true(n > 0);
		assert_true(display_allows(cp, 0));
		rest = span_skip(rest, n);
	}
}

static void test_own_data_in_notes(void **state)
{
	const struct explain *e = *state;
	struct explanation out;

	out = explain_line(e, "connection | 220 mx.google.com ESMTP k8 - gsmtp",
	                   SMTP_STATE_GREETED);
	assert_string_equal(out.label, "220");
	assert_non_null(strstr(out.brief, "mx.google.com and speaks ESMTP"));
	assert_non_null(strstr(out.brief, "Google"));
	assert_string_equal(out.suggest, "HELO client.example");
	explanation_release(&out);

	out = explain_line(e, "MAIL | typed=MAIL FROM:<a@b.example> | 250 2.1.0 Ok",
	                   SMTP_STATE_MAIL);
	assert_string_equal(out.label, "250 2.1.0");
	assert_non_null(strstr(out.brief, "sender <a@b.example> accepted"));
	assert_string_equal(out.suggest, "RCPT TO:<somebody@example.com>");
	assert_string_equal(out.source, "RFC 5321 §4.1.1.2, §3.3");
	assert_null(out.typing);
	explanation_release(&out);

	out = explain_line(e, "message | 250 2.0.0 Ok: queued as 4F1B2", SMTP_STATE_READY);
	assert_non_null(strstr(out.brief, "knows it as 4F1B2."));
	assert_string_equal(out.suggest, "QUIT");
	explanation_release(&out);

	out = explain_line(e, "RCPT | typed=RCPT TO:<x@b.example> | 554 5.7.1 Relay access denied",
	                   SMTP_STATE_MAIL);
	assert_string_equal(out.suggest, "/mx b.example");
	explanation_release(&out);
}

/* The interface says at once what it makes of this 220; two things to do next would be too much. */
static void test_a_note_may_have_nothing_next(void **state)
{
	struct explanation out =
	        explain_line(*state, "STARTTLS | 220 2.0.0 Ready to start TLS", SMTP_STATE_TLS);

	assert_string_equal(out.rule, "starttls-ready");
	assert_null(out.next);
	assert_null(out.suggest);
	explanation_release(&out);
}

/* The first of the two dialogues that must work: HELO without a name. */
static void test_hello_without_name(void **state)
{
	struct explanation out = explain_line(
	        *state, "HELO | typed=HELO | 250 mx.google.com at your service", SMTP_STATE_READY);

	assert_string_equal(out.rule, "helo-ok-no-name");
	assert_non_null(strstr(out.brief, "You gave no name"));
	assert_null(out.typing);
	assert_string_equal(out.suggest, "MAIL FROM:<you@client.example>");
	explanation_release(&out);
}

static void test_typing_in_the_light_of_the_answer(void **state)
{
	struct explanation out;

	out = explain_line(*state, "MAIL | typed=mail from:a@b.example | 250 2.1.0 Ok",
	                   SMTP_STATE_MAIL);
	assert_non_null(strstr(out.typing, "no angle brackets"));
	assert_non_null(strstr(out.typing, "takes it without"));
	assert_string_equal(out.suggest, "RCPT TO:<somebody@example.com>");
	explanation_release(&out);

	out = explain_line(*state, "MAIL | typed=mail from:a@b.example | 555 5.5.2 Syntax error",
	                   SMTP_STATE_READY);
	assert_non_null(strstr(out.typing, "no angle brackets"));
	assert_string_equal(out.suggest, "MAIL FROM:<a@b.example>");
	explanation_release(&out);

	out = explain_line(*state, "MAIL | typed=mail from:a@b.example | 450 4.7.1 Later",
	                   SMTP_STATE_READY);
	assert_non_null(strstr(out.typing, "probably not why"));
	assert_string_equal(out.suggest, "MAIL FROM:<you@client.example>");
	explanation_release(&out);

	out = explain_line(*state,
	                   "unknown | typed=Subject: x | 221 2.7.0 Error: I can break rules, "
	                   "too. Goodbye.",
	                   SMTP_STATE_LEAVING);
	assert_string_equal(out.rule, "i-can-break-rules");
	assert_non_null(strstr(out.typing, "\"Subject:\" looks like a header"));
	explanation_release(&out);

	out = explain_line(*state, "unknown | typed=MIAL FROM:<a@b.example> | 500 5.5.2 Error",
	                   SMTP_STATE_READY);
	assert_non_null(strstr(out.typing, "Did you mean MAIL?"));
	assert_string_equal(out.suggest, "MAIL FROM:<a@b.example>");
	explanation_release(&out);
}

/* Each fault that the parser can find, and a line that has it. */
static const struct {
	enum smtp_typing_fault fault;
	const char *line;
	const char *part; /* of the remark after a refusal */
} TYPED[] = {
        {SMTP_TYPING_EMPTY_LINE, "", "empty line"},
        {SMTP_TYPING_LEADING_BLANK, " NOOP", "first column"},
        {SMTP_TYPING_FULL_WIDTH, "ＮＯＯＰ", "full-width"},
        {SMTP_TYPING_CONTROL_BYTES, "NO\bOP", "NO\\x08OP"},
        {SMTP_TYPING_TELNET_BYTES, "\xff\xfb\x01NOOP", "telnet"},
        {SMTP_TYPING_TYPO, "NOPO", "Did you mean NOOP?"},
        {SMTP_TYPING_HEADER_BEFORE_DATA, "Subject: x", "looks like a header"},
        {SMTP_TYPING_HTTP, "GET / HTTP/1.1", "web server"},
        {SMTP_TYPING_SERVER_LINE, "250 ok", "only the server"},
        {SMTP_TYPING_MARKED_LINE, "C: NOOP", "transcript"},
        {SMTP_TYPING_TWO_WORDS, "MAILFROM:<a@b.example>", "two words"},
        {SMTP_TYPING_NO_ARGUMENT, "MAIL", "Nothing follows MAIL"},
        {SMTP_TYPING_EXTRA_ARGUMENT, "DATA now", "you added \"now\""},
        {SMTP_TYPING_WRONG_WORD, "MAIL TO:<a@b.example>", "After MAIL comes FROM:"},
        {SMTP_TYPING_NO_COLON, "MAIL FROM <a@b.example>", "no colon"},
        {SMTP_TYPING_BLANK_BEFORE_COLON, "RCPT TO : <a@b.example>", "blank before the colon"},
        {SMTP_TYPING_BLANK_AFTER_COLON, "MAIL FROM: <a@b.example>", "blank after the colon"},
        {SMTP_TYPING_NO_BRACKETS, "MAIL FROM:a@b.example", "no angle brackets"},
        {SMTP_TYPING_UNCLOSED_BRACKET, "MAIL FROM:<a@b.example", "do not match"},
        {SMTP_TYPING_DISPLAY_NAME, "MAIL FROM:Bob <a@b.example>", "person's name"},
        {SMTP_TYPING_NO_DOMAIN, "RCPT TO:<bob>", "no @"},
        {SMTP_TYPING_EMPTY_RECIPIENT, "RCPT TO:<>", "never for a recipient"},
        {SMTP_TYPING_BAD_ADDRESS, "RCPT TO:<a b@c.example>", "not an address"},
        {SMTP_TYPING_TWO_ADDRESSES, "RCPT TO:<a@b.example>,<c@d.example>", "more than one address"},
        {SMTP_TYPING_NAME_NOT_QUALIFIED, "HELO laptop", "\"laptop\" has no dot"},
        {SMTP_TYPING_NAME_NOT_VALID, "HELO my_pc!", "is not a host name"},
        {SMTP_TYPING_LITERAL_NO_BRACKETS, "HELO 192.0.2.1", "square brackets"},
        {SMTP_TYPING_NOT_ASCII, "VRFY J\xc3\xbcrgen", "beyond ASCII"},
        {SMTP_TYPING_TOO_LONG, NULL, "512 bytes"},
};

static char *typed_remark(const struct explain *e, struct span line, enum smtp_typing_fault fault,
                          const char *reply)
{
	struct smtp_reply_parser p;
	struct smtp_command cmd;
	struct explain_context c = {.state = SMTP_STATE_READY, .command = &cmd, .me = "me.example"};
	struct span in = span_of(reply);
	struct explanation out;
	char *typing;

	smtp_command_parse(line, &cmd);
	if (!((cmd.faults >> fault) & 1u))
		fail_msg("%.*s: not %s", (int)line.n, line.p, smtp_typing_fault_name(fault));
	c.verb = cmd.verb;
	smtp_reply_parser_init(&p);
	assert_int_equal(smtp_reply_parser_feed(&p, &in), SMTP_PARSE_REPLY);
	c.reply = &p.reply;
	explain_reply(e, &c, &out);
	assert_safe(out.typing);
	assert_safe(out.suggest);
	/* A note may speak of the typed line itself. */
	typing = mem_dup(out.typing ? out.typing : out.brief);
	explanation_release(&out);
	smtp_reply_parser_release(&p);
	return typing;
}

static void test_each_typing_fault(void **state)
{
	char long_line[600] = "NOOP ";

	assert_int_equal(sizeof(TYPED) / sizeof(TYPED[0]), SMTP_TYPING_COUNT);
	memset(long_line + 5, 'x', sizeof(long_line) - 6);
	for (size_t i = 0; i < sizeof(TYPED) / sizeof(TYPED[0]); i++) {
		struct span line = span_of(TYPED[i].line ? TYPED[i].line : long_line);
		char *refused = typed_remark(*state, line, TYPED[i].fault, "504 5.5.2 No\r\n");
		char *accepted = typed_remark(*state, line, TYPED[i].fault, "250 2.0.0 Ok\r\n");

		if (!strstr(refused, TYPED[i].part))
			fail_msg("%s: %s", TYPED[i].part, refused);
		assert_string_not_equal(accepted, "");
		free(refused);
		free(accepted);
	}
}

static void test_no_reply_yet(void **state)
{
	struct smtp_command cmd;
	struct explain_context c = {.state = SMTP_STATE_READY,
	                            .after = SMTP_STATE_READY,
	                            .verb = SMTP_VERB_MAIL,
	                            .command = &cmd,
	                            .me = "me.example"};
	struct explanation out;

	smtp_command_parse(span_of("MAIL FROM <a@b.example>"), &cmd);
	explain_reply(*state, &c, &out);
	assert_non_null(strstr(out.typing, "no colon"));
	assert_null(out.brief);
	assert_null(out.label);
	assert_non_null(out.next);
	explanation_release(&out);
}

static void test_enhanced_is_added(void **state)
{
	struct explanation out = explain_line(*state, "message | 550 5.7.20 No", SMTP_STATE_READY);

	assert_string_equal(out.rule, "message-550");
	assert_non_null(strstr(out.brief, "5.7.20 stands for: no DKIM signature passed."));
	assert_non_null(strstr(out.source, "RFC 7372 §3.1"));
	explanation_release(&out);

	out = explain_line(*state, "message | 550 5.5.1 No", SMTP_STATE_READY);
	assert_null(strstr(out.brief, "stands for"));
	explanation_release(&out);

	out = explain_line(*state, "message | 550 5.7.999 No", SMTP_STATE_READY);
	assert_non_null(strstr(out.brief, "security or the rules"));
	explanation_release(&out);
}

static void test_partial_refusal(void **state)
{
	struct smtp_envelope env = {.sender = (char *)"a@b.example", .count = 3, .accepted = 1};
	struct explanation out;
	struct example x;

	assert_int_equal(example_parse(&x, "RCPT | state=rcpt | 550 5.1.1 No such user"), 0);
	x.context.envelope = &env;
	x.context.after = SMTP_STATE_RCPT;
	explain_reply(*state, &x.context, &out);
	assert_string_equal(out.suggest, "DATA");
	assert_non_null(strstr(out.next, "(1 of 3)"));
	explanation_release(&out);
	example_release(&x);
	assert_int_equal(
	        example_parse(&x, "DATA | state=mail | 554 5.5.1 Error: no valid recipients"), 0);
	env.accepted = 0;
	x.context.envelope = &env;
	explain_reply(*state, &x.context, &out);
	assert_non_null(strstr(out.brief, "3 of 3 recipients were refused"));
	explanation_release(&out);
	example_release(&x);
}

static void assert_all_safe(const struct explanation *x)
{
	assert_safe(x->label);
	assert_safe(x->brief);
	assert_safe(x->full);
	assert_safe(x->source);
	assert_safe(x->typing);
	assert_safe(x->next);
	assert_safe(x->suggest);
}

#define EVIL "\033]52;c;eA==\007\xc2\x9b\xe2\x80\xae\xff\xf3\xa0\x80\x81{me}[[{sender}]]"

static void test_hostile_bytes(void **state)
{
	static const char *const LINES[] = {
	        "connection | 220 mx" EVIL " ESMTP Postfix" EVIL,
	        "connection | 421 " EVIL,
	        "message | 250 2.0.0 Ok: queued as " EVIL,
	        "RCPT | typed=RCPT TO:<" EVIL "@b.example> | 551 5.1.6 try " EVIL,
	        "RCPT | typed=RCPT TO:" EVIL " | 501 5.1.3 " EVIL,
	        "MAIL | typed=MAIL FROM:\"" EVIL "\" <a@b.example> | 250 " EVIL,
	        "HELO | typed=HELO " EVIL " | 501 " EVIL,
	        "unknown | typed=" EVIL " | 500 " EVIL,
	        "EHLO | 250-" EVIL,
	        "MAIL | " EVIL,
	};

	for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
		struct explanation out = explain_line(*state, LINES[i], SMTP_STATE_READY);

		assert_non_null(out.brief);
		assert_all_safe(&out);
		explanation_release(&out);
	}
}

/* What a peer sends is never read as a text with placeholders. */
static void test_peer_text_is_not_a_template(void **state)
{
	struct explanation out = explain_line(
	        *state, "RCPT | 551 User not local; try {me} [[{mailbox}]]", SMTP_STATE_MAIL);

	assert_non_null(strstr(out.brief, "try {me} [[{mailbox}]]"));
	explanation_release(&out);
}

static void test_hostile_names(void **state)
{
	struct smtp_envelope env = {.helo = (char *)EVIL, .sender = (char *)EVIL, .count = 1};
	struct explain_context c = {.state = SMTP_STATE_RCPT,
	                            .after = SMTP_STATE_RCPT,
	                            .envelope = &env,
	                            .server = EVIL,
	                            .domain = EVIL,
	                            .me = EVIL,
	                            .mailbox = EVIL,
	                            .banner = {EVIL, strlen(EVIL)}};
	struct explanation out;
	char *remark;

	env.recipients[0].address = (char *)EVIL;
	for (int s = 0; s < SMTP_STATE_COUNT; s++) {
		c.after = c.state = (enum smtp_state)s;
		explain_next(*state, &c, &out);
		assert_non_null(out.next);
		assert_all_safe(&out);
		explanation_release(&out);
	}
	for (size_t i = 0; EXPLAIN_FIXED_NOTES[i]; i++) {
		assert_int_equal(explain_note(*state, EXPLAIN_FIXED_NOTES[i], &c, &out), 0);
		assert_non_null(out.brief);
		assert_all_safe(&out);
		explanation_release(&out);
	}
	remark = explain_text_line(*state, SMTP_TEXT_HEADER, span_of("From: " EVIL), &c);
	assert_non_null(remark);
	assert_safe(remark);
	free(remark);
}

static void test_next_by_state(void **state)
{
	struct explain_context c = {.me = "me.example", .domain = "school.test"};
	struct explanation out;

	c.state = c.after = SMTP_STATE_MAIL;
	explain_next(*state, &c, &out);
	assert_string_equal(out.suggest, "RCPT TO:<somebody@school.test>");
	explanation_release(&out);
	c.after = SMTP_STATE_CONNECTED;
	c.state = SMTP_STATE_RCPT;
	explain_next(*state, &c, &out);
	assert_string_equal(out.suggest, "DATA");
	explanation_release(&out);
	c.state = SMTP_STATE_MESSAGE;
	explain_next(*state, &c, &out);
	assert_null(out.suggest);
	assert_non_null(strstr(out.next, "single dot"));
	explanation_release(&out);
}

static void assert_suggests(const struct explain *e, const struct explain_context *like,
                            const char *reply, const char *suggest)
{
	struct explanation out;
	struct example x;

	assert_int_equal(example_parse(&x, reply), 0);
	x.context.capabilities = like->capabilities;
	x.context.encrypted = like->encrypted;
	x.context.logged_in = like->logged_in;
	x.context.submission = like->submission;
	x.context.after = SMTP_STATE_READY;
	explain_reply(e, &x.context, &out);
	assert_string_equal(out.suggest, suggest);
	explanation_release(&out);
	example_release(&x);
}

static void test_next_is_tls_then_a_login(void **state)
{
	static const char tls_first[] = "MAIL | 530 5.7.0 Must issue a STARTTLS command first";
	static const char login_first[] = "MAIL | 530 5.7.0 Authentication required";
	static const char mail[] = "MAIL FROM:<you@client.example>";
	struct smtp_capabilities clear = {.esmtp = true, .count = 1, .list = {{"STARTTLS", ""}}};
	struct smtp_capabilities tls = {.esmtp = true, .count = 1, .list = {{"AUTH", "PLAIN"}}};
	struct explain_context c = {.capabilities = &clear};

	assert_suggests(*state, &c, "EHLO | 250 mx.example", mail);
	assert_suggests(*state, &c, "MAIL | 530 5.7.0 Not yet", "STARTTLS");
	assert_suggests(*state, &c, tls_first, "STARTTLS");
	assert_suggests(*state, &c, "AUTH | 530 5.7.0 Not yet", "STARTTLS");
	c.submission = true;
	assert_suggests(*state, &c, "EHLO | 250 mx.example", "STARTTLS");
	c.encrypted = true;
	c.capabilities = &tls;
	assert_suggests(*state, &c, "EHLO | 250 mx.example", "/auth");
	c.submission = false;
	assert_suggests(*state, &c, "EHLO | 250 mx.example", mail);
	assert_suggests(*state, &c, login_first, "/auth");
	c.logged_in = c.submission = true;
	assert_suggests(*state, &c, "EHLO | 250 mx.example", mail);
	assert_suggests(*state, &c, "MAIL | 530 5.7.0 Not yet", "QUIT");
}

static void test_unknown_note(void **state)
{
	struct explain_context c = {0};
	struct explanation out;

	assert_int_equal(explain_note(*state, "no-such-note", &c, &out), -1);
	assert_null(out.brief);
	explanation_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_own_data_in_notes),
	        cmocka_unit_test(test_a_note_may_have_nothing_next),
	        cmocka_unit_test(test_hello_without_name),
	        cmocka_unit_test(test_typing_in_the_light_of_the_answer),
	        cmocka_unit_test(test_each_typing_fault),
	        cmocka_unit_test(test_no_reply_yet),
	        cmocka_unit_test(test_enhanced_is_added),
	        cmocka_unit_test(test_partial_refusal),
	        cmocka_unit_test(test_hostile_bytes),
	        cmocka_unit_test(test_peer_text_is_not_a_template),
	        cmocka_unit_test(test_hostile_names),
	        cmocka_unit_test(test_next_by_state),
	        cmocka_unit_test(test_next_is_tls_then_a_login),
	        cmocka_unit_test(test_unknown_note),
	};

	return cmocka_run_group_tests(tests, load_all, free_all);
}
