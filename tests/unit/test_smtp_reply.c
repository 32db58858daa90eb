/* Replies: every fault by name, every limit, and the same result in every segmentation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "smtp/reply.h"

#define COUNT(a)  (sizeof(a) / sizeof(*(a)))
#define BIT(NAME) (1u << SMTP_REPLY_FAULT_##NAME)

/* --- what is read --- */

struct row {
	const char *wire; /* one reply; what follows it in `rest` */
	size_t n;
	int code;
	size_t lines;
	unsigned faults;
	const char *rest;
};

#define WIRE(s) s, sizeof(s) - 1

static const struct row rows[] = {
        {WIRE("250 Ok\r\n"), 250, 1, 0, ""},
        {WIRE("250 \r\n"), 250, 1, 0, ""},
        {WIRE("250-a\r\n250-b\r\n250 c\r\n"), 250, 3, 0, ""},
        {WIRE("250-\r\n250 \r\n"), 250, 2, 0, ""},
        {WIRE("200 lowest\r\n"), 200, 1, 0, ""},
        {WIRE("559 highest\r\n"), 559, 1, 0, ""},
        {WIRE("354 go\r\n250 next\r\n"), 354, 1, 0, "250 next\r\n"},
        {WIRE("250 Ok\n"), 250, 1, BIT(BARE_LF), ""},
        {WIRE("250-a\n250 b\r\n"), 250, 2, BIT(BARE_LF), ""},
        {WIRE("250 a\rb\r\n"), 250, 1, BIT(BARE_CR), ""},
        {WIRE("250 a\r\r\n"), 250, 1, BIT(BARE_CR), ""},
        {WIRE("250 a\0b\r\n"), 250, 1, BIT(NUL), ""},
        {WIRE("250\r\n"), 250, 1, BIT(NO_TEXT), ""},
        {WIRE("250\n"), 250, 1, BIT(NO_TEXT) | BIT(BARE_LF), ""},
        {WIRE("250-a\r\n250\r\n"), 250, 2, BIT(NO_TEXT), ""},
        {WIRE("250-a\r\n550 b\r\n"), 550, 2, BIT(MIXED_CODES), ""},
        {WIRE("250-a\r\n251-b\r\n250 c\r\n"), 250, 3, BIT(MIXED_CODES), ""},
        {WIRE("2500 Ok\r\n220 x\r\n"), 0, 1, BIT(NOT_A_REPLY), "220 x\r\n"},
        {WIRE("25\r\n"), 0, 1, BIT(NOT_A_REPLY), ""},
        {WIRE("25x Ok\r\n"), 0, 1, BIT(NOT_A_REPLY), ""},
        {WIRE("250x\r\n"), 0, 1, BIT(NOT_A_REPLY), ""},
        {WIRE("+250 Ok\r\n"), 0, 1, BIT(NOT_A_REPLY), ""},
        {WIRE(" 250 Ok\r\n"), 0, 1, BIT(NOT_A_REPLY), ""},
        {WIRE("\r\n"), 0, 1, BIT(NOT_A_REPLY), ""},
        {WIRE("\n"), 0, 1, BIT(NOT_A_REPLY) | BIT(BARE_LF), ""},
        {WIRE("SSH-2.0-OpenSSH_9.2\r\n"), 0, 1, BIT(NOT_A_REPLY), ""},
        {WIRE("\0\0\0\0\r\n"), 0, 1, BIT(NOT_A_REPLY) | BIT(NUL), ""},
        {WIRE("250-a\r\nHello\r\n"), 250, 2, BIT(NOT_A_REPLY), ""},
        {WIRE("199 low\r\n"), 199, 1, BIT(BAD_CODE), ""},
        {WIRE("100-low\r\n250 Ok\r\n"), 100, 1, BIT(BAD_CODE), "250 Ok\r\n"},
        {WIRE("585 de facto\r\n"), 585, 1, BIT(ODD_CODE), ""},
        {WIRE("260 odd\r\n"), 260, 1, BIT(ODD_CODE), ""},
        {WIRE("599 highest of all\r\n"), 599, 1, BIT(ODD_CODE), ""},
        {WIRE("600 high\r\n"), 600, 1, BIT(BAD_CODE), ""},
        {WIRE("000 zero\r\n"), 0, 1, BIT(BAD_CODE), ""},
        {WIRE("999\r\n"), 999, 1, BIT(BAD_CODE) | BIT(NO_TEXT), ""},
        {WIRE("250-a\r\n600 b\r\n"), 600, 2, BIT(BAD_CODE) | BIT(MIXED_CODES), ""},
};

