/*
 * STARTTLS and AUTH of the practice server, without a wire: Postfix's words, what is forgotten and
 * dropped at the start of TLS, each mechanism, relaying for those who have logged in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "practice_server_rig.h"
#include "smtp/sasl.h"

#define SCHOOL     "192.0.2.25"
#define NO_TLS     "203.0.113.50"
#define STRIPPED   "203.0.113.65"
#define INJECT     "203.0.113.66"
#define SUBMISSION "203.0.113.70"
#define OAUTH      "203.0.113.71"
#define CLEARTEXT  "203.0.113.72"

/* printf '\0alice\0wonderland' | base64, and so on */
#define ALICE   "AGFsaWNlAHdvbmRlcmxhbmQ="
#define WRONG   "AGFsaWNlAHdyb25n"
#define NOBODY  "AGV2ZQB3b25kZXJsYW5k"
#define ALICE64 "YWxpY2U="
#define WORD64  "d29uZGVybGFuZA=="

static void dial(struct fixture *f, const char *address, unsigned port)
{
	f->port = port;
	use_host(f, address);
	assert_true(world_host_listens(f->host, port));
	start(f);
}

/* Sends a line and gives the answer, of which only the start is compared. */
static const char *ask_start(struct fixture *f, const char *line, const char *begins)
{
	static char text[1 << 16];

	feed(f, line);
	feed(f, "\r\n");
	said(f, text, sizeof text);
	if (strncmp(text, begins, strlen(begins)) != 0)
		assert_string_equal(text, begins);
	return text;
}

static bool offers(struct fixture *f, const char *keyword)
{
	return strstr(ask_start(f, "EHLO me.test", "250-"), keyword) != NULL;
}

static void secure(struct fixture *f)
{
	ask(f, "STARTTLS", "220 2.0.0 Ready to start TLS");
	assert_true(practice_server_wants_tls(f->server));
	practice_server_tls_started(f->server);
	assert_false(practice_server_wants_tls(f->server));
}

/* On port 587, over TLS, after EHLO. */
static void dial_submission(struct fixture *f)
{
	dial(f, SUBMISSION, 587);
	secure(f);
	assert_true(offers(f, "\r\n250-AUTH PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256\r\n"));
}

static void log_in(struct fixture *f)
{
	dial_submission(f);
	ask(f, "AUTH PLAIN " ALICE, "235 2.7.0 Authentication successful");
}

/* --- STARTTLS --- */

static void starttls_is_offered_before_tls_only(void **state)
{
	dial(*state, SCHOOL, 25);
	assert_true(offers(*state, "\r\n250-ETRN\r\n250-STARTTLS\r\n250-ENHANCEDSTATUSCODES"));
	secure(*state);
	assert_false(offers(*state, "STARTTLS"));
	ask(*state, "STARTTLS", "554 5.5.1 Error: TLS already active");
	ask(*state, "STARTTLS x", "501 5.5.4 Syntax: STARTTLS");
}

static void starttls_where_there_is_none(void **state)
{
	dial(*state, NO_TLS, 25);
	assert_false(offers(*state, "STARTTLS"));
	ask(*state, "STARTTLS", "502 5.5.1 Error: command not implemented");
	assert_false(practice_server_wants_tls(((struct fixture *)*state)->server));
}

static void tls_makes_the_server_forget(void **state)
{
	dial(*state, SCHOOL, 25);
	ask(*state, "HELO me.test", "250 mail.school.test");
	ask(*state, "MAIL FROM:<a@b.test>", "250 2.1.0 Ok");
	ask(*state, "RCPT TO:<bob@school.test>", "250 2.1.5 Ok");
	secure(*state);
	ask(*state, "RCPT TO:<bob@school.test>", "503 5.5.1 Error: need MAIL command");
	ask(*state, "MAIL FROM:<a@b.test>", "250 2.1.0 Ok");
}

static void what_is_sent_behind_starttls_is_dropped(void **state)
{
	struct fixture *f = *state;

	dial(f, SCHOOL, 25);
	feed(f, "STARTTLS\r\nRSET\r\nMAIL FROM:<evil@x.test>\r\nRC");
	feed(f, "PT TO:<bob@school.test>\r\nQUIT\r\n");
	expect(f, "220 2.0.0 Ready to start TLS\r\n");
	assert_false(practice_server_done(f->server));
	practice_server_tls_started(f->server);
	ask(f, "RCPT TO:<bob@school.test>", "503 5.5.1 Error: need MAIL command");
}

static void a_stripped_host_shows_x(void **state)
{
	dial(*state, STRIPPED, 25);
	assert_true(offers(*state, "\r\n250-XXXXXXXA\r\n"));
	assert_false(offers(*state, "STARTTLS"));
	ask(*state, "STARTTLS", "500 5.5.2 Error: command not recognized");
}

