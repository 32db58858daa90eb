/*
 * A list of checks, each for the levels from its own on; the first that finds a difference has the
 * word. So the difference told is the one that matters most: a wrong code before a wrong text.
 */
#include "session/compare.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/display.h"
#include "base/utf8.h"
#include "session/pattern.h"
#include "session/redact.h"

#define SHOWN_MAX 2000u

struct compare {
	const struct expected_reply *wanted;
	const struct smtp_reply *came;
	bool ehlo;
	struct comparison *out;
};

/* Always false, so that a check can `return differs(…)`. */
static bool differs(struct compare *c, const struct expected_line *l, size_t line, size_t column,
                    const char *what)
{
	c->out->what = what;
	c->out->wanted = l;
	c->out->step = l ? l->step : NULL;
	c->out->line = line;
	c->out->column = column;
	return false;
}

static bool is_literal(const struct expected_line *l)
{
	return l->kind == EXPECTED_TEXT || l->kind == EXPECTED_EXACT;
}

static struct span text_of(const struct expected_line *l)
{
	return buf_span(&l->text);
}

/* Where two lines part. */
static size_t first_difference(struct span a, struct span b)
{
	size_t i = 0;

	while (i < a.n && i < b.n && a.p[i] == b.p[i])
		i++;
	return i;
}

/* --- code and enhanced code --- */

static const struct expected_line *last_literal(const struct expected_reply *r)
{
	for (size_t i = r->count; i > 0; i--) {
		if (is_literal(&r->lines[i - 1]))
			return &r->lines[i - 1];
	}
	return NULL;
}

static bool check_code(struct compare *c)
{
	const struct expected_line *l = last_literal(c->wanted);
	size_t digits = c->wanted->level == SESSION_MATCH_CLASS ? 1 : 3;
	size_t last = c->came->count > 0 ? c->came->count - 1 : 0, at;
	struct span wanted, came = span_first(smtp_reply_line(c->came, last), digits);

	if (!l)
		return true;
	wanted = span_first(text_of(l), digits);
	at = first_difference(wanted, came);
	if (at == wanted.n && at == came.n)
		return true;
	return differs(c, l, last, at, digits == 1 ? "another class of reply" : "another code");
}

static struct smtp_enhanced enhanced_of(struct span line)
{
	struct smtp_enhanced e;

	smtp_enhanced_parse(span_skip(line, 4), &e);
	e.present = e.present && line.p[0] - '0' == e.class;
	return e;
}

static const struct expected_line *first_enhanced(const struct expected_reply *r,
                                                  struct smtp_enhanced *e)
{
	for (size_t i = 0; i < r->count; i++) {
		*e = enhanced_of(text_of(&r->lines[i]));
		if (is_literal(&r->lines[i]) && e->present)
			return &r->lines[i];
	}
	return NULL;
}

static bool check_enhanced(struct compare *c)
{
	struct smtp_enhanced wanted;
	const struct expected_line *l = first_enhanced(c->wanted, &wanted);
	size_t line = 0;

	if (!l || !c->came->enhanced.present || smtp_enhanced_equal(wanted, c->came->enhanced))
		return true;
	while (line < c->came->count && !enhanced_of(smtp_reply_line(c->came, line)).present)
		line++;
	return differs(c, l, line, first_difference(text_of(l), smtp_reply_line(c->came, line)),
	               "another enhanced code");
}

/* --- EHLO --- */

static struct span keyword_of(struct span line, struct span *arguments)
{
	*arguments = span_skip(line, 4);
	return span_word(arguments);
}

static bool same_words(struct span a, struct span b)
{
	do {
		if (!span_eq_nocase(span_word(&a), span_word(&b)))
			return false;
	} while (a.n > 0 && b.n > 0);
	return a.n == b.n;
}

