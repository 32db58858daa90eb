/*
 * TLS on streams: the handshake over a pair and over sockets, what follows it, and each way in
 * which it can fail or be tampered with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "tls_rig.h"

static void (*const joins[])(void) = {join_pair, join_sockets};
#define KINDS (sizeof(joins) / sizeof(joins[0]))

static void again(void)
{
	side_stop(&client);
	side_stop(&server);
	side_start(&client);
	side_start(&server);
}

/* --- it works --- */

static void test_handshake_and_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct tls_report *r;

		joins[i]();
		client.say = "EHLO me\r\n";
		server.say = "hello\r\n";
		r = shake("good", HOST);
		assert_true(r->done);
		assert_true(tls_report_verified(r));
		assert_int_equal(r->failure, TLS_FAILURE_NONE);
		assert_string_equal(r->version, "TLSv1.3");
		assert_string_equal(r->cipher, "TLS_AES_256_GCM_SHA384");
		assert_string_equal(r->group, "X25519");
		assert_string_equal(r->wanted, HOST);
		assert_int_equal(r->chain_count, 2);
		assert_string_equal(r->chain[0].subject, "CN=mx.example.com");
		assert_string_equal(r->chain[0].issuer, "O=Example, CN=Example Intermediate");
		assert_string_equal(r->chain[0].key, "EC P-256");
		assert_string_equal(r->chain[0].signature, "ecdsa-with-SHA256");
		assert_int_equal(strlen(r->chain[0].fingerprint), 32 * 3 - 1);
		assert_int_equal(r->chain[0].name_count, 4);
		assert_string_equal(r->chain[0].names[3], "2001:db8::25");
		assert_non_null(strstr(r->chain[0].pem, "BEGIN CERTIFICATE"));
		assert_true(r->chain[0].not_before < r->chain[0].not_after);
		assert_false(r->client_certificate_asked);
		assert_true(server.report->done);
		assert_false(tls_report_verified(server.report));
		assert_string_equal(server.got.data, "EHLO me\r\n");
		assert_string_equal(client.got.data, "hello\r\n");
		again();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_handshake_and_data, rig_start, rig_end),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