static void an_injected_host_says_too_much(void **state)
{
	dial(*state, INJECT, 25);
	assert_true(offers(*state, "STARTTLS"));
	ask(*state, "STARTTLS",
	    "220 2.0.0 Ready to start TLS\r\n"
	    "250-mx.inject.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN");
	assert_true(practice_server_wants_tls(((struct fixture *)*state)->server));
}

static void port_465_greets_inside_tls(void **state)
{
	struct fixture *f = *state;

	dial(f, SUBMISSION, 465);
	assert_true(practice_server_wants_tls(f->server));
	feed(f, "EHLO me.test\r\n");
	expect(f, "");
	practice_server_tls_started(f->server);
	expect(f, "220 submission.test ESMTP Postfix\r\n");
	ask(f, "EHLO", "501 Syntax: EHLO hostname");
	ask(f, "MAIL FROM:<alice@submission.test>", "530 5.7.0 Authentication required");
}

/* --- what port 587 asks for --- */

static void port_587_wants_tls_then_a_login(void **state)
{
	static const char *const refused[] = {"MAIL FROM:<a@b.test>",
	                                      "RCPT TO:<a@b.test>",
	                                      "DATA",
	                                      "BDAT 1",
	                                      "RSET",
	                                      "VRFY bob",
	                                      "ETRN x",
	                                      "AUTH PLAIN " ALICE};
	struct fixture *f = *state;

	dial(f, SUBMISSION, 587);
	assert_false(offers(f, "AUTH"));
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		ask(f, refused[i], "530 5.7.0 Must issue a STARTTLS command first");
	ask(f, "NOOP", "250 2.0.0 Ok");
	ask(f, "HELO me.test", "250 submission.test");
	secure(f);
	ask(f, "MAIL FROM:<alice@submission.test>", "530 5.7.0 Authentication required");
	ask(f, "RCPT TO:<a@b.test>", "503 5.5.1 Error: need MAIL command");
	ask(f, "QUIT", "221 2.0.0 Bye");
}

static void port_25_takes_logins_over_tls_only(void **state)
{
	struct fixture *f = *state;

	dial(f, SUBMISSION, 25);
	assert_false(offers(f, "AUTH"));
	ask(f, "AUTH PLAIN " ALICE, "503 5.5.1 Error: authentication not enabled");
	ask(f, "MAIL FROM:<a@b.test>", "250 2.1.0 Ok");
	ask(f, "RCPT TO:<bob@school.test>", "554 5.7.1 <bob@school.test>: Relay access denied");
	secure(f);
	assert_true(offers(f, "AUTH PLAIN"));
	ask(f, "MAIL FROM:<a@b.test>", "250 2.1.0 Ok");
	ask(f, "AUTH PLAIN " ALICE, "503 5.5.1 Error: MAIL transaction in progress");
	ask(f, "RSET", "250 2.0.0 Ok");
	ask(f, "AUTH PLAIN " ALICE, "235 2.7.0 Authentication successful");
	assert_true(offers(f, "AUTH PLAIN"));
}

static void a_host_without_tls_lets_passwords_be_read(void **state)
{
	dial(*state, CLEARTEXT, 587);
	assert_true(offers(*state, "\r\n250-AUTH PLAIN LOGIN CRAM-MD5\r\n"));
	ask(*state, "MAIL FROM:<bob@cleartext.test>", "530 5.7.0 Authentication required");
	ask(*state, "AUTH PLAIN AGJvYgBidWlsZGVy", "235 2.7.0 Authentication successful");
	ask(*state, "MAIL FROM:<bob@cleartext.test>", "250 2.1.0 Ok");
}

static void a_login_needs_no_ehlo(void **state)
{
	dial(*state, CLEARTEXT, 587);
	ask(*state, "AUTH PLAIN AGJvYgBidWlsZGVy", "235 2.7.0 Authentication successful");
}

static void auth_where_there_is_none(void **state)
{
	dial(*state, SCHOOL, 25);
	assert_false(offers(*state, "AUTH"));
	ask(*state, "AUTH PLAIN " ALICE, "503 5.5.1 Error: authentication not enabled");
}

/* --- AUTH --- */

#define REFUSED "535 5.7.8 Error: authentication failed: "
#define FAILED  REFUSED "(reason unavailable)"

