/* Every mechanism, our client against our server; and a client before servers that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sasl_stage.h"

/* Those that both sides can do. */
static const char *const mechanisms[] = {"PLAIN",         "LOGIN",   "CRAM-MD5",   "SCRAM-SHA-1",
                                         "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER"};

static void each_mechanism_succeeds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mechanisms); i++) {
		struct exchange x;

		exchange_open(&x, mechanisms[i], &bob);
		exchange_run(&x);
		assert_int_equal(x.verdict, SASL_ACCEPTED);
		assert_int_equal(x.step, SASL_SEND);
		assert_true(sasl_client_complete(x.client));
		assert_string_equal(sasl_server_user(x.server), "bob");
		assert_exchange_is_silent(&x);
		exchange_close(&x);
	}
}

static void refused_with(const struct sasl_secrets *secrets)
{
	for (size_t i = 0; i < COUNT(mechanisms); i++) {
		struct exchange x;

		exchange_open(&x, mechanisms[i], secrets);
		exchange_run(&x);
		assert_int_equal(x.verdict, SASL_REFUSED);
		assert_int_equal(x.step, SASL_SEND);
		assert_true(x.rounds <= 3);
		assert_exchange_is_silent(&x);
		exchange_close(&x);
	}
}

static void a_wrong_password_is_refused(void **state)
{
	struct sasl_secrets wrong = bob;

	(void)state;
	wrong.password = SECRET "x";
	refused_with(&wrong);
	wrong.password = "s";
	refused_with(&wrong);
}

static void an_unknown_user_is_refused(void **state)
{
	struct sasl_secrets wrong = bob;

	(void)state;
	wrong.user = "eve";
	refused_with(&wrong);
}

/* Nobody learns from the way of the refusal whether the name exists. */
static void unknown_and_wrong_look_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mechanisms); i++) {
		struct sasl_secrets no_user = bob, no_password = bob;
		struct exchange a, b;

		no_user.user = "eve";
		no_password.password = "wrong";
		exchange_open(&a, mechanisms[i], &no_user);
		exchange_open(&b, mechanisms[i], &no_password);
		exchange_run(&a);
		exchange_run(&b);
		assert_int_equal(a.rounds, b.rounds);
		assert_int_equal(a.verdict, b.verdict);
		assert_int_equal(a.challenge.len, b.challenge.len);
		exchange_close(&a);
		exchange_close(&b);
	}
}

static void names_that_need_care(void **state)
{
	static const char *const users[] = {"a,b", "a=b", "j\xc3\xb6rg", "x y"};

	(void)state;
	for (size_t i = 0; i < COUNT(users); i++) {
		struct sasl_secrets s = bob;
		struct exchange x;

		s.user = users[i];
		exchange_open(&x, "SCRAM-SHA-256", &s);
		exchange_run(&x);
		assert_int_equal(x.verdict, SASL_REFUSED);
		assert_string_equal(sasl_server_user(x.server), users[i]);
		exchange_close(&x);
	}
}

static void an_identity_goes_with_plain(void **state)
{
	struct sasl_secrets s = bob;
	struct exchange x;

	(void)state;
	s.identity = "boss";
	exchange_open(&x, "PLAIN", &s);
	exchange_run(&x);
	assert_int_equal(x.verdict, SASL_REFUSED);
	assert_string_equal(x.means.data, "identity boss, user bob, password ******");
	exchange_close(&x);
	s.identity = "bob";
	exchange_open(&x, "PLAIN", &s);
	exchange_run(&x);
	assert_int_equal(x.verdict, SASL_ACCEPTED);
	exchange_close(&x);
}

/* --- what goes out --- */

static void assert_command(const char *mechanism, const struct sasl_secrets *s, const char *line)
{
	struct buf out, means;
	struct diag d;
	struct sasl_client *c;

	diag_init(&d);
	buf_init(&out, 20000);
	buf_init(&means, 20000);
	c = sasl_client_new(mechanism, s, &d);
	assert_non_null(c);
	assert_int_equal(sasl_client_command(c, &out, &means, &d), 0);
	assert_string_equal(out.data, line);
	sasl_client_free(c);
	diag_release(&d);
	buf_release(&out);
	buf_release(&means);
}

