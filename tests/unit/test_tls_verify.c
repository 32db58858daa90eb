/*
 * The verdict on certificates: each fault alone is told as itself and as nothing else, and the
 * words of a certificate are safe to show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/ocsp.h>
#include <stdio.h>

#include "base/file.h"
#include "tls_rig.h"

#define BIT(NAME) (1u << TLS_PROBLEM_##NAME)

static const struct tls_target to_host = {.name = HOST, .ms = 2000};

static void expect_problems(unsigned problems)
{
	const struct tls_report *r = client.report;

	assert_true(r->done);
	for (int p = 0; p < TLS_PROBLEM_COUNT; p++) {
		if ((r->problems ^ problems) & 1u << p)
			fail_msg("%s is %d, detail %s", tls_problem_name((enum tls_problem)p),
			         (r->problems >> p) & 1, r->detail ? r->detail : "-");
	}
	assert_int_equal(tls_report_verified(r), problems == 0);
}

static void again(void)
{
	rig_end(NULL);
	rig_start(NULL);
}

/* --- each fault --- */

static void test_each_fault_is_told_apart(void **state)
{
	static const struct {
		const char *certificate;
		unsigned problems;
		const char *missing;
	} cases[] = {
	        {"good", 0, NULL},
	        {"expired", BIT(EXPIRED), NULL},
	        {"not-yet", BIT(NOT_YET), NULL},
	        {"self-signed", BIT(SELF_SIGNED), NULL},
	        {"wrong-name", BIT(NAME_MISMATCH), NULL},
	        {"incomplete", BIT(MISSING_INTERMEDIATE), "O=Example, CN=Example Intermediate"},
	        {"unknown-issuer", BIT(UNKNOWN_ISSUER), "O=Elsewhere, CN=Nobody's Root"},
	        {"weak-key", BIT(WEAK_KEY), NULL},
	        {"weak-signature", BIT(WEAK_SIGNATURE), NULL},
	        {"nul-name", BIT(NAME_MISMATCH), NULL},
	        {"controls", 0, NULL},
	        {"client", BIT(NAME_MISMATCH) | BIT(OTHER), NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		again();
		shake(cases[i].certificate, HOST);
		print_message("# %s\n", cases[i].certificate);
		expect_problems(cases[i].problems);
		if (cases[i].missing)
			assert_string_equal(client.report->missing, cases[i].missing);
		else
			assert_null(client.report->missing);
	}
	assert_string_equal(client.report->detail, "unsuitable certificate purpose");
}

/* Several at once: a person should learn of all of them on the same day. */
static void test_faults_add_up(void **state)
{
	struct tls_settings s;

	(void)state;
	tls_settings_init(&s);
	s.ca_file = cert_path("other-ca", ".pem");
	shake_with(server_context("expired"), tls_context_new(&s, NULL),
	           &(struct tls_target){.name = "mx.example.net", .ms = 2000});
	expect_problems(BIT(EXPIRED) | BIT(UNKNOWN_ISSUER) | BIT(NAME_MISMATCH));
	assert_string_equal(client.report->missing, "O=Example, CN=Example Root");
}

static void test_the_systems_store(void **state)
{
	struct tls_settings s;

	(void)state;
	tls_settings_init(&s);
	shake_with(server_context("good"), tls_context_new(&s, NULL), &to_host);
	expect_problems(BIT(UNKNOWN_ISSUER));
}

/* Whoever puts a certificate into the store trusts it, be it an authority or not. */
static void test_trust_in_one_certificate(void **state)
{
	static const char *const trusted[] = {"self-signed", "good", "intermediate"};
	static const char *const used[] = {"self-signed", "incomplete", "good"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct tls_settings s;

		again();
		tls_settings_init(&s);
		s.ca_file = cert_path(trusted[i], ".pem");
		shake_with(server_context(used[i]), tls_context_new(&s, NULL), &to_host);
		expect_problems(0);
	}
}

/* --- names --- */

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool matches;
	} cases[] = {
	        {"mx.example.com", true},
	        {"MX.Example.COM", true},
	        {"mx.example.com.", true},
	        {"a.mail.example.com", true},
	        {"a.b.mail.example.com", false},
	        {"mail.example.com", false},
	        {"mx.example.com.evil.test", false},
	        {"mx.example.co", false},
	        {"192.0.2.25", true},
	        {"[192.0.2.25]", false},
	        {"192.0.2.26", false},
	        {"2001:db8::25", true},
	        {"[2001:db8:0::25]", true},
	        {"2001:db8::26", false},
	        {"", false},
	        {".", false},
	        {NULL, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		again();
		shake("good", cases[i].name);
		print_message("# %s\n", cases[i].name ? cases[i].name : "(no name)");
		expect_problems(cases[i].matches ? 0 : BIT(NAME_MISMATCH));
	}
}

