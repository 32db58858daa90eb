/*
 * A reply and the lines that were expected are laid side by side, in order: a line that came is
 * given to the next expected line that it satisfies, which stays; what is left on either side
 * between two such pairs is a replacement. What becomes of a line of the file is kept by its
 * number, so applying it and showing it as a diff read the same list.
 */
#include "session/accept.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "session/accept_edit.h"
#include "session/writer.h"

enum { TEXT_MAX = 1 << 20 };
#define NOWHERE ((size_t)-1)

struct session_accept {
	const struct session_file *file;
	struct accept_edits edits;
	size_t count;
};

/* --- its life --- */

struct session_accept *session_accept_new(const struct session_file *f)
{
	struct session_accept *a = mem_zero(sizeof(*a));

	a->file = f;
	return a;
}

void session_accept_free(struct session_accept *a)
{
	if (!a)
		return;
	accept_edits_release(&a->edits);
	free(a);
}

size_t session_accept_count(const struct session_accept *a)
{
	return a->count;
}

/* --- which variables may be named --- */

static void know(struct session_vars *known, const struct session_vars *v, struct span name)
{
	const struct session_variable *one = session_vars_find(v, name);

	if (one && !one->secret)
		session_vars_set(known, name, buf_span(&one->value), one->origin, NULL, NULL);
}

/* Those that the file sets or names, and every secret. */
static struct session_vars *known_to(const struct session_file *f, const struct session_vars *v)
{
	struct session_vars *known = session_vars_new();
	const struct session_variable *one;

	for (size_t i = 0; i < f->count; i++) {
		const struct session_step *s = &f->steps[i];

		if (s->name)
			know(known, v, span_of(s->name));
		for (size_t k = 0; k < s->refs_count; k++)
			if (s->refs[k].form == SESSION_REF_VALUE &&
			    s->refs[k].args[0].source == SESSION_FROM_VARIABLE)
				know(known, v, span_of(s->refs[k].args[0].name));
	}
	for (size_t i = 0; (one = session_vars_at(v, i)) != NULL; i++)
		if (one->secret)
			session_vars_set_secret(known, span_of(one->name), buf_span(&one->value),
			                        one->origin, NULL, NULL);
	return known;
}

/* --- the lines that came, as they are written --- */

struct side {
	struct session_accept *a;
	const struct expected_reply *wanted;
	const struct smtp_reply *came;
	struct session_vars *known;
	size_t *pair; /* of each expected line: the line that came, or NOWHERE */
	bool ehlo;
};

static struct span raw_line(const struct smtp_reply *r, size_t i)
{
	size_t from = r->lines[i].start;
	size_t to = i + 1 < r->count ? r->lines[i + 1].start : r->raw.len;

	return span_from(r->raw.data + from, to - from);
}

/* "S: text", without line end. */
static void write_line(const struct side *s, size_t i, struct buf *out)
{
	struct session_writer w = {.out = out, .vars = s->known, .names = true};

	if (!s->a->file->directives)
		w = (struct session_writer){.out = out};
	session_write_bytes(&w, false, raw_line(s->came, i));
	if (out->len > 0 && out->data[out->len - 1] == '\n')
		buf_cut(out, out->len - 1);
}

/* --- side by side --- */

static bool is_keyword(const struct side *s, size_t expected)
{
	return s->ehlo && expected > 0 && s->wanted->level < SESSION_MATCH_EXACT &&
	       s->wanted->lines[expected].kind == EXPECTED_TEXT;
}

static bool holds(const struct side *s, size_t expected, size_t line)
{
	return compare_line_holds(&s->wanted->lines[expected], s->wanted->level,
	                          is_keyword(s, expected), s->came, line);
}

/* EHLO: keywords in any order. */
static void pair_set(struct side *s)
{
	for (size_t i = 0; i < s->wanted->count; i++) {
		size_t line = is_keyword(s, i) ? 1 : 0;

		while (line < s->came->count && !holds(s, i, line))
			line++;
		s->pair[i] = line < s->came->count ? line : NOWHERE;
	}
}

static void pair_in_order(struct side *s)
{
	size_t next = 0;

	for (size_t line = 0; line < s->came->count; line++) {
		size_t i = next;

		while (i < s->wanted->count && !holds(s, i, line))
			i++;
		if (i == s->wanted->count)
			continue;
		s->pair[i] = line;
		next = i + 1;
	}
}

/* --- from pairs to edits --- */

static struct accept_edit *edit_of(const struct side *s, size_t expected)
{
	return accept_edit_at(&s->a->edits, s->wanted->lines[expected].step->line);
}

static void add_text(struct buf *to, struct buf *line)
{
	if (to->len > 0)
		buf_addch(to, '\n');
	buf_addspan(to, buf_span(line));
	buf_clear(line);
}

