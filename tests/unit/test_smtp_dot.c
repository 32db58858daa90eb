/* Dot-stuffing: CRLF . CRLF and nothing else ends a message, in every segmentation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "smtp/dot.h"

struct row {
	const char *wire, *text, *rest;
	size_t bare_lf, bare_cr, longest;
	bool ends;
};

static const struct row rows[] = {
        {".\r\n", "", "", 0, 0, 0, true},
        {"Hi\r\n.\r\n", "Hi\r\n", "", 0, 0, 2, true},
        {"Hi\r\n.\r\nQUIT\r\n", "Hi\r\n", "QUIT\r\n", 0, 0, 2, true},
        {"..\r\n.\r\n", ".\r\n", "", 0, 0, 1, true},
        {"...x\r\n.\r\n", "..x\r\n", "", 0, 0, 3, true},
        {".x\r\n.\r\n", "x\r\n", "", 0, 0, 1, true},
        {"a.\r\n.\r\n", "a.\r\n", "", 0, 0, 2, true},
        {"\r\n\r\n.\r\n", "\r\n\r\n", "", 0, 0, 0, true},
        {"a\r\n. \r\n.\r\n", "a\r\n \r\n", "", 0, 0, 1, true},
        /* smuggling: none of these is the end */
        {"a\n.\nb\r\n.\r\n", "a\n.\nb\r\n", "", 2, 0, 5, true},
        {"a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n", "", 1, 0, 3, true},
        {"a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n", "", 1, 0, 2, true},
        {"a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n", "", 0, 1, 3, true},
        {"a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n", "", 0, 1, 2, true},
        {"a\r\n.\r.\r\nb\r\n.\r\n", "a\r\n\r.\r\nb\r\n", "", 0, 1, 2, true},
        {"a\r\r\n.\r\n", "a\r\r\n", "", 0, 1, 2, true},
        {"a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", "", 0, 1, 1, true},
        {"a\r\n\r.\r\n.\r\n", "a\r\n\r.\r\n", "", 0, 1, 2, true},
        /* not ended */
        {"a\r\n.", "a\r\n", "", 0, 0, 1, false},
        {"a\r\n.\r", "a\r\n", "", 0, 0, 1, false},
        {"", "", "", 0, 0, 0, false},
};

static void check(const struct row *r, size_t first, size_t second)
{
	size_t n = strlen(r->wire), cuts[4] = {0, first, second, n};
	struct smtp_dot_reader d = {0};
	struct buf out;
	bool ended = false;
	size_t used = 0;

	buf_init(&out, 4096);
	for (int i = 0; i < 3 && !ended; i++) {
		struct span in = span_from(r->wire + cuts[i], cuts[i + 1] - cuts[i]);

		ended = smtp_dot_read(&d, &in, &out);
		used = cuts[i + 1] - in.n;
	}
	assert_int_equal(ended, r->ends);
	assert_string_equal(out.data, r->text);
	assert_string_equal(r->wire + used, r->rest);
	assert_int_equal(d.bare_lf, r->bare_lf);
	assert_int_equal(d.bare_cr, r->bare_cr);
	assert_int_equal(d.longest, r->longest);
	if (ended)
		assert_int_equal(d.state, 0);
	buf_release(&out);
}

static void any_segmentation_gives_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = strlen(rows[i].wire);

		for (size_t a = 0; a <= n; a++)
			for (size_t b = a; b <= n; b++)
				check(&rows[i], a, b);
	}
}

static void a_full_buffer_has_no_hole(void **state)
{
	struct smtp_dot_reader d = {0};
	struct span in = SPAN("abcdef\r\nx\r\n.\r\nQUIT");
	struct buf out;

	(void)state;
	buf_init(&out, 7);
	assert_true(smtp_dot_read(&d, &in, &out));
	assert_true(out.full);
	assert_string_equal(out.data, "abcdef");
	assert_int_equal(in.n, 4);
	buf_release(&out);
}

static void written(const char *text, const char *expected)
{
	struct buf out;

	buf_init(&out, 4096);
	assert_int_equal(smtp_dot_write(span_of(text), &out), 0);
	assert_string_equal(out.data, expected);
	buf_release(&out);
}

static void text_is_stuffed(void **state)
{
	(void)state;
	written("", ".\r\n");
	written("a", "a\r\n.\r\n");
	written("a\n", "a\r\n.\r\n");
	written("a\r\n", "a\r\n.\r\n");
	written("a\nb\r\nc", "a\r\nb\r\nc\r\n.\r\n");
	written(".", "..\r\n.\r\n");
	written(".\n..\n", "..\r\n...\r\n.\r\n");
	written("a.b", "a.b\r\n.\r\n");
	written("\n\n", "\r\n\r\n.\r\n");
	written("a\r.b\r", "a\r\n..b\r\n.\r\n");
}

/* In pieces cut anywhere it is the same as in one. */
static void pieces_are_written_as_the_whole(void **state)
{
	static const char *const texts[] = {"",        "a",      "a\r\n.b\n..\r.\r\r\n\n\r",
	                                    "\n.\r\n", ".\r\n.", "\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct span text = span_of(texts[i]);

		for (size_t a = 0; a <= text.n; a++) {
			for (size_t b = a; b <= text.n; b++) {
				struct smtp_dot_writer w = {0};
				struct buf whole, out;

				buf_init(&whole, 4096);
				buf_init(&out, 4096);
				smtp_dot_write(text, &whole);
				smtp_dot_write_piece(&w, span_first(text, a), &out);
				smtp_dot_write_piece(&w, span_from(text.p + a, b - a), &out);
				smtp_dot_write_piece(&w, span_skip(text, b), &out);
				assert_int_equal(smtp_dot_write_end(&w, &out), 0);
				assert_string_equal(out.data, whole.data);
				buf_release(&whole);
				buf_release(&out);
			}
		}
	}
}

static void what_is_written_is_read_back(void **state)
{
	static const char text[] = ".\r\n..a\r\n\r\n.\r\nend\r\n";
	struct smtp_dot_reader d = {0};
	struct buf wire, back;
	struct span in;

	(void)state;
	buf_init(&wire, 4096);
	buf_init(&back, 4096);
	assert_int_equal(smtp_dot_write(span_of(text), &wire), 0);
	in = buf_span(&wire);
	assert_true(smtp_dot_read(&d, &in, &back));
	assert_string_equal(back.data, text);
	assert_int_equal(in.n, 0);
	buf_release(&wire);
	buf_release(&back);
}

static void writing_into_a_full_buffer_fails(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 5);
	assert_int_equal(smtp_dot_write(SPAN("abc"), &out), -1);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(any_segmentation_gives_the_same),
	        cmocka_unit_test(a_full_buffer_has_no_hole),
	        cmocka_unit_test(text_is_stuffed),
	        cmocka_unit_test(pieces_are_written_as_the_whole),
	        cmocka_unit_test(what_is_written_is_read_back),
	        cmocka_unit_test(writing_into_a_full_buffer_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
