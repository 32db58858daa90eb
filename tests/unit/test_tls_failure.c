/*
 * Each way in which a handshake can fail, or what follows it can be tampered with: every one has
 * its own name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "net/stream_state.h"
#include "tls_rig.h"

static const struct tls_target to_host = {.name = HOST, .ms = 2000};

static void expect_failure(enum tls_failure failure, const char *detail)
{
	const struct tls_report *r = client.report;

	assert_non_null(r);
	assert_false(r->done);
	assert_false(tls_report_verified(r));
	if (r->failure != failure)
		fail_msg("%s (%s)", tls_failure_text(r->failure), r->detail ? r->detail : "-");
	if (!detail)
		assert_null(r->detail);
	else
		assert_string_equal(r->detail, detail);
	assert_int_equal(stream_write(client.stream, SPAN("x")), -1);
	assert_int_equal(client.ends, 0);
}

/* --- silence, plain text, ends --- */

/* The server's side speaks for itself, in pieces with pauses. */
static void shake_against(const char *const *pieces, const struct tls_target *t)
{
	struct tls_context *c = client_context();

	join_pair();
	start_client(c, t);
	for (run_for(5); *pieces && !client.reports; pieces++) {
		stream_write(server.stream, span_of(*pieces));
		run_for(15);
	}
	for (int i = 0; i < 100 && !client.reports; i++)
		run_for(10);
	tls_context_free(c);
}

static void test_silence(void **state)
{
	const char *const nothing[] = {NULL};

	(void)state;
	shake_against(nothing, &(struct tls_target){.name = HOST, .ms = 50});
	expect_failure(TLS_FAILURE_TIMEOUT, "nothing came from it");
	assert_in_range(client.report->ms, 45, 500);
	assert_in_range(server.got.len, 100, 2000); /* the ClientHello */
}

static void test_drops_do_not_feed_the_clock(void **state)
{
	const char *const drops[] = {"\x16", "\x03", "\x03", "\x01", "\x01", "\x02", NULL};

	(void)state;
	shake_against(drops, &(struct tls_target){.name = HOST, .ms = 60});
	expect_failure(TLS_FAILURE_TIMEOUT, "it began and then stopped");
	assert_in_range(client.report->ms, 55, 500);
}

static void test_plain_text(void **state)
{
	const char *const plain[] = {"454 \033]0;TLS\007 not\r\n", NULL};

	(void)state;
	shake_against(plain, &to_host);
	expect_failure(TLS_FAILURE_PLAINTEXT, NULL);
	assert_string_equal(client.report->unexpected, "454 \\x1b]0;TLS\\x07 not\\x0d\\x0a");
}

static void test_plain_text_that_begins_like_a_record(void **state)
{
	const char *const plain[] = {"\x16", "x", NULL};

	(void)state;
	shake_against(plain, &to_host);
	expect_failure(TLS_FAILURE_PLAINTEXT, NULL);
	assert_string_equal(client.report->unexpected, "\\x16x");
}

/* What came with the 220 is not an answer inside TLS, even when nobody has looked at it yet. */
static void on_ready(void *arg, struct span bytes)
{
	struct tls_context *c = arg;

	assert_int_equal(bytes.n, 8);
	stream_write(server.stream, SPAN("250 injected\r\n"));
	start_client(c, &to_host);
}

static void test_bytes_injected_before_the_handshake(void **state)
{
	static const struct stream_handler ready = {on_ready, side_ended, NULL};
	struct tls_context *cc = client_context(), *cs = server_context("good");

	(void)state;
	join_pair();
	stream_handle(client.stream, &ready, cc);
	stream_write(server.stream, SPAN("220 go\r\n"));
	for (int i = 0; i < 100 && !client.reports; i++)
		run_for(10);
	assert_int_equal(client.reports, 1);
	expect_failure(TLS_FAILURE_PLAINTEXT, NULL);
	assert_string_equal(client.report->unexpected, "250 injected\\x0d\\x0a");
	assert_int_equal(client.got.len, 0);
	tls_context_free(cc);
	tls_context_free(cs);
}

static void test_closed_in_the_middle(void **state)
{
	struct tls_context *c = client_context();

	(void)state;
	join_sockets();
	start_client(c, &to_host);
	run_for(10);
	stream_free(server.stream);
	server.stream = NULL;
	run_for(20);
	assert_int_equal(client.reports, 1);
	expect_failure(TLS_FAILURE_CLOSED, NULL);
	tls_context_free(c);
}

static void test_reset_in_the_middle(void **state)
{
	struct tls_context *c = client_context();

	(void)state;
	join_pair();
	start_client(c, &to_host);
	run_for(10);
	stream_reset(server.stream);
	server.stream = NULL;
	run_for(20);
	assert_int_equal(client.reports, 1);
	expect_failure(TLS_FAILURE_CLOSED, "Connection reset by peer");
	tls_context_free(c);
}

