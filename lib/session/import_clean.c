/*
 * Mail programs, chats and terminals wrap what is pasted: here all that goes, before any dialect
 * looks. Lines keep their numbers, since what is said about them is said to people who have the
 * paste before them.
 */
#include "session/import_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

enum { QUOTES_MAX = 5 };

/* --- times --- */

/* Takes what the pattern says: 'd' a digit, 'a' a letter, '_' a digit or blank, else itself. */
static size_t take_form(struct span s, const char *form)
{
	size_t n = 0;

	for (; form[n]; n++) {
		char c = n < s.n ? s.p[n] : '\0';

		if (form[n] == 'd'   ? !ascii_is_digit(c)
		    : form[n] == 'a' ? !ascii_is_letter(c)
		    : form[n] == '_' ? !ascii_is_digit(c) && c != ' '
		                     : c != form[n])
			return 0;
	}
	return n;
}

static size_t take_any(struct span s, const char *const *forms)
{
	size_t n = 0;

	for (; *forms && n == 0; forms++)
		n = take_form(s, *forms);
	return n;
}

static size_t take_fraction(struct span s)
{
	size_t n = 1;

	if (s.n < 2 || (s.p[0] != '.' && s.p[0] != ',') || !ascii_is_digit(s.p[1]))
		return 0;
	while (n < s.n && ascii_is_digit(s.p[n]))
		n++;
	return n;
}

struct span import_skip_time(struct span line)
{
	static const char *const dates[] = {"dddd-dd-dd", "dddd/dd/dd", "dd/dd/dddd",
	                                    "dd.dd.dddd", "dd-dd",      "aaa dddd-dd-dd",
	                                    "aaa _d,",    "aaa _d",     NULL};
	static const char *const times[] = {"dd:dd:dd", "d:dd:dd", NULL};
	static const char *const zones[] = {"Z",      " UTC",   " +dddd", "+dd:dd",
	                                    "-dd:dd", " -dddd", NULL};
	struct span s = span_trim_left(line);
	bool bracket = span_starts(s, SPAN("["));
	size_t date, n;

	s = span_skip(s, bracket);
	date = take_any(s, dates);
	s = span_skip(s, date);
	if (date > 0 && (span_starts(s, SPAN("T")) || span_starts(s, SPAN(" "))))
		s = span_skip(s, 1);
	n = take_any(s, times);
	s = span_skip(s, n);
	if (n == 0)
		return line;
	s = span_skip(s, take_fraction(s));
	s = span_skip(s, take_any(s, zones));
	if (bracket && !span_starts(s, SPAN("]")))
		return line;
	s = span_skip(s, bracket);
	if (span_starts(s, SPAN(":")))
		s = span_skip(s, 1);
	return s.n == 0 || s.p[0] == ' ' || s.p[0] == '\t' ? span_skip(s, s.n > 0) : line;
}

/* --- what stands around all lines --- */

static bool is_blank_line(struct span line)
{
	return span_trim(line).n == 0;
}

/* Whether all lines (MOST: three of five) but blank ones are changed by `strip`. */
static bool holds_for(const struct import_lines *l, struct span (*strip)(struct span), bool most)
{
	size_t lines = 0, changed = 0;

	for (size_t i = 0; i < l->count; i++) {
		struct span text = l->list[i].text;

		lines += !is_blank_line(text);
		changed += !is_blank_line(text) && strip(text).n != text.n;
	}
	return lines > 0 && (most ? changed * 5 >= lines * 3 : changed == lines);
}

static void strip_all(struct import_lines *l, struct span (*strip)(struct span))
{
	for (size_t i = 0; i < l->count; i++)
		l->list[i].text = strip(l->list[i].text);
}

static struct span skip_quote(struct span line)
{
	size_t n = span_starts(line, SPAN("> ")) ? 2 : span_starts(line, SPAN(">")) ? 1 : 0;

	return span_skip(line, n);
}

static struct span skip_indent(struct span line)
{
	return span_skip(line, span_starts(line, SPAN(" ")) || span_starts(line, SPAN("\t")));
}

static bool is_fence(struct span line)
{
	return span_starts(span_trim_left(line), SPAN("```"));
}

