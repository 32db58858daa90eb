/* The server's side before clients that are slow, early, wrong or hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sasl_stage.h"

static const struct span none = {0};

static struct sasl_server *serve(const char *mechanism)
{
	struct diag d;
	struct sasl_server *s;

	diag_init(&d);
	s = sasl_server_new(mechanism, password_of_bob, NULL, "mx.example", &d);
	assert_non_null(s);
	diag_release(&d);
	return s;
}

static enum sasl_verdict answer(struct sasl_server *s, struct span base64, struct buf *decoded)
{
	struct buf challenge;
	enum sasl_verdict verdict;
	size_t at;

	buf_init(&challenge, 1000);
	buf_clear(decoded);
	verdict = sasl_server_step(s, base64, &challenge);
	assert_int_equal(sasl_base64_decode(buf_span(&challenge), decoded, &at), 0);
	if (verdict != SASL_CHALLENGE)
		assert_int_equal(challenge.len, 0);
	buf_release(&challenge);
	return verdict;
}

static enum sasl_verdict say(struct sasl_server *s, struct span bytes, struct buf *decoded)
{
	enum sasl_verdict verdict;
	struct buf text;

	buf_init(&text, 100000);
	sasl_base64_encode(bytes, &text);
	verdict = answer(s, buf_span(&text), decoded);
	buf_release(&text);
	return verdict;
}

static void login_asks_as_real_servers_do(void **state)
{
	struct sasl_server *s = serve("LOGIN");
	struct buf said;

	(void)state;
	buf_init(&said, 1000);
	assert_null(sasl_server_user(s));
	assert_int_equal(answer(s, none, &said), SASL_CHALLENGE);
	assert_string_equal(said.data, "Username:");
	assert_int_equal(say(s, SPAN("bob"), &said), SASL_CHALLENGE);
	assert_string_equal(said.data, "Password:");
	assert_int_equal(say(s, SPAN(SECRET), &said), SASL_ACCEPTED);
	assert_string_equal(sasl_server_user(s), "bob");
	sasl_server_free(s);
	buf_release(&said);
}

static void login_takes_the_name_at_once(void **state)
{
	struct sasl_server *s = serve("LOGIN");
	struct buf said;

	(void)state;
	buf_init(&said, 1000);
	assert_int_equal(say(s, SPAN("bob"), &said), SASL_CHALLENGE);
	assert_string_equal(said.data, "Password:");
	assert_int_equal(say(s, SPAN("wrong"), &said), SASL_REFUSED);
	sasl_server_free(s);
	buf_release(&said);
}

static void plain_with_and_without_an_initial_response(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum sasl_verdict verdict;
	} rows[] = {
	        {"\0bob\0" SECRET, 5 + sizeof(SECRET) - 1, SASL_ACCEPTED},
	        {"bob\0bob\0" SECRET, 8 + sizeof(SECRET) - 1, SASL_ACCEPTED},
	        {"eve\0bob\0" SECRET, 8 + sizeof(SECRET) - 1, SASL_REFUSED},
	        {"\0bob\0wrong", 10, SASL_REFUSED},
	        {"\0eve\0wrong", 10, SASL_REFUSED},
	        {"bob\0wrong", 9, SASL_MALFORMED},
	        {"bob", 3, SASL_MALFORMED},
	        {"", 0, SASL_MALFORMED},
	};
	struct buf said;

	(void)state;
	buf_init(&said, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span bytes = span_from(rows[i].bytes, rows[i].n);
		struct sasl_server *at_once = serve("PLAIN"), *asked = serve("PLAIN");

		if (bytes.n > 0)
			assert_int_equal(say(at_once, bytes, &said), rows[i].verdict);
		else
			assert_int_equal(answer(at_once, SPAN("="), &said), rows[i].verdict);
		assert_int_equal(answer(asked, none, &said), SASL_CHALLENGE);
		assert_int_equal(said.len, 0);
		assert_int_equal(say(asked, bytes, &said), rows[i].verdict);
		sasl_server_free(at_once);
		sasl_server_free(asked);
	}
	buf_release(&said);
}

static void what_is_not_base64_is_malformed(void **state)
{
	static const char *const mechanisms[] = {"PLAIN",       "LOGIN",         "CRAM-MD5",
	                                         "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2",
	                                         "OAUTHBEARER"};
	static const char *const lines[] = {"*", "bob", "=", "Ym9i=", SECRET};
	struct buf said;

	(void)state;
	buf_init(&said, 1000);
	for (size_t i = 0; i < COUNT(mechanisms); i++)
		for (size_t j = 0; j < COUNT(lines); j++) {
			struct sasl_server *s = serve(mechanisms[i]);

			assert_int_equal(answer(s, none, &said), SASL_CHALLENGE);
			assert_int_equal(answer(s, span_of(lines[j]), &said), SASL_MALFORMED);
			sasl_server_free(s);
		}
	buf_release(&said);
}

static void an_answer_out_of_turn(void **state)
{
	struct sasl_server *s = serve("CRAM-MD5");
	struct buf said;

	(void)state;
	buf_init(&said, 1000);
	assert_int_equal(say(s, SPAN("bob 0123456789abcdef0123456789abcdef"), &said),
	                 SASL_MALFORMED);
	sasl_server_free(s);
	buf_release(&said);
}

static void answers_without_measure(void **state)
{
	struct sasl_server *s = serve("PLAIN");
	struct buf said, big;

	(void)state;
	buf_init(&said, 1000);
	buf_init(&big, 20000);
	while (big.len <= SASL_CHALLENGE_MAX)
		buf_addstr(&big, "AAAA");
	assert_int_equal(answer(s, none, &said), SASL_CHALLENGE);
	assert_int_equal(answer(s, buf_span(&big), &said), SASL_MALFORMED);
	sasl_server_free(s);
	buf_release(&said);
	buf_release(&big);
}

static void scram_ends_with_an_empty_answer(void **state)
{
	static const struct {
		const char *last;
		enum sasl_verdict verdict;
	} rows[] = {{"", SASL_ACCEPTED}, {"Zg==", SASL_MALFORMED}, {"=", SASL_MALFORMED}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct exchange x;

		exchange_open(&x, "SCRAM-SHA-256", &bob);
		for (int round = 0; round < 2; round++) {
			buf_clear(&x.answer);
			assert_int_equal(sasl_client_step(x.client, buf_span(&x.challenge),
			                                  &x.answer, NULL, NULL, &x.d),
			                 SASL_SEND);
			to_server(&x, buf_span(&x.answer));
			assert_int_equal(x.verdict, SASL_CHALLENGE);
		}
		to_server(&x, span_of(rows[i].last));
		assert_int_equal(x.verdict, rows[i].verdict);
		exchange_close(&x);
	}
}

static void tokens(void **state)
{
	static const struct {
		const char *mechanism, *message;
		enum sasl_verdict verdict;
	} rows[] = {
	        {"XOAUTH2", "user=bob\001auth=Bearer " SECRET "\001\001", SASL_ACCEPTED},
	        {"XOAUTH2", "user=bob\001auth=bearer " SECRET "\001\001", SASL_ACCEPTED},
	        {"XOAUTH2", "user=bob\001auth=Bearer old\001\001", SASL_CHALLENGE},
	        {"XOAUTH2", "user=bob\001auth=Bearer " SECRET, SASL_MALFORMED},
	        {"XOAUTH2", "auth=Bearer " SECRET "\001\001", SASL_MALFORMED},
	        {"XOAUTH2", "user=bob\001\001", SASL_MALFORMED},
	        {"XOAUTH2", "", SASL_MALFORMED},
	        {"OAUTHBEARER", "n,a=bob,\001auth=Bearer " SECRET "\001\001", SASL_ACCEPTED},
	        {"OAUTHBEARER", "y,a=bob,\001port=25\001auth=Bearer " SECRET "\001\001",
	         SASL_ACCEPTED},
	        {"OAUTHBEARER", "n,,\001auth=Bearer " SECRET "\001\001", SASL_CHALLENGE},
	        {"OAUTHBEARER", "n,b=bob,\001auth=Bearer " SECRET "\001\001", SASL_MALFORMED},
	        {"OAUTHBEARER", "x,a=bob,\001auth=Bearer " SECRET "\001\001", SASL_MALFORMED},
	        {"OAUTHBEARER", "n,a=bob,auth=Bearer " SECRET "\001\001", SASL_MALFORMED},
	        {"OAUTHBEARER", "n,a=bob", SASL_MALFORMED},
	};
	struct buf said;

	(void)state;
	buf_init(&said, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sasl_server *s = serve(rows[i].mechanism);
		bool empty = rows[i].message[0] == '\0';

		if (empty)
			assert_int_equal(answer(s, SPAN("="), &said), rows[i].verdict);
		else
			assert_int_equal(say(s, span_of(rows[i].message), &said), rows[i].verdict);
		if (rows[i].verdict == SASL_CHALLENGE) {
			assert_non_null(strstr(said.data, "\"status\":\"401\""));
			assert_int_equal(say(s, SPAN("\001"), &said), SASL_REFUSED);
		}
		sasl_server_free(s);
	}
	buf_release(&said);
}

static void what_cannot_be_served(void **state)
{
	static const char *const rows[] = {"EXTERNAL", "SCRAM-SHA-256-PLUS", "NTLM", ""};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct diag d;

		diag_init(&d);
		assert_null(sasl_server_new(rows[i], password_of_bob, NULL, NULL, &d));
		assert_int_equal(d.kind, DIAG_USAGE);
		diag_release(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(login_asks_as_real_servers_do),
	        cmocka_unit_test(login_takes_the_name_at_once),
	        cmocka_unit_test(plain_with_and_without_an_initial_response),
	        cmocka_unit_test(what_is_not_base64_is_malformed),
	        cmocka_unit_test(an_answer_out_of_turn),
	        cmocka_unit_test(answers_without_measure),
	        cmocka_unit_test(scram_ends_with_an_empty_answer),
	        cmocka_unit_test(tokens),
	        cmocka_unit_test(what_cannot_be_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
