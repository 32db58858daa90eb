/* buf and mem: the cap, the NUL, the hand-over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

static void adds_up_to_its_cap_and_not_a_byte_more(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 5);
	assert_int_equal(buf_addstr(&b, "abcd"), 0);
	assert_int_equal(buf_addstr(&b, "ef"), -1);
	assert_true(b.full);
	assert_string_equal(b.data, "abcd");
	assert_int_equal(buf_addch(&b, 'e'), 0);
	assert_int_equal(buf_addch(&b, 'f'), -1);
	assert_string_equal(b.data, "abcde");
	buf_clear(&b);
	assert_false(b.full);
	assert_int_equal(buf_addf(&b, "%d", 123456), -1);
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_addf(&b, "%d", 12345), 0);
	assert_string_equal(b.data, "12345");
	buf_release(&b);
	buf_release(&b);
}

static void holds_any_byte_and_ends_in_nul(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 100000);
	assert_string_equal(b.data, "");
	for (int i = 0; i < 70000; i++)
		assert_int_equal(buf_addch(&b, (char)i), 0);
	assert_int_equal(b.len, 70000);
	assert_int_equal(b.data[70000], 0);
	for (int i = 0; i < 70000; i++)
		assert_int_equal(b.data[i], (char)i);
	buf_release(&b);
}

static void drops_cuts_and_takes(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 100);
	buf_addstr(&b, "hello world");
	buf_drop(&b, 6);
	assert_string_equal(b.data, "world");
	buf_cut(&b, 3);
	assert_string_equal(b.data, "wor");
	buf_cut(&b, 50);
	assert_int_equal(buf_span(&b).n, 3);
	char *taken = buf_take(&b);
	assert_string_equal(taken, "wor");
	assert_int_equal(b.len, 0);
	assert_int_equal(b.cap, 100);
	free(taken);
	taken = buf_take(&b); /* of nothing: still a string of its own */
	assert_string_equal(taken, "");
	free(taken);
	assert_int_equal(buf_addstr(&b, "again"), 0);
	free(buf_take(&b));
	buf_drop(&b, 9);
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void grows_arrays(void **state)
{
	(void)state;
	int *list = NULL;
	size_t room = 0;

	for (size_t i = 0; i < 100; i++) {
		list = mem_grow(list, i, &room, sizeof(*list));
		assert_true(room > i);
		list[i] = (int)i;
	}
	assert_int_equal(list[99], 99);
	free(list);
	assert_null(mem_dup(NULL));
	char *s = mem_dupn("abc", 2);
	assert_string_equal(s, "ab");
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(adds_up_to_its_cap_and_not_a_byte_more),
	        cmocka_unit_test(holds_any_byte_and_ends_in_nul),
	        cmocka_unit_test(drops_cuts_and_takes),
	        cmocka_unit_test(grows_arrays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