/* With fences only what stands between them is the paste. */
static void keep_fenced(struct import_lines *l)
{
	size_t fences = 0, kept = 0;
	bool inside = false;

	for (size_t i = 0; i < l->count; i++)
		fences += is_fence(l->list[i].text);
	if (fences == 0)
		return;
	for (size_t i = 0; i < l->count; i++) {
		if (is_fence(l->list[i].text))
			inside = !inside;
		else if (inside || fences == 1)
			l->list[kept++] = l->list[i];
	}
	l->count = kept;
}

static void unwrap(struct import_lines *l)
{
	keep_fenced(l);
	for (int i = 0; i < QUOTES_MAX && holds_for(l, skip_quote, false); i++)
		strip_all(l, skip_quote);
	while (holds_for(l, skip_indent, false))
		strip_all(l, skip_indent);
	if (holds_for(l, import_skip_time, true))
		strip_all(l, import_skip_time);
}

/* --- lines --- */

/* ESC [ … letter, ESC ] … BEL, and two-byte sequences. */
static size_t escape_length(struct span s)
{
	size_t n = 2;

	if (s.n < 2)
		return s.n;
	if (s.p[1] == '[') {
		while (n < s.n && ((unsigned char)s.p[n] < 0x40 || (unsigned char)s.p[n] > 0x7e))
			n++;
		return n < s.n ? n + 1 : n;
	}
	if (s.p[1] == ']') {
		while (n < s.n && s.p[n] != '\a')
			n++;
		return n < s.n ? n + 1 : n;
	}
	return n;
}

static struct span without_escapes(struct import_lines *l, struct span line)
{
	size_t from = l->store.len;

	if (span_find(line, '\033') == line.n)
		return line;
	while (line.n > 0) {
		size_t plain = span_find(line, '\033');

		buf_add(&l->store, line.p, plain);
		line = span_skip(line, plain);
		line = span_skip(line, line.n > 0 ? escape_length(line) : 0);
	}
	return span_skip(buf_span(&l->store), from);
}

/* A CR inside is a terminal's: what it wrote over is gone. */
static struct span after_returns(struct span line)
{
	size_t at = line.n;

	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	for (at = line.n; at > 0 && line.p[at - 1] != '\r'; at--)
		;
	return span_skip(line, at);
}

static void add_line(struct import_lines *l, struct span text, unsigned number)
{
	l->list = mem_grow(l->list, l->count, &l->room, sizeof(*l->list));
	l->list[l->count++] = (struct import_line){text, number};
}

static int refuse(struct diag *d, const char *where, const char *what)
{
	return diag_set(d, DIAG_INPUT, where, "%s", what);
}

int import_lines_read(struct import_lines *l, struct span paste, const char *where, struct diag *d)
{
	unsigned number = 0;
	struct span rest = paste;

	*l = (struct import_lines){0};
	buf_init(&l->store, IMPORT_MAX);
	/* What the store hands out must stay where it is. */
	buf_add(&l->store, paste.p, paste.n <= IMPORT_MAX ? paste.n : 0);
	if (paste.n > IMPORT_MAX)
		return refuse(d, where, "this is more than 4 MiB, too much for a paste");
	if (memchr(paste.p, '\0', paste.n))
		return refuse(d, where, "this is not text: it holds NUL bytes");
	buf_clear(&l->store);
	if (span_starts(rest, SPAN("\xef\xbb\xbf")))
		rest = span_skip(rest, 3);
	while (rest.n > 0 && number < IMPORT_LINES_MAX) {
		struct span line = span_cut(&rest, '\n');

		add_line(l, without_escapes(l, after_returns(line)), ++number);
	}
	if (rest.n > 0)
		return refuse(d, where, "this is more than 100,000 lines, too much for a paste");
	unwrap(l);
	for (size_t i = 0; i < l->count; i++) {
		if (!is_blank_line(l->list[i].text))
			return 0;
	}
	return refuse(d, where, "there is nothing in it");
}

void import_lines_release(struct import_lines *l)
{
	free(l->list);
	buf_release(&l->store);
	*l = (struct import_lines){0};
}
