/* Mailboxes, paths, domains and address literals: RFC 5321 §4.1.2 and §4.1.3, RFC 6531 §3.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "smtp/address.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void assert_span(struct span s, const char *expected)
{
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

static void mailboxes_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *local, *domain;
		bool utf8;
	} rows[] = {
	        {"a@b", "a", "b", false},
	        {"bob@school.test", "bob", "school.test", false},
	        {"a.b.c@d.e", "a.b.c", "d.e", false},
	        {"o'hara+tag@x-y.example", "o'hara+tag", "x-y.example", false},
	        {"!#$%&'*+-/=?^_`{|}~@a", "!#$%&'*+-/=?^_`{|}~", "a", false},
	        {"\"a b\"@c.example", "\"a b\"", "c.example", false},
	        {"\"a\\\"@\\\\b\"@c", "\"a\\\"@\\\\b\"", "c", false},
	        {"\"\"@c", "\"\"", "c", false},
	        {"a@[192.0.2.1]", "a", "[192.0.2.1]", false},
	        {"a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]", false},
	        {"postmaster@a", "postmaster", "a", false},
	        {"PostMaster", "PostMaster", "", false},
	        {"\xe7\x94\xa8@\xe4\xbe\x8b.jp", "\xe7\x94\xa8", "\xe4\xbe\x8b.jp", true},
	        {"a@123.example", "a", "123.example", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_address a;

		assert_int_equal(smtp_mailbox_parse(span_of(rows[i].text), &a), 0);
		assert_span(a.local, rows[i].local);
		assert_span(a.domain, rows[i].domain);
		assert_int_equal(a.route.n, 0);
		assert_int_equal(a.utf8, rows[i].utf8);
		assert_false(a.null);
	}
}

static void other_text_is_no_mailbox(void **state)
{
	static const char *const rows[] = {
	        "",
	        "@",
	        "a@",
	        "@b",
	        "a",
	        "bob",
	        "a@@b",
	        "a@b@c",
	        ".a@b",
	        "a.@b",
	        "a..b@c",
	        "a b@c",
	        "a@b c",
	        "a@b.",
	        "a@.b",
	        "a@b..c",
	        "a@-b",
	        "a@b-",
	        "a@b_c",
	        "<a@b>",
	        "a,b@c",
	        "a@b,c@d",
	        "\"a@b",
	        "\"a\"b@c",
	        "\"a\x01\"@b",
	        "a@[1.2.3]",
	        "a@[1.2.3.256]",
	        "a@[::1]",
	        "a@[IPv6:x]",
	        "a@[]",
	        "a@[1.2.3.4",
	        "a(b)@c",
	        "a:b@c",
	        "\xff@b",
	        "a@\xc3",
	        "a\t@b",
	        "a@b\r",
	        "postmaster@",
	        "\"a\\",
	        "a@1.2.3.4 ",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_address a;

		assert_int_equal(smtp_mailbox_parse(span_of(rows[i]), &a), -1);
		assert_int_equal(a.local.n, 0);
	}
	struct smtp_address a;
	assert_int_equal(smtp_mailbox_parse(span_from("a\0b@c", 5), &a), -1);
	assert_int_equal(smtp_mailbox_parse(span_from(NULL, 0), &a), -1);
}

/* A mailbox with that many bytes before and after the at sign. */
static int parse_sizes(size_t local, size_t domain)
{
	struct smtp_address a;
	struct buf b;
	int result;

	buf_init(&b, 4096);
	for (size_t i = 0; i < local; i++)
		buf_addch(&b, 'a');
	buf_addch(&b, '@');
	for (size_t i = 0; i < domain; i++)
		buf_addch(&b, i % 50 == 49 && i + 1 < domain ? '.' : 'b');
	result = smtp_mailbox_parse(buf_span(&b), &a);
	buf_release(&b);
	return result;
}

