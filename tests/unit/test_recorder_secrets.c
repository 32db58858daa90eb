/*
 * No secret reaches a recording, in whatever way it is typed; and what stands there instead makes
 * the same bytes again wherever it can.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recorder_rig.h"

#define PASSWORD "Pl4nted/pass+word"

static struct buf encoded;

/* `text` in base64; \0 are in it. */
static const char *base64(const char *text, size_t n)
{
	buf_init(&encoded, 4096);
	sasl_base64_encode(span_from(text, n), &encoded);
	return encoded.data;
}

static void type(const char *before, const char *text, size_t n)
{
	struct buf all;

	buf_init(&all, 8192);
	buf_addf(&all, "%s%s", before, base64(text, n));
	client(all.data);
	buf_release(&all);
	buf_release(&encoded);
}

#define TYPE(before, text) type(before, text, sizeof(text) - 1)

static void started(void)
{
	start();
	recorder_opened(rec, SPAN("mx:25"), d);
	server("220 mx\r\n");
	recorder_note(rec, SPAN("--"));
}

/* What was recorded since is exactly this. */
static void recorded(const char *expected)
{
	struct buf text, whole;

	stop();
	text = file_text();
	mask_times(&text);
	buf_init(&whole, 1u << 20);
	buf_addf(&whole, "# --\n%s" RECORDING_END, expected);
	if (!strstr(text.data, whole.data))
		assert_string_equal(text.data, whole.data);
	buf_release(&whole);
	buf_release(&text);
	expect_hidden(PASSWORD);
}

static void test_plain(void **state)
{
	(void)state;
	started();
	TYPE("AUTH PLAIN ", "\0alice\0" PASSWORD);
	server("535 no " PASSWORD "\r\n");
	client("AUTH PLAIN");
	server("334 \r\n");
	TYPE("", "\0alice\0" PASSWORD);
	server("235 ok\r\n");
	recorded("C: AUTH PLAIN ${plain:'alice',password}\nS: 535 no ${secret:password}\n# <time>\n"
	         "C: AUTH PLAIN\nS: 334 \n# <time>\nC: ${plain:'alice',password}\nS: 235 ok\n"
	         "# <time>\n");
}

static void test_login(void **state)
{
	(void)state;
	started();
	client("AUTH LOGIN");
	server("334 VXNlcm5hbWU6\r\n");
	TYPE("", "alice");
	server("334 UGFzc3dvcmQ6\r\n");
	TYPE("", PASSWORD);
	server("535 no\r\n");
	TYPE("auth login ", "bob");
	server("334 UGFzc3dvcmQ6\r\n");
	TYPE("", PASSWORD "2");
	server("235 ok\r\n");
	recorded("C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\n# <time>\nC: ${login-user:user}\n"
	         "S: 334 UGFzc3dvcmQ6\n# <time>\nC: ${login-pass:password}\nS: 535 no\n# <time>\n"
	         "C: auth login ${login-user:user_2}\nS: 334 UGFzc3dvcmQ6\n# <time>\n"
	         "C: ${login-pass:password_2}\nS: 235 ok\n# <time>\n");
}

static void test_tokens(void **state)
{
	(void)state;
	started();
	TYPE("AUTH XOAUTH2 ", "user=alice\001auth=Bearer " PASSWORD "\001\001");
	server("334 \r\n");
	client("*");
	server("501 gave up\r\n");
	TYPE("AUTH OAUTHBEARER ", "n,,\001auth=Bearer " PASSWORD "\001\001");
	server("235 ok\r\n");
	recorded("C: AUTH XOAUTH2 ${xoauth2:'alice',token}\nS: 334 \n# <time>\nC: *\n"
	         "S: 501 gave up\n# <time>\nC: AUTH OAUTHBEARER ${secret:answer}\nS: 235 ok\n"
	         "# <time>\n");
}