/* The line of the reply with that keyword, count when there is none. */
static size_t find_keyword(const struct smtp_reply *r, struct span keyword, struct span *arguments)
{
	size_t i = 1;

	while (i < r->count &&
	       !span_eq_nocase(keyword_of(smtp_reply_line(r, i), arguments), keyword))
		i++;
	return i;
}

static bool check_keyword(struct compare *c, const struct expected_line *l, bool with_arguments)
{
	struct span wanted, came;
	struct span keyword = keyword_of(text_of(l), &wanted);
	size_t line = find_keyword(c->came, keyword, &came);

	if (line >= c->came->count)
		return differs(c, l, c->came->count, 0, "this keyword is not offered");
	if (!with_arguments || same_words(wanted, came))
		return true;
	return differs(c, l, line,
	               first_difference(span_skip(text_of(l), 4), smtp_reply_text(c->came, line)) +
	                       4,
	               "the keyword has other arguments");
}

static bool check_keywords(struct compare *c)
{
	bool with_arguments = c->wanted->level >= SESSION_MATCH_TEXT;

	for (size_t i = 1; c->ehlo && i < c->wanted->count; i++) {
		const struct expected_line *l = &c->wanted->lines[i];

		if (l->kind == EXPECTED_TEXT && !check_keyword(c, l, with_arguments))
			return false;
	}
	return true;
}

/* --- line against line --- */

static void keep_captures(struct comparison *out, const struct session_match *m)
{
	for (size_t i = 0; i < m->count && out->count < SESSION_CAPTURES_MAX; i++)
		out->captures[out->count++] = m->captures[i];
}

static bool line_matches(const struct expected_line *l, struct span came, struct session_match *m)
{
	m->count = m->reached = 0;
	switch (l->kind) {
	case EXPECTED_GLOB: return session_glob_match(text_of(l), came, m);
	case EXPECTED_REGEX: return session_pattern_match(l->pattern, came);
	default: m->reached = first_difference(text_of(l), came);
	}
	return span_eq(text_of(l), came);
}

/* A glob that says "250-" means a line with "250 " too. */
static bool glob_matches_either(const struct expected_line *l, struct span came,
                                struct session_match *m)
{
	struct span pattern = text_of(l);
	struct span here = span_skip(pattern, 4), there = span_skip(came, 4);
	bool ok;

	if (pattern.n < 4 || came.n < 4 || (pattern.p[3] != '-' && pattern.p[3] != ' ') ||
	    (came.p[3] != '-' && came.p[3] != ' ') || strcspn(pattern.p, "*?{\\") < 4)
		return session_glob_match(pattern, came, m);
	m->count = 0;
	m->reached = first_difference(span_first(pattern, 3), span_first(came, 3));
	if (m->reached < 3)
		return false;
	ok = session_glob_match(here, there, m);
	m->reached += 4;
	return ok;
}

static bool regex_matches_either(const struct expected_line *l, struct span came)
{
	char other[1000];

	if (session_pattern_match(l->pattern, came))
		return true;
	if (came.n < 4 || came.n > sizeof(other) || (came.p[3] != '-' && came.p[3] != ' '))
		return false;
	memcpy(other, came.p, came.n);
	other[3] = came.p[3] == '-' ? ' ' : '-';
	return session_pattern_match(l->pattern, span_from(other, came.n));
}

static bool some_matches(const struct expected_line *l, struct span came, struct session_match *m)
{
	m->count = m->reached = 0;
	if (l->kind == EXPECTED_GLOB)
		return glob_matches_either(l, came, m);
	if (l->kind == EXPECTED_REGEX)
		return regex_matches_either(l, came);
	return line_matches(l, came, m);
}

static const char *const unlike[] = {
        [EXPECTED_TEXT] = "another text",
        [EXPECTED_EXACT] = "no line is the same byte for byte",
        [EXPECTED_GLOB] = "no line matches the pattern",
        [EXPECTED_REGEX] = "no line matches the regular expression",
};