static void check_row(const struct row *r, const size_t *cuts, size_t pieces)
{
	struct smtp_reply_parser p;
	enum smtp_parse last = SMTP_PARSE_MORE;
	size_t used = 0, lines = 0;

	smtp_reply_parser_init(&p);
	for (size_t i = 0; i < pieces && last != SMTP_PARSE_REPLY; i++) {
		struct span in = span_from(r->wire + cuts[i], cuts[i + 1] - cuts[i]);

		do {
			last = smtp_reply_parser_feed(&p, &in);
			lines += last != SMTP_PARSE_MORE;
			used = cuts[i + 1] - in.n;
		} while (last == SMTP_PARSE_LINE);
	}
	assert_int_equal(last, SMTP_PARSE_REPLY);
	assert_int_equal(p.reply.code, r->code);
	assert_int_equal(p.reply.faults, r->faults);
	assert_int_equal(p.reply.count, r->lines);
	assert_int_equal(lines, r->lines);
	assert_int_equal(r->n - used, strlen(r->rest));
	assert_int_equal(p.reply.raw.len, used);
	assert_memory_equal(p.reply.raw.data, r->wire, used);
	smtp_reply_parser_release(&p);
}

static void every_split_into_three_gives_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t a = 0; a <= rows[i].n; a++)
			for (size_t b = a; b <= rows[i].n; b++)
				check_row(&rows[i], (size_t[]){0, a, b, rows[i].n}, 3);
}

static void one_byte_at_a_time_gives_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t cuts[128];

		assert_true(rows[i].n < COUNT(cuts));
		for (size_t k = 0; k <= rows[i].n; k++)
			cuts[k] = k;
		check_row(&rows[i], cuts, rows[i].n);
	}
}

