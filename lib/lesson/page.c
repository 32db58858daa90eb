/*
 * Marks are letters and words, so that they mean the same without colour and when they are read
 * aloud.
 */
#include "lesson/page.h"

#include <string.h>

enum { BAR_WIDTH = 24 };

static const struct diary_entry *entry_of(const struct course *c, const struct diary *p, size_t i)
{
	return diary_find(p, c->lessons[i].name);
}

static bool is_done(const struct course *c, const struct diary *p, size_t i)
{
	const struct diary_entry *e = entry_of(c, p, i);

	return e && e->done;
}

static bool is_in(const struct course_lesson *l, const char *part)
{
	return !part || (l->part && strcmp(l->part, part) == 0);
}

size_t page_done(const struct course *c, const struct diary *p, const char *part, size_t *of)
{
	size_t done = 0;

	*of = 0;
	for (size_t i = 0; i < c->count; i++) {
		if (!is_in(&c->lessons[i], part))
			continue;
		++*of;
		done += is_done(c, p, i);
	}
	return done;
}

size_t page_first_open(const struct course *c, const struct diary *p)
{
	for (size_t i = 0; i < c->count; i++)
		if (!is_done(c, p, i))
			return i;
	return c->count;
}

void page_bar(const struct course *c, const struct diary *p, struct buf *out)
{
	size_t of, done = page_done(c, p, NULL, &of), full = of ? done * BAR_WIDTH / of : 0;

	buf_addch(out, '[');
	for (size_t i = 0; i < BAR_WIDTH; i++)
		buf_addch(out, i < full ? '#' : '-');
	buf_addf(out, "] %zu of %zu lessons done\n", done, of);
}

static void add_part(const struct course *c, const struct diary *p, const struct course_part *part,
                     struct buf *out)
{
	size_t of, done = page_done(c, p, part->name, &of);

	if (of > 0)
		buf_addf(out, "%s. %s: %zu of %zu\n", part->name, part->title, done, of);
}

void page_parts(const struct course *c, const struct diary *p, size_t current, struct buf *out)
{
	page_bar(c, p, out);
	for (size_t i = 0; i < c->part_count; i++) {
		add_part(c, p, &c->parts[i], out);
		if (current < c->count && c->lessons[current].part &&
		    is_in(&c->lessons[current], c->parts[i].name))
			buf_addf(out, "   you are at lesson %u, %s\n", c->lessons[current].number,
			         c->lessons[current].title);
	}
}

static const char *mark(const struct diary_entry *e)
{
	return !e ? "" : e->done ? "done" : e->begun ? "begun" : "";
}

static void add_lessons(const struct course *c, const struct diary *p, const char *part,
                        struct buf *out)
{
	for (size_t i = 0; i < c->count; i++)
		if (is_in(&c->lessons[i], part))
			buf_addf(out, "  %-5s %2u  %s\n", mark(entry_of(c, p, i)),
			         c->lessons[i].number, c->lessons[i].title);
}

void page_list(const struct course *c, const struct diary *p, struct buf *out)
{
	page_bar(c, p, out);
	for (size_t i = 0; i < c->part_count; i++) {
		add_part(c, p, &c->parts[i], out);
		add_lessons(c, p, c->parts[i].name, out);
	}
	if (c->part_count == 0)
		add_lessons(c, p, NULL, out);
}

static void add_date(time_t when, struct buf *out)
{
	struct buf text;

	buf_init(&text, 100);
	diary_add_time(when, &text);
	buf_addspan(out, span_first(buf_span(&text), 10));
	buf_release(&text);
}

/* "2026-11-24  12  Title" and below it hints, skipped steps and mistakes. */
static void add_story(const struct course_lesson *l, const struct diary_entry *e, struct buf *out)
{
	size_t width;

	add_date(e->done, out);
	buf_addf(out, "  %2u  %s\n", l->number, l->title);
	if (e->hints)
		buf_addf(out, "                hints looked at: %lu\n", e->hints);
	if (e->skips)
		buf_addf(out, "                steps that smtptalk typed: %lu\n", e->skips);
	if (e->count == 0)
		return;
	buf_addstr(out, "                mistakes:");
	width = 25;
	for (size_t i = 0; i < e->count; i++) {
		size_t before = out->len;

		if (width + strlen(e->mistakes[i].name) + 8 > 76) {
			buf_addstr(out, "\n                 ");
			width = 17;
			before = out->len;
		}
		buf_addf(out, " %s", e->mistakes[i].name);
		if (e->mistakes[i].count > 1)
			buf_addf(out, " (%lu times)", e->mistakes[i].count);
		buf_addstr(out, i + 1 < e->count ? "," : "");
		width += out->len - before;
	}
	buf_addch(out, '\n');
}

void page_report(const struct course *c, const struct diary *p, time_t now, struct buf *out)
{
	size_t of, done = page_done(c, p, NULL, &of);

	buf_addstr(out, "SMTP by hand: the course of smtptalk\n");
	buf_addf(out, "%zu of %zu lessons done, as of ", done, of);
	add_date(now, out);
	buf_addstr(out, "\n\n");
	for (size_t i = 0; i < c->count; i++)
		if (is_done(c, p, i))
			add_story(&c->lessons[i], entry_of(c, p, i), out);
}
