/*
 * Writing session files: what each kind of bytes becomes, and that any bytes read back as they
 * were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "session/writer.h"

static struct buf out;
static struct session_vars *vars;
static struct session_writer w;

static int setup(void **state)
{
	(void)state;
	buf_init(&out, 1u << 20);
	vars = session_vars_new();
	assert_int_equal(session_vars_set_secret(vars, SPAN("pw"), SPAN("hush"),
	                                         SESSION_ORIGIN_OPTION, NULL, NULL),
	                 0);
	w = (struct session_writer){.out = &out};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_release(&out);
	session_vars_free(vars);
	return 0;
}

static void check(bool client, const char *bytes, size_t n, const char *expected)
{
	buf_clear(&out);
	assert_int_equal(session_write_bytes(&w, client, span_from(bytes, n)), 0);
	assert_string_equal(out.data, expected);
}

#define CLIENT(bytes, expected) check(true, bytes, sizeof(bytes) - 1, expected)
#define SERVER(bytes, expected) check(false, bytes, sizeof(bytes) - 1, expected)

static void test_lines(void **state)
{
	(void)state;
	CLIENT("EHLO me\r\n", "C: EHLO me\n");
	CLIENT("\r\n", "C:\n");
	CLIENT("a\r\n\r\n b \r\n.\r\n", "C: a\nC:\nC:  b \nC: .\n");
	SERVER("250-a\r\n250 b\tc\r\n", "S: 250-a\nS: 250 b\tc\n");
	CLIENT("caf\xc3\xa9 # @x ${y} $$\r\n", "C: caf\xc3\xa9 # @x ${y} $$\n");
	CLIENT("", "");
}

static void test_what_cannot_stand_as_it_is(void **state)
{
	(void)state;
	CLIENT("no end", "C! no end\n");
	CLIENT("bare\n", "C! bare\\n\n");
	CLIENT("a\rb\r\n", "C! a\\rb\\r\\n\n");
	SERVER("250 \0\x1b\x7f\r\n", "S! 250 \\0\\x1b\\x7f\\r\\n\n");
	SERVER("250 \xe9\\\t\r\n", "S! 250 \\xe9\\\\\\t\\r\\n\n");
	SERVER("250 \xc2\x9b"
	       "2J\r\n",
	       "S! 250 \\xc2\\x9b2J\\r\\n\n");                            /* C1 */
	SERVER("250 \xe2\x80\xae\r\n", "S! 250 \\xe2\\x80\\xae\\r\\n\n"); /* bidi */
	CLIENT("\r", "C! \\r\n");
	CLIENT("\n", "C! \\n\n");
}

static void test_what_looks_like_a_step(void **state)
{
	(void)state;
	CLIENT("<close>\r\n", "C! <close>\\r\\n\n");
	CLIENT(" <anything at all> \r\n", "C!  <anything at all> \\r\\n\n");
	SERVER("<sleep 2s>\r\n", "S! <sleep 2s>\\r\\n\n");
	CLIENT("<>\r\n", "C: <>\n");
	CLIENT("<a> b\r\n", "C: <a> b\n");
	CLIENT("MAIL FROM:<a>\r\n", "C: MAIL FROM:<a>\n");
}

static void test_secrets_and_dollars(void **state)
{
	(void)state;
	w.vars = vars;
	buf_clear(&out);
	assert_int_equal(session_write_start(&w), 0);
	assert_string_equal(out.data, "@smtptalk 1\n");
	CLIENT("pass hush\r\n", "C: pass ${secret:pw}\n");
	CLIENT("AUTH PLAIN AGJvYgBodXNo\r\n", "C: AUTH PLAIN ${plain:'bob',pw}\n");
	CLIENT("$5 $$ ${x} $hush $\r\n", "C: $5 $$$ $${x} $$${secret:pw} $$\n");
	assert_int_equal(w.lost, 0);
	CLIENT("xAGJvYgBodXNo\r\n", "C: ${secret:pw}\n");
	assert_int_equal(w.lost, 1);
	SERVER("250 \x1bhush$\r\n", "S! 250 \\x1b${secret:pw}$$\\r\\n\n");
	w.vars = NULL;
	buf_clear(&out);
	assert_int_equal(session_write_start(&w), 0);
	assert_string_equal(out.data, "");
}

static void check_note(const char *text, const char *expected)
{
	buf_clear(&out);
	assert_int_equal(session_write_note(&w, span_of(text)), 0);
	assert_string_equal(out.data, expected);
}

static void test_notes(void **state)
{
	(void)state;
	check_note("12 ms", "# 12 ms\n");
	check_note("two\nlines\n", "# two\n# lines\n");
	check_note("a\n\nb", "# a\n#\n# b\n");
	check_note("bad \x1b[2J\r\nC: QUIT", "# bad \\x1b[2J\\x0d\n# C: QUIT\n");
	check_note("", "");
	w.vars = vars;
	check_note("the password is hush", "# the password is ${secret:pw}\n");
}

