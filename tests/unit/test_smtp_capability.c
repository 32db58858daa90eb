/* Capabilities: what an EHLO reply offers, read whole, without case, and with limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "smtp/capability.h"

static void read_bytes(struct smtp_capabilities *c, struct span in, bool esmtp)
{
	struct smtp_reply_parser p;

	smtp_reply_parser_init(&p);
	while (in.n > 0)
		smtp_reply_parser_feed(&p, &in);
	smtp_capabilities_read(c, &p.reply, esmtp);
	smtp_reply_parser_release(&p);
}

static void read_reply(struct smtp_capabilities *c, const char *wire, bool esmtp)
{
	read_bytes(c, span_of(wire), esmtp);
}

static void an_ehlo_reply_is_read(void **state)
{
	struct smtp_capabilities c;

	(void)state;
	smtp_capabilities_init(&c);
	assert_null(c.server_name);
	read_reply(&c,
	           "250-mail.example.com greets you\r\n250-PIPELINING\r\n250-size 10240000\r\n"
	           "250-AUTH PLAIN  LOGIN \r\n250-\r\n250 8BITMIME\r\n",
	           true);
	assert_string_equal(c.server_name, "mail.example.com");
	assert_true(c.esmtp);
	assert_int_equal(c.count, 4);
	assert_string_equal(smtp_capability_find(&c, "pipelining")->argument, "");
	assert_string_equal(smtp_capability_find(&c, "SIZE")->keyword, "size");
	assert_string_equal(smtp_capability_find(&c, "AUTH")->argument, "PLAIN  LOGIN");
	assert_non_null(smtp_capability_find(&c, "8BITMIME"));
	assert_null(smtp_capability_find(&c, "mail.example.com"));
	assert_int_equal(smtp_capability_size(&c), 10240000);
	smtp_capabilities_release(&c);
	assert_null(c.server_name);
	assert_int_equal(c.count, 0);
}

static void keywords_match_whole(void **state)
{
	struct smtp_capabilities c;

	(void)state;
	smtp_capabilities_init(&c);
	read_reply(&c, "250-a\r\n250-STARTTLSX\r\n250 XSTARTTLS\r\n", true);
	assert_null(smtp_capability_find(&c, "STARTTLS"));
	assert_null(smtp_capability_find(&c, "START"));
	smtp_capabilities_release(&c);
	read_bytes(&c, SPAN("250-a\r\n250-STARTTLS\0x\r\n250 SIZE\r\n"), true);
	assert_null(smtp_capability_find(&c, "STARTTLS"));
	assert_non_null(smtp_capability_find(&c, "SIZE"));
	smtp_capabilities_release(&c);
}

static void the_old_form_of_auth_is_read(void **state)
{
	struct smtp_capabilities c;

	(void)state;
	smtp_capabilities_init(&c);
	read_reply(&c, "250-a\r\n250-AUTH=LOGIN PLAIN\r\n250 X=Y\r\n", true);
	assert_string_equal(smtp_capability_find(&c, "AUTH")->argument, "LOGIN PLAIN");
	assert_string_equal(smtp_capability_find(&c, "AUTH")->keyword, "AUTH");
	assert_non_null(smtp_capability_find(&c, "X=Y"));
	smtp_capabilities_release(&c);
}

static void a_helo_reply_offers_nothing(void **state)
{
	struct smtp_capabilities c;

	(void)state;
	smtp_capabilities_init(&c);
	read_reply(&c, "250-a\r\n250 STARTTLS\r\n", true);
	read_reply(&c, "250-b.example\r\n250 STARTTLS\r\n", false);
	assert_string_equal(c.server_name, "b.example");
	assert_false(c.esmtp);
	assert_int_equal(c.count, 0);
	smtp_capabilities_release(&c);
}

static void a_reply_without_text_has_an_empty_name(void **state)
{
	struct smtp_capabilities c;

	(void)state;
	smtp_capabilities_init(&c);
	read_reply(&c, "250\r\n", true);
	assert_string_equal(c.server_name, "");
	smtp_capabilities_release(&c);
}

static void size_is_read_with_care(void **state)
{
	static const struct {
		const char *wire;
		unsigned long long size;
	} rows[] = {
	        {"250-a\r\n250 SIZE\r\n", 0},
	        {"250-a\r\n250 SIZE 0\r\n", 0},
	        {"250-a\r\n250 SIZE 1\r\n", 1},
	        {"250-a\r\n250 SIZE -1\r\n", 0},
	        {"250-a\r\n250 SIZE 10M\r\n", 0},
	        {"250-a\r\n250 SIZE 7 8\r\n", 7},
	        {"250-a\r\n250 SIZE 18446744073709551615\r\n", ULLONG_MAX},
	        {"250-a\r\n250 SIZE 18446744073709551616\r\n", ULLONG_MAX},
	        {"250-a\r\n250 SIZE 1180591620717411303424\r\n", ULLONG_MAX},
	        {"250 a\r\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct smtp_capabilities c;

		smtp_capabilities_init(&c);
		read_reply(&c, rows[i].wire, true);
		assert_true(smtp_capability_size(&c) == rows[i].size);
		smtp_capabilities_release(&c);
	}
}

static void too_many_are_counted_and_dropped(void **state)
{
	struct smtp_capabilities c;
	struct buf wire;

	(void)state;
	buf_init(&wire, 1u << 20);
	for (int i = 0; i < 300; i++)
		buf_addf(&wire, "250-K%d\r\n", i);
	buf_addstr(&wire, "250 LAST\r\n");
	smtp_capabilities_init(&c);
	read_reply(&c, wire.data, true);
	assert_int_equal(c.count, SMTP_CAPABILITIES_MAX);
	assert_int_equal(c.dropped, 300 - SMTP_CAPABILITIES_MAX);
	assert_non_null(smtp_capability_find(&c, "K200"));
	assert_null(smtp_capability_find(&c, "LAST"));
	read_reply(&c, "250 a\r\n", true);
	assert_int_equal(c.dropped, 0);
	smtp_capabilities_release(&c);
	buf_release(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_ehlo_reply_is_read),
	        cmocka_unit_test(keywords_match_whole),
	        cmocka_unit_test(the_old_form_of_auth_is_read),
	        cmocka_unit_test(a_helo_reply_offers_nothing),
	        cmocka_unit_test(a_reply_without_text_has_an_empty_name),
	        cmocka_unit_test(size_is_read_with_care),
	        cmocka_unit_test(too_many_are_counted_and_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