static void the_auth_line(void **state)
{
	struct sasl_secrets s = {.user = "bob", .password = "pw", .host = "mx.example"};
	struct sasl_secrets nobody = {0}, boss = {.identity = "boss"};

	(void)state;
	assert_command("PLAIN", &s, "AUTH PLAIN AGJvYgBwdw==");
	assert_command("plain", &s, "AUTH PLAIN AGJvYgBwdw==");
	assert_command("LOGIN", &s, "AUTH LOGIN");
	assert_command("CRAM-MD5", &s, "AUTH CRAM-MD5");
	assert_command("EXTERNAL", &nobody, "AUTH EXTERNAL =");
	assert_command("EXTERNAL", &boss, "AUTH EXTERNAL Ym9zcw==");
	assert_command("XOAUTH2", &s, "AUTH XOAUTH2 dXNlcj1ib2IBYXV0aD1CZWFyZXIgcHcBAQ==");
	assert_command("OAUTHBEARER", &s,
	               "AUTH OAUTHBEARER "
	               "bixhPWJvYiwBaG9zdD1teC5leGFtcGxlAWF1dGg9QmVhcmVyIHB3AQE=");
}

static void a_long_token_waits_for_its_challenge(void **state)
{
	struct sasl_secrets s = bob;
	struct buf line, answer, token;
	struct sasl_client *c;
	struct diag d;

	(void)state;
	diag_init(&d);
	buf_init(&line, 20000);
	buf_init(&answer, 20000);
	buf_init(&token, 3000);
	while (buf_addch(&token, 't') == 0 && token.len < 2000)
		continue;
	s.password = token.data;
	c = sasl_client_new("XOAUTH2", &s, &d);
	assert_int_equal(sasl_client_command(c, &line, NULL, &d), 0);
	assert_string_equal(line.data, "AUTH XOAUTH2");
	assert_false(sasl_client_complete(c));
	assert_int_equal(sasl_client_step(c, SPAN(""), &answer, NULL, NULL, &d), SASL_SEND);
	assert_true(answer.len > 2600 && answer.len % 4 == 0);
	assert_true(sasl_client_complete(c));
	sasl_client_free(c);

	buf_clear(&line);
	c = sasl_client_new("XOAUTH2", &s, &d);
	assert_int_equal(sasl_client_command(c, &line, NULL, &d), 0);
	assert_int_equal(sasl_client_step(c, SPAN("eA=="), &answer, NULL, NULL, &d), SASL_BROKEN);
	sasl_client_free(c);
	diag_release(&d);
	buf_release(&line);
	buf_release(&answer);
	buf_release(&token);
}

