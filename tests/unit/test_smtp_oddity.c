/* The tricks and mistakes around STARTTLS and AUTH, each with its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue_stage.h"
#include "smtp/sasl.h"

/* The names of the bits, in their order. */
static void name_bits(unsigned bits, struct buf *out)
{
	for (int i = 0; i < SMTP_ODDITY_COUNT; i++)
		if (bits >> i & 1u)
			buf_addf(out, "%s%s", out->len > 0 ? " " : "",
			         smtp_oddity_name((enum smtp_oddity)i));
}

static void assert_odd(unsigned bits, const char *expected)
{
	struct buf names;

	buf_init(&names, 4096);
	name_bits(bits, &names);
	assert_string_equal(names.data, expected);
	buf_release(&names);
}

/* A server that offers STARTTLS and, with `auth`, "AUTH PLAIN LOGIN". */
static struct smtp_dialogue *ready(bool tls, bool auth)
{
	struct smtp_dialogue *d = greeted();
	struct smtp_event ev;

	say(d, "EHLO me",
	    "250-mx.example\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN SCRAM-SHA-256\r\n", &ev);
	assert_int_equal(ev.oddities, 0);
	if (!tls)
		return d;
	say(d, "STARTTLS", "220 go\r\n", &ev);
	assert_odd(ev.oddities, "");
	smtp_dialogue_tls_started(d);
	if (auth)
		say(d, "EHLO me", "250-mx.example\r\n250 AUTH PLAIN LOGIN SCRAM-SHA-256\r\n", &ev);
	return d;
}

/* The events to `line` and `answer` together. */
static unsigned oddities(struct smtp_dialogue *d, const char *line, const char *answer)
{
	unsigned bits = 0;
	struct smtp_event ev;

	if (line)
		smtp_dialogue_line(d, span_of(line), NULL);
	smtp_dialogue_feed(d, span_of(answer));
	while (smtp_dialogue_next(d, &ev))
		bits |= ev.oddities;
	return bits;
}

/* --- STARTTLS --- */

static void only_220_starts_tls(void **state)
{
	static const struct {
		const char *answer, *odd;
		enum smtp_state after;
	} rows[] = {
	        {"220 go\r\n", "", SMTP_STATE_TLS},
	        {"250 go\r\n", "starttls-2xx", SMTP_STATE_READY},
	        {"200 go\r\n", "starttls-2xx", SMTP_STATE_READY},
	        {"354 go\r\n", "starttls-3xx", SMTP_STATE_READY},
	        {"334 Z28=\r\n", "challenge-out-of-place", SMTP_STATE_READY},
	        {"454 no\r\n", "", SMTP_STATE_READY},
	        {"502 no\r\n", "", SMTP_STATE_READY},
	        {"220 go\r\n250 fake\r\n", "clear-after-starttls", SMTP_STATE_TLS},
	        {"220 go\r\n2", "clear-after-starttls", SMTP_STATE_TLS},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_dialogue *d = ready(false, false);

		assert_odd(oddities(d, "STARTTLS", rows[i].answer), rows[i].odd);
		assert_int_equal(smtp_dialogue_state(d), rows[i].after);
		assert_false(smtp_dialogue_encrypted(d));
		smtp_dialogue_free(d);
	}
}

