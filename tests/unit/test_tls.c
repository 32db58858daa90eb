/*
 * TLS on streams: the handshake over a pair and over sockets, and what follows it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

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

static void test_much_goes_both_ways(void **state)
{
	size_t n = 3 << 20;
	char *much = mem_zero(n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		much[i] = (char)(i * 7 >> 3);
	for (size_t i = 0; i < KINDS; i++) {
		joins[i]();
		shake("good", HOST);
		assert_int_equal(stream_write(client.stream, span_from(much, n)), 0);
		assert_int_equal(stream_write(server.stream, span_from(much, n)), 0);
		assert_int_equal(stream_write(server.stream, span_from(much, n)), 0);
		for (int k = 0; k < 300 && (server.got.len < n || client.got.len < 2 * n); k++)
			run_for(10);
		assert_int_equal(server.got.len, n);
		assert_int_equal(client.got.len, 2 * n);
		assert_memory_equal(server.got.data, much, n);
		assert_memory_equal(client.got.data + n, much, n);
		again();
	}
	free(much);
}

static void test_a_paused_owner_hears_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		joins[i]();
		server.say = "hello\r\n";
		stream_pause(client.stream, true);
		assert_true(shake("good", HOST)->done); /* the handshake does not wait */
		stream_finish(server.stream);
		server.stream = NULL;
		run_for(20);
		assert_int_equal(client.got.len, 0);
		assert_int_equal(client.ends, 0);
		stream_pause(client.stream, false);
		run_for(20);
		assert_string_equal(client.got.data, "hello\r\n");
		assert_int_equal(client.ends, 1);
		assert_int_equal(client.why, STREAM_END_EOF);
		again();
	}
}

/* --- how it ends --- */

static void test_an_end_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		joins[i]();
		shake("good", HOST);
		stream_write(server.stream, SPAN("221 bye\r\n"));
		stream_finish(server.stream);
		server.stream = NULL;
		run_for(20);
		assert_string_equal(client.got.data, "221 bye\r\n");
		assert_int_equal(client.ends, 1);
		assert_int_equal(client.why, STREAM_END_EOF);
		assert_null(tls_trouble(client.stream));
		again();
	}
}

static void test_an_end_without_close_notify(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		joins[i]();
		shake("good", HOST);
		stream_write(server.stream, SPAN("250 half an ans"));
		run_for(20);
		stream_free(server.stream);
		server.stream = NULL;
		run_for(20);
		assert_string_equal(client.got.data, "250 half an ans");
		assert_int_equal(client.ends, 1);
		assert_int_equal(client.why, STREAM_END_CUT);
		assert_int_equal(stream_write(client.stream, SPAN("x")), -1);
		again();
	}
}

static void test_a_reset_stays_a_reset(void **state)
{
	(void)state;
	join_pair();
	shake("good", HOST);
	stream_reset(server.stream);
	server.stream = NULL;
	run_for(20);
	assert_int_equal(client.why, STREAM_END_ERROR);
	assert_int_equal(client.error, ECONNRESET);
}

/* --- the owner may go at any time --- */

static void test_freed_in_the_report(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		joins[i]();
		client.free_in_report = server.free_in_report = true;
		assert_true(shake("good", HOST)->done);
		assert_null(client.stream);
		again();
	}
}

static void test_freed_in_a_report_of_failure(void **state)
{
	struct tls_context *c = client_context();
	struct tls_target t = {.name = HOST, .ms = 20};

	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		joins[i]();
		client.free_in_report = true;
		start_client(c, &t);
		run_for(60);
		assert_int_equal(client.report->failure, TLS_FAILURE_TIMEOUT);
		assert_null(client.stream);
		again();
	}
	tls_context_free(c);
}