/* RFC 2195 §2. */
static void the_vector_of_cram_md5(void **state)
{
	struct sasl_secrets tim = {.user = "tim", .password = "tanstaaftanstaaf"};
	struct buf answer, says, means;
	struct sasl_client *c;
	struct diag d;

	(void)state;
	diag_init(&d);
	buf_init(&answer, 1000);
	buf_init(&says, 1000);
	buf_init(&means, 1000);
	c = sasl_client_new("CRAM-MD5", &tim, &d);
	assert_false(sasl_client_starts(c));
	assert_int_equal(
	        sasl_client_step(c,
	                         SPAN("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"),
	                         &answer, &says, &means, &d),
	        SASL_SEND);
	assert_string_equal(answer.data, "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
	assert_string_equal(means.data, "user tim, a 16-byte digest");
	assert_non_null(strstr(says.data, "<1896.697170952@postoffice.reston.mci.net>"));
	sasl_client_free(c);
	diag_release(&d);
	buf_release(&answer);
	buf_release(&says);
	buf_release(&means);
}

static void a_refused_token_is_explained(void **state)
{
	static const struct {
		const char *mechanism, *acknowledgement;
	} rows[] = {{"XOAUTH2", ""}, {"OAUTHBEARER", "AQ=="}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sasl_secrets wrong = bob;
		struct exchange x;

		wrong.password = "expired";
		exchange_open(&x, rows[i].mechanism, &wrong);
		exchange_run(&x);
		assert_int_equal(x.rounds, 1);
		assert_string_equal(x.answer.data, rows[i].acknowledgement);
		assert_int_equal(x.verdict, SASL_REFUSED);
		assert_false(sasl_client_complete(x.client));
		assert_non_null(strstr(x.says.data, "why it refuses: {\"status\":\"401\""));
		assert_non_null(strstr(x.means.data, "takes note of the refusal"));
		assert_int_equal(sasl_client_step(x.client, SPAN(""), &x.answer, NULL, NULL, &x.d),
		                 SASL_BROKEN);
		exchange_close(&x);
	}
}

/* --- servers that misbehave --- */

/* Twelve characters are seven bytes at least: the whole of ",i=4096" is gone, and not only its end,
 * which would leave a well-formed ",i=4". */
static void cut_short(int round, struct buf *challenge)
{
	(void)round;
	if (challenge->len > 12)
		buf_cut(challenge, challenge->len - 12);
}

static void no_base64(int round, struct buf *challenge)
{
	(void)round;
	buf_addstr(challenge, "!");
}

static void oversized(int round, struct buf *challenge)
{
	(void)round;
	while (challenge->len <= SASL_CHALLENGE_MAX)
		buf_addstr(challenge, "AAAA");
}

/* "v=SIGNATURE", with one letter of the signature changed to another that base64 has too. */
static void other_signature(int round, struct buf *challenge)
{
	struct buf plain;
	size_t at;

	if (round != 1)
		return;
	buf_init(&plain, 1000);
	assert_int_equal(sasl_base64_decode(buf_span(challenge), &plain, &at), 0);
	plain.data[4] = plain.data[4] == 'A' ? 'B' : 'A';
	buf_clear(challenge);
	sasl_base64_encode(buf_span(&plain), challenge);
	buf_release(&plain);
}

static void tampered(const char *mechanism, void (*how)(int, struct buf *), enum sasl_step step,
                     const char *said)
{
	struct exchange x;

	exchange_open(&x, mechanism, &bob);
	x.tamper = how;
	exchange_run(&x);
	assert_int_equal(x.step, step);
	assert_false(sasl_client_complete(x.client));
	assert_int_equal(x.d.kind, DIAG_NETWORK);
	assert_non_null(strstr(x.d.what, said));
	assert_exchange_is_silent(&x);
	exchange_close(&x);
}

static void challenges_that_were_changed(void **state)
{
	(void)state;
	tampered("SCRAM-SHA-256", cut_short, SASL_BROKEN, "form");
	tampered("SCRAM-SHA-256", no_base64, SASL_BROKEN, "not base64: see its byte ");
	tampered("SCRAM-SHA-1", other_signature, SASL_SERVER_LIES, "signature is wrong");
	tampered("SCRAM-SHA-256", other_signature, SASL_SERVER_LIES, "signature is wrong");
	for (size_t i = 0; i < COUNT(mechanisms); i++)
		if (strcmp(mechanisms[i], "PLAIN") != 0 && !strstr(mechanisms[i], "AUTH")) {
			tampered(mechanisms[i], oversized, SASL_BROKEN, "12,288");
			tampered(mechanisms[i], no_base64, SASL_BROKEN, "not base64");
		}
}

static void a_server_that_never_ends(void **state)
{
	static const char *const all[] = {"PLAIN",         "LOGIN",    "CRAM-MD5", "SCRAM-SHA-1",
	                                  "SCRAM-SHA-256", "EXTERNAL", "XOAUTH2",  "OAUTHBEARER"};

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct sasl_client *c;
		struct buf answer;
		struct diag d;
		int answers = 0;

		diag_init(&d);
		buf_init(&answer, 100000);
		c = sasl_client_new(all[i], &bob, &d);
		while (sasl_client_step(c, SPAN(""), &answer, NULL, NULL, &d) == SASL_SEND)
			assert_true(answers++ < SASL_ROUNDS_MAX);
		assert_int_equal(d.kind, DIAG_NETWORK);
		assert_false(sasl_client_complete(c));
		sasl_client_free(c);
		diag_release(&d);
		buf_release(&answer);
	}
}

static void a_success_before_the_end_is_seen(void **state)
{
	static const struct {
		const char *mechanism;
		int complete_after; /* answers */
	} rows[] = {{"PLAIN", 1}, {"LOGIN", 2}, {"CRAM-MD5", 1}, {"SCRAM-SHA-256", 3}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct exchange x;
		int answers = 0;

		exchange_open(&x, rows[i].mechanism, &bob);
		if (sasl_client_starts(x.client)) {
			sasl_client_step(x.client, SPAN(""), &x.answer, NULL, NULL, &x.d);
			answers++;
		}
		to_server(&x, answers ? buf_span(&x.answer) : (struct span){0});
		while (x.verdict == SASL_CHALLENGE) {
			assert_int_equal(sasl_client_complete(x.client),
			                 answers >= rows[i].complete_after);
			buf_clear(&x.answer);
			sasl_client_step(x.client, buf_span(&x.challenge), &x.answer, NULL, NULL,
			                 &x.d);
			answers++;
			to_server(&x, buf_span(&x.answer));
		}
		assert_int_equal(answers, rows[i].complete_after);
		assert_true(sasl_client_complete(x.client));
		exchange_close(&x);
	}
}

/* --- what cannot be done --- */