static void plain_in_every_form(void **state)
{
	struct fixture *f = *state;

	dial_submission(f);
	ask(f, "AUTH PLAIN " WRONG, FAILED);
	ask(f, "AUTH PLAIN " NOBODY, FAILED);
	ask(f, "AUTH PLAIN =", FAILED);
	ask(f, "AUTH PLAIN !!!", REFUSED "Invalid base64 data in initial response");
	ask(f, "AUTH PLAIN", "334 ");
	ask(f, "not base64", REFUSED "Invalid base64 data in continued response");
	ask(f, "AUTH PLAIN", "334 ");
	ask(f, "*", "501 5.7.0 Authentication aborted");
	ask(f, "AUTH PLAIN", "334 ");
	ask(f, "", FAILED);
	ask(f, "auth plain", "334 ");
	ask(f, ALICE, "235 2.7.0 Authentication successful");
	ask(f, "AUTH PLAIN " ALICE, "503 5.5.1 Error: already authenticated");
}

static void login_asks_twice(void **state)
{
	struct fixture *f = *state;

	dial_submission(f);
	ask(f, "AUTH LOGIN", "334 VXNlcm5hbWU6");
	ask(f, ALICE64, "334 UGFzc3dvcmQ6");
	ask(f, ALICE64, FAILED);
	ask(f, "AUTH LOGIN", "334 VXNlcm5hbWU6");
	ask(f, ALICE64, "334 UGFzc3dvcmQ6");
	ask(f, "*", "501 5.7.0 Authentication aborted");
	ask(f, WORD64, "500 5.5.2 Error: command not recognized");
	ask(f, "AUTH LOGIN " ALICE64, "334 UGFzc3dvcmQ6");
	ask(f, WORD64, "235 2.7.0 Authentication successful");
}

static void other_lines_of_auth_are_refused(void **state)
{
	struct fixture *f = *state;

	dial_submission(f);
	ask(f, "AUTH", "501 5.5.4 Syntax: AUTH mechanism");
	ask(f, "AUTH PLAIN " ALICE " x", "501 5.5.4 Syntax: AUTH mechanism");
	ask(f, "AUTH GSSAPI", REFUSED "Invalid authentication mechanism");
	ask(f, "AUTH XOAUTH2 x", REFUSED "Invalid authentication mechanism");
	ask(f, "AUTH EXTERNAL =", REFUSED "Invalid authentication mechanism");
	ask(f, "*", "221 2.7.0 Error: I can break rules, too. Goodbye.");
}

static void an_answer_may_be_long_but_not_endless(void **state)
{
	static char answer[SASL_CHALLENGE_MAX + 4];
	struct fixture *f = *state;

	dial_submission(f);
	memset(answer, 'A', SASL_CHALLENGE_MAX);
	ask(f, "AUTH PLAIN", "334 ");
	ask(f, answer, FAILED);
	answer[SASL_CHALLENGE_MAX] = 'A';
	ask(f, "AUTH PLAIN", "334 ");
	ask(f, answer, "500 5.5.6 SASL response limit exceeded");
	ask(f, "NOOP", "250 2.0.0 Ok");
}

/* Both sides of lib/smtp's SASL through the server. */
static void do_auth(struct fixture *f, const char *mechanism, const char *password,
                    const char *expected)
{
	struct sasl_secrets secrets = {
	        .user = "alice", .password = password, .host = f->host->name, .service = "smtp"};
	struct sasl_client *c = sasl_client_new(mechanism, &secrets, NULL);
	const char *answer;
	struct buf line;

	assert_non_null(c);
	buf_init_secret(&line, SASL_CHALLENGE_MAX);
	assert_int_equal(sasl_client_command(c, &line, NULL, NULL), 0);
	while (strncmp(answer = ask_start(f, line.data, ""), "334 ", 4) == 0) {
		struct span rest = span_of(answer + 4), challenge = span_cut(&rest, '\r');

		buf_clear(&line);
		if (sasl_client_step(c, challenge, &line, NULL, NULL, NULL) != SASL_SEND)
			buf_addstr(&line, "*");
	}
	assert_int_equal(strncmp(answer, expected, strlen(expected)), 0);
	if (expected[0] == '2')
		assert_true(sasl_client_complete(c));
	sasl_client_free(c);
	buf_release(&line);
}

static void every_mechanism_works(void **state)
{
	static const char *const mechanisms[] = {"PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1",
	                                         "SCRAM-SHA-256"};

	for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
		dial_submission(*state);
		do_auth(*state, mechanisms[i], "wrong", FAILED);
		do_auth(*state, mechanisms[i], "wonderland", "235 2.7.0 ");
	}
}

static void tokens_work_where_they_are_offered(void **state)
{
	static const char *const mechanisms[] = {"XOAUTH2", "OAUTHBEARER"};

	for (size_t i = 0; i < 2; i++) {
		dial(*state, OAUTH, 465);
		practice_server_tls_started(((struct fixture *)*state)->server);
		expect(*state, "220 oauth.test ESMTP Postfix\r\n");
		assert_true(offers(*state, "\r\n250-AUTH XOAUTH2 OAUTHBEARER\r\n"));
		do_auth(*state, mechanisms[i], "old-token", FAILED);
		do_auth(*state, mechanisms[i], "ya29.practice-token", "235 2.7.0 ");
	}
}