/* A NUL in a name ends it for C, not for us. */
static void test_a_nul_in_a_name_is_shown(void **state)
{
	const struct tls_report *r = shake("nul-name", HOST);

	(void)state;
	expect_problems(BIT(NAME_MISMATCH));
	assert_int_equal(r->chain[0].name_count, 1);
	assert_string_equal(r->chain[0].names[0], "mx.example.com\\x00.evil.test");
}

static void test_controls_in_a_subject_are_shown(void **state)
{
	const struct tls_report *r = shake("controls", HOST);

	(void)state;
	assert_string_equal(r->chain[0].subject,
	                    "O=Evil\\x1b]0\\;owned\\x07\\, CN=bank.example, CN=mx.example.com");
}

static void test_a_weak_key_in_words(void **state)
{
	(void)state;
	assert_string_equal(shake("weak-key", HOST)->chain[0].key, "RSA 1024");
	again();
	assert_string_equal(shake("weak-signature", HOST)->chain[0].signature, "ecdsa-with-SHA1");
}

/* --- the staple --- */

static int staple(SSL *ssl, void *arg)
{
	const struct buf *b = arg;
	unsigned char *copy = OPENSSL_memdup(b->data, b->len);

	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)b->len);
	return SSL_TLSEXT_ERR_OK;
}

static void shake_stapled(const char *certificate, struct buf *answer)
{
	struct tls_context *c = server_context(certificate);

	SSL_CTX_set_tlsext_status_cb(c->ctx, staple);
	SSL_CTX_set_tlsext_status_arg(c->ctx, answer);
	shake_with(c, client_context(), &to_host);
}

static void test_revoked_by_staple(void **state)
{
	struct buf answer;

	(void)state;
	buf_init(&answer, 64 << 10);
	assert_int_equal(file_read(cert_path("revoked", ".ocsp"), &answer, NULL), 0);
	shake_stapled("revoked", &answer);
	expect_problems(BIT(REVOKED));
	assert_true(client.report->stapled);

	again(); /* of another certificate */
	shake_stapled("good", &answer);
	expect_problems(0);
	assert_true(client.report->stapled);

	again(); /* with a signature that is wrong */
	answer.data[answer.len / 2] ^= 1;
	shake_stapled("revoked", &answer);
	expect_problems(0);

	again(); /* and rubbish */
	buf_cut(&answer, 20);
	shake_stapled("revoked", &answer);
	expect_problems(0);
	buf_release(&answer);
}

/* --- TLSA records --- */

static unsigned hex_digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Adds "usage selector matching" with the digest in NAME.tlsa. */
static void add_record(struct dns_answer *a, const char *head, const char *digest)
{
	struct dns_record r = {.type = DNS_TLSA};
	struct buf hex;

	buf_init(&hex, 1000);
	assert_int_equal(file_read(cert_path(digest, ".tlsa"), &hex, NULL), 0);
	r.text_len = 3 + 32;
	r.text = mem_zero(r.text_len);
	for (size_t i = 0; i < 3; i++)
		r.text[i] = (char)(head[i] - '0');
	for (size_t i = 0; i < 32; i++)
		r.text[3 + i] =
		        (char)(hex_digit(hex.data[2 * i]) << 4 | hex_digit(hex.data[2 * i + 1]));
	dns_answer_add(a, &r);
	buf_release(&hex);
}

static void shake_with_records(const char *certificate, const char *name, struct dns_answer *a)
{
	struct tls_target t = {.name = name, .tlsa = a, .dane = TLS_DANE_SECURE, .ms = 2000};
	struct tls_settings s;

	tls_settings_init(&s);
	s.ca_file = cert_path("other-ca", ".pem"); /* no authority that would help */
	again();
	shake_with(server_context(certificate), tls_context_new(&s, NULL), &t);
}