static void the_class_follows_code_and_faults(void **state)
{
	static const struct {
		const char *wire;
		enum smtp_reply_class class;
	} classes[] = {
	        {"220 x\r\n", SMTP_CLASS_2},          {"354 x\r\n", SMTP_CLASS_3},
	        {"421 x\r\n", SMTP_CLASS_4},          {"554 x\r\n", SMTP_CLASS_5},
	        {"250-a\r\n550 b\r\n", SMTP_CLASS_5}, {"199 x\r\n", SMTP_CLASS_BROKEN},
	        {"hello\r\n", SMTP_CLASS_BROKEN},     {"250-a\r\nx\r\n", SMTP_CLASS_BROKEN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(classes); i++) {
		struct smtp_reply_parser p;
		struct span in = span_of(classes[i].wire);

		smtp_reply_parser_init(&p);
		while (smtp_reply_parser_feed(&p, &in) == SMTP_PARSE_LINE)
			continue;
		assert_int_equal(smtp_reply_class(&p.reply), classes[i].class);
		assert_int_equal(smtp_reply_fatal(&p.reply), classes[i].class == SMTP_CLASS_BROKEN);
		smtp_reply_parser_release(&p);
	}
}

static void an_empty_reply_has_no_class(void **state)
{
	struct smtp_reply r;

	(void)state;
	smtp_reply_init(&r);
	assert_int_equal(smtp_reply_class(&r), SMTP_CLASS_BROKEN);
	assert_int_equal(smtp_reply_line(&r, 0).n, 0);
	assert_int_equal(smtp_reply_text(&r, 7).n, 0);
	smtp_reply_release(&r);
}

/* --- lines, text, status code --- */

static void parse_all(struct smtp_reply_parser *p, const char *wire)
{
	struct span in = span_of(wire);
	enum smtp_parse found = SMTP_PARSE_LINE;

	smtp_reply_parser_init(p);
	while (found == SMTP_PARSE_LINE)
		found = smtp_reply_parser_feed(p, &in);
	assert_int_equal(found, SMTP_PARSE_REPLY);
}

static void assert_span(struct span s, const char *expected)
{
	assert_int_equal(s.n, strlen(expected));
	assert_memory_equal(s.p, expected, s.n);
}

static void lines_and_text_are_found(void **state)
{
	struct smtp_reply_parser p;

	(void)state;
	parse_all(&p, "250-first one\r\n250-\r\n250\n");
	assert_span(smtp_reply_line(&p.reply, 0), "250-first one");
	assert_span(smtp_reply_text(&p.reply, 0), "first one");
	assert_span(smtp_reply_line(&p.reply, 1), "250-");
	assert_span(smtp_reply_text(&p.reply, 1), "");
	assert_span(smtp_reply_line(&p.reply, 2), "250");
	assert_span(smtp_reply_text(&p.reply, 2), "");
	smtp_reply_parser_release(&p);
	parse_all(&p, "hello there\r\n");
	assert_span(smtp_reply_text(&p.reply, 0), "hello there");
	smtp_reply_parser_release(&p);
}

static void the_status_code_has_the_class_of_the_reply(void **state)
{
	static const struct {
		const char *wire;
		bool present;
		int class, subject, detail;
	} codes[] = {
	        {"250 2.1.0 Ok\r\n", true, 2, 1, 0},
	        {"250 Ok 2.1.0\r\n", false, 0, 0, 0},
	        {"250 5.1.1 liar\r\n", false, 0, 0, 0},
	        {"550-a line before it\r\n550 5.7.1 no\r\n", true, 5, 7, 1},
	        {"550-5.1.1 one\r\n550 5.7.1 two\r\n", true, 5, 1, 1},
	        {"250-2.1.0 good\r\n550 5.7.1 no\r\n", true, 5, 7, 1},
	        {"250-2.1.0 good\r\n550 no\r\n", false, 0, 0, 0},
	        {"354 3.0.0 go\r\n", false, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct smtp_reply_parser p;

		parse_all(&p, codes[i].wire);
		assert_int_equal(p.reply.enhanced.present, codes[i].present);
		assert_int_equal(p.reply.enhanced.class, codes[i].class);
		assert_int_equal(p.reply.enhanced.subject, codes[i].subject);
		assert_int_equal(p.reply.enhanced.detail, codes[i].detail);
		smtp_reply_parser_release(&p);
	}
}

static void a_copy_stands_alone(void **state)
{
	struct smtp_reply_parser p;
	struct smtp_reply copy;

	(void)state;
	smtp_reply_init(&copy);
	parse_all(&p, "550-5.1.1 a\r\n550 b\n");
	smtp_reply_copy(&copy, &p.reply);
	smtp_reply_parser_release(&p);
	assert_int_equal(copy.code, 550);
	assert_int_equal(copy.count, 2);
	assert_int_equal(copy.faults, BIT(BARE_LF));
	assert_int_equal(copy.enhanced.detail, 1);
	assert_span(smtp_reply_text(&copy, 1), "b");
	smtp_reply_clear(&copy);
	assert_int_equal(copy.count, 0);
	assert_int_equal(copy.faults, 0);
	smtp_reply_release(&copy);
}

static void the_next_reply_starts_clean(void **state)
{
	struct smtp_reply_parser p;
	struct span in = SPAN("550-5.1.1 a\n550 b\r\n250 ok\r\n");

	(void)state;
	smtp_reply_parser_init(&p);
	assert_int_equal(smtp_reply_parser_feed(&p, &in), SMTP_PARSE_LINE);
	assert_int_equal(smtp_reply_parser_feed(&p, &in), SMTP_PARSE_REPLY);
	assert_int_equal(p.reply.code, 550);
	assert_int_equal(smtp_reply_parser_feed(&p, &in), SMTP_PARSE_REPLY);
	assert_int_equal(p.reply.code, 250);
	assert_int_equal(p.reply.faults, 0);
	assert_int_equal(p.reply.count, 1);
	assert_false(p.reply.enhanced.present);
	assert_int_equal(smtp_reply_parser_feed(&p, &in), SMTP_PARSE_MORE);
	assert_false(smtp_reply_parser_end(&p));
	smtp_reply_parser_release(&p);
}

/* --- limits --- */

/* Feeds `head`, then `n` times `fill`, `step` bytes at a time; the last result. */
static enum smtp_parse feed_big(struct smtp_reply_parser *p, const char *head, const char *fill,
                                size_t n, size_t step)
{
	size_t head_n = strlen(head), fill_n = strlen(fill), len = head_n + n * fill_n;
	char *all = malloc(len + 1);
	enum smtp_parse found = SMTP_PARSE_MORE;

	memcpy(all, head, head_n);
	for (size_t i = 0; i < n; i++)
		memcpy(all + head_n + i * fill_n, fill, fill_n);
	smtp_reply_parser_init(p);
	for (size_t at = 0; at < len && found != SMTP_PARSE_REPLY; at += step) {
		struct span in = span_from(all + at, at + step < len ? step : len - at);

		do
			found = smtp_reply_parser_feed(p, &in);
		while (found == SMTP_PARSE_LINE);
	}
	free(all);
	return found;
}

static const size_t steps[] = {1, 7, 512, 65535, 65536, 1u << 20};

static void a_line_without_end_is_cut_at_64_kib(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct smtp_reply_parser p;

		assert_int_equal(feed_big(&p, "250 ", "x", 70000, steps[i]), SMTP_PARSE_REPLY);
		assert_int_equal(p.reply.faults, BIT(ENDLESS_LINE) | BIT(LONG_LINE));
		assert_int_equal(p.reply.raw.len, SMTP_REPLY_LINE_MAX);
		assert_int_equal(p.reply.count, 1);
		assert_int_equal(p.reply.lines[0].len, SMTP_REPLY_LINE_MAX);
		smtp_reply_parser_release(&p);
	}
}

static void the_longest_line_passes(void **state)
{
	struct smtp_reply_parser p;
	struct span end = SPAN("\r\n");

	(void)state;
	assert_int_equal(feed_big(&p, "250 ", "x", SMTP_REPLY_LINE_MAX - 6, 999), SMTP_PARSE_MORE);
	assert_int_equal(smtp_reply_parser_feed(&p, &end), SMTP_PARSE_REPLY);
	assert_int_equal(p.reply.faults, BIT(LONG_LINE));
	smtp_reply_parser_release(&p);
}

static void long_line_begins_at_513_bytes(void **state)
{
	(void)state;
	for (size_t n = 505; n <= 508; n++) {
		struct smtp_reply_parser p;
		struct span end = SPAN("\r\n");

		assert_int_equal(feed_big(&p, "250 ", "x", n, 100), SMTP_PARSE_MORE);
		assert_int_equal(smtp_reply_parser_feed(&p, &end), SMTP_PARSE_REPLY);
		assert_int_equal(p.reply.faults, n + 6 > 512 ? BIT(LONG_LINE) : 0);
		smtp_reply_parser_release(&p);
	}
}

static void lines_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct smtp_reply_parser p;

		assert_int_equal(feed_big(&p, "", "250-x\r\n", 1001, steps[i]), SMTP_PARSE_REPLY);
		assert_int_equal(p.reply.faults, BIT(TOO_MANY_LINES));
		assert_int_equal(p.reply.count, SMTP_REPLY_LINES_MAX);
		smtp_reply_parser_release(&p);
	}
}

