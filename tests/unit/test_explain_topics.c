/*
 * explain: remarks beside single lines: of a message, of an EHLO reply, and topics asked about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/utf8.h"
#include "explain/explain.h"

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

static void assert_remark(const struct explain *e, enum smtp_text_look look, const char *line,
                          const char *part)
{
	struct smtp_envelope env = {.sender = (char *)"a@b.example"};
	struct explain_context c = {.state = SMTP_STATE_MESSAGE, .envelope = &env};
	char *got = explain_text_line(e, look, span_of(line), &c);

	if (part)
		assert_non_null(strstr(got, part));
	else
		assert_null(got);
	free(got);
}

static void test_message_lines(void **state)
{
	const struct explain *e = *state;

	assert_remark(e, SMTP_TEXT_PLAIN, "hello", NULL);
	assert_remark(e, SMTP_TEXT_END, ".", NULL);
	assert_remark(e, SMTP_TEXT_HEADER, "X-Mine: y", NULL);
	assert_remark(e, SMTP_TEXT_HEADER, "from: yyy", "envelope sender <a@b.example>");
	assert_remark(e, SMTP_TEXT_HEADER, "To: zzz", "decided at RCPT TO");
	assert_remark(e, SMTP_TEXT_HEADERS_END, "", "headers end here");
	assert_remark(e, SMTP_TEXT_NO_HEADER, "hello", "No header");
	assert_remark(e, SMTP_TEXT_COMMAND, "QUIT", "went into the message");
	assert_remark(e, SMTP_TEXT_LOCAL_COMMAND, "/quit", "^]");
	assert_remark(e, SMTP_TEXT_ALMOST_DOT, ". ", "did not end");
	assert_remark(e, SMTP_TEXT_STUFFING, ".x", "first dot");
	assert_remark(e, SMTP_TEXT_TOO_LONG, "x", "998");
}

static void collect(void *arg, const char *keyword, const char *argument, const char *text)
{
	assert_safe(keyword);
	assert_safe(argument);
	assert_safe(text);
	assert_true(*text != '\0');
	buf_addf(arg, "%s|%s|%s\n", keyword, argument, text);
}

static void test_capabilities(void **state)
{
	static const char REPLY[] = "250-mx.school.test\r\n250-SIZE 1000\r\n250-pipelining\r\n"
	                            "250-AUTH PLAIN LOGIN\r\n250-XMINE 1\r\n250-FOO \033[2J\r\n"
	                            "250 X-EXPS GSSAPI\r\n";
	struct smtp_capabilities caps;
	struct smtp_reply_parser p;
	struct span in = span_of(REPLY);
	struct buf b;

	smtp_capabilities_init(&caps);
	smtp_reply_parser_init(&p);
	while (smtp_reply_parser_feed(&p, &in) != SMTP_PARSE_REPLY)
		assert_true(in.n > 0);
	smtp_capabilities_read(&caps, &p.reply, true);
	buf_init(&b, 8192);
	explain_capabilities(*state, &caps, collect, &b);
	assert_non_null(strstr(b.data, "SIZE|1000|SIZE: a sender may announce"));
	assert_non_null(strstr(b.data, "in groups"));
	assert_non_null(strstr(b.data, "mechanisms: PLAIN LOGIN."));
	assert_non_null(strstr(b.data, "XMINE|1|XMINE: a private extension"));
	assert_non_null(strstr(b.data, "not among the extensions"));
	assert_non_null(strstr(b.data, "Exchange"));
	buf_release(&b);
	smtp_reply_parser_release(&p);
	smtp_capabilities_release(&caps);
}

static void assert_topic(const struct explain *e, const char *topic, const char *label,
                         const char *brief)
{
	struct explanation out;

	assert_int_equal(explain_topic(e, span_of(topic), &out), 0);
	assert_string_equal(out.label, label);
	assert_non_null(strstr(out.brief, brief));
	assert_non_null(out.source);
	assert_null(out.next);
	assert_null(out.suggest);
	assert_all_safe(&out);
	explanation_release(&out);
}

static void test_topics(void **state)
{
	const struct explain *e = *state;
	struct explanation out;

	assert_topic(e, "250", "250", "done");
	assert_topic(e, "  250-mx.school.test ", "250", "done");
	assert_topic(e, "S: 550 5.1.1 No such user", "550 5.1.1", "no such user");
	assert_topic(e, "250-PIPELINING", "PIPELINING", "in groups");
	assert_topic(e, "250-SIZE 1000", "SIZE", "largest taken is 1000 bytes.");
	assert_topic(e, "250-SIZE 0", "SIZE", "after MAIL FROM:<…>.");
	assert_topic(e, "250 AUTH PLAIN", "AUTH", "mechanisms: PLAIN.");
	assert_topic(e, "599", "599", "lasting refusal");
	assert_topic(e, "5.1.1", "5.1.1", "does not exist");
	assert_topic(e, "4.7.999", "4.7.999", "temporary");
	assert_topic(e, "mail from:<x>", "MAIL FROM:<address> [parameter …]", "begins a mail");
	assert_topic(e, "pipelining", "PIPELINING", "in groups");
	assert_topic(e, "550 \033[2J", "550", "refused");
	assert_int_equal(explain_topic(e, span_of("xyzzy"), &out), -1);
	assert_int_equal(explain_topic(e, span_of(""), &out), -1);
	assert_int_equal(explain_topic(e, span_of("9.1.1"), &out), -1);
	assert_int_equal(explain_topic(e, span_of("message"), &out), -1);
	assert_int_equal(explain_topic(e, span_from("a\0b", 3), &out), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_message_lines),
	        cmocka_unit_test(test_capabilities),
	        cmocka_unit_test(test_topics),
	};

	return cmocka_run_group_tests(tests, load_all, free_all);
}
