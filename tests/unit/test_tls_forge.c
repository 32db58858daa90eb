/*
 * Certificates made in memory: a good one is verified, and each faulty one has exactly the fault
 * that was wished for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "net/tls_forge.h"
#include "tls_rig.h"

#define NAME "mx.school.test"

static struct tls_forge *forge;

static int make_forge(void **state)
{
	(void)state;
	forge = tls_forge_new("Test authority", "test");
	return forge ? 0 : -1;
}

static int free_forge(void **state)
{
	(void)state;
	tls_forge_free(forge);
	return 0;
}

static struct tls_context *context_of(const struct tls_settings *s)
{
	struct tls_context *c;
	struct diag d;

	diag_init(&d);
	c = tls_context_new(s, &d);
	if (!c)
		print_error("%s\n", d.what);
	diag_release(&d);
	assert_non_null(c);
	return c;
}

static struct tls_context *trusting(const char *pem)
{
	struct tls_settings s;

	tls_settings_init(&s);
	s.ca_pem = pem;
	return context_of(&s);
}

static struct tls_context *showing(const struct tls_forge *f, const struct tls_wish *wish)
{
	struct tls_identity *i = tls_forge_make(f, wish);
	struct tls_settings s;
	struct tls_context *c;

	assert_non_null(i);
	tls_settings_init(&s);
	s.server = true;
	s.identity = i;
	c = context_of(&s);
	tls_identity_free(i); /* borrowed only */
	return c;
}

static struct tls_report *meet(const struct tls_forge *f, const struct tls_wish *wish)
{
	struct tls_target t = {.name = NAME, .ms = 2000};

	return shake_with(showing(f, wish), trusting(tls_forge_root(forge)), &t);
}

static const char *const right[] = {NAME, "school.test"};
static const char *const other[] = {"mx.other.test"};
static const char *const outside[] = {NAME, "mx.example.com"};

static void a_good_one_is_verified(void **state)
{
	struct tls_wish wish = {.names = right, .name_count = 2, .from_days = -1, .to_days = 30};
	struct tls_report *r = meet(forge, &wish);

	(void)state;
	assert_true(r->done);
	assert_int_equal(r->problems, 0);
	assert_true(tls_report_verified(r));
	assert_int_equal(r->chain_count, 2);
	assert_string_equal(r->chain[0].subject, "O=Test authority, CN=" NAME);
	assert_string_equal(r->chain[0].issuer, "O=Test authority, CN=Test authority intermediate");
	assert_string_equal(r->chain[0].key, "EC P-256");
	assert_int_equal(r->chain[0].name_count, 2);
	assert_string_equal(r->chain[0].names[1], "school.test");
}

#define BIT(NAME) (1u << TLS_PROBLEM_##NAME)

static void each_fault_is_the_only_one(void **state)
{
	static const struct {
		struct tls_wish wish;
		unsigned problems;
	} cases[] = {
	        {{right, 2, -60, -30, false, false}, BIT(EXPIRED)},
	        {{right, 2, 30, 60, false, false}, BIT(NOT_YET)},
	        {{other, 1, -1, 30, false, false}, BIT(NAME_MISMATCH)},
	        {{right, 2, -1, 30, true, false}, BIT(SELF_SIGNED)},
	        {{right, 2, -1, 30, false, true}, BIT(MISSING_INTERMEDIATE)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tls_report *r = meet(forge, &cases[i].wish);

		assert_true(r->done);
		assert_int_equal(r->problems, cases[i].problems);
		assert_false(tls_report_verified(r));
		if (cases[i].problems == BIT(MISSING_INTERMEDIATE))
			assert_string_equal(r->missing,
			                    "O=Test authority, CN=Test authority intermediate");
		rig_end(state);
		rig_start(state);
	}
}

static void another_forge_is_not_trusted(void **state)
{
	struct tls_wish wish = {.names = right, .name_count = 2, .from_days = -1, .to_days = 30};
	struct tls_forge *stranger = tls_forge_new("Test authority", "test");
	struct tls_report *r = meet(stranger, &wish);

	(void)state;
	assert_true(r->done);
	assert_int_not_equal(r->problems, 0);
	tls_forge_free(stranger);
}

static void its_root_proves_nothing_outside_its_domain(void **state)
{
	struct tls_wish wish = {.names = outside, .name_count = 2, .from_days = -1, .to_days = 30};
	struct tls_report *r = meet(forge, &wish);

	(void)state;
	assert_true(r->done);
	assert_int_equal(r->problems, BIT(OTHER));
	assert_string_equal(r->detail, "permitted subtree violation");
}

static void no_name_no_certificate(void **state)
{
	struct tls_wish wish = {.from_days = -1, .to_days = 30};

	(void)state;
	assert_null(tls_forge_make(forge, &wish));
}

static void bad_pem_is_told(void **state)
{
	static const char *const bad[] = {"", "nonsense",
	                                  "-----BEGIN CERTIFICATE-----\nAAAA\n"
	                                  "-----END CERTIFICATE-----\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct tls_settings s;
		struct diag d;

		diag_init(&d);
		tls_settings_init(&s);
		s.ca_pem = bad[i];
		assert_null(tls_context_new(&s, &d));
		assert_int_equal(d.kind, DIAG_INPUT);
		diag_release(&d);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_start, rig_end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(a_good_one_is_verified),       T(each_fault_is_the_only_one),
	        T(another_forge_is_not_trusted), T(its_root_proves_nothing_outside_its_domain),
	        T(no_name_no_certificate),       T(bad_pem_is_told),
	};

	return cmocka_run_group_tests(tests, make_forge, free_forge);
}