static void a_thousand_lines_pass(void **state)
{
	struct smtp_reply_parser p;
	struct span end = SPAN("250 x\r\n");

	(void)state;
	assert_int_equal(feed_big(&p, "", "250-x\r\n", 999, 3), SMTP_PARSE_MORE);
	assert_int_equal(smtp_reply_parser_feed(&p, &end), SMTP_PARSE_REPLY);
	assert_int_equal(p.reply.faults, 0);
	assert_int_equal(p.reply.count, 1000);
	smtp_reply_parser_release(&p);
}

static void bytes_are_counted(void **state)
{
	char line[1000];

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "250-", 4);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct smtp_reply_parser p;

		assert_int_equal(feed_big(&p, "", line, 300, steps[i]), SMTP_PARSE_REPLY);
		assert_int_equal(p.reply.faults, BIT(TOO_BIG) | BIT(LONG_LINE));
		assert_int_equal(p.reply.raw.len, SMTP_REPLY_MAX);
		smtp_reply_parser_release(&p);
	}
}

static void a_reply_that_fills_256_kib_and_goes_on_is_too_big(void **state)
{
	char line[1025];
	struct smtp_reply_parser p;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "250-", 4);
	memcpy(line + 1022, "\r\n", 3);
	assert_int_equal(feed_big(&p, "", line, 256, 4096), SMTP_PARSE_REPLY);
	assert_int_equal(p.reply.faults, BIT(TOO_BIG) | BIT(LONG_LINE));
	assert_int_equal(p.reply.count, 256);
	smtp_reply_parser_release(&p);
}

