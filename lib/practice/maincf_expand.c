/*
 * The $ language of main.cf, by recursive descent over spans. An error is found where it stands,
 * but told as a sentence about the text, as the value's own position in the file is known to the
 * caller.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/display.h"
#include "practice/maincf.h"

#define STEPS_MAX 10000

struct expansion {
	const struct maincf_names *names;
	struct buf *out;
	struct diag *d;
	int depth;
	unsigned steps; /* $a may be $b$b, $b may be $c$c, … */
	bool failed;
};

static void expand(struct expansion *x, struct span text);

static void fault(struct expansion *x, const char *what, struct span at)
{
	char *shown = display_dup(at, 60);

	if (!x->failed)
		diag_set(x->d, DIAG_INPUT, NULL, "%s: \"%s\"", what, shown);
	x->failed = true;
	free(shown);
}

static bool is_name(char c)
{
	return ascii_is_alnum(c) || c == '_';
}

static struct span skip_space(struct span s)
{
	while (s.n > 0 && ascii_is_space(s.p[0]))
		s = span_skip(s, 1);
	return s;
}

/* The place of the bracket that closes, from behind the one that opened; s.n: there is none. */
static size_t closing(struct span s, char open, char close)
{
	int level = 1;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == open)
			level++;
		else if (s.p[i] == close && --level == 0)
			return i;
	}
	return s.n;
}

/* "{text}" at the start of *rest: the text, and *rest behind it and its blanks. */
static bool take_braced(struct expansion *x, struct span *rest, struct span *text)
{
	struct span inner = span_skip(*rest, 1);
	size_t n = closing(inner, '{', '}');

	if (n == inner.n) {
		fault(x, "a closing } is missing", *rest);
		return false;
	}
	*text = span_first(inner, n);
	*rest = skip_space(span_skip(inner, n + 1));
	return true;
}

/* --- {a} == {b} --- */

static bool all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

static int order(int a, int b)
{
	return a < b ? -1 : a > b;
}

