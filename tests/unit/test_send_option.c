/*
 * The options of `smtptalk send`: how they are read, and that the manual has them all. With
 * SEND_MANUAL_OUT the table of the manual is written to that file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "send/option.h"

static int read_words(struct send_options *o, struct diag *d, const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	return send_options_read(o, (char *const *)(uintptr_t)words, n, NULL, d);
}

struct test_case {
	const char *words[8];
	enum send_option option;
	const char *text; /* NULL: not given, or without an argument */
	bool has;
};

static const struct test_case cases[] = {
        {{"--to", "a@b"}, SEND_TO, "a@b", true},
        {{"-t", "a@b"}, SEND_TO, "a@b", true},
        {{"-to", "a@b"}, SEND_TO, "a@b", true},
        {{"--to=a@b"}, SEND_TO, "a@b", true},
        {{"--to=a=b"}, SEND_TO, "a=b", true},
        {{"--to", "a@b", "--to", "c@d"}, SEND_TO, "c@d", true},
        {{"--to", "a@b", "--no-to"}, SEND_TO, NULL, false},
        {{"--to", "a@b", "--no-t"}, SEND_TO, NULL, false},
        {{"--to"}, SEND_TO, NULL, true},
        {{"--to", "--pipeline"}, SEND_PIPELINE, NULL, true},
        {{"--body", "-"}, SEND_BODY, "-", true},
        {{"--quit-after", "-x"}, SEND_QUIT_AFTER, "-x", true},
        {{"--auth"}, SEND_AUTH, NULL, true},
        {{"-a", "PLAIN"}, SEND_AUTH, "PLAIN", true},
        {{"--auth-u", "x"}, SEND_AUTH_USER, "x", true},
        {{"--h-Subject", "hi"}, SEND_HEADER, "Subject: hi", true},
        {{"--h-Subject:", "hi"}, SEND_HEADER, "Subject: hi", true},
        {{"--header-Subject", "hi"}, SEND_HEADER, "Subject: hi", true},
        {{"--header", "Subject: hi"}, SEND_HEADER, "Subject: hi", true},
        {{"--h-Subject", "hi", "--no-header-X"}, SEND_HEADER, NULL, false},
        {{"-n"}, SEND_SUPPRESS_DATA, NULL, true},
        {{"-ndf"}, SEND_NO_DATA_FIXUP, NULL, true},
        {{"--no-data-fixup"}, SEND_NO_DATA_FIXUP, NULL, true},
        {{"-ndf", "--no-no-data-fixup"}, SEND_NO_DATA_FIXUP, NULL, false},
        {{"-4"}, SEND_IPV4, NULL, true},
        {{"-g"}, SEND_DATA, "-", true},
        {{"--data", "x\n", "-g"}, SEND_DATA, "x\n", true},
        {{"-S", "2"}, SEND_SILENT, "2", true},
        {{"-s", "host:25"}, SEND_SERVER, "host:25", true},
};

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct test_case *c = &cases[i];
		struct send_options o;
		struct diag d;
		const char *text;

		send_options_init(&o);
		diag_init(&d);
		if (read_words(&o, &d, c->words) != 0)
			fail_msg("%s: %s", c->words[0], d.what);
		text = send_options_text(&o, c->option);
		assert_int_equal(send_options_has(&o, c->option), c->has);
		if (!!text != !!c->text || (text && strcmp(text, c->text) != 0))
			fail_msg("%s: got %s", c->words[0], text ? text : "nothing");
		diag_release(&d);
		send_options_release(&o);
	}
}

static void test_faults(void **state)
{
	static const char *const words[][4] = {
	        {"stray"},          {"--nonsense"},   {"--quit-after"}, {"--pipeline=1"},
	        {"--attach"},       {"--xclient-o="}, {"--x"},          {"--pipe", "x"},
	        {"--dump-as-body"}, {"--h-Subject"},  {"--tls-c", "x"}, {"--protocol"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct send_options o;
		struct diag d;

		send_options_init(&o);
		diag_init(&d);
		if (read_words(&o, &d, words[i]) == 0)
			fail_msg("%s was taken", words[i][0]);
		assert_int_equal(d.kind, DIAG_USAGE);
		diag_release(&d);
		send_options_release(&o);
	}
}

/* What is left out says what to use. */
static void test_left_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < SEND_OPTION_COUNT; i++) {
		const struct send_option_row *row = send_option_at((enum send_option)i);

		assert_true(row->carried == SEND_SAME || row->carried == SEND_OURS || row->note);
		assert_true(row->help[0] != '\0');
	}
}