static void test_answers_that_no_reference_makes(void **state)
{
	(void)state;
	started();
	client("AUTH CRAM-MD5");
	server("334 PDFAbXg+\r\n");
	TYPE("", "alice 0123456789abcdef0123456789abcdef");
	server("535 no\r\n");
	client("AUTH PLAIN");
	server("334 \r\n");
	client(PASSWORD);
	server("501 cannot decode " PASSWORD "\r\n");
	client("AUTH " PASSWORD);
	server("504 what\r\n");
	TYPE("AUTH PLAIN ", "admin\0alice\0" PASSWORD);
	server("535 no\r\n");
	recorded("C: AUTH CRAM-MD5\nS: 334 PDFAbXg+\n# <time>\nC: ${secret:answer}\nS: 535 no\n"
	         "# <time>\nC: AUTH PLAIN\nS: 334 \n# <time>\nC: ${secret:answer_2}\n"
	         "S: 501 cannot decode ${secret:answer_2}\n# <time>\nC: AUTH ${secret:answer_2}\n"
	         "S: 504 what\n# <time>\nC: AUTH PLAIN ${secret:answer_3}\nS: 535 no\n# <time>\n");
}

static void test_raw_bytes(void **state)
{
	(void)state;
	started();
	raw("AUTH PL");
	raw("AIN " PASSWORD);
	raw("\r\nNOOP\r\n");
	server("535 no\r\n250 ok\r\n");
	raw("AUTH LOGIN\r\n" PASSWORD "\r\n");
	server("334 \r\n535 no\r\n");
	raw("AUTH PLAIN " PASSWORD);
	server("500 impatient\r\n");
	raw(PASSWORD "\r\nNOOP\r\n");
	server("250 ok\r\n");
	stop();
	expect_hidden(PASSWORD);
}

static void test_a_message_hides_nothing_before_its_dot(void **state)
{
	(void)state;
	started();
	client("DATA");
	server("354 go\r\n");
	raw("AUTH PLAIN dGV4dA==\r\n.\r\nAUTH PLAIN " PASSWORD "\r\n");
	server("250 ok\r\n503 no\r\n");
	stop();
	expect_hidden(PASSWORD);
	struct buf text = file_text();
	assert_non_null(strstr(text.data, "C: AUTH PLAIN dGV4dA==\nC: .\nC: AUTH PLAIN ${secret:"));
	buf_release(&text);
}

static void test_secrets_of_others(void **state)
{
	struct session_vars *others = session_vars_new();

	(void)state;
	assert_int_equal(session_vars_set_secret(others, SPAN("mine"), SPAN(PASSWORD),
	                                         SESSION_ORIGIN_OPTION, NULL, NULL),
	                 0);
	recorder_know(rec, others);
	recorder_know(rec, others);
	started();
	client("RCPT TO:<" PASSWORD "@x>");
	server("250 ok\r\n");
	TYPE("AUTH PLAIN ", "\0alice\0" PASSWORD);
	server("235 ok\r\n");
	recorded("C: RCPT TO:<${secret:mine}@x>\nS: 250 ok\n# <time>\n"
	         "C: AUTH PLAIN ${plain:'alice',mine}\nS: 235 ok\n# <time>\n");
	session_vars_free(others);
}

/* What a saved session and a note say is no exception. */
static void test_saved_and_noted(void **state)
{
	size_t lost;

	(void)state;
	recorder_opened(rec, SPAN("mx:25"), d);
	server("220 mx\r\n");
	TYPE("AUTH PLAIN ", "\0alice\0" PASSWORD);
	recorder_note(rec, SPAN("they say " PASSWORD));
	server("235 ok\r\n");
	assert_int_equal(recorder_save(rec, path, false, &lost, NULL), 2);
	expect_hidden(PASSWORD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_plain),
	        TEST(test_login),
	        TEST(test_tokens),
	        TEST(test_answers_that_no_reference_makes),
	        TEST(test_raw_bytes),
	        TEST(test_a_message_hides_nothing_before_its_dot),
	        TEST(test_secrets_of_others),
	        TEST(test_saved_and_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
