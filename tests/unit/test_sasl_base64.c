/* Base64: both directions, and the place of every fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "smtp/sasl.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* RFC 4648 §10. */
static void the_vectors_of_the_rfc(void **state)
{
	static const char *const rows[][2] = {
	        {"", ""},
	        {"f", "Zg=="},
	        {"fo", "Zm8="},
	        {"foo", "Zm9v"},
	        {"foob", "Zm9vYg=="},
	        {"fooba", "Zm9vYmE="},
	        {"foobar", "Zm9vYmFy"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text, bytes;
		size_t at = 99;

		buf_init(&text, 100);
		buf_init(&bytes, 100);
		sasl_base64_encode(span_of(rows[i][0]), &text);
		assert_string_equal(text.data, rows[i][1]);
		assert_int_equal(sasl_base64_decode(span_of(rows[i][1]), &bytes, &at), 0);
		assert_string_equal(bytes.data, rows[i][0]);
		buf_release(&text);
		buf_release(&bytes);
	}
}

static void every_byte_comes_back(void **state)
{
	char all[256];
	size_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	for (size_t n = 0; n <= sizeof(all); n++) {
		struct buf text, bytes;

		buf_init(&text, 400);
		buf_init(&bytes, 300);
		buf_addstr(&bytes, "before");
		sasl_base64_encode(span_from(all, n), &text);
		assert_int_equal(text.len, (n + 2) / 3 * 4);
		assert_int_equal(sasl_base64_decode(buf_span(&text), &bytes, &at), 0);
		assert_int_equal(bytes.len, n + 6);
		assert_memory_equal(bytes.data + 6, all, n);
		buf_release(&text);
		buf_release(&bytes);
	}
}

static void a_fault_has_a_place(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} rows[] = {
	        {"Z", 1},      {"Zg", 2},    {"Zg=", 3},      {"Zm8", 3},
	        {"Z===", 1},   {"=", 0},     {"====", 0},     {"Zg==Zg==", 4},
	        {"Zm9v=", 4},  {"Zg===", 4}, {"Zg=a", 3},     {"Zm9v Zm9v", 4},
	        {"Zm9v\n", 4}, {"-m9v", 0},  {"Zm_v", 2},     {"Zm9vZm9\xc3", 7},
	        {"Zh==", 1},   {"Zm9=", 2},  {"hunter2!", 7}, {"*", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf bytes;
		size_t at = 99;

		buf_init(&bytes, 100);
		buf_addstr(&bytes, "kept");
		assert_int_equal(sasl_base64_decode(span_of(rows[i].text), &bytes, &at), -1);
		assert_int_equal(at, rows[i].at);
		assert_string_equal(bytes.data, "kept");
		buf_release(&bytes);
	}
}

static void a_nul_is_no_digit(void **state)
{
	struct buf bytes;
	size_t at;

	(void)state;
	buf_init(&bytes, 100);
	assert_int_equal(sasl_base64_decode(span_from("Zm9v\0m9v", 8), &bytes, &at), -1);
	assert_int_equal(at, 4);
	buf_release(&bytes);
}

static void what_does_not_fit_is_a_fault(void **state)
{
	struct buf bytes;
	size_t at;

	(void)state;
	buf_init(&bytes, 4);
	assert_int_equal(sasl_base64_decode(SPAN("Zm9vYmFy"), &bytes, &at), -1);
	assert_int_equal(bytes.len, 0);
	buf_release(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_vectors_of_the_rfc),
	        cmocka_unit_test(every_byte_comes_back),
	        cmocka_unit_test(a_fault_has_a_place),
	        cmocka_unit_test(a_nul_is_no_digit),
	        cmocka_unit_test(what_does_not_fit_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
