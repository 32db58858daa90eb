/* idn: what can be a domain name, and what it is in ASCII. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "net/idn.h"

static void becomes(const char *name, const char *want)
{
	struct diag d;
	char *got;

	diag_init(&d);
	got = idn_to_ascii(span_of(name), &d);
	assert_non_null(got);
	assert_string_equal(got, want);
	assert_int_equal(d.kind, DIAG_NONE);
	free(got);
}

static void is_refused(struct span name, const char *why)
{
	struct diag d;

	diag_init(&d);
	assert_null(idn_to_ascii(name, &d));
	assert_int_equal(d.kind, DIAG_USAGE);
	if (!strstr(d.what, why))
		fail_msg("expected \"%s\" in: %s", why, d.what);
	diag_release(&d);
	assert_null(idn_to_ascii(name, NULL));
}

static void ascii_names_are_only_lower_cased(void **state)
{
	(void)state;
	becomes("Gmail.COM", "gmail.com");
	becomes("gmail.com.", "gmail.com");
	becomes("_dmarc.a-b.test", "_dmarc.a-b.test");
	becomes("-x.test", "-x.test");
	becomes("localhost", "localhost");
	becomes("xn--bcher-kva.test", "xn--bcher-kva.test");
}

static void unicode_names_become_a_labels(void **state)
{
	(void)state;
	becomes("Bücher.test", "xn--bcher-kva.test");
	becomes("bu\xcc\x88"
	        "cher.test",
	        "xn--bcher-kva.test");          /* u and a combining diaeresis */
	becomes("faß.test", "xn--fa-hia.test"); /* transitional processing would say fass */
	becomes("例え。テスト。", "xn--r8jz45g.xn--zckzah");
	becomes("ｇｍａｉｌ．com", "gmail.com");
}

static void says_why_a_name_cannot_be_one(void **state)
{
	char label[70], whole[300], huge[2000];

	(void)state;
	memset(label, 'a', sizeof(label));
	memset(huge, 'a', sizeof(huge));
	for (size_t i = 0; i < sizeof(whole); i++)
		whole[i] = i % 2 ? '.' : 'a';
	is_refused(SPAN(""), "empty");
	is_refused(SPAN("."), "nothing between");
	is_refused(SPAN("a..b"), "nothing between");
	is_refused(SPAN("a.b.."), "nothing between");
	is_refused(SPAN(".a"), "nothing between");
	is_refused(SPAN("a b"), "a character other than");
	is_refused(SPAN("a@b"), "a character other than");
	is_refused(SPAN("a\0b"), "a character other than");
	is_refused(SPAN("a\x1b[0m"), "a character other than");
	is_refused(span_from(label, 64), "longer than 63");
	is_refused(span_from(whole, 255), "longer than 253");
	is_refused(span_from(huge, sizeof(huge)), "far longer");
	is_refused(SPAN("b\xfc"
	                "cher.test"),
	           "not UTF-8");
	is_refused(SPAN("ü\0.test"), "not UTF-8");
	is_refused(SPAN("ü..test"), "");
	is_refused(SPAN("℀.ü"), ""); /* would map to "a/c" */
	is_refused(SPAN("☃\xe2\x80\xae.test"), "");
}

static void the_longest_names_pass(void **state)
{
	char name[256] = "";
	char *got;

	(void)state;
	for (int i = 0; i < 4; i++) {
		memset(name + strlen(name), 'a', i < 3 ? 63 : 61);
		if (i < 3)
			strcat(name, ".");
	}
	assert_int_equal(strlen(name), 253);
	got = idn_to_ascii(span_of(name), NULL);
	assert_non_null(got);
	free(got);
}

static void the_name_is_safe_to_show_in_the_sentence(void **state)
{
	struct diag d;

	(void)state;
	diag_init(&d);
	assert_null(idn_to_ascii(SPAN("a\x1b]52;x\a"), &d));
	assert_null(strchr(d.what, '\x1b'));
	diag_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(ascii_names_are_only_lower_cased),
	        cmocka_unit_test(unicode_names_become_a_labels),
	        cmocka_unit_test(says_why_a_name_cannot_be_one),
	        cmocka_unit_test(the_longest_names_pass),
	        cmocka_unit_test(the_name_is_safe_to_show_in_the_sentence),
	};

	return cmocka_run_group_tests_name("idn", tests, NULL, NULL);
}