/* Below `text`: some line of the reply must do. */
static bool check_anywhere(struct compare *c, const struct expected_line *l)
{
	struct session_match m;
	size_t best = 0, reached = 0;

	for (size_t i = 0; i < c->came->count; i++) {
		if (some_matches(l, smtp_reply_line(c->came, i), &m)) {
			keep_captures(c->out, &m);
			return true;
		}
		if (m.reached > reached) {
			best = i;
			reached = m.reached;
		}
	}
	return differs(c, l, best, reached, unlike[l->kind]);
}

/* Walks both lines, taking a run of blanks as one; *at is the place in `b` where they part. */
static bool same_text(struct span a, struct span b, size_t *at)
{
	const char *start = b.p;

	a = span_trim_right(a);
	b = span_trim_right(b);
	while (a.n > 0 && b.n > 0) {
		bool blank = ascii_is_blank(a.p[0]);

		if (blank != ascii_is_blank(b.p[0]) || (!blank && a.p[0] != b.p[0]))
			break;
		a = blank ? span_trim_left(a) : span_skip(a, 1);
		b = blank ? span_trim_left(b) : span_skip(b, 1);
	}
	*at = b.p ? (size_t)(b.p - start) : 0;
	return a.n == 0 && b.n == 0;
}

static struct span end_of(const struct smtp_reply *r, size_t i)
{
	size_t from = r->lines[i].start + r->lines[i].len;
	size_t to = i + 1 < r->count ? r->lines[i + 1].start : r->raw.len;

	return span_from(r->raw.data + from, to - from);
}

static bool check_beside(struct compare *c, const struct expected_line *l, size_t i, bool exact)
{
	struct span came = smtp_reply_line(c->came, i);
	struct session_match m;
	size_t at;

	if (l->kind == EXPECTED_TEXT && !exact) {
		if (same_text(span_skip(text_of(l), 4), span_skip(came, 4), &at))
			return true;
		return differs(c, l, i, at + 4, "another text");
	}
	if (!line_matches(l, came, &m))
		return differs(c, l, i, m.reached, unlike[l->kind]);
	keep_captures(c->out, &m);
	if (exact && is_literal(l) && !span_eq(l->end, end_of(c->came, i)))
		return differs(c, l, i, came.n, "the line ends in other bytes");
	return true;
}

static bool check_each(struct compare *c, bool exact)
{
	size_t i;

	for (i = 0; i < c->wanted->count && i < c->came->count; i++) {
		if (!check_beside(c, &c->wanted->lines[i], i, exact))
			return false;
	}
	if (i < c->wanted->count)
		return differs(c, &c->wanted->lines[i], i, 0, "the reply has fewer lines");
	if (i < c->came->count)
		return differs(c, NULL, i, 0, "the reply has more lines");
	return true;
}

static bool all_exact(const struct expected_reply *r)
{
	for (size_t i = 0; i < r->count; i++) {
		if (r->lines[i].kind != EXPECTED_EXACT)
			return false;
	}
	return true;
}

static bool check_lines(struct compare *c)
{
	bool exact = c->wanted->level == SESSION_MATCH_EXACT || all_exact(c->wanted);

	if (exact || (c->wanted->level == SESSION_MATCH_TEXT && !c->ehlo))
		return check_each(c, exact);
	for (size_t i = 0; i < c->wanted->count; i++) {
		const struct expected_line *l = &c->wanted->lines[i];

		if (l->kind != EXPECTED_TEXT && !check_anywhere(c, l))
			return false;
	}
	return true;
}

static const struct {
	enum session_level from;
	bool (*check)(struct compare *c);
} checks[] = {
        {SESSION_MATCH_CLASS, check_code},
        {SESSION_MATCH_STATUS, check_enhanced},
        {SESSION_MATCH_STATUS, check_keywords},
        {SESSION_MATCH_CLASS, check_lines},
};

void session_compare(const struct expected_reply *wanted, const struct smtp_reply *came, bool ehlo,
                     struct comparison *out)
{
	struct compare c = {wanted, came, ehlo && came->code / 100 == 2, out};