/* The lines from..to that came stand where expected line `at` is, which goes unless it is kept. */
static void put(const struct side *s, size_t at, size_t from, size_t to, bool kept_before)
{
	struct accept_edit *e = edit_of(s, at);
	struct buf line;

	buf_init(&line, TEXT_MAX);
	for (; from < to; from++) {
		write_line(s, from, &line);
		add_text(kept_before ? &e->after : &e->before, &line);
	}
	buf_release(&line);
}

static void edit_in_order(const struct side *s)
{
	size_t line = 0, gap = NOWHERE, last = NOWHERE;

	for (size_t i = 0; i <= s->wanted->count; i++) {
		bool end = i == s->wanted->count;

		if (!end && s->pair[i] == NOWHERE) {
			edit_of(s, i)->drop = true;
			gap = gap == NOWHERE ? i : gap;
			continue;
		}
		size_t to = end ? s->came->count : s->pair[i];
		if (line < to) {
			if (gap != NOWHERE)
				put(s, gap, line, to, false);
			else if (last != NOWHERE)
				put(s, last, line, to, true);
			else
				put(s, i, line, to, false);
		}
		line = to + 1;
		gap = NOWHERE;
		last = i;
	}
}

static void edit_set(const struct side *s)
{
	for (size_t i = 0; i < s->wanted->count; i++) {
		struct span arguments = span_skip(buf_span(&s->wanted->lines[i].text), 4);
		struct span keyword = span_word(&arguments);
		size_t line = 1;

		if (s->pair[i] != NOWHERE)
			continue;
		edit_of(s, i)->drop = true;
		if (i == 0) {
			put(s, 0, 0, 1, false);
			continue;
		}
		while (line < s->came->count) {
			struct span text = smtp_reply_text(s->came, line);

			if (is_keyword(s, i) && span_eq_nocase(span_word(&text), keyword))
				break;
			line++;
		}
		if (line < s->came->count)
			put(s, i, line, line + 1, false);
	}
}

/* What stays must say "-" where more follows, and " " where nothing does. */
static void mend_separators(const struct side *s)
{
	size_t last = s->wanted->count - 1;

	while (last > 0 && edit_of(s, last)->drop && edit_of(s, last)->before.len == 0)
		last--;
	for (size_t i = 0; i < s->wanted->count; i++) {
		struct accept_edit *e = edit_of(s, i);

		e->separator = i < last || e->after.len > 0 ? '-' : ' ';
		if (s->ehlo && e->before.len > 7 && ascii_is_digit(e->before.data[5]))
			e->before.data[6] = e->separator;
	}
}

/* --- one reply --- */

static int refuse(const struct session_step *s, struct diag *d, const char *what, const char *hint)
{
	char *where = session_step_place(s);

	diag_set(d, DIAG_INPUT, where, "%s", what);
	diag_hint(d, "%s", hint);
	free(where);
	return -1;
}

static int judge(const struct session_accept *a, const struct expected_reply *wanted,
                 struct diag *d)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct session_step *s = wanted->lines[i].step;
		struct span text = span_from(s->text, s->len);

		if (s->path != a->file->path)
			return refuse(s, d,
			              "this reply is in an included file, which others may share: "
			              "it is not rewritten",
			              "play that file by itself, or change it by hand");
		if (s->type == SESSION_SERVER_RAW && (span_find(text, '\n') + 1 != text.n ||
		                                      (i > 0 && s == wanted->lines[i - 1].step)))
			return refuse(
			        s, d,
			        "this reply is made of parts of lines (S!): it is not rewritten",
			        "change it by hand");
	}
	return 0;
}

int session_accept_reply(struct session_accept *a, const struct expected_reply *wanted,
                         const struct smtp_reply *came, bool ehlo, const struct session_vars *v,
                         struct diag *d)
{
	struct side s = {.a = a, .wanted = wanted, .came = came};

	if (judge(a, wanted, d) < 0)
		return -1;
	s.ehlo = ehlo && came->code / 100 == 2 && wanted->level < SESSION_MATCH_EXACT;
	s.known = known_to(a->file, v);
	s.pair = mem_resize(NULL, wanted->count, sizeof(*s.pair));
	for (size_t i = 0; i < wanted->count; i++)
		s.pair[i] = NOWHERE;
	if (s.ehlo) {
		pair_set(&s);
		edit_set(&s);
	} else {
		pair_in_order(&s);
		edit_in_order(&s);
	}
	mend_separators(&s);
	a->count++;
	free(s.pair);
	session_vars_free(s.known);
	return 0;
}

int session_accept_apply(const struct session_accept *a, struct span old, struct buf *out)
{
	return accept_edits_apply(&a->edits, old, out);
}

int session_accept_diff(const struct session_accept *a, struct span old, struct buf *out)
{
	return accept_edits_diff(&a->edits, a->file->path, old, out);
}
