/*
 * What is bad comes with its remedy, whatever is asked for: somebody at 3 a.m. should not have to
 * ask twice. What is in order takes one line.
 */
#include "ui/check_show.h"

#include <stdio.h>

#include "base/display.h"

/* From good to bad: which of two verdicts holds for both. */
static const int weight[] = {
        [CHECK_NOT_TESTED] = 0, [CHECK_OK] = 1, [CHECK_UNKNOWN] = 2, [CHECK_BAD] = 3};

static enum check_verdict worst(const struct findings *f, int group)
{
	enum check_verdict v = CHECK_NOT_TESTED;

	for (size_t i = 0; i < f->count; i++) {
		if (group >= 0 && (int)f->list[i].group != group)
			continue;
		if (weight[f->list[i].verdict] > weight[v])
			v = f->list[i].verdict;
	}
	return v;
}

enum check_verdict check_show_verdict(const struct findings *f)
{
	return worst(f, -1);
}

int check_show_status(const struct findings *f)
{
	static const int status[] = {
	        [CHECK_OK] = 0, [CHECK_BAD] = 4, [CHECK_UNKNOWN] = 3, [CHECK_NOT_TESTED] = 0};

	return status[worst(f, -1)];
}

/* Each line of `text` behind a lead of its own. */
static void add_lines(struct buf *out, const char *first, const char *next, const char *text,
                      unsigned flags)
{
	struct span rest = span_of(text);

	while (rest.p && rest.n > 0) {
		buf_addstr(out, first);
		display_add(out, span_cut(&rest, '\n'), flags);
		buf_addch(out, '\n');
		first = next;
	}
}

static void show_one(const struct finding *f, bool full, unsigned flags, struct buf *out)
{
	static const char indent[] = "#              ";
	char lead[40];

	snprintf(lead, sizeof(lead), "#   %-10s ", check_verdict_name(f->verdict));
	add_lines(out, lead, indent, f->text, flags);
	if (full) {
		add_lines(out, indent, indent, f->detail, flags);
		add_lines(out, indent, indent, f->asked, flags);
	}
	if (full || f->verdict != CHECK_OK)
		add_lines(out, "#              -> ", "#                 ", f->change, flags);
}

void check_show(const char *name, const struct findings *f, bool full, bool utf8, struct buf *out)
{
	unsigned flags = utf8 ? 0 : DISPLAY_ASCII;

	buf_addstr(out, "# ");
	display_add(out, span_of(name), flags);
	buf_addf(out, ": %s\n", check_verdict_name(worst(f, -1)));
	for (int g = CHECK_RECEIVING; g <= CHECK_MESSAGE; g++) {
		bool begun = false;

		for (size_t i = 0; i < f->count; i++) {
			if ((int)f->list[i].group != g)
				continue;
			if (!begun)
				buf_addf(out, "# %s  %s\n",
				         check_group_question((enum check_group)g),
				         check_verdict_name(worst(f, g)));
			begun = true;
			show_one(&f->list[i], full, flags, out);
		}
	}
}