/* Every name is its own. */
static void test_names(void **state)
{
	struct span names, name, others, other;

	(void)state;
	for (size_t i = 0; i < SEND_OPTION_COUNT; i++) {
		names = span_of(send_option_at((enum send_option)i)->names);
		while ((name = send_option_next_name(&names)).n > 0) {
			for (size_t j = 0; j < i; j++) {
				others = span_of(send_option_at((enum send_option)j)->names);
				while ((other = send_option_next_name(&others)).n > 0)
					assert_false(span_eq(name, other));
			}
		}
	}
}

static void write_file(const char *name, const char *text, char *path, size_t size)
{
	FILE *f;

	snprintf(path, size, "%s/%s", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* File, environment, command line: what comes later wins. */
static void test_order(void **state)
{
	char path[500], config[64];
	char *environment[] = {(char *)"SWAKS_OPT_helo=from-environment",
	                       (char *)"SWAKS_OPT_quit_after=MAIL", NULL};
	char *words[] = {(char *)"--config", path, (char *)"--quit-after", (char *)"RCPT"};
	struct send_options o;
	struct diag d;

	(void)state;
	snprintf(config, sizeof(config), "send_option_test.%ld", (long)getpid());
	write_file(config,
	           "# a comment\n--from from-file\nhelo from-file\nh-From: \"A B\" <a@b>\n\napt\n",
	           path, sizeof(path));
	send_options_init(&o);
	diag_init(&d);
	assert_int_equal(send_options_all(&o, words, 4, environment, &d), 0);
	assert_string_equal(send_options_text(&o, SEND_FROM), "from-file");
	assert_string_equal(send_options_text(&o, SEND_HELO), "from-environment");
	assert_string_equal(send_options_text(&o, SEND_QUIT_AFTER), "RCPT");
	assert_string_equal(send_options_text(&o, SEND_HEADER), "From: \"A B\" <a@b>");
	assert_true(send_options_has(&o, SEND_AUTH_PLAINTEXT));
	diag_release(&d);
	send_options_release(&o);
	remove(path);
}

static const char *const table_start = ".\\\" --- all options (written from the program)\n";
static const char *const table_end = ".\\\" --- end of all options\n";

/* The table in smtptalk-send.1 is what the program would write. */
static void test_manual(void **state)
{
	const char *out = getenv("SEND_MANUAL_OUT"), *from, *to;
	struct buf want, page;
	struct diag d;
	FILE *f;

	(void)state;
	buf_init(&want, 1u << 20);
	buf_init(&page, 1u << 20);
	diag_init(&d);
	send_options_manual(&want);
	if (out) {
		f = fopen(out, "w");
		assert_non_null(f);
		fputs(want.data, f);
		fclose(f);
	} else {
		if (file_read("smtptalk-send.1", &page, &d) != 0)
			fail_msg("smtptalk-send.1: %s", d.what);
		from = strstr(page.data, table_start);
		to = strstr(page.data, table_end);
		assert_true(from && to);
		from += strlen(table_start);
		if (want.len != (size_t)(to - from) || memcmp(want.data, from, want.len) != 0)
			fail_msg("smtptalk-send.1 has another table than the program "
			         "(SEND_MANUAL_OUT=FILE)");
	}
	diag_release(&d);
	buf_release(&page);
	buf_release(&want);
}

static void test_help_width(void **state)
{
	struct buf help;
	struct span rest;

	(void)state;
	buf_init(&help, 1u << 20);
	send_options_help(&help);
	rest = buf_span(&help);
	while (rest.p)
		assert_true(span_cut(&rest, '\n').n <= 79);
	buf_release(&help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_read),       cmocka_unit_test(test_faults),
	        cmocka_unit_test(test_left_out),   cmocka_unit_test(test_names),
	        cmocka_unit_test(test_order),      cmocka_unit_test(test_manual),
	        cmocka_unit_test(test_help_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
