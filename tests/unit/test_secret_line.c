/* secret_line: which keys count in a line typed unseen, and that nothing of it stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/secret_line.h"

static enum secret_key type(struct secret_line *s, const char *keys)
{
	enum secret_key last = SECRET_KEY_TAKEN;

	while (*keys)
		last = secret_line_key(s, (unsigned char)*keys++);
	return last;
}

static void expect(const char *keys, const char *line)
{
	struct secret_line s;

	secret_line_init(&s);
	assert_int_equal(type(&s, keys), SECRET_KEY_ENTER);
	assert_string_equal(s.text.data, line);
	secret_line_release(&s);
}

static void test_keys(void **state)
{
	(void)state;
	expect("c2VjcmV0\r", "c2VjcmV0");
	expect("secret\n", "secret");
	expect("\r", "");
	expect("secrez\177t\r", "secret");
	expect("\177\b\bs\r", "s");
	expect("wrong\025right\r", "right");
	expect("p\xc3\xa4sse\r", "p\xc3\xa4sse");
	expect("a\tb\001\r", "ab");
}

static void test_escape_sequences_are_left_out(void **state)
{
	(void)state;
	expect("\033[Ase\033[1;5Dcret\033OB\r", "secret");
	expect("\033[200~pasted\033[201~\r", "pasted");
	expect("\033xse\r", "se");
}

static void test_keys_that_are_not_text(void **state)
{
	struct secret_line s;

	(void)state;
	secret_line_init(&s);
	assert_int_equal(type(&s, "\004"), SECRET_KEY_END);
	assert_int_equal(type(&s, "a\004"), SECRET_KEY_TAKEN);
	assert_int_equal(type(&s, "\035"), SECRET_KEY_LOCAL);
	assert_string_equal(s.text.data, "a");
	secret_line_release(&s);
}

static void test_nothing_stays(void **state)
{
	struct secret_line s;

	(void)state;
	secret_line_init(&s);
	type(&s, "secret");
	char *bytes = s.text.data;
	secret_line_clear(&s);
	assert_int_equal(s.text.len, 0);
	assert_memory_equal(bytes, "\0\0\0\0\0\0", 6);
	secret_line_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_keys),
	        cmocka_unit_test(test_escape_sequences_are_left_out),
	        cmocka_unit_test(test_keys_that_are_not_text),
	        cmocka_unit_test(test_nothing_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
