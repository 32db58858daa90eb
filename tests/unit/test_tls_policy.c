/*
 * The judge of TLS: each policy against each outcome, and its sentences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/tls_policy.h"

#define BIT(NAME) (1u << TLS_PROBLEM_##NAME)

static char name_one[] = "mail.example.org", name_two[] = "www.example.org";
static char *names[] = {name_one, name_two, name_one, name_one, name_one, name_one, name_one};
static char wanted[] = "mx.example.com", missing[] = "CN=Nobody", detail[] = "it sent no alert";
static char print_a[] = "AA:AA", print_b[] = "BB:BB";
static char tls12[] = "TLSv1.2", tls13[] = "TLSv1.3";

static struct tls_certificate chain = {.names = names,
                                       .name_count = 2,
                                       .not_before = 978307200,
                                       .not_after = 1609459200,
                                       .fingerprint = print_a};

static struct tls_report done(unsigned problems)
{
	return (struct tls_report){.done = true,
	                           .problems = problems,
	                           .chain = &chain,
	                           .chain_count = 1,
	                           .wanted = wanted,
	                           .missing = missing,
	                           .version = tls13};
}

static enum tls_verdict judge(const struct tls_policy *p, const struct tls_report *r,
                              const char *said)
{
	char *why = NULL;
	enum tls_verdict v = tls_policy_judge(p, r, &why);

	if (!said)
		assert_null(why);
	else
		assert_string_equal(why, said);
	free(why);
	return v;
}

static const struct tls_policy off = {.mode = TLS_POLICY_OFF}, may = {.mode = TLS_POLICY_MAY},
                               strict = {.mode = TLS_POLICY_REQUIRE, .verify = true},
                               loose = {.mode = TLS_POLICY_REQUIRE};

static void test_in_clear(void **state)
{
	const char *bare = "this connection is not encrypted: everybody on the way can read and "
	                   "change it";
	const char *none = "TLS was asked for, and this connection has none";
	const struct tls_policy dane = {.mode = TLS_POLICY_REQUIRE, .origin = TLS_POLICY_BY_DANE};
	const struct tls_policy sts = {.mode = TLS_POLICY_REQUIRE,
	                               .origin = TLS_POLICY_BY_MTA_STS,
	                               .domain = "example.com"};

	(void)state;
	assert_int_equal(judge(&off, NULL, bare), TLS_VERDICT_UNPROVEN);
	assert_int_equal(judge(&may, NULL, bare), TLS_VERDICT_UNPROVEN);
	assert_int_equal(judge(&strict, NULL, none), TLS_VERDICT_STOP);
	assert_int_equal(judge(&loose, NULL, none), TLS_VERDICT_STOP);
	assert_int_equal(judge(&dane, NULL,
	                       "the server's TLSA records require TLS (RFC 7672), and this "
	                       "connection has none"),
	                 TLS_VERDICT_STOP);
	assert_int_equal(judge(&sts, NULL,
	                       "the MTA-STS policy of example.com requires TLS (RFC 8461), and "
	                       "this connection has none"),
	                 TLS_VERDICT_STOP);
}

static void test_a_failure_ends_all(void **state)
{
	const struct tls_policy *all[] = {&off, &may, &strict, &loose};
	struct tls_report r = {.failure = TLS_FAILURE_CLOSED};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		r.detail = NULL;
		assert_int_equal(
		        judge(all[i], &r, "the connection was closed during the TLS handshake"),
		        TLS_VERDICT_STOP);
		r.detail = detail;
		assert_int_equal(judge(all[i], &r,
		                       "the connection was closed during the TLS handshake (it "
		                       "sent no alert)"),
		                 TLS_VERDICT_STOP);
	}
}

static void test_proven(void **state)
{
	const struct tls_policy *all[] = {&off, &may, &strict, &loose};
	struct tls_report r = done(0);

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(judge(all[i], &r, NULL), TLS_VERDICT_OK);
}

static void test_unproven(void **state)
{
	const char *said = "the certificate has expired (on 2021-01-01)";
	struct tls_report r = done(BIT(EXPIRED));

	(void)state;
	assert_int_equal(judge(&off, &r, said), TLS_VERDICT_UNPROVEN);
	assert_int_equal(judge(&may, &r, said), TLS_VERDICT_UNPROVEN);
	assert_int_equal(judge(&loose, &r, said), TLS_VERDICT_UNPROVEN);
	assert_int_equal(judge(&strict, &r, said), TLS_VERDICT_STOP);
	r = done(0);
	r.chain_count = 0;
	assert_int_equal(judge(&strict, &r, "the server has shown no certificate"),
	                 TLS_VERDICT_STOP);
}

static void test_what_is_said_of_problems(void **state)
{
	struct tls_report r = done(BIT(NAME_MISMATCH) | BIT(UNKNOWN_ISSUER));

	(void)state;
	judge(&strict, &r,
	      "the chain ends at an issuer that we do not trust (CN=Nobody); the certificate is "
	      "for "
	      "other names (wanted: mx.example.com; offered: mail.example.org, www.example.org)");
	chain.name_count = 7;
	r = done(BIT(NAME_MISMATCH));
	judge(&strict, &r,
	      "the certificate is for other names (wanted: mx.example.com; offered: "
	      "mail.example.org, www.example.org, mail.example.org, mail.example.org, "
	      "mail.example.org and 2 more)");
	chain.name_count = 0;
	judge(&strict, &r,
	      "the certificate is for other names (wanted: mx.example.com; offered: no name at "
	      "all)");
	chain.name_count = 2;
	chain.not_before = 3786912000;
	r = done(BIT(NOT_YET));
	judge(&strict, &r, "the certificate is not valid yet (before 2090-01-01)");
	chain.not_before = 978307200;
	r = done(BIT(OTHER));
	r.detail = detail;
	judge(&strict, &r, "the certificate could not be verified (it sent no alert)");
}

static void test_dane_decides(void **state)
{
	const struct tls_policy dane = {
	        .mode = TLS_POLICY_REQUIRE, .verify = true, .origin = TLS_POLICY_BY_DANE};
	const char *wrong =
	        "the DNSSEC signatures of the server's TLSA records are wrong: somebody "
	        "may have changed them";
	struct tls_report r = done(0);

	(void)state;
	assert_int_equal(judge(&dane, &r,
	                       "no TLSA record proves the certificate, and authorities do not "
	                       "count here (RFC 7672 §3.1.3)"),
	                 TLS_VERDICT_STOP);
	r.by_dane = true;
	assert_int_equal(judge(&dane, &r, NULL), TLS_VERDICT_OK);
	r = done(0);
	r.dane = TLS_DANE_BOGUS;
	assert_int_equal(judge(&may, &r, wrong), TLS_VERDICT_UNPROVEN);
	assert_int_equal(judge(&strict, &r, wrong), TLS_VERDICT_STOP);
	r.dane = TLS_DANE_UNKNOWN;
	assert_int_equal(judge(&strict, &r, NULL), TLS_VERDICT_OK);
}

static void expect_weaker(const struct tls_report *before, const struct tls_report *now,
                          const char *said)
{
	char *why = NULL;

	assert_int_equal(tls_policy_weakened(before, now, &why), said != NULL);
	if (said)
		assert_string_equal(why, said);
	free(why);
}

static void test_weakened(void **state)
{
	struct tls_report good = done(0), bad = done(BIT(EXPIRED)), old = done(0), other = bad;
	struct tls_report broken = {.failure = TLS_FAILURE_CLOSED};
	struct tls_certificate another = chain;

	(void)state;
	old.version = tls12;
	another.fingerprint = print_b;
	other.chain = &another;
	expect_weaker(NULL, NULL, NULL);
	expect_weaker(NULL, &good, NULL);
	expect_weaker(&good, &good, NULL);
	expect_weaker(&bad, &good, NULL);
	expect_weaker(&bad, &bad, NULL);
	expect_weaker(&old, &good, NULL);
	expect_weaker(&good, NULL, "it spoke TLS before and does not now");
	expect_weaker(&good, &broken, "it spoke TLS before and does not now");
	expect_weaker(&good, &bad, "it was proven before and is not now");
	expect_weaker(&good, &old, "it spoke TLSv1.3 before and only TLSv1.2 now");
	expect_weaker(&bad, &other,
	              "it was never proven, and shows another certificate than before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_in_clear),
	        cmocka_unit_test(test_a_failure_ends_all),
	        cmocka_unit_test(test_proven),
	        cmocka_unit_test(test_unproven),
	        cmocka_unit_test(test_what_is_said_of_problems),
	        cmocka_unit_test(test_dane_decides),
	        cmocka_unit_test(test_weakened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