static void check_step(struct session_step s, const char *expected)
{
	struct session_file *f;
	struct diags ds;

	buf_clear(&out);
	assert_int_equal(session_write_step(&w, &s), 0);
	assert_string_equal(out.data, expected);
	diags_init(&ds);
	f = session_file_parse("t", buf_span(&out), &ds);
	assert_non_null(f);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->steps[0].type, s.type);
	assert_int_equal(f->steps[0].ms, s.ms);
	assert_int_equal(f->steps[0].verify, s.verify);
	session_file_free(f);
}

static void test_steps(void **state)
{
	static char host[] = "mx.example:25";

	(void)state;
	check_step((struct session_step){.type = SESSION_TLS, .client = true, .verify = true},
	           "C & S: <negotiate TLS>\n");
	check_step((struct session_step){.type = SESSION_TLS, .client = true},
	           "C & S: <negotiate TLS verify=no>\n");
	check_step((struct session_step){.type = SESSION_CLOSE}, "S: <close>\n");
	check_step((struct session_step){.type = SESSION_RESET, .client = true}, "C: <reset>\n");
	check_step((struct session_step){.type = SESSION_SLEEP, .client = true, .ms = 2000},
	           "C: <sleep 2s>\n");
	check_step((struct session_step){.type = SESSION_NOTHING, .ms = 1250},
	           "S: <nothing 1250ms>\n");
	check_step((struct session_step){.type = SESSION_STALL, .ms = 0}, "S: <stall 0s>\n");
	check_step((struct session_step){.type = SESSION_OPEN,
	                                 .client = true,
	                                 .text = host,
	                                 .len = sizeof(host) - 1},
	           "C: <open mx.example:25>\n");
	buf_clear(&out);
	w.vars = vars;
	assert_int_equal(session_write_set(&w, SPAN("to"), SPAN("$${hush")), 0);
	assert_string_equal(out.data, "@set to = $$$${${secret:pw}\n");
}

/* --- the round trip --- */

static void read_back(const struct session_file *f, struct buf *bytes)
{
	for (size_t i = 0; i < f->count; i++)
		assert_int_equal(session_step_wire(vars, &f->steps[i], bytes, NULL), 0);
}

static void check_round_trip(bool client, struct span bytes)
{
	struct session_file *f;
	struct diags ds;
	struct buf back;

	buf_clear(&out);
	session_write_start(&w);
	assert_int_equal(session_write_bytes(&w, client, bytes), 0);
	diags_init(&ds);
	f = session_file_parse("t", buf_span(&out), &ds);
	if (!f)
		fail_msg("%s: %s\n%s", ds.list[0].where, ds.list[0].what, out.data);
	assert_int_equal(f->warnings.count, 0);
	buf_init(&back, 1u << 20);
	read_back(f, &back);
	assert_int_equal(back.len, bytes.n);
	assert_memory_equal(back.data, bytes.p, bytes.n);
	buf_release(&back);
	session_file_free(f);
}

/* A byte that matters more often than chance has it. */
static char some_byte(unsigned *seed)
{
	static const char often[] = "\r\n\r\n<>  ${}'\\#@CS:!\t\0ahush\xc3\xa9.";

	*seed = *seed * 1103515245u + 12345u;
	if ((*seed >> 16) % 4 == 0)
		return (char)(*seed >> 20);
	return often[(*seed >> 18) % (sizeof(often) - 1)];
}

static void test_any_bytes_read_back(void **state)
{
	unsigned seed = 20240217;
	char bytes[300];

	(void)state;
	for (int i = 0; i < 6000; i++) {
		size_t n = (size_t)i % sizeof(bytes);

		for (size_t k = 0; k < n; k++)
			bytes[k] = some_byte(&seed);
		if (n > 20 && i % 3 == 0)
			memcpy(bytes + n / 2, "$hush${hush}", 12);
		w.vars = i % 2 ? vars : NULL;
		check_round_trip(i % 4 < 2, span_from(bytes, n));
	}
}

static void test_a_full_buffer_is_told(void **state)
{
	struct buf small;

	(void)state;
	buf_init(&small, 20);
	w.out = &small;
	assert_int_equal(session_write_bytes(&w, true, SPAN("0123456789\r\n")), 0);
	assert_int_equal(session_write_bytes(&w, true, SPAN("0123456789\r\n")), -1);
	buf_release(&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_lines),
	        TEST(test_what_cannot_stand_as_it_is),
	        TEST(test_what_looks_like_a_step),
	        TEST(test_secrets_and_dollars),
	        TEST(test_notes),
	        TEST(test_steps),
	        TEST(test_any_bytes_read_back),
	        TEST(test_a_full_buffer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