/* --- versions and ciphers --- */

static void test_old_versions(void **state)
{
	static const int old[] = {TLS1_VERSION, TLS1_1_VERSION};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct tls_context *c = server_context("good");

		rig_end(NULL);
		rig_start(NULL);
		SSL_CTX_set_max_proto_version(c->ctx, old[i]);
		shake_with(c, client_context(), &to_host);
		assert_non_null(client.report->detail);
		expect_failure(TLS_FAILURE_OLD_VERSION, client.report->detail);
		assert_false(server.report->done);
	}
}

/* A server of which OpenSSL says "legacy sigalg disallowed or unsupported". */
static void test_an_old_version_in_other_words(void **state)
{
	struct tls_settings s;
	struct tls_context *cc, *cs = server_context("weak-key");

	(void)state;
	tls_settings_init(&s);
	s.minimum = TLS_1_0;
	cc = tls_context_new(&s, NULL);
	SSL_CTX_set_security_level(cc->ctx, 2);
	SSL_CTX_set_max_proto_version(cs->ctx, TLS1_1_VERSION);
	SSL_CTX_set_min_proto_version(cs->ctx, TLS1_1_VERSION);
	shake_with(cs, cc, &to_host);
	assert_non_null(client.report->detail);
	expect_failure(TLS_FAILURE_OLD_VERSION, client.report->detail);
}

static void test_old_versions_on_request(void **state)
{
	static const struct {
		int version;
		enum tls_version minimum;
		const char *name;
	} old[] = {
	        {TLS1_VERSION, TLS_1_0, "TLSv1"},
	        {TLS1_1_VERSION, TLS_1_1, "TLSv1.1"},
	        {TLS1_2_VERSION, TLS_1_2, "TLSv1.2"},
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct tls_context *cs = server_context("good"), *cc;
		struct tls_settings s;

		rig_end(NULL);
		rig_start(NULL);
		tls_settings_init(&s);
		s.minimum = old[i].minimum;
		s.ca_file = cert_path("ca", ".pem");
		cc = tls_context_new(&s, NULL);
		SSL_CTX_set_max_proto_version(cs->ctx, old[i].version);
		shake_with(cs, cc, &to_host);
		assert_true(tls_report_verified(client.report));
		assert_string_equal(client.report->version, old[i].name);
		assert_string_equal(client.report->group, "X25519");
	}
}

static void test_a_minimum_of_1_3(void **state)
{
	struct tls_context *cs = server_context("good"), *cc = client_context();

	(void)state;
	SSL_CTX_set_max_proto_version(cs->ctx, TLS1_2_VERSION);
	SSL_CTX_set_min_proto_version(cc->ctx, TLS1_3_VERSION);
	shake_with(cs, cc, &to_host);
	expect_failure(TLS_FAILURE_OLD_VERSION, "it sent the alert \"protocol version\"");
}