static void test_gone_while_it_shakes(void **state)
{
	void (*const ways[])(struct stream *) = {stream_free, stream_finish, stream_reset};
	struct tls_context *c = client_context();
	struct tls_target t = {.name = HOST, .ms = 30};

	(void)state;
	for (size_t i = 0; i < KINDS * 3; i++) {
		joins[i % KINDS]();
		start_client(c, &t);
		ways[i / KINDS](client.stream);
		client.stream = NULL;
		run_for(60);
		assert_int_equal(client.reports, 0);
		again();
	}
	tls_context_free(c);
}

static void test_the_loop_ends_first(void **state)
{
	struct tls_context *c = client_context();

	(void)state;
	join_pair();
	start_client(c, &(struct tls_target){.name = HOST, .ms = 1000});
	run_for(5);
	stream_finish(client.stream);
	client.stream = NULL;
	tls_context_free(c);
	assert_int_equal(client.reports, 0);
}

static void test_the_context_may_go_first(void **state)
{
	struct tls_settings s;
	struct tls_context *c;

	(void)state;
	tls_settings_init(&s);
	s.ca_file = cert_path("ca", ".pem");
	s.keylog = cert_path("gone", ".log");
	c = tls_context_new(&s, NULL);
	assert_non_null(c);
	join_pair();
	start_client(c, &(struct tls_target){.name = HOST, .ms = 1000});
	tls_context_free(c);
	c = server_context("good");
	start_server(c);
	run_handshake();
	tls_context_free(c);
	assert_true(client.report->done);
}

/* --- names sent, keys logged --- */

static int on_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	snprintf(arg, 64, "%s", name ? name : "none");
	return SSL_TLSEXT_ERR_OK;
}

static void expect_server_name(const char *name, const char *sni, const char *sent)
{
	struct tls_context *c = server_context("good");
	struct tls_target t = {.name = name, .sni = sni, .ms = 2000};
	char seen[64] = "";

	SSL_CTX_set_tlsext_servername_callback(c->ctx, on_name);
	SSL_CTX_set_tlsext_servername_arg(c->ctx, seen);
	assert_true(shake_with(c, client_context(), &t)->done);
	assert_string_equal(seen, sent);
	again();
}

static void test_the_server_name_sent(void **state)
{
	(void)state;
	expect_server_name(HOST, NULL, HOST);
	expect_server_name(HOST ".", NULL, HOST);
	expect_server_name(HOST, "other.example", "other.example");
	expect_server_name("192.0.2.25", NULL, "none");
	expect_server_name("[2001:db8::25]", NULL, "none");
	expect_server_name(NULL, NULL, "none");
}

static void test_key_log(void **state)
{
	struct tls_target to_host = {.name = HOST, .ms = 2000};
	const char *path = cert_path("keys", ".log");
	struct tls_settings s;
	struct tls_context *c;
	struct stat st;
	char line[32] = "";
	off_t before;
	FILE *f;

	(void)state;
	tls_settings_init(&s);
	s.ca_file = cert_path("ca", ".pem");
	s.keylog = path;
	c = tls_context_new(&s, NULL);
	assert_non_null(c);
	assert_true(shake_with(server_context("good"), c, &to_host)->done);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	before = st.st_size;
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	fclose(f);
	assert_memory_equal(line, "SERVER_HANDSHAKE_TRAFFIC_SECRET", 31);
	again();
	c = tls_context_new(&s, NULL); /* what is there stays */
	assert_true(shake_with(server_context("good"), c, &to_host)->done);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 2 * before);
}

/* --- channel binding --- */

static void expect_equal_bindings(const char *type, size_t n)
{
	struct buf ours, theirs;
	const char *said = NULL;

	buf_init(&ours, 256);
	buf_init(&theirs, 256);
	assert_int_equal(tls_channel_binding(client.stream, &said, &ours), 0);
	assert_string_equal(said, type);
	assert_int_equal(tls_channel_binding(server.stream, &said, &theirs), 0);
	assert_string_equal(said, type);
	assert_int_equal(ours.len, n);
	assert_int_equal(theirs.len, n);
	assert_memory_equal(ours.data, theirs.data, n);
	buf_release(&ours);
	buf_release(&theirs);
}