static void what_ehlo_says_inside_tls(void **state)
{
	static const struct {
		const char *answer, *odd;
	} rows[] = {
	        {"250-mx.example\r\n250 AUTH PLAIN LOGIN SCRAM-SHA-256\r\n", ""},
	        {"250-MX.example\r\n250 auth plain login scram-sha-256\r\n", ""},
	        {"250-mx.example\r\n250 AUTH PLAIN\r\n", "ehlo-differs-after-tls"},
	        {"250 mx.example\r\n", "ehlo-differs-after-tls"},
	        {"250-mx.example\r\n250-SIZE\r\n250 AUTH PLAIN LOGIN SCRAM-SHA-256\r\n",
	         "ehlo-differs-after-tls"},
	        {"250-other.example\r\n250 AUTH PLAIN LOGIN SCRAM-SHA-256\r\n",
	         "ehlo-differs-after-tls"},
	        {"250-mx.example\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN SCRAM-SHA-256\r\n",
	         "starttls-inside-tls"},
	        {"502 no\r\n", "ehlo-refused-after-tls"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_dialogue *d = ready(true, false);
		const struct smtp_capabilities *before = smtp_dialogue_capabilities_before_tls(d);

		assert_non_null(before);
		assert_string_equal(before->server_name, "mx.example");
		assert_int_equal(smtp_dialogue_capabilities(d)->count, 0);
		assert_odd(oddities(d, "EHLO me", rows[i].answer), rows[i].odd);
		smtp_dialogue_free(d);
	}
}

static void tls_from_the_first_byte_has_nothing_before(void **state)
{
	struct smtp_dialogue *d = smtp_dialogue_new();

	(void)state;
	smtp_dialogue_tls_started(d);
	assert_true(smtp_dialogue_encrypted(d));
	assert_null(smtp_dialogue_capabilities_before_tls(d));
	assert_odd(oddities(d, NULL, "220 x\r\n"), "");
	assert_odd(oddities(d, "EHLO me", "502 no\r\n"), "");
	assert_odd(oddities(d, "EHLO me", "250-x\r\n250 AUTH PLAIN\r\n"), "");
	assert_odd(oddities(d, "AUTH PLAIN AGIAYg==", "235 ok\r\n"), "");
	assert_true(smtp_dialogue_authenticated(d));
	smtp_dialogue_free(d);
}

/* --- AUTH --- */

static void an_auth_line_in_its_place(void **state)
{
	static const struct {
		const char *line, *odd;
		bool tls, auth;
	} rows[] = {
	        {"AUTH PLAIN", "", true, true},
	        {"auth plain", "", true, true},
	        {"AUTH", "", true, true},
	        {"AUTH CRAM-MD5", "mechanism-not-offered", true, true},
	        {"AUTH PLAI", "mechanism-not-offered", true, true},
	        {"AUTH PLAIN", "auth-not-offered", true, false},
	        {"AUTH PLAIN", "auth-in-clear", false, true},
	        {"AUTH NTLM", "auth-in-clear mechanism-not-offered", false, true},
	        {"NOOP", "", false, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_dialogue *d = ready(rows[i].tls, rows[i].auth);
		struct smtp_command cmd;

		smtp_command_parse(span_of(rows[i].line), &cmd);
		assert_odd(smtp_dialogue_see_auth(d, &cmd), rows[i].odd);
		assert_odd(oddities(d, rows[i].line, "504 no\r\n"), rows[i].odd);
		smtp_dialogue_free(d);
	}
}

static void success_that_comes_too_soon(void **state)
{
	static const struct {
		const char *lines[4], *odd;
		bool authenticated;
	} rows[] = {
	        {{"AUTH PLAIN"}, "success-without-credentials", false},
	        {{"AUTH GSSAPI"}, "mechanism-not-offered success-without-credentials", false},
	        {{"AUTH"}, "success-without-credentials", false},
	        {{"AUTH PLAIN ="}, "", true},
	        {{"AUTH PLAIN AGIAYg=="}, "", true},
	        {{"AUTH PLAIN", "AGIAYg=="}, "", true},
	        {{"AUTH PLAIN", "*"}, "success-without-credentials", false},
	        {{"AUTH LOGIN", "Yg=="}, "success-before-the-end", true},
	        {{"AUTH LOGIN", "Yg==", "Yg=="}, "", true},
	        {{"AUTH LOGIN Yg==", "Yg=="}, "", true},
	        {{"AUTH SCRAM-SHA-256 eA==", "eA=="}, "success-before-the-end", true},
	        {{"AUTH SCRAM-SHA-256", "eA==", "eA==", ""}, "", true},
	        {{"AUTH NTLM", "eA=="}, "mechanism-not-offered", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_dialogue *d = ready(true, true);
		unsigned bits = 0;

		for (size_t j = 0; j < 4 && rows[i].lines[j]; j++) {
			bool last = j == 3 || !rows[i].lines[j + 1];

			bits |= oddities(d, rows[i].lines[j],
			                 last ? "235 2.7.0 ok\r\n" : "334 \r\n");
		}
		assert_odd(bits, rows[i].odd);
		assert_int_equal(smtp_dialogue_authenticated(d), rows[i].authenticated);
		smtp_dialogue_free(d);
	}
}

static void a_success_pipelined_ahead(void **state)
{
	struct smtp_dialogue *d = ready(true, true);

	(void)state;
	smtp_dialogue_raw(d, SPAN("AUTH LOGIN\r\nYg==\r\n"));
	assert_odd(oddities(d, "*", "334 \r\n334 \r\n235 ok\r\n"), "success-before-the-end");
	assert_int_equal(smtp_dialogue_login(d)->answers, 1);
	smtp_dialogue_free(d);
}

static void other_codes_to_a_login(void **state)
{
	struct smtp_dialogue *d = ready(true, true);

	(void)state;
	assert_odd(oddities(d, "AUTH PLAIN AGIAYg==", "250 ok\r\n"), "auth-other-code");
	assert_false(smtp_dialogue_authenticated(d));
	assert_odd(oddities(d, "AUTH PLAIN AGIAYg==", "354 ok\r\n"), "auth-other-code");
	assert_odd(oddities(d, "AUTH PLAIN AGIAYg==", "535 no\r\n"), "");
	assert_odd(oddities(d, "AUTH PLAIN AGIAYg==", "235 ok\r\n"), "");
	assert_odd(oddities(d, "AUTH PLAIN AGIAYg==", "503 no\r\n"), "auth-again");
	smtp_dialogue_free(d);
}

static void challenges_out_of_place(void **state)
{
	struct smtp_dialogue *d = ready(true, true);

	(void)state;
	assert_odd(oddities(d, "NOOP", "334 eA==\r\n"), "challenge-out-of-place");
	assert_odd(oddities(d, NULL, "334 eA==\r\n"), "challenge-out-of-place");
	assert_odd(oddities(d, "AUTH PLAIN AGIAYg==", "235 ok\r\n334 eA==\r\n"),
	           "challenge-after-success");
	assert_int_equal(smtp_dialogue_state(d), SMTP_STATE_READY);
	assert_odd(oddities(d, "MAIL FROM:<a@b>", "334 eA==\r\n"), "challenge-after-success");
	smtp_dialogue_free(d);
}

static unsigned challenge_of(size_t n)
{
	struct smtp_dialogue *d = ready(true, true);
	struct buf reply;
	unsigned bits;

	buf_init(&reply, 20000);
	buf_addstr(&reply, "334 ");
	for (size_t i = 0; i < n; i++)
		buf_addch(&reply, 'A');
	buf_addstr(&reply, "\r\n");
	bits = oddities(d, "AUTH LOGIN", reply.data);
	buf_release(&reply);
	smtp_dialogue_free(d);
	return bits;
}

static void challenges_without_measure(void **state)
{
	struct smtp_dialogue *d = ready(true, true);

	(void)state;
	assert_odd(challenge_of(SASL_CHALLENGE_MAX), "");
	assert_odd(challenge_of(SASL_CHALLENGE_MAX + 1), "challenge-too-big");
	assert_odd(oddities(d, "AUTH LOGIN", "334 eA==\r\n"), "");
	for (int i = 1; i < SASL_ROUNDS_MAX; i++)
		assert_odd(oddities(d, "eA==", "334 eA==\r\n"), "");
	assert_odd(oddities(d, "eA==", "334 eA==\r\n"), "too-many-challenges");
	assert_odd(oddities(d, "*", "501 ok\r\n"), "");
	assert_odd(oddities(d, "AUTH LOGIN", "334 eA==\r\n"), "");
	smtp_dialogue_free(d);
}

/* --- names --- */

static void every_oddity_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < SMTP_ODDITY_COUNT; i++) {
		enum smtp_oddity o = (enum smtp_oddity)i;

		assert_true(strlen(smtp_oddity_name(o)) > 5);
		assert_true(strlen(smtp_oddity_text(o)) > 20);
		assert_int_equal(smtp_oddity_find(span_of(smtp_oddity_name(o))), i);
	}
	assert_true(smtp_oddity_stops(SMTP_ODDITY_STARTTLS_2XX));
	assert_false(smtp_oddity_stops(SMTP_ODDITY_AUTH_IN_CLEAR));
	assert_int_equal(smtp_oddity_find(SPAN("none")), SMTP_ODDITY_COUNT);
	assert_string_equal(smtp_oddity_name(SMTP_ODDITY_COUNT), "");
	assert_string_equal(smtp_oddity_text(SMTP_ODDITY_COUNT), "");
	assert_false(smtp_oddity_stops(SMTP_ODDITY_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(only_220_starts_tls),
	        cmocka_unit_test(what_ehlo_says_inside_tls),
	        cmocka_unit_test(tls_from_the_first_byte_has_nothing_before),
	        cmocka_unit_test(an_auth_line_in_its_place),
	        cmocka_unit_test(success_that_comes_too_soon),
	        cmocka_unit_test(a_success_pipelined_ahead),
	        cmocka_unit_test(other_codes_to_a_login),
	        cmocka_unit_test(challenges_out_of_place),
	        cmocka_unit_test(challenges_without_measure),
	        cmocka_unit_test(every_oddity_has_a_name_and_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
