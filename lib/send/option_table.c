/*
 * The rows, and what is written from them for people: help and the table of the manual.
 */
#include <stdio.h>
#include <string.h>

#include "send/option.h"

enum { HELP_LEFT = 28, HELP_WIDTH = 79 };

static const struct send_option_row rows[SEND_OPTION_COUNT] = {
#define X(ID, names, argument, flags, prompt, carried, value, help, note)                          \
	[SEND_##ID] = {names, argument, flags, prompt, carried, value, help, note},
        SEND_OPTIONS(X)
#undef X
};

const struct send_option_row *send_option_at(enum send_option o)
{
	return &rows[o];
}

struct span send_option_next_name(struct span *names)
{
	return span_word(names);
}

/* Words in a column of their own. */
static void add_words(struct span text, struct buf *out)
{
	size_t column = HELP_LEFT;
	const char *before = "";

	while (text.n > 0) {
		struct span word = span_word(&text);

		if (column + 1 + word.n > HELP_WIDTH) {
			buf_addf(out, "\n%*s", HELP_LEFT, "");
			column = HELP_LEFT;
			before = "";
		}
		buf_addf(out, "%s" SPAN_FMT, before, SPAN_ARG(word));
		column += word.n + strlen(before);
		before = " ";
	}
	buf_addch(out, '\n');
}

static void add_names(struct span names, const char *value, struct buf *out)
{
	const char *before = "";
	struct span name;

	while ((name = send_option_next_name(&names)).n > 0) {
		buf_addf(out, "%s%s" SPAN_FMT, before, name.n > 2 ? "--" : "-", SPAN_ARG(name));
		before = ", ";
	}
	if (value)
		buf_addf(out, " %s", value);
}

void send_options_help(struct buf *out)
{
	struct buf left;

	for (size_t i = 0; i < SEND_OPTION_COUNT; i++) {
		const struct send_option_row *row = &rows[i];

		if (row->carried == SEND_LEFT_OUT)
			continue;
		buf_init(&left, 400);
		add_names(span_of(row->names), row->value, &left);
		if (left.len > HELP_LEFT - 4)
			buf_addf(out, "  %s\n%*s", left.data, HELP_LEFT, "");
		else
			buf_addf(out, "  %-*s", HELP_LEFT - 2, left.data);
		add_words(span_of(row->help), out);
		buf_release(&left);
	}
}

/* --- the manual --- */

static void add_roff(const char *text, struct buf *out)
{
	for (const char *p = text; *p; p++) {
		if (*p == '-')
			buf_addstr(out, "\\-");
		else if (*p == '\\')
			buf_addstr(out, "\\e");
		else
			buf_addch(out, *p);
	}
}

static void add_flags(const struct send_option_row *row, struct buf *out)
{
	struct span names = span_of(row->names), name;
	const char *before = ".It Fl ";

	while ((name = send_option_next_name(&names)).n > 0) {
		buf_addf(out, "%s%s" SPAN_FMT, before, name.n > 2 ? "-" : "", SPAN_ARG(name));
		before = " , Fl ";
	}
	if (row->value)
		buf_addf(out, " Ar %s", row->value);
	buf_addch(out, '\n');
}

void send_options_manual(struct buf *out)
{
	static const char *const carried[] = {
	        [SEND_SAME] = "yes",
	        [SEND_DIFFERENT] = "different",
	        [SEND_LEFT_OUT] = "no",
	        [SEND_OURS] = "new",
	};

	for (size_t i = 0; i < SEND_OPTION_COUNT; i++) {
		const struct send_option_row *row = &rows[i];

		add_flags(row, out);
		buf_addf(out, ".Em %s :\n", carried[row->carried]);
		add_roff(row->help, out);
		if (row->note) {
			buf_addstr(out, row->carried == SEND_LEFT_OUT ? ".\nInstead: " : ".\n");
			add_roff(row->note, out);
		}
		buf_addstr(out, ".\n");
	}
}