static struct dns_answer *records(const char *head, const char *digest)
{
	struct dns_answer *a = dns_answer_new("_25._tcp." HOST, DNS_TLSA, DNS_STATUS_OK);

	if (head)
		add_record(a, head, digest);
	return a;
}

static void test_dane(void **state)
{
	static const struct {
		const char *head, *digest, *certificate, *name;
		unsigned problems;
		enum tls_dane dane;
		bool by_dane;
	} cases[] = {
	        {"311", "good", "good", HOST, 0, TLS_DANE_SECURE, true},
	        /* the same key: with usage 3 names, dates and issuers do not matter */
	        {"311", "good", "expired", "mx.example.net", 0, TLS_DANE_SECURE, true},
	        {"311", "good", "self-signed", HOST, 0, TLS_DANE_SECURE, true},
	        {"311", "good", "wrong-name", HOST, 0, TLS_DANE_SECURE, true},
	        {"311", "ca", "good", HOST, BIT(TLSA_MISMATCH), TLS_DANE_SECURE, false},
	        {"311", "good", "weak-key", HOST, BIT(TLSA_MISMATCH), TLS_DANE_SECURE, false},
	        {"211", "ca", "good", HOST, 0, TLS_DANE_SECURE, true},
	        {"211", "ca", "wrong-name", HOST, BIT(NAME_MISMATCH), TLS_DANE_SECURE, true},
	        {"211", "ca", "expired", HOST, BIT(EXPIRED), TLS_DANE_SECURE, true},
	        {"211", "ca", "incomplete", HOST, BIT(TLSA_MISMATCH), TLS_DANE_SECURE, false},
	        {"211", "ca", "unknown-issuer", HOST, BIT(TLSA_MISMATCH), TLS_DANE_SECURE, false},
	        {"111", "good", "good", HOST, BIT(UNKNOWN_ISSUER), TLS_DANE_UNUSABLE, false},
	        {"011", "ca", "good", HOST, BIT(UNKNOWN_ISSUER), TLS_DANE_UNUSABLE, false},
	        {"314", "good", "good", HOST, BIT(UNKNOWN_ISSUER), TLS_DANE_UNUSABLE, false},
	        {NULL, NULL, "good", HOST, BIT(UNKNOWN_ISSUER), TLS_DANE_UNUSABLE, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dns_answer *a = records(cases[i].head, cases[i].digest);

		shake_with_records(cases[i].certificate, cases[i].name, a);
		print_message("# %s %s\n", cases[i].head ? cases[i].head : "none",
		              cases[i].certificate);
		expect_problems(cases[i].problems);
		assert_int_equal(client.report->dane, cases[i].dane);
		assert_int_equal(client.report->by_dane, cases[i].by_dane);
		dns_answer_free(a);
	}
}

/* One of several is enough: that is how keys are changed. */
static void test_one_record_of_several(void **state)
{
	struct dns_answer *a = records("311", "ca");

	(void)state;
	add_record(a, "011", "good");
	add_record(a, "311", "good");
	shake_with_records("good", HOST, a);
	expect_problems(0);
	assert_true(client.report->by_dane);
	dns_answer_free(a);
}

static void test_what_is_not_secure_does_not_count(void **state)
{
	struct dns_answer *a = records("311", "ca");
	struct tls_target t = {.name = HOST, .tlsa = a, .dane = TLS_DANE_INSECURE, .ms = 2000};

	(void)state;
	shake_with(server_context("good"), client_context(), &t);
	expect_problems(0);
	assert_int_equal(client.report->dane, TLS_DANE_INSECURE);
	assert_false(client.report->by_dane);
	dns_answer_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_each_fault_is_told_apart, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_faults_add_up, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_the_systems_store, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_trust_in_one_certificate, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_names, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_a_nul_in_a_name_is_shown, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_controls_in_a_subject_are_shown, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_a_weak_key_in_words, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_revoked_by_staple, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_dane, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_one_record_of_several, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_what_is_not_secure_does_not_count, rig_start,
	                                        rig_end),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