static void after_a_fatal_fault_all_is_dropped(void **state)
{
	struct smtp_reply_parser p;
	struct span in = SPAN("oops\r\n250 Ok\r\n");

	(void)state;
	smtp_reply_parser_init(&p);
	assert_int_equal(smtp_reply_parser_feed(&p, &in), SMTP_PARSE_REPLY);
	assert_int_equal(in.n, 8);
	assert_int_equal(smtp_reply_parser_feed(&p, &in), SMTP_PARSE_MORE);
	assert_int_equal(in.n, 0);
	assert_false(smtp_reply_parser_end(&p));
	assert_true(SMTP_REPLY_HAS(&p.reply, NOT_A_REPLY));
	smtp_reply_parser_release(&p);
}

/* --- the end of the connection --- */

static void the_end_may_cut_a_reply(void **state)
{
	static const struct {
		const char *wire;
		bool cut;
		size_t lines;
		const char *last;
	} ends[] = {
	        {"", false, 0, ""},
	        {"250 Ok\r\n", false, 1, "250 Ok"},
	        {"2", true, 1, "2"},
	        {"250 Ok", true, 1, "250 Ok"},
	        {"250 Ok\r", true, 1, "250 Ok"},
	        {"250-a\r\n", true, 1, "250-a"},
	        {"250-a\r\n250 b", true, 2, "250 b"},
	        {"250 a\r\n25", true, 1, "25"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct smtp_reply_parser p;
		struct span in = span_of(ends[i].wire);

		smtp_reply_parser_init(&p);
		while (in.n > 0)
			smtp_reply_parser_feed(&p, &in);
		assert_int_equal(smtp_reply_parser_end(&p), ends[i].cut);
		assert_int_equal(SMTP_REPLY_HAS(&p.reply, CUT_OFF), ends[i].cut);
		assert_int_equal(p.reply.count, ends[i].lines);
		if (ends[i].lines > 0)
			assert_span(smtp_reply_line(&p.reply, p.reply.count - 1), ends[i].last);
		assert_false(smtp_reply_parser_end(&p));
		smtp_reply_parser_release(&p);
	}
}

static void lost_bytes_are_fatal(void **state)
{
	struct smtp_reply_parser p;
	struct span in = SPAN("250-a\r\n250 b");

	(void)state;
	smtp_reply_parser_init(&p);
	while (in.n > 0)
		smtp_reply_parser_feed(&p, &in);
	smtp_reply_parser_flood(&p);
	assert_int_equal(p.reply.faults, BIT(TOO_BIG));
	assert_int_equal(p.reply.count, 2);
	assert_int_equal(smtp_reply_class(&p.reply), SMTP_CLASS_BROKEN);
	smtp_reply_parser_release(&p);
}

static void every_fault_has_its_words(void **state)
{
	(void)state;
	for (int f = 0; f < SMTP_REPLY_FAULT_COUNT; f++) {
		assert_true(strlen(smtp_reply_fault_name((enum smtp_reply_fault)f)) > 2);
		assert_true(strlen(smtp_reply_fault_text((enum smtp_reply_fault)f)) > 10);
	}
	assert_true(smtp_reply_fault_fatal(SMTP_REPLY_FAULT_CUT_OFF));
	assert_false(smtp_reply_fault_fatal(SMTP_REPLY_FAULT_BARE_LF));
	assert_false(smtp_reply_fault_fatal(SMTP_REPLY_FAULT_COUNT));
	assert_string_equal(smtp_reply_fault_name(SMTP_REPLY_FAULT_COUNT), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_split_into_three_gives_the_same),
	        cmocka_unit_test(one_byte_at_a_time_gives_the_same),
	        cmocka_unit_test(the_class_follows_code_and_faults),
	        cmocka_unit_test(an_empty_reply_has_no_class),
	        cmocka_unit_test(lines_and_text_are_found),
	        cmocka_unit_test(the_status_code_has_the_class_of_the_reply),
	        cmocka_unit_test(a_copy_stands_alone),
	        cmocka_unit_test(the_next_reply_starts_clean),
	        cmocka_unit_test(a_line_without_end_is_cut_at_64_kib),
	        cmocka_unit_test(the_longest_line_passes),
	        cmocka_unit_test(long_line_begins_at_513_bytes),
	        cmocka_unit_test(lines_are_counted),
	        cmocka_unit_test(a_thousand_lines_pass),
	        cmocka_unit_test(bytes_are_counted),
	        cmocka_unit_test(a_reply_that_fills_256_kib_and_goes_on_is_too_big),
	        cmocka_unit_test(after_a_fatal_fault_all_is_dropped),
	        cmocka_unit_test(the_end_may_cut_a_reply),
	        cmocka_unit_test(lost_bytes_are_fatal),
	        cmocka_unit_test(every_fault_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