	*out = (struct comparison){.equal = true};
	for (size_t i = 0; out->equal && i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (wanted->level >= checks[i].from)
			out->equal = checks[i].check(&c);
	}
	if (!out->equal)
		out->count = 0;
}

static bool status_holds(struct span wanted, struct span came, enum session_level level)
{
	size_t digits = level == SESSION_MATCH_CLASS ? 1 : 3;
	struct smtp_enhanced a = enhanced_of(wanted), b = enhanced_of(came);

	if (!span_eq(span_first(wanted, digits), span_first(came, digits)))
		return false;
	return level < SESSION_MATCH_STATUS || !a.present || !b.present ||
	       smtp_enhanced_equal(a, b);
}

static bool keyword_holds(struct span wanted, struct span came, bool with_arguments)
{
	struct span a, b;

	return span_eq_nocase(keyword_of(wanted, &a), keyword_of(came, &b)) &&
	       (!with_arguments || same_words(a, b));
}

bool compare_line_holds(const struct expected_line *l, enum session_level level, bool keyword,
                        const struct smtp_reply *came, size_t line)
{
	struct span wanted = text_of(l), line_text = smtp_reply_line(came, line);
	struct session_match m;
	size_t at;

	if (l->kind == EXPECTED_EXACT || level == SESSION_MATCH_EXACT)
		return line_matches(l, line_text, &m) && span_eq(l->end, end_of(came, line));
	if (l->kind != EXPECTED_TEXT)
		return some_matches(l, line_text, &m);
	if (keyword)
		return keyword_holds(wanted, line_text, level >= SESSION_MATCH_TEXT);
	return status_holds(wanted, line_text, level) &&
	       (level < SESSION_MATCH_TEXT ||
	        same_text(span_skip(wanted, 4), span_skip(line_text, 4), &at));
}

int comparison_keep(const struct comparison *c, struct session_vars *v, struct diag *d)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < c->count; i++)
		result = session_vars_set(v, c->captures[i].name, c->captures[i].value,
		                          SESSION_ORIGIN_CAPTURE, NULL, d);
	return result;
}

/* --- showing --- */

static void show(struct span line, const struct session_vars *v, struct buf *out)
{
	struct buf clean;

	buf_init(&clean, SMTP_REPLY_LINE_MAX * 2);
	session_redact(v, line, &clean);
	display_add(out, span_first(buf_span(&clean), SHOWN_MAX), 0);
	if (clean.len > SHOWN_MAX)
		buf_addstr(out, "…");
	buf_release(&clean);
}

static size_t characters(struct span s)
{
	size_t count = 0;

	while (s.n > 0) {
		uint32_t cp;
		size_t n = utf8_decode(s, &cp);

		s = span_skip(s, n ? n : 1);
		count++;
	}
	return count;
}

/* How many places a line takes up to its byte `column`, as it is shown. */
static size_t shown_width(struct span line, size_t column, const struct session_vars *v)
{
	struct buf shown;
	size_t width;

	buf_init(&shown, 64u << 10);
	show(span_first(line, column), v, &shown);
	width = characters(buf_span(&shown));
	buf_release(&shown);
	return width;
}

void comparison_show(const struct comparison *c, const struct smtp_reply *came,
                     const struct session_vars *v, struct buf *out)
{
	struct span line = smtp_reply_line(came, c->line);

	buf_addstr(out, "expected: ");
	if (c->wanted)
		show(text_of(c->wanted), v, out);
	else
		buf_addstr(out, "(no further line)");
	buf_addstr(out, "\n     got: ");
	if (c->line < came->count)
		show(line, v, out);
	else
		buf_addstr(out, "(no such line)");
	buf_addstr(out, "\n");
	if (c->line < came->count && c->column <= SHOWN_MAX)
		buf_addf(out, "%*s^\n", (int)(10 + shown_width(line, c->column, v)), "");
}
