/* display and utf8: nothing that could act on a terminal gets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/utf8.h"

static void shows(struct span in, unsigned flags, const char *want)
{
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(display_add(&out, in, flags), 0);
	assert_string_equal(out.data, want);
	buf_release(&out);
}

static void lets_text_pass(void **state)
{
	(void)state;
	shows(SPAN("250 2.1.0 Ok <a@b> \\x41"), 0, "250 2.1.0 Ok <a@b> \\x41");
	shows(SPAN("Grüße, 日本語 😀"), 0, "Grüße, 日本語 😀");
	shows(SPAN("é"), DISPLAY_ASCII, "\\u{E9}");
	shows(SPAN("a\tb\nc"), DISPLAY_TAB | DISPLAY_NEWLINE, "a\tb\nc");
	shows(SPAN("a\tb\nc"), 0, "a\\x09b\\x0ac");
}

static void escapes_what_acts_or_hides(void **state)
{
	(void)state;
	shows(SPAN("\x1b]52;c;ZXZpbA==\x07"), 0, "\\x1b]52;c;ZXZpbA==\\x07");
	shows(SPAN("\x1b[2J"), 0, "\\x1b[2J");
	shows(SPAN("220 x\rQUIT"), 0, "220 x\\x0dQUIT");
	shows(SPAN("\xc2\x9b"
	           "31m"),
	      0, "\\u{9B}31m");
	shows(SPAN("\x9b"
	           "31m"),
	      0, "\\x9b31m");
	shows(SPAN("\xe2\x80\xaegro"), 0, "\\u{202E}gro");
	shows(SPAN("\xe2\x81\xa6"), 0, "\\u{2066}");
	shows(SPAN("a\xe2\x80\x8b"
	           "b\xef\xbb\xbf"),
	      0, "a\\u{200B}b\\u{FEFF}");
	shows(SPAN("\xf3\xa0\x81\x81"), 0, "\\u{E0041}");
	shows(SPAN("\xe2\x80\xa8"), 0, "\\u{2028}");
	shows(span_from("\0x\x7f", 3), 0, "\\x00x\\x7f");
}

static void escapes_each_byte_of_bad_utf8(void **state)
{
	(void)state;
	shows(SPAN("\xc3("), 0, "\\xc3(");
	shows(SPAN("\xc0\xaf"), 0, "\\xc0\\xaf");          /* overlong '/' */
	shows(SPAN("\xed\xa0\x80"), 0, "\\xed\\xa0\\x80"); /* a surrogate */
	shows(SPAN("\xf4\x90\x80\x80"), 0, "\\xf4\\x90\\x80\\x80");
	shows(SPAN("\xe2\x82"), 0, "\\xe2\\x82"); /* cut off */
	shows(SPAN("\xff"), 0, "\\xff");
}

static void every_scalar_survives_a_round_trip(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		char bytes[4];
		uint32_t back = 0;
		if (cp >= 0xd800 && cp <= 0xdfff)
			continue;
		size_t n = utf8_put(cp, bytes);
		assert_int_equal(utf8_decode(span_from(bytes, n), &back), n);
		assert_int_equal(back, cp);
	}
}

static void output_is_always_allowed_text(void **state)
{
	(void)state;
	struct buf out;

	buf_init(&out, 64);
	for (unsigned a = 0; a < 256; a++) {
		for (unsigned b = 0; b < 256; b++) {
			char in[3] = {(char)a, (char)b, (char)0x80};
			buf_clear(&out);
			assert_int_equal(display_add(&out, span_from(in, 3), 0), 0);
			struct span left = buf_span(&out);
			while (left.n > 0) {
				uint32_t cp;
				size_t n = utf8_decode(left, &cp);
				assert_true(n > 0);
				assert_true(display_allows(cp, 0));
				left = span_skip(left, n);
			}
		}
	}
	buf_release(&out);
}

static void a_copy_is_cut_between_characters(void **state)
{
	(void)state;
	char *s = display_dup(SPAN("日本語"), 8);

	assert_string_equal(s, "日…");
	free(s);
	s = display_dup(SPAN("short"), 5);
	assert_string_equal(s, "short");
	free(s);
	s = display_dup(SPAN("\x1b\x1b\x1b\x1b"), 10);
	assert_true(strlen(s) <= 10);
	free(s);
	s = display_dup(SPAN("abcdef"), 0);
	assert_string_equal(s, "…");
	free(s);
}

static void stops_at_the_cap(void **state)
{
	(void)state;
	struct buf out;

	buf_init(&out, 6);
	assert_int_equal(display_add(&out, SPAN("\x1b\x1b"), 0), -1);
	assert_string_equal(out.data, "\\x1b");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lets_text_pass),
	        cmocka_unit_test(escapes_what_acts_or_hides),
	        cmocka_unit_test(escapes_each_byte_of_bad_utf8),
	        cmocka_unit_test(every_scalar_survives_a_round_trip),
	        cmocka_unit_test(output_is_always_allowed_text),
	        cmocka_unit_test(a_copy_is_cut_between_characters),
	        cmocka_unit_test(stops_at_the_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
