/*
 * A diff is made from the edits and not found by comparing: which lines changed is known. What an
 * edit leaves as it was is no change.
 */
#include "session/accept_edit.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

enum { CONTEXT = 3, LINE_ROOM = 4 << 20 };

void accept_edits_release(struct accept_edits *e)
{
	for (size_t i = 0; i < e->count; i++) {
		buf_release(&e->list[i].before);
		buf_release(&e->list[i].after);
	}
	free(e->list);
	*e = (struct accept_edits){NULL, 0, 0};
}

struct accept_edit *accept_edit_at(struct accept_edits *e, unsigned line)
{
	size_t i = e->count;

	while (i > 0 && e->list[i - 1].line > line)
		i--;
	if (i > 0 && e->list[i - 1].line == line)
		return &e->list[i - 1];
	e->list = mem_grow(e->list, e->count, &e->room, sizeof(*e->list));
	memmove(e->list + i + 1, e->list + i, (e->count - i) * sizeof(*e->list));
	e->count++;
	e->list[i] = (struct accept_edit){.line = line};
	buf_init(&e->list[i].before, LINE_ROOM);
	buf_init(&e->list[i].after, LINE_ROOM);
	return &e->list[i];
}

/* --- one line --- */

struct source_line {
	struct span text, indent, end; /* the end: LF, CRLF or nothing */
};

static struct source_line cut_line(struct span *rest)
{
	size_t n = span_find(*rest, '\n');
	struct source_line l = {.text = span_first(*rest, n)};
	size_t blank = 0;

	l.end = span_first(span_skip(*rest, n), 1);
	*rest = span_skip(*rest, n + 1);
	if (l.text.n > 0 && l.text.p[l.text.n - 1] == '\r') {
		l.text.n--;
		l.end = span_from(l.text.p + l.text.n, l.end.n + 1);
	}
	while (blank < l.text.n && ascii_is_blank(l.text.p[blank]))
		blank++;
	l.indent = span_first(l.text, blank);
	return l;
}

static void add_lines(const struct source_line *l, const struct buf *lines, struct buf *out)
{
	for (struct span rest = buf_span(lines); rest.p && lines->len > 0;) {
		buf_addspan(out, l->indent);
		buf_addspan(out, span_cut(&rest, '\n'));
		buf_addspan(out, l->end.n > 0 ? l->end : SPAN("\n"));
	}
}

/* Where the byte behind the code stands in "S: 250-text", 0: there is no code. */
static size_t separator_at(struct span text)
{
	size_t at = 3;

	if (text.n > at && text.p[at] == '^')
		at++;
	for (size_t i = 0; i < 3; i++) {
		if (at + i >= text.n || !ascii_is_digit(text.p[at + i]))
			return 0;
	}
	return at + 3;
}

static void add_kept(const struct source_line *l, char separator, struct buf *out)
{
	struct span text = span_skip(l->text, l->indent.n);
	size_t at = separator_at(text);

	buf_addspan(out, l->indent);
	if (!separator || at == 0 || (at == text.n && separator == ' ') ||
	    (at < text.n && text.p[at] != ' ' && text.p[at] != '-')) {
		buf_addspan(out, text);
	} else {
		buf_addspan(out, span_first(text, at));
		buf_addch(out, separator);
		buf_addspan(out, span_skip(text, at + 1));
	}
	buf_addspan(out, l->end.n > 0 || !separator ? l->end : SPAN("\n"));
}

/* What stands in the place of the line. */
static void replace(const struct accept_edit *e, const struct source_line *l, struct buf *out)
{
	add_lines(l, &e->before, out);
	if (!e->drop)
		add_kept(l, e->separator, out);
	add_lines(l, &e->after, out);
}

static const struct accept_edit *find(const struct accept_edits *e, size_t *next, unsigned line)
{
	if (*next >= e->count || e->list[*next].line != line)
		return NULL;
	return &e->list[(*next)++];
}