static void test_no_cipher_in_common(void **state)
{
	struct tls_context *cs = server_context("good");

	(void)state;
	SSL_CTX_set_max_proto_version(cs->ctx, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(cs->ctx, "ECDHE-RSA-AES128-GCM-SHA256"); /* its key is not RSA */
	shake_with(cs, client_context(), &to_host);
	expect_failure(TLS_FAILURE_ALERT, "it sent the alert \"handshake failure\"");
	assert_int_equal(server.report->failure, TLS_FAILURE_NO_CIPHER);
}

/* --- client certificates --- */

static struct tls_context *asking_server(int version)
{
	struct tls_context *c = server_context("good");

	SSL_CTX_load_verify_file(c->ctx, cert_path("ca", ".pem"));
	SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_max_proto_version(c->ctx, version);
	return c;
}

static void test_a_client_certificate_is_missing(void **state)
{
	(void)state;
	shake_with(asking_server(TLS1_2_VERSION), client_context(), &to_host);
	assert_true(client.report->client_certificate_asked);
	expect_failure(TLS_FAILURE_CLIENT_CERTIFICATE, "it sent the alert \"handshake failure\"");
}

/* TLS 1.3 is done for the client before the server has looked (RFC 8446 §4.4.2.4). */
static void test_it_is_missed_only_afterwards(void **state)
{
	(void)state;
	shake_with(asking_server(TLS1_3_VERSION), client_context(), &to_host);
	assert_true(client.report->done);
	assert_true(client.report->client_certificate_asked);
	assert_int_equal(client.ends, 1);
	assert_int_equal(client.why, STREAM_END_ERROR);
	assert_int_equal(client.error, EPROTO);
	assert_string_equal(tls_trouble(client.stream),
	                    "it sent the alert \"certificate required\"");
	assert_int_equal(stream_write(client.stream, SPAN("x")), -1);
}

static void test_a_client_certificate(void **state)
{
	struct tls_settings s;

	(void)state;
	tls_settings_init(&s);
	s.ca_file = cert_path("ca", ".pem");
	s.certificate = cert_path("client", ".pem");
	s.key = cert_path("client", ".key");
	shake_with(asking_server(TLS1_3_VERSION), tls_context_new(&s, NULL), &to_host);
	assert_true(tls_report_verified(client.report));
	assert_true(client.report->client_certificate_asked);
	assert_true(tls_report_verified(server.report));
	assert_int_equal(server.report->chain_count, 2);
	assert_string_equal(server.report->chain[0].subject, "CN=Ann");
}

/* --- after the handshake --- */

static void test_plain_text_inside(void **state)
{
	(void)state;
	shake_with(server_context("good"), client_context(), &to_host);
	stream_write(server.stream, SPAN("250 ok\r\n"));
	stream_wire_write(server.stream, SPAN("250 not from the server\r\n"));
	stream_write(server.stream, SPAN("250 lost\r\n"));
	run_for(20);
	assert_string_equal(client.got.data, "250 ok\r\n");
	assert_int_equal(client.why, STREAM_END_ERROR);
	assert_int_equal(client.error, EPROTO);
	assert_string_equal(tls_trouble(client.stream),
	                    "bytes that are not TLS came in the middle of it");
	assert_int_equal(server.why, STREAM_END_ERROR); /* our alert */
	assert_string_equal(tls_trouble(server.stream), "it sent the alert \"protocol version\"");
}

static void test_a_damaged_record(void **state)
{
	(void)state;
	shake_with(server_context("good"), client_context(), &to_host);
	stream_wire_write(server.stream, SPAN("\x17\x03\x03\0\x20"
	                                      "0123456789abcdef0123456789abcdef"));
	run_for(20);
	assert_int_equal(client.why, STREAM_END_ERROR);
	assert_string_equal(tls_trouble(client.stream), "a record was damaged on its way");
}

static SSL *caught;

static void catch_ssl(const SSL *ssl, int where, int value)
{
	(void)where, (void)value;
	caught = (SSL *)(uintptr_t)ssl;
}

static void test_renegotiation(void **state)
{
	struct tls_context *cs = server_context("good");

	(void)state;
	SSL_CTX_set_max_proto_version(cs->ctx, TLS1_2_VERSION);
	SSL_CTX_clear_options(cs->ctx, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_info_callback(cs->ctx, catch_ssl);
	shake_with(cs, client_context(), &to_host);
	assert_true(client.report->done);
	assert_int_equal(SSL_renegotiate(caught), 1);
	SSL_do_handshake(caught);
	stream_write(server.stream, SPAN("250 ok\r\n"));
	run_for(20);
	assert_int_equal(client.why, STREAM_END_ERROR);
	assert_non_null(strstr(tls_trouble(client.stream), "negotiate TLS again"));
}

static void test_a_key_update_is_no_renegotiation(void **state)
{
	struct tls_context *cs = server_context("good");

	(void)state;
	SSL_CTX_set_info_callback(cs->ctx, catch_ssl);
	shake_with(cs, client_context(), &to_host);
	assert_int_equal(SSL_key_update(caught, SSL_KEY_UPDATE_REQUESTED), 1);
	stream_write(server.stream, SPAN("250 ok\r\n"));
	run_for(20);
	stream_write(client.stream, SPAN("QUIT\r\n"));
	run_for(20);
	assert_string_equal(client.got.data, "250 ok\r\n");
	assert_string_equal(server.got.data, "QUIT\r\n");
	assert_int_equal(client.ends, 0);
}

static void test_every_text_is_there(void **state)
{
	(void)state;
	for (int i = 0; i < TLS_FAILURE_COUNT; i++)
		assert_non_null(tls_failure_text((enum tls_failure)i));
	for (int i = 0; i < TLS_PROBLEM_COUNT; i++) {
		assert_non_null(tls_problem_name((enum tls_problem)i));
		assert_non_null(tls_problem_text((enum tls_problem)i));
	}
	assert_string_equal(tls_problem_name(TLS_PROBLEM_NOT_YET), "not-yet-valid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_silence, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_drops_do_not_feed_the_clock, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_plain_text, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_plain_text_that_begins_like_a_record,
	                                        rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_bytes_injected_before_the_handshake, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_closed_in_the_middle, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_reset_in_the_middle, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_old_versions, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_an_old_version_in_other_words, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_old_versions_on_request, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_a_minimum_of_1_3, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_no_cipher_in_common, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_a_client_certificate_is_missing, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_it_is_missed_only_afterwards, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_a_client_certificate, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_plain_text_inside, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_a_damaged_record, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_renegotiation, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_a_key_update_is_no_renegotiation, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_every_text_is_there, rig_start, rig_end),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