static void lengths_are_limited(void **state)
{
	(void)state;
	assert_int_equal(parse_sizes(64, 4), 0);
	assert_int_equal(parse_sizes(65, 4), -1);
	assert_int_equal(parse_sizes(1, 255), 0);
	assert_int_equal(parse_sizes(1, 256), -1);
}

static void labels_are_limited(void **state)
{
	char label[65];

	(void)state;
	memset(label, 'a', sizeof(label));
	assert_true(smtp_domain_valid(span_from(label, 63)));
	assert_false(smtp_domain_valid(span_from(label, 64)));
}

static void paths_are_taken_apart(void **state)
{
	static const struct {
		const char *text, *route, *local, *domain;
		bool null;
	} rows[] = {
	        {"<>", "", "", "", true},
	        {"<a@b>", "", "a", "b", false},
	        {"<Postmaster>", "", "Postmaster", "", false},
	        {"<@a,@b.c:d@e>", "@a,@b.c", "d", "e", false},
	        {"<@a:d@e>", "@a", "d", "e", false},
	        {"<\"a>b\"@c>", "", "\"a>b\"", "c", false},
	        {"<a@[IPv6:::1]>", "", "a", "[IPv6:::1]", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_address a;

		assert_int_equal(smtp_path_parse(span_of(rows[i].text), &a), 0);
		assert_span(a.route, rows[i].route);
		assert_span(a.local, rows[i].local);
		assert_span(a.domain, rows[i].domain);
		assert_int_equal(a.null, rows[i].null);
	}
}

static void other_text_is_no_path(void **state)
{
	static const char *const rows[] = {
	        "",          "<",       ">",          "a@b",     "<a@b",       "a@b>",    "< >",
	        "<bob>",     "<a@b>>",  "<<a@b>",     "< a@b>",  "<a@b >",     "<@a>",    "<@a:>",
	        "<@a,:b@c>", "<a:b@c>", "<@a,b:c@d>", "<@:a@b>", "<@a@b:c@d>", "<@a,@b>",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct smtp_address a;

		assert_int_equal(smtp_path_parse(span_of(rows[i]), &a), -1);
		assert_false(a.null);
	}
}

static void domains_and_literals_are_told_apart(void **state)
{
	(void)state;
	assert_true(smtp_domain_valid(SPAN("mail.side-7w.org")));
	assert_true(smtp_domain_valid(SPAN("localhost")));
	assert_true(smtp_domain_valid(SPAN("xn--fsq.example")));
	assert_false(smtp_domain_valid(SPAN("")));
	assert_false(smtp_domain_valid(SPAN("[192.0.2.1]")));
	assert_false(smtp_domain_valid(SPAN("my_pc")));
	assert_true(smtp_literal_valid(SPAN("[192.0.2.1]")));
	assert_true(smtp_literal_valid(SPAN("[ipv6:fe80::1]")));
	assert_false(smtp_literal_valid(SPAN("192.0.2.1")));
	assert_false(smtp_literal_valid(SPAN("[2001:db8::1]")));
	assert_false(smtp_literal_valid(SPAN("[IPv6:192.0.2.1]")));
	assert_false(smtp_literal_valid(SPAN("[]")));
	assert_false(smtp_literal_valid(SPAN("[")));
}

/* Every start of a good path that is cut short is refused, and none reads past its end. */
static void every_cut_is_refused(void **state)
{
	static const char text[] = "<@a.b:\"q \\\" q\"@[IPv6:2001:db8::1]>";

	(void)state;
	for (size_t n = 0; n + 1 < sizeof(text) - 1; n++) {
		struct smtp_address a;

		assert_int_equal(smtp_path_parse(span_from(text, n), &a), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(mailboxes_are_taken_apart),
	        cmocka_unit_test(other_text_is_no_mailbox),
	        cmocka_unit_test(lengths_are_limited),
	        cmocka_unit_test(labels_are_limited),
	        cmocka_unit_test(paths_are_taken_apart),
	        cmocka_unit_test(other_text_is_no_path),
	        cmocka_unit_test(domains_and_literals_are_told_apart),
	        cmocka_unit_test(every_cut_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