int accept_edits_apply(const struct accept_edits *e, struct span old, struct buf *out)
{
	unsigned number = 0;
	size_t next = 0;

	while (old.n > 0) {
		struct source_line l = cut_line(&old);
		const struct accept_edit *one = find(e, &next, ++number);

		if (one) {
			replace(one, &l, out);
			continue;
		}
		buf_addspan(out, l.text);
		buf_addspan(out, l.end);
	}
	return out->full ? -1 : 0;
}

/* --- the diff --- */

struct diff {
	struct buf *out;
	struct buf hunk;                      /* its lines so far */
	struct source_line same[2 * CONTEXT]; /* unchanged lines that were not written yet */
	size_t same_count;
	size_t old_at, new_at, old_lines, new_lines; /* of the hunk */
	size_t old_line, new_line;                   /* so many were passed */
};

static void mark_line(struct diff *d, char mark, struct span line)
{
	buf_addch(&d->hunk, mark);
	buf_addspan(&d->hunk, line);
	buf_addch(&d->hunk, '\n');
	d->old_lines += mark != '+';
	d->new_lines += mark != '-';
}

/* Writes the first unchanged lines, or only forgets them. */
static void pass_same(struct diff *d, size_t count, bool write)
{
	for (size_t i = 0; write && i < count; i++)
		mark_line(d, ' ', d->same[i].text);
	d->same_count -= count;
	memmove(d->same, d->same + count, d->same_count * sizeof(*d->same));
}

static void end_hunk(struct diff *d)
{
	if (d->hunk.len == 0)
		return;
	pass_same(d, d->same_count < CONTEXT ? d->same_count : CONTEXT, true);
	buf_addf(d->out, "@@ -%zu,%zu +%zu,%zu @@\n", d->old_at, d->old_lines, d->new_at,
	         d->new_lines);
	buf_addspan(d->out, buf_span(&d->hunk));
	buf_clear(&d->hunk);
	d->old_lines = d->new_lines = 0;
}

static void add_same(struct diff *d, const struct source_line *l)
{
	if (d->same_count == 2 * CONTEXT)
		end_hunk(d);
	if (d->same_count == 2 * CONTEXT)
		pass_same(d, 1, false);
	d->same[d->same_count++] = *l;
	d->old_line++;
	d->new_line++;
}

static void begin_hunk(struct diff *d)
{
	if (d->hunk.len == 0) {
		if (d->same_count > CONTEXT)
			pass_same(d, d->same_count - CONTEXT, false);
		d->old_at = d->old_line - d->same_count + 1;
		d->new_at = d->new_line - d->same_count + 1;
	}
	pass_same(d, d->same_count, true);
}

static void add_changed(struct diff *d, const struct source_line *l, const struct buf *lines)
{
	begin_hunk(d);
	mark_line(d, '-', l->text);
	d->old_line++;
	for (struct span rest = buf_span(lines); rest.n > 0;) {
		struct source_line one = cut_line(&rest);

		mark_line(d, '+', one.text);
		d->new_line++;
	}
}

static bool is_same(const struct source_line *l, const struct buf *lines)
{
	struct span text = buf_span(lines);

	return span_starts(text, l->text) && span_eq(span_skip(text, l->text.n), l->end);
}

int accept_edits_diff(const struct accept_edits *e, const char *path, struct span old,
                      struct buf *out)
{
	struct diff d = {.out = out};
	unsigned number = 0;
	struct buf lines;
	size_t next = 0;

	buf_init(&d.hunk, out->cap);
	buf_init(&lines, LINE_ROOM);
	buf_addf(out, "--- %s\n+++ %s\n", path, path);
	while (old.n > 0) {
		struct source_line l = cut_line(&old);
		const struct accept_edit *one = find(e, &next, ++number);

		buf_clear(&lines);
		if (one)
			replace(one, &l, &lines);
		if (one && !is_same(&l, &lines))
			add_changed(&d, &l, &lines);
		else
			add_same(&d, &l);
	}
	end_hunk(&d);
	buf_release(&lines);
	buf_release(&d.hunk);
	return out->full ? -1 : 0;
}