static void test_channel_binding(void **state)
{
	struct tls_target to_host = {.name = HOST, .ms = 2000};
	struct tls_context *cs;
	struct buf b;
	const char *type = NULL;

	(void)state;
	buf_init(&b, 256);
	join_pair();
	assert_int_equal(tls_channel_binding(client.stream, &type, &b), -1);
	assert_string_equal(shake("good", HOST)->version, "TLSv1.3");
	expect_equal_bindings("tls-exporter", 32);
	assert_int_equal(tls_channel_binding(client.stream, &type, &b), 0);
	again();
	assert_true(shake("good", HOST)->done); /* another connection, other bytes */
	assert_int_equal(tls_channel_binding(client.stream, &type, &b), 0);
	assert_int_equal(b.len, 64);
	assert_memory_not_equal(b.data, b.data + 32, 32);
	again();
	cs = server_context("good");
	SSL_CTX_set_max_proto_version(cs->ctx, TLS1_2_VERSION);
	assert_string_equal(shake_with(cs, client_context(), &to_host)->version, "TLSv1.2");
	expect_equal_bindings("tls-unique", 12);
	buf_release(&b);
}

/* --- contexts --- */

static void expect_fault(const struct tls_settings *s, enum diag_kind kind, const char *said)
{
	struct diag d;
	struct buf b;

	diag_init(&d);
	buf_init(&b, 4096);
	assert_null(tls_context_new(s, &d));
	assert_int_equal(d.kind, kind);
	diag_format(&d, &b);
	if (!strstr(b.data, said))
		fail_msg("\"%s\" is not in: %s", said, b.data);
	buf_release(&b);
	diag_release(&d);
}

static void test_files_that_cannot_be_used(void **state)
{
	struct tls_settings s;

	(void)state;
	tls_settings_init(&s);
	s.ca_file = "/nonexistent/\033ca.pem";
	expect_fault(&s, DIAG_INPUT, "/nonexistent/\\x1bca.pem: no certificates");
	s.ca_file = cert_path("shared", ".key");
	expect_fault(&s, DIAG_INPUT, "shared.key: no certificates");
	s.ca_file = NULL;
	s.ca_path = "/nonexistent";
	expect_fault(&s, DIAG_INPUT, "No such file");
	s.ca_path = NULL;
	s.certificate = "/nonexistent";
	expect_fault(&s, DIAG_INPUT, "/nonexistent: no certificate");
	s.certificate = cert_path("client", ".crt");
	expect_fault(&s, DIAG_INPUT, "client.crt: no private key");
	s.key = cert_path("weak-key", ".key");
	expect_fault(&s, DIAG_INPUT, "weak-key.key: this key does not belong");
	s.key = cert_path("ca", ".key");
	expect_fault(&s, DIAG_INPUT, "ca.key: no private key");
	s.key = cert_path("locked", ".key"); /* nobody is asked for its password */
	expect_fault(&s, DIAG_INPUT, "locked.key: no private key");
	s.certificate = NULL;
	expect_fault(&s, DIAG_USAGE, "its certificate is missing");
	s.key = NULL;
	s.server = true;
	expect_fault(&s, DIAG_USAGE, "a TLS server needs a certificate");
	s.server = false;
	s.keylog = "/nonexistent/keys";
	expect_fault(&s, DIAG_INPUT, "the key log cannot be written");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_handshake_and_data, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_much_goes_both_ways, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_a_paused_owner_hears_nothing, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_an_end_in_order, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_an_end_without_close_notify, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_a_reset_stays_a_reset, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_freed_in_the_report, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_freed_in_a_report_of_failure, rig_start,
	                                        rig_end),
	        cmocka_unit_test_setup_teardown(test_gone_while_it_shakes, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_the_loop_ends_first, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_the_context_may_go_first, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_the_server_name_sent, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_key_log, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_channel_binding, rig_start, rig_end),
	        cmocka_unit_test_setup_teardown(test_files_that_cannot_be_used, rig_start, rig_end),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
