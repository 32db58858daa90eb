/*
 * Addresses: reading, writing, comparing, and what range they are in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "net/address.h"

static struct net_address parse(const char *text)
{
	struct net_address a;

	if (net_address_parse(span_of(text), 25, &a) != 0)
		fail_msg("\"%s\" was not understood", text);
	return a;
}

static void test_what_is_read_is_written(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	        {"192.0.2.1", "192.0.2.1"},
	        {"255.255.255.255", "255.255.255.255"},
	        {"2001:db8::1", "2001:db8::1"},
	        {"[2001:DB8:0:0::1]", "2001:db8::1"},
	        {"::", "::"},
	        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
	        {"fe80::1%1", "fe80::1%lo"},
	        {"[fe80::1%lo]", "fe80::1%lo"},
	        {"fe80::1%99999", "fe80::1%99999"},
	        {"0000:0000:0000:0000:0000:ffff:192.168.100.228", "::ffff:192.168.100.228"},
	};
	char text[NET_ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net_address a = parse(cases[i].in);

		assert_string_equal(net_address_text(&a, text), cases[i].out);
		assert_int_equal(net_address_port(&a), 25);
	}
}

static void test_what_is_no_address(void **state)
{
	static const char *const cases[] = {
	        "",
	        "1.2.3",
	        "1.2.3.4.5",
	        "256.1.1.1",
	        "01.2.3.4",
	        "1.2.3.4 ",
	        " 1.2.3.4",
	        "mx.example",
	        "::1::",
	        "[::1",
	        "::1]",
	        "[]",
	        "[1.2.3.4]",
	        "fe80::1%",
	        "fe80::1%nosuchif",
	        "1.2.3.4%lo",
	        "12345::",
	        ":",
	        "::g",
	        "fe80::1%4294967296",
	        "fe80::1%a-name-that-is-too-long",
	        "1111:2222:3333:4444:5555:6666:7777:8888:9999",
	        "0000:0000:0000:0000:0000:ffff:192.168.100.228000000000",
	};
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (net_address_parse(span_of(cases[i]), 25, &a) != -1)
			fail_msg("\"%s\" was taken for an address", cases[i]);
	}
	assert_int_equal(net_address_parse(SPAN("1.2.3.4"), 65536, &a), -1);
	assert_int_equal(net_address_parse(SPAN("1.2.3\0004"), 25, &a), -1);
	assert_int_equal(net_address_parse(SPAN("::1\0"), 25, &a), -1);
}

static void test_ports(void **state)
{
	struct net_address four = parse("192.0.2.1"), six = parse("::1"), local;

	(void)state;
	net_address_set_port(&four, 65535);
	net_address_set_port(&six, 465);
	assert_int_equal(net_address_port(&four), 65535);
	assert_int_equal(net_address_port(&six), 465);
	assert_int_equal(net_address_unix("/run/x", &local), 0);
	net_address_set_port(&local, 25);
	assert_int_equal(net_address_port(&local), 0);
}

static void test_equality(void **state)
{
	struct net_address a = parse("192.0.2.1"), b = parse("192.0.2.1"), c = parse("::1");
	struct net_address d = parse("fe80::1%1"), e = parse("fe80::1%2"), u, v;

	(void)state;
	assert_true(net_address_equal(&a, &b));
	net_address_set_port(&b, 26);
	assert_false(net_address_equal(&a, &b));
	assert_false(net_address_equal(&a, &c));
	assert_true(net_address_equal(&d, &d));
	assert_false(net_address_equal(&d, &e));
	assert_int_equal(net_address_unix("/run/a", &u), 0);
	assert_int_equal(net_address_unix("/run/b", &v), 0);
	assert_false(net_address_equal(&u, &v));
	assert_true(net_address_equal(&u, &u));
}

static void test_raw_bytes(void **state)
{
	static const unsigned char four[4] = {192, 0, 2, 7};
	static const unsigned char six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
	struct net_address a, b = parse("192.0.2.7"), c = parse("2001:db8::7");

	(void)state;
	net_address_from_v4(four, 25, &a);
	assert_true(net_address_equal(&a, &b));
	net_address_from_v6(six, 25, &a);
	assert_true(net_address_equal(&a, &c));
}

static void test_local_sockets(void **state)
{
	char path[200], text[NET_ADDRESS_TEXT];
	struct net_address a;

	(void)state;
	assert_int_equal(net_address_unix("/run/postfix/public", &a), 0);
	assert_string_equal(net_address_text(&a, text), "/run/postfix/public");
	assert_int_equal(net_address_range(&a), NET_RANGE_LOCAL_SOCKET);
	memset(path, 'x', sizeof(path));
	path[107] = '\0';
	assert_int_equal(net_address_unix(path, &a), 0);
	assert_int_equal(strlen(net_address_text(&a, text)), 107);
	path[107] = 'x';
	path[108] = '\0';
	assert_int_equal(net_address_unix(path, &a), -1);
	assert_int_equal(net_address_unix("", &a), -1);
	/* The peer of an unnamed socket has a family and nothing else. */
	a.len = sizeof(sa_family_t);
	assert_string_equal(net_address_text(&a, text), "");
}

