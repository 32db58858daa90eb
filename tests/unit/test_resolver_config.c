/* resolver_config: resolv.conf as libc reads it, and a server given by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/resolver.h"

static struct resolver_config *load(const char *text)
{
	char path[] = "/tmp/test_resolver_config.XXXXXX";
	int fd = mkstemp(path);
	struct resolver_config *c;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	c = resolver_config_load(path, NULL);
	unlink(path);
	assert_non_null(c);
	return c;
}

static void server_is(const struct resolver_config *c, int i, const char *address, unsigned port)
{
	char text[NET_ADDRESS_TEXT];

	assert_true(i < c->count);
	assert_string_equal(net_address_text(&c->servers[i], text), address);
	assert_int_equal(net_address_port(&c->servers[i]), port);
}

static void reads_servers_and_options(void **state)
{
	struct resolver_config *c = load(
	        "# made by hand\n\n; nameserver 192.0.2.9\n#nameserver 192.0.2.9\n"
	        "search example.test\nnameserver 192.0.2.1\nnameserver\t 2001:db8::53  # here\n"
	        "nameserver fe80::1%lo\r\nnameserver 192.0.2.4\n"
	        "options edns0 timeout:3 rotate attempts:4 ndots:2\n");

	(void)state;
	assert_int_equal(c->count, 3);
	server_is(c, 0, "192.0.2.1", 53);
	server_is(c, 1, "2001:db8::53", 53);
	server_is(c, 2, "fe80::1%lo", 53);
	assert_int_equal(c->timeout_ms, 3000);
	assert_int_equal(c->attempts, 4);
	free(c);
}

static void passes_over_what_it_does_not_understand(void **state)
{
	struct resolver_config *c = load("nameserver\nnameserver nonsense\nnameserverx 192.0.2.7\n"
	                                 "options timeout: timeout:0 timeout:x attempts:-1\n"
	                                 "options\nrubbish\nnameserver 192.0.2.5");

	(void)state;
	assert_int_equal(c->count, 1);
	server_is(c, 0, "192.0.2.5", 53);
	assert_int_equal(c->timeout_ms, 5000);
	assert_int_equal(c->attempts, 2);
	free(c);
	c = load("options timeout:99 attempts:99\n");
	assert_int_equal(c->timeout_ms, 30000);
	assert_int_equal(c->attempts, 5);
	free(c);
}

static void without_a_server_this_machine_is_asked(void **state)
{
	struct resolver_config *c = load("# nothing\n");

	(void)state;
	assert_int_equal(c->count, 1);
	server_is(c, 0, "127.0.0.1", 53);
	free(c);
	c = load("");
	server_is(c, 0, "127.0.0.1", 53);
	free(c);
	c = resolver_config_load("/nonexistent/resolv.conf", NULL);
	assert_non_null(c);
	server_is(c, 0, "127.0.0.1", 53);
	free(c);
}

static void a_file_that_cannot_be_read_is_a_failure(void **state)
{
	struct diag d;

	(void)state;
	diag_init(&d);
	assert_null(resolver_config_load("/tmp", &d));
	assert_int_equal(d.kind, DIAG_INPUT);
	assert_string_equal(d.where, "/tmp");
	diag_release(&d);
}

static void reads_a_server_given_by_hand(void **state)
{
	static const struct {
		const char *text, *address;
		unsigned port;
	} good[] = {
	        {"192.0.2.1", "192.0.2.1", 53},
	        {"192.0.2.1:5353", "192.0.2.1", 5353},
	        {"2001:db8::1", "2001:db8::1", 53},
	        {"::1", "::1", 53},
	        {"[::1]", "::1", 53},
	        {"[::1]:65535", "::1", 65535},
	        {"[fe80::1%lo]:54", "fe80::1%lo", 54},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct resolver_config *c = resolver_config_parse(good[i].text, NULL);

		assert_non_null(c);
		assert_int_equal(c->count, 1);
		server_is(c, 0, good[i].address, good[i].port);
		assert_int_equal(c->timeout_ms, 5000);
		assert_int_equal(c->attempts, 2);
		free(c);
	}
}

static void refuses_what_is_no_address(void **state)
{
	static const char *const bad[] = {
	        "",
	        "dns.example",
	        "192.0.2.1:",
	        "192.0.2.1:0",
	        "192.0.2.1:65536",
	        "192.0.2.1:x",
	        "[::1",
	        "[::1]x",
	        "[::1]:",
	        "[::1]53",
	        ":53",
	        "192.0.2.1:53 ",
	        "[192.0.2.1:53",
	        "1.2.3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct diag d;

		diag_init(&d);
		if (resolver_config_parse(bad[i], &d))
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(d.kind, DIAG_USAGE);
		assert_non_null(d.hint);
		diag_release(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads_servers_and_options),
	        cmocka_unit_test(passes_over_what_it_does_not_understand),
	        cmocka_unit_test(without_a_server_this_machine_is_asked),
	        cmocka_unit_test(a_file_that_cannot_be_read_is_a_failure),
	        cmocka_unit_test(reads_a_server_given_by_hand),
	        cmocka_unit_test(refuses_what_is_no_address),
	};

	return cmocka_run_group_tests_name("resolver_config", tests, NULL, NULL);
}