static int compare_numbers(struct span a, struct span b)
{
	while (a.n > 1 && a.p[0] == '0')
		a = span_skip(a, 1);
	while (b.n > 1 && b.p[0] == '0')
		b = span_skip(b, 1);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

static int compare_text(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : order((int)a.n, (int)b.n);
}

/* 3.6 is before 3.10: part by part. */
static int compare_levels(struct span a, struct span b)
{
	int c = 0;

	for (int i = 0; i < 3 && c == 0; i++)
		c = compare_numbers(span_cut(&a, '.'), span_cut(&b, '.'));
	return c;
}

static bool holds(struct span operator, int c)
{
	static const struct {
		const char *word;
		bool less, equal, more;
	} table[] = {
	        {"==", false, true, false}, {"!=", true, false, true}, {"<", true, false, false},
	        {"<=", true, true, false},  {">=", false, true, true}, {">", false, false, true},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (span_eq(operator, span_of(table[i].word)))
			return c < 0 ? table[i].less : c > 0 ? table[i].more : table[i].equal;
	return false;
}

static bool is_operator(struct span s)
{
	return holds(s, -1) || holds(s, 0) || holds(s, 1);
}

static void expand_to(struct expansion *x, struct span text, struct buf *out)
{
	struct buf *saved = x->out;

	buf_init(out, MAINCF_VALUE_MAX);
	x->out = out;
	expand(x, text);
	x->out = saved;
}

/* "{a} == {b}" at the start of *rest, which moves behind it. */
static bool relation(struct expansion *x, struct span *rest)
{
	struct span left, right, word, suffix;
	struct buf a, b;
	size_t n = 0;
	bool result = false;

	if (!take_braced(x, rest, &left))
		return false;
	while (n < rest->n && strchr("<>!=?+-*/~&|%", rest->p[n]))
		n++;
	word = span_first(*rest, n);
	*rest = span_skip(*rest, n);
	for (n = 0; n < rest->n && is_name(rest->p[n]);)
		n++;
	suffix = span_first(*rest, n);
	*rest = skip_space(span_skip(*rest, n));
	if (!is_operator(word) || (n > 0 && !span_eq(suffix, SPAN("level")))) {
		fault(x, "one of == != < <= >= > (or <level) is expected here", word);
		return false;
	}
	if (rest->n == 0 || rest->p[0] != '{') {
		fault(x, "a {text} to compare with is expected here", *rest);
		return false;
	}
	if (!take_braced(x, rest, &right))
		return false;
	expand_to(x, left, &a);
	expand_to(x, right, &b);
	if (suffix.n > 0)
		result = holds(word, compare_levels(buf_span(&a), buf_span(&b)));
	else if (all_digits(buf_span(&a)) && all_digits(buf_span(&b)))
		result = holds(word, compare_numbers(buf_span(&a), buf_span(&b)));
	else
		result = holds(word, compare_text(buf_span(&a), buf_span(&b)));
	buf_release(&a);
	buf_release(&b);
	return result;
}

/* --- ${…} --- */

/* What follows '?' or ':': "{text}", or all that is left. */
static bool take_branch(struct expansion *x, struct span *rest, struct span *text)
{
	struct span s = skip_space(*rest);

	if (s.n > 0 && s.p[0] == '{') {
		*rest = s;
		return take_braced(x, rest, text);
	}
	*text = *rest;
	*rest = span_first(*rest, 0);
	return true;
}

static void branches(struct expansion *x, struct span rest, bool is_true)
{
	struct span yes = {NULL, 0}, no = {NULL, 0}, whole = rest;
	bool has_yes = rest.p[0] == '?';

	if (has_yes) {
		rest = span_skip(rest, 1);
		if (!take_branch(x, &rest, &yes))
			return;
	}
	if (rest.n > 0 && rest.p[0] != ':') {
		fault(x, "a : is expected here", rest);
		return;
	}
	if (rest.n > 0) {
		rest = span_skip(rest, 1);
		if (!take_branch(x, &rest, &no))
			return;
		if (rest.n > 0) {
			fault(x, "nothing more is expected here", whole);
			return;
		}
	}
	expand(x, is_true ? yes : no);
}

static void use(struct expansion *x, struct span name)
{
	const char *value = x->names->lookup(x->names->arg, name);

	if (!value)
		return;
	if (x->names->deep)
		expand(x, span_of(value));
	else
		buf_addstr(x->out, value);
}

static void reference(struct expansion *x, struct span inner)
{
	struct span rest = skip_space(inner), name;
	const char *value;
	size_t n = 0;

	if (rest.n > 0 && rest.p[0] == '{') {
		bool is_true = relation(x, &rest);

		if (x->failed)
			return;
		if (rest.n == 0)
			buf_addstr(x->out, is_true ? "true" : "");
		else if (rest.p[0] == '?' || rest.p[0] == ':')
			branches(x, rest, is_true);
		else
			fault(x, "a ? or : is expected here", rest);
		return;
	}
	while (n < rest.n && is_name(rest.p[n]))
		n++;
	name = span_first(rest, n);
	rest = skip_space(span_skip(rest, n));
	if (rest.n == 0) {
		use(x, name);
		return;
	}
	if (rest.p[0] != '?' && rest.p[0] != ':') {
		fault(x, "this is not the name of a parameter", inner);
		return;
	}
	value = x->names->lookup(x->names->arg, name);
	branches(x, rest, value && *value);
}

/* One reference behind its '$'; gives how many bytes it takes. */
static size_t dollar(struct expansion *x, struct span s)
{
	char open = s.n > 0 ? s.p[0] : ' ';
	size_t n = 0;

	if (open == '{' || open == '(') {
		struct span inner = span_skip(s, 1);

		n = closing(inner, open, open == '{' ? '}' : ')');
		if (n == inner.n)
			fault(x, "this reference has no end", s);
		else if (n == 0)
			fault(x, "the name of a parameter is missing", s);
		else
			reference(x, span_first(inner, n));
		return n + 2;
	}
	while (n < s.n && is_name(s.p[n]))
		n++;
	if (n == 0)
		fault(x, "the name of a parameter is missing behind $", s);
	else
		use(x, span_first(s, n));
	return n;
}

static void expand(struct expansion *x, struct span text)
{
	if (++x->depth > MAINCF_DEPTH_MAX || ++x->steps > STEPS_MAX)
		fault(x, "the parameters refer to each other without an end", text);
	while (text.n > 0 && !x->failed) {
		size_t n = span_find(text, '$');

		buf_addspan(x->out, span_first(text, n));
		text = span_skip(text, n);
		if (text.n == 0)
			break;
		text = span_skip(text, 1);
		if (text.n > 0 && text.p[0] == '$') {
			buf_addch(x->out, '$');
			text = span_skip(text, 1);
			continue;
		}
		text = span_skip(text, dollar(x, text));
		if (x->out->full)
			fault(x, "the value is too long", text);
	}
	x->depth--;
}

int maincf_expand(struct span text, const struct maincf_names *names, struct buf *out,
                  struct diag *d)
{
	struct expansion x = {.names = names, .out = out, .d = d};

	expand(&x, text);
	return x.failed ? -1 : 0;
}

bool maincf_word(struct span *rest, struct span *word)
{
	size_t n = 0;
	int level = 0;

	while (rest->n > 0 && (ascii_is_space(rest->p[0]) || rest->p[0] == ','))
		*rest = span_skip(*rest, 1);
	while (n < rest->n && (level > 0 || !(ascii_is_space(rest->p[n]) || rest->p[n] == ','))) {
		level += (rest->p[n] == '{') - (rest->p[n] == '}' && level > 0);
		n++;
	}
	*word = span_first(*rest, n);
	*rest = span_skip(*rest, n);
	return n > 0;
}
