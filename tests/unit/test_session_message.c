/*
 * <file PATH> on both sides: sent in pieces, and compared with what the server expects.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "runner_rig.h"

static void write_message(char *path, size_t size)
{
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");

	assert_non_null(f);
	fputs("Subject: x\n\n.dot\n..\r\n", f);
	for (size_t i = 0; i < size / 64; i++)
		fprintf(f, "%063zu\n", i);
	fclose(f);
}

static void check_message(size_t size)
{
	char path[] = "/tmp/smtptalk-message-XXXXXX", text[300];

	write_message(path, size);
	snprintf(text, sizeof(text), "S: 220 x\nC: DATA\nS: 354 x\nC: <file %s>\nS: 250 x\n", path);
	play(text, text);
	unlink(path);
	check(RUNNER_PASSED, "ok:220 ok:354 ok:250", ": ");
	assert_int_equal(server_faults, 0);
}

static void test_a_message_from_a_file(void **state)
{
	(void)state;
	check_message(100);
}

static void test_a_large_message(void **state)
{
	(void)state;
	check_message(20u << 20);
}

/* `text` comes where the server expects the lines of `file`. */
static void check_difference(const char *file, const char *text, size_t faults)
{
	char path[] = "/tmp/smtptalk-message-XXXXXX", server[300], client[300];
	int fd = mkstemp(path);

	assert_int_equal(write(fd, file, strlen(file)), strlen(file));
	close(fd);
	snprintf(server, sizeof(server), "S: 220 x\nC: DATA\nS: 354 x\nC: <file %s>\nS: 250 x\n",
	         path);
	snprintf(client, sizeof(client), "S: 220 x\nC: DATA\nS: 354 x\nC! %s\nS: 250 x\n", text);
	play(client, server);
	unlink(path);
	assert_int_equal(server_faults, faults);
	assert_int_equal(end, RUNNER_PASSED);
}

static void test_a_message_as_in_the_file(void **state)
{
	(void)state;
	check_difference("one\ntwo\n", "one\\r\\ntwo\\r\\n.\\r\\n", 0);
}

static void test_a_message_with_another_byte(void **state)
{
	(void)state;
	check_difference("one\ntwo\n", "one\\r\\ntwO\\r\\n.\\r\\n", 1);
}

static void test_a_message_that_is_longer(void **state)
{
	(void)state;
	check_difference("one\n", "one\\r\\ntwo\\r\\n.\\r\\n", 1);
}

static void test_a_message_that_is_shorter(void **state)
{
	(void)state;
	check_difference("one\ntwo\n", "one\\r\\n.\\r\\n", 1);
}

static void test_a_message_that_is_missing(void **state)
{
	(void)state;
	play("S: 220 x\nC: <file /no/such/file>\nS: 250 x\n", "S: 220 x\nC: QUIT\n");
	assert_int_equal(end, RUNNER_FAILED);
	assert_non_null(strstr(first, "/no/such/file"));
	assert_int_equal(server_faults, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_message_from_a_file),     TEST(test_a_large_message),
	        TEST(test_a_message_as_in_the_file),  TEST(test_a_message_with_another_byte),
	        TEST(test_a_message_that_is_longer),  TEST(test_a_message_that_is_shorter),
	        TEST(test_a_message_that_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
