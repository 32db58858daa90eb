/*
 * What stays in memory of a password after a login. The end of the password is looked for, since
 * free() writes over the first bytes of what it takes back. It is computed, not written down, so
 * that the search does not find itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "smtp/dialogue.h"
#include "smtp/sasl.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define LENGTH   64
#define TAIL     12

/* A password that stands nowhere else in the program. */
static char letter(int i)
{
	return (char)('A' + (i * i * 7 + i / 3 * 5 + 3) % 23);
}

static void make_password(char *out)
{
	for (int i = 0; i < LENGTH; i++)
		out[i] = letter(i);
	out[LENGTH] = '\0';
}

/* As bytes (width 1), or as the characters of UCS-4 that SASLprep works on (width 4). */
static bool is_tail(const char *p, int width)
{
	for (int i = 0; i < TAIL; i++)
		if (p[i * width] != letter(i + LENGTH - TAIL))
			return false;
	return true;
}

__attribute__((no_sanitize_address)) static size_t count_in(const char *from, const char *to)
{
	size_t found = 0;

	for (const char *p = from; p + TAIL <= to; p++)
		found += is_tail(p, 1) || (p + TAIL * 4 <= to && is_tail(p, 4));
	return found;
}

/* Copies in the heap; the stack holds the original. */
static size_t count_in_heap(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	size_t found = 0;
	char line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "[heap]") && sscanf(line, "%lx-%lx", &from, &to) == 2)
			found += count_in((const char *)from, (const char *)to);
	fclose(maps);
	return found;
}

static void log_in(const char *mechanism, const char *password)
{
	static const char *const challenges[] = {"VXNlcm5hbWU6", "UGFzc3dvcmQ6"};
	struct sasl_secrets s = {.user = "bob", .password = password, .host = "mx.example"};
	struct buf line, answer, means;
	struct sasl_client *c;
	struct diag d;

	diag_init(&d);
	buf_init_secret(&line, 2000);
	buf_init_secret(&answer, 2000);
	buf_init(&means, 2000);
	c = sasl_client_new(mechanism, &s, &d);
	assert_non_null(c);
	assert_int_equal(sasl_client_command(c, &line, &means, &d), 0);
	for (size_t i = 0; i < COUNT(challenges); i++)
		sasl_client_step(c, span_of(challenges[i]), &answer, NULL, &means, &d);
	sasl_client_free(c);
	buf_release(&line);
	buf_release(&answer);
	buf_release(&means);
	diag_release(&d);
}

static void no_copy_outlives_a_login(void **state)
{
	static const char *const mechanisms[] = {"PLAIN",       "LOGIN",         "CRAM-MD5",
	                                         "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2",
	                                         "OAUTHBEARER"};
	char password[LENGTH + 1];

	(void)state;
	make_password(password);
	for (size_t i = 0; i < COUNT(mechanisms); i++) {
		size_t found;

		log_in(mechanisms[i], password);
		found = count_in_heap();
		if (found)
			print_message("%s: %zu\n", mechanisms[i], found);
		assert_int_equal(found, 0);
	}
}

static void no_copy_outlives_what_was_typed(void **state)
{
	struct smtp_dialogue *d = smtp_dialogue_new();
	char line[LENGTH + 20] = "AUTH PLAIN ";
	struct smtp_event ev;

	(void)state;
	make_password(line + strlen(line));
	smtp_dialogue_feed(d, SPAN("220 x\r\n"));
	while (smtp_dialogue_next(d, &ev))
		continue;
	smtp_dialogue_line(d, span_of(line), NULL);
	assert_true(smtp_dialogue_output(d)->len > LENGTH);
	buf_clear(smtp_dialogue_output(d));
	assert_int_equal(count_in_heap(), 0);
	smtp_dialogue_free(d);
	assert_int_equal(count_in_heap(), 0);
}

/* The search finds what is there. */
static void the_search_finds(void **state)
{
	char password[LENGTH + 1];
	struct buf copy;

	(void)state;
	make_password(password);
	assert_int_equal(count_in(password, password + LENGTH), 1);
	buf_init(&copy, LENGTH);
	buf_addstr(&copy, password);
	assert_int_equal(count_in(copy.data, copy.data + LENGTH), 1);
	buf_release(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_copy_outlives_a_login),
	        cmocka_unit_test(no_copy_outlives_what_was_typed),
	        cmocka_unit_test(the_search_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