/* --- relaying --- */

static void a_user_may_send_to_everybody(void **state)
{
	struct fixture *f = *state;
	struct world_mailbox *bob = world_mailbox(f->world, SPAN("bob@school.test"), NULL);
	struct world_mailbox *own = world_mailbox(f->world, SPAN("bob@submission.test"), NULL);

	log_in(f);
	assert_true(offers(f, "AUTH"));
	ask(f, "MAIL FROM:<alice@submission.test>", "250 2.1.0 Ok");
	ask(f, "RCPT TO:<bob@school.test>", "250 2.1.5 Ok");
	ask(f, "RCPT TO:<bob@submission.test>", "250 2.1.5 Ok");
	ask(f, "RCPT TO:<eve@school.test>",
	    "550 5.1.1 <eve@school.test>: Recipient address rejected: undeliverable address: User "
	    "unknown");
	ask(f, "RCPT TO:<eve@submission.test>",
	    "550 5.1.1 <eve@submission.test>: Recipient address rejected: User unknown in local "
	    "recipient table");
	ask(f, "RCPT TO:<x@nowhere.test>",
	    "450 4.1.2 <x@nowhere.test>: Recipient address rejected: Domain not found");
	ask(f, "RCPT TO:<x@silent.test>",
	    "450 4.1.1 <x@silent.test>: Recipient address rejected: unverified address: no host "
	    "answers");
	ask(f, "DATA", "354 End data with <CR><LF>.<CR><LF>");
	ask_start(f, "Subject: x\r\n\r\nhello\r\n.", "250 2.0.0 Ok: queued as ");
	assert_int_equal(bob->count, 1);
	assert_int_equal(own->count, 1);
	assert_non_null(strstr(bob->messages[0].text, "by submission.test (Postfix) with ESMTPSA"));
}

static void tls_shows_in_the_trace(void **state)
{
	struct fixture *f = *state;
	struct world_mailbox *bob = world_mailbox(f->world, SPAN("bob@school.test"), NULL);

	dial(f, SCHOOL, 25);
	secure(f);
	assert_true(offers(f, "SMTPUTF8"));
	ask(f, "MAIL FROM:<a@b.test> SMTPUTF8", "250 2.1.0 Ok");
	ask(f, "RCPT TO:<bob@school.test>", "250 2.1.5 Ok");
	ask(f, "DATA", "354 End data with <CR><LF>.<CR><LF>");
	ask_start(f, "\r\nhello\r\n.", "250 2.0.0 Ok: queued as ");
	assert_non_null(strstr(bob->messages[0].text, "(Postfix) with UTF8SMTPS id "));
}

static void a_login_ends_with_the_connection(void **state)
{
	log_in(*state);
	dial_submission(*state);
	ask(*state, "MAIL FROM:<alice@submission.test>", "530 5.7.0 Authentication required");
}

static void failed_logins_are_errors(void **state)
{
	struct fixture *f = *state;

	dial_submission(f);
	for (int i = 0; i < 19; i++)
		ask(f, "AUTH PLAIN " WRONG, FAILED);
	ask(f, "AUTH PLAIN " WRONG, FAILED "\r\n421 4.7.0 submission.test Error: too many errors");
	assert_true(practice_server_done(f->server));
}

static void a_login_may_be_left_open(void **state)
{
	struct fixture *f = *state;

	dial_submission(f);
	ask_start(f, "AUTH CRAM-MD5", "334 ");
	feed(f, "half an ans");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(starttls_is_offered_before_tls_only),
	        T(starttls_where_there_is_none),
	        T(tls_makes_the_server_forget),
	        T(what_is_sent_behind_starttls_is_dropped),
	        T(a_stripped_host_shows_x),
	        T(an_injected_host_says_too_much),
	        T(port_465_greets_inside_tls),
	        T(port_587_wants_tls_then_a_login),
	        T(port_25_takes_logins_over_tls_only),
	        T(a_host_without_tls_lets_passwords_be_read),
	        T(a_login_needs_no_ehlo),
	        T(auth_where_there_is_none),
	        T(plain_in_every_form),
	        T(login_asks_twice),
	        T(other_lines_of_auth_are_refused),
	        T(an_answer_may_be_long_but_not_endless),
	        T(every_mechanism_works),
	        T(tokens_work_where_they_are_offered),
	        T(a_user_may_send_to_everybody),
	        T(tls_shows_in_the_trace),
	        T(a_login_ends_with_the_connection),
	        T(failed_logins_are_errors),
	        T(a_login_may_be_left_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
