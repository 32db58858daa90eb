/*
 * Bytes by their kind, all 256 of them, and escapes in both directions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/ascii.h"
#include "base/escape.h"
#include "base/utf8.h"

static bool among(const char *list, int c)
{
	return c != 0 && strchr(list, c) != NULL;
}

static void every_byte_has_its_kinds(void **state)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz", digits[] = "0123456789";

	(void)state;
	for (int c = 0; c < 256; c++) {
		char b = (char)c;
		bool is_upper = among(upper, c), is_lower = among(lower, c);

		assert_int_equal(ascii_is_digit(b), among(digits, c));
		assert_int_equal(ascii_is_upper(b), is_upper);
		assert_int_equal(ascii_is_lower(b), is_lower);
		assert_int_equal(ascii_is_letter(b), is_upper || is_lower);
		assert_int_equal(ascii_is_alnum(b), is_upper || is_lower || among(digits, c));
		assert_int_equal(ascii_is_blank(b), among(" \t", c));
		assert_int_equal(ascii_lower(b), is_upper ? lower[c - 'A'] : b);
		assert_int_equal(ascii_upper(b), is_lower ? upper[c - 'a'] : b);
	}
}

static void hexadecimal_digits_have_values(void **state)
{
	static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";

	(void)state;
	for (int c = 0; c < 256; c++) {
		const char *low = c ? strchr(digits, c) : NULL;
		const char *high = c ? strchr(capitals, c) : NULL;
		int want = low ? (int)(low - digits) : high ? (int)(high - capitals) : -1;

		assert_int_equal(ascii_hex((char)c), want);
	}
}

static void every_byte_comes_back_from_its_escape(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[8] = {0}, byte[8] = {0};
		struct buf written, read;

		buf_init(&written, sizeof(text));
		buf_init(&read, sizeof(byte));
		escape_add(&written, (char)c);
		assert_int_equal(written.data[0], '\\');
		assert_int_equal(escape_decode(span_skip(buf_span(&written), 1), &read),
		                 written.len - 1);
		assert_int_equal(read.len, 1);
		assert_int_equal((unsigned char)read.data[0], c);
		buf_release(&written);
		buf_release(&read);
	}
}

static void what_is_no_escape_takes_nothing(void **state)
{
	static const char *const wrong[] = {"", "q", "x", "x1", "xg0", "x0g", "R", " "};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct buf out;

		buf_init(&out, 8);
		assert_int_equal(escape_decode(span_of(wrong[i]), &out), 0);
		assert_int_equal(out.len, 0);
		buf_release(&out);
	}
}

static void whole_texts_are_utf8_or_not(void **state)
{
	(void)state;
	assert_true(utf8_valid(SPAN("")));
	assert_true(utf8_valid(SPAN("j\xc3\xbcrgen \xf0\x9f\x93\xa7")));
	assert_false(utf8_valid(SPAN("a\xc3")));
	assert_false(utf8_valid(SPAN("\xc0\x80")));
	assert_false(utf8_valid(SPAN("ok \xff ok")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_byte_has_its_kinds),
	        cmocka_unit_test(hexadecimal_digits_have_values),
	        cmocka_unit_test(every_byte_comes_back_from_its_escape),
	        cmocka_unit_test(what_is_no_escape_takes_nothing),
	        cmocka_unit_test(whole_texts_are_utf8_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