static void assert_impossible(const char *mechanism, const struct sasl_secrets *s)
{
	struct buf words;
	struct diag d;

	diag_init(&d);
	buf_init(&words, 1000);
	assert_null(sasl_client_new(mechanism, s, &d));
	assert_int_equal(d.kind, DIAG_USAGE);
	diag_format(&d, &words);
	assert_no_secret(buf_span(&words), SECRET);
	buf_release(&words);
	diag_release(&d);
}

static void what_cannot_be_done(void **state)
{
	struct sasl_secrets none = {0}, no_password = {.user = "bob"}, odd = bob, bound = bob;

	(void)state;
	assert_impossible("NTLM", &bob);
	assert_impossible("", &bob);
	assert_impossible("PLAIN", &none);
	assert_impossible("PLAIN", &no_password);
	assert_impossible("XOAUTH2", &no_password);
	assert_impossible("SCRAM-SHA-256-PLUS", &bob);
	bound.channel_binding = SPAN("bytes");
	bound.channel_binding_type = "tls-server-end-point";
	assert_impossible("SCRAM-SHA-256-PLUS", &bound);
	odd.password = "token\001auth=Bearer other";
	assert_impossible("XOAUTH2", &odd);
	odd = bob;
	odd.user = "bob\001";
	assert_impossible("OAUTHBEARER", &odd);
}

static void the_strongest_is_chosen(void **state)
{
	static const struct {
		const char *offered;
		struct sasl_offer have;
		const char *chosen;
	} rows[] = {
	        {"PLAIN LOGIN", {0}, "PLAIN"},
	        {"LOGIN PLAIN CRAM-MD5", {0}, "CRAM-MD5"},
	        {"plain scram-sha-1  SCRAM-SHA-256", {0}, "SCRAM-SHA-256"},
	        {"SCRAM-SHA-256 SCRAM-SHA-256-PLUS", {0}, "SCRAM-SHA-256"},
	        {"SCRAM-SHA-256 SCRAM-SHA-256-PLUS",
	         {.channel_binding = true},
	         "SCRAM-SHA-256-PLUS"},
	        {"EXTERNAL PLAIN", {0}, "PLAIN"},
	        {"PLAIN EXTERNAL", {.certificate = true}, "EXTERNAL"},
	        {"PLAIN XOAUTH2 OAUTHBEARER", {0}, "PLAIN"},
	        {"PLAIN XOAUTH2 OAUTHBEARER", {.token = true}, "OAUTHBEARER"},
	        {"XOAUTH2 PLAIN", {.token = true}, "XOAUTH2"},
	        {"PLAIN", {.token = true}, NULL},
	        {"NTLM GSSAPI PLAINER", {0}, NULL},
	        {"", {0}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct sasl_mechanism_info *m =
		        sasl_strongest(span_of(rows[i].offered), &rows[i].have);

		if (rows[i].chosen)
			assert_string_equal(m->name, rows[i].chosen);
		else
			assert_null(m);
	}
}

static void the_table_is_whole(void **state)
{
	size_t i = 0;

	(void)state;
	for (; sasl_mechanism_at(i); i++) {
		const struct sasl_mechanism_info *m = sasl_mechanism_at(i);

		assert_ptr_equal(sasl_mechanism_find(span_of(m->name)), m);
		assert_true(strlen(m->why) > 20 && strlen(m->source) > 5);
		assert_true(m->answers >= 1);
		if (i > 0)
			assert_true(m->strength < sasl_mechanism_at(i - 1)->strength);
	}
	assert_int_equal(i, 10);
	assert_null(sasl_mechanism_find(SPAN("ANONYMOUS")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_mechanism_succeeds),
	        cmocka_unit_test(a_wrong_password_is_refused),
	        cmocka_unit_test(an_unknown_user_is_refused),
	        cmocka_unit_test(unknown_and_wrong_look_alike),
	        cmocka_unit_test(names_that_need_care),
	        cmocka_unit_test(an_identity_goes_with_plain),
	        cmocka_unit_test(the_auth_line),
	        cmocka_unit_test(a_long_token_waits_for_its_challenge),
	        cmocka_unit_test(the_vector_of_cram_md5),
	        cmocka_unit_test(a_refused_token_is_explained),
	        cmocka_unit_test(challenges_that_were_changed),
	        cmocka_unit_test(a_server_that_never_ends),
	        cmocka_unit_test(a_success_before_the_end_is_seen),
	        cmocka_unit_test(what_cannot_be_done),
	        cmocka_unit_test(the_strongest_is_chosen),
	        cmocka_unit_test(the_table_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