static void test_ranges(void **state)
{
	static const struct {
		const char *address;
		enum net_range range;
	} cases[] = {
	        {"0.1.2.3", NET_RANGE_UNSPECIFIED},
	        {"1.1.1.1", NET_RANGE_PUBLIC},
	        {"9.255.255.255", NET_RANGE_PUBLIC},
	        {"10.0.0.0", NET_RANGE_PRIVATE},
	        {"10.255.255.255", NET_RANGE_PRIVATE},
	        {"11.0.0.0", NET_RANGE_PUBLIC},
	        {"100.63.255.255", NET_RANGE_PUBLIC},
	        {"100.64.0.0", NET_RANGE_SHARED},
	        {"100.127.255.255", NET_RANGE_SHARED},
	        {"100.128.0.0", NET_RANGE_PUBLIC},
	        {"126.255.255.255", NET_RANGE_PUBLIC},
	        {"127.0.0.53", NET_RANGE_LOOPBACK},
	        {"128.0.0.0", NET_RANGE_PUBLIC},
	        {"169.254.1.1", NET_RANGE_LINK_LOCAL},
	        {"172.15.255.255", NET_RANGE_PUBLIC},
	        {"172.16.0.0", NET_RANGE_PRIVATE},
	        {"172.31.255.255", NET_RANGE_PRIVATE},
	        {"172.32.0.0", NET_RANGE_PUBLIC},
	        {"192.0.2.255", NET_RANGE_DOCUMENTATION},
	        {"192.0.3.0", NET_RANGE_PUBLIC},
	        {"192.168.0.1", NET_RANGE_PRIVATE},
	        {"192.169.0.0", NET_RANGE_PUBLIC},
	        {"198.51.100.1", NET_RANGE_DOCUMENTATION},
	        {"203.0.113.1", NET_RANGE_DOCUMENTATION},
	        {"223.255.255.255", NET_RANGE_PUBLIC},
	        {"224.0.0.1", NET_RANGE_MULTICAST},
	        {"255.255.255.255", NET_RANGE_MULTICAST},
	        {"::", NET_RANGE_UNSPECIFIED},
	        {"::1", NET_RANGE_LOOPBACK},
	        {"::2", NET_RANGE_PUBLIC},
	        {"fbff::1", NET_RANGE_PUBLIC},
	        {"fc00::1", NET_RANGE_PRIVATE},
	        {"fdff::1", NET_RANGE_PRIVATE},
	        {"fe7f::1", NET_RANGE_PUBLIC},
	        {"fe80::1", NET_RANGE_LINK_LOCAL},
	        {"febf::1", NET_RANGE_LINK_LOCAL},
	        {"fec0::1", NET_RANGE_PUBLIC},
	        {"2001:db8:ffff::1", NET_RANGE_DOCUMENTATION},
	        {"2001:db9::1", NET_RANGE_PUBLIC},
	        {"ff02::1", NET_RANGE_MULTICAST},
	        {"2a00:1450:4001::1b", NET_RANGE_PUBLIC},
	        /* IPv4-mapped: the IPv4 part decides */
	        {"::ffff:127.0.0.1", NET_RANGE_LOOPBACK},
	        {"::ffff:10.1.2.3", NET_RANGE_PRIVATE},
	        {"::ffff:1.1.1.1", NET_RANGE_PUBLIC},
	        {"::ffff:0.0.0.0", NET_RANGE_UNSPECIFIED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct net_address a = parse(cases[i].address);

		if (net_address_range(&a) != cases[i].range)
			fail_msg("%s: %s, expected %s", cases[i].address,
			         net_range_name(net_address_range(&a)),
			         net_range_name(cases[i].range));
	}
}

static void test_every_range_has_a_name(void **state)
{
	(void)state;
	for (int r = NET_RANGE_PUBLIC; r <= NET_RANGE_LOCAL_SOCKET; r++)
		assert_true(strlen(net_range_name((enum net_range)r)) > 0);
	assert_string_equal(net_range_name(NET_RANGE_LOOPBACK), "loopback");
}

static void test_ports_are_cut_off(void **state)
{
	static const struct {
		const char *text, *host, *port; /* NULL: none */
	} rows[] = {
	        {"mx.example:25", "mx.example", "25"},
	        {"mx.example", "mx.example", NULL},
	        {"192.0.2.1:25", "192.0.2.1", "25"},
	        {"[2001:db8::1]:25", "[2001:db8::1]", "25"},
	        {"[2001:db8::1]", "[2001:db8::1]", NULL},
	        {"2001:db8::1", "2001:db8::1", NULL},
	        {"[::1", "[::1", NULL},
	        {"[::1]25", "[::1]25", NULL},
	        {"[::1]:", "[::1]", ""},
	        {"mx:", "mx", ""},
	        {"a:b:c", "a", "b:c"},
	        {"", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span port, host = net_cut_port(span_of(rows[i].text), &port);

		assert_true(span_eq(host, span_of(rows[i].host)));
		assert_int_equal(port.p != NULL, rows[i].port != NULL);
		assert_true(span_eq(port, span_of(rows[i].port)));
	}
}

static void test_addresses_with_ports_come_back(void **state)
{
	static const struct {
		const char *text, *wanted; /* NULL: is none */
	} rows[] = {
	        {"192.0.2.1", "192.0.2.1:53"},
	        {"192.0.2.1:0", "192.0.2.1:0"},
	        {"2001:db8::1", "[2001:db8::1]:53"},
	        {"[2001:db8::1]", "[2001:db8::1]:53"},
	        {"[2001:db8::1]:65535", "[2001:db8::1]:65535"},
	        {"[2001:db8::1]:65536", NULL},
	        {"192.0.2.1:", NULL},
	        {"192.0.2.1:25x", NULL},
	        {"mx.example:25", NULL},
	        {"[::1", NULL},
	};
	char text[NET_ADDRESS_TEXT];
	struct net_address a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int result = net_address_parse_port(span_of(rows[i].text), 53, &a);

		assert_int_equal(result, rows[i].wanted ? 0 : -1);
		if (rows[i].wanted)
			assert_string_equal(net_address_port_text(&a, text), rows[i].wanted);
	}
	assert_int_equal(net_address_unix("/run/mx.sock", &a), 0);
	assert_string_equal(net_address_port_text(&a, text), "/run/mx.sock");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_is_read_is_written),
	        cmocka_unit_test(test_what_is_no_address),
	        cmocka_unit_test(test_ports),
	        cmocka_unit_test(test_equality),
	        cmocka_unit_test(test_raw_bytes),
	        cmocka_unit_test(test_local_sockets),
	        cmocka_unit_test(test_ranges),
	        cmocka_unit_test(test_every_range_has_a_name),
	        cmocka_unit_test(test_ports_are_cut_off),
	        cmocka_unit_test(test_addresses_with_ports_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
