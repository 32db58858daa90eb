/*
 * regexp_table(5), pcre_table(5) and cidr_table(5): lines in order, the first that matches wins;
 * !pattern; if … endif. PCRE is read as an extended expression of POSIX, with \d for a digit: what
 * access tables use of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/maps_state.h"
#include "practice/world_state.h"

#define GROUPS_MAX  10
#define PATTERN_MAX 1000 /* bytes of one expression: regcomp() takes memory by it */
#define LINES_MAX   1000

void map_entry_release(struct map_entry *e)
{
	if (e->pattern)
		regfree(e->pattern);
	free(e->pattern);
	free(e->key);
	free(e->value);
}

/* \d as POSIX writes it. */
static char *as_posix(struct span pattern)
{
	struct buf out;
	char *text;

	buf_init(&out, 8 * PATTERN_MAX);
	for (size_t i = 0; i < pattern.n; i++) {
		bool escape = pattern.p[i] == '\\' && i + 1 < pattern.n;

		if (escape && pattern.p[i + 1] == 'd')
			buf_addstr(&out, "[0-9]");
		else if (escape && pattern.p[i + 1] == '/')
			buf_addch(&out, '/');
		else if (escape)
			buf_addspan(&out, span_from(pattern.p + i, 2));
		else
			buf_addch(&out, pattern.p[i]);
		i += escape;
	}
	text = buf_take(&out);
	buf_release(&out);
	return text;
}

/* A bound such as {1000} lets glibc's regcomp() take memory without limit. */
static bool is_modest(struct span pattern)
{
	unsigned bounds = 0;

	for (size_t i = 0; i < pattern.n; i++) {
		if (pattern.p[i] != '{')
			continue;
		if (++bounds > 3)
			return false;
		for (size_t k = 1; k <= 3 && i + k < pattern.n; k++)
			if (k == 3 && pattern.p[i + k] >= '0' && pattern.p[i + k] <= '9')
				return false;
	}
	return pattern.n <= PATTERN_MAX;
}

static const char *compile(struct map_entry *e, struct span pattern, bool sensitive)
{
	char *text;
	int result;

	if (!is_modest(pattern))
		return "this expression is larger than a practice host takes";
	text = as_posix(pattern);
	e->pattern = mem_zero(sizeof *e->pattern);
	result = regcomp(e->pattern, text, REG_EXTENDED | (sensitive ? 0 : REG_ICASE));
	free(text);
	if (result == 0)
		return NULL;
	free(e->pattern);
	e->pattern = NULL;
	return "this is not a regular expression";
}

/* "/expression/flags" at the start of *rest. */
static const char *read_expression(struct map_entry *e, struct span *rest)
{
	char delimiter = rest->n > 0 ? rest->p[0] : ' ';
	bool sensitive = false;
	struct span pattern;
	size_t n = 1;

	if (delimiter == ' ' || delimiter == '\t' || (delimiter >= 'a' && delimiter <= 'z'))
		return "an expression between two / is expected";
	while (n < rest->n && rest->p[n] != delimiter)
		n += rest->p[n] == '\\' && n + 1 < rest->n ? 2 : 1;
	if (n >= rest->n)
		return "the expression has no end";
	pattern = span_from(rest->p + 1, n - 1);
	*rest = span_skip(*rest, n + 1);
	for (; rest->n > 0 && rest->p[0] != ' ' && rest->p[0] != '\t'; *rest = span_skip(*rest, 1))
		if (rest->p[0] == 'i')
			sensitive = !sensitive;
	return compile(e, pattern, sensitive);
}

static const char *read_pattern(const struct map *m, struct map_entry *e, struct span *rest)
{
	struct span word;

	while (rest->n > 0 && rest->p[0] == '!') {
		e->negated = !e->negated;
		*rest = span_trim_left(span_skip(*rest, 1));
	}
	if (m->kind == MAP_REGEXP)
		return read_expression(e, rest);
	word = span_word(rest);
	return cidr_parse(word, &e->cidr) == 0 ? NULL : "this is not an address or a network";
}

struct reading {
	struct map *map;
	size_t ifs[20]; /* those that are open */
	size_t depth;
};

static const char *read_line(struct reading *r, struct span line)
{
	struct map_entry e = {0};
	struct span rest = line, look = line, word = span_word(&look);
	const char *wrong;

	if (span_eq_nocase(word, SPAN("endif"))) {
		if (r->depth == 0)
			return "this endif has no if";
		r->map->entries[r->ifs[--r->depth]].skip_to = r->map->count;
		return NULL;
	}
	e.is_if = span_eq_nocase(word, SPAN("if"));
	if (e.is_if)
		rest = look;
	if (r->map->count >= LINES_MAX || r->depth >= sizeof r->ifs / sizeof *r->ifs)
		return "this table is larger than a practice host takes";
	wrong = read_pattern(r->map, &e, &rest);
	if (wrong) {
		map_entry_release(&e);
		return wrong;
	}
	rest = span_trim(rest);
	map_add(r->map, span_first(line, line.n - rest.n), rest);
	e.key = r->map->entries[r->map->count - 1].key;
	e.value = r->map->entries[r->map->count - 1].value;
	r->map->entries[r->map->count - 1] = e;
	if (e.is_if)
		r->ifs[r->depth++] = r->map->count - 1;
	return NULL;
}

int map_read_patterns(struct map *m, const char *path, struct span text, struct diags *ds)
{
	struct reading r = {.map = m};
	unsigned number = 0;
	int result = 0;

	while (text.n > 0) {
		struct span line = span_trim(span_cut(&text, '\n'));
		const char *wrong;
		char *where;

		number++;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n == 0 || line.p[0] == '#')
			continue;
		wrong = memchr(line.p, '\0', line.n) ? "there is a NUL byte" : read_line(&r, line);
		if (!wrong)
			continue;
		where = world_text("%s:%u:1", path, number);
		diags_add(ds, DIAG_INPUT, where, "%s", wrong);
		free(where);
		result = -1;
	}
	while (r.depth > 0)
		m->entries[r.ifs[--r.depth]].skip_to = m->count;
	return result;
}

/* "$1" and "${1}" of the value are what the groups matched. */
static void fill(struct span value, const char *subject, const regmatch_t *groups, struct buf *out)
{
	while (value.n > 0) {
		size_t n = span_find(value, '$'), digit = 1;

		buf_addspan(out, span_first(value, n));
		value = span_skip(value, n);
		if (value.n > 1 && (value.p[1] == '{' || value.p[1] == '('))
			digit = 2;
		if (value.n > digit && value.p[digit] >= '1' && value.p[digit] <= '9') {
			const regmatch_t *g = &groups[value.p[digit] - '0'];

			if (g->rm_so >= 0)
				buf_add(out, subject + g->rm_so, (size_t)(g->rm_eo - g->rm_so));
			value = span_skip(value, digit + digit);
			continue;
		}
		if (value.n > 0)
			buf_addch(out, '$');
		value = span_skip(value, value.n > 1 && value.p[1] == '$' ? 2 : 1);
	}
}

bool map_match(const struct map *m, struct span key, struct buf *out)
{
	char *subject = mem_dupn(key.p, key.n);
	bool found = false;

	for (size_t i = 0; i < m->count && !found; i++) {
		const struct map_entry *e = &m->entries[i];
		regmatch_t groups[GROUPS_MAX];
		bool matches;

		for (size_t g = 0; g < GROUPS_MAX; g++)
			groups[g].rm_so = -1;
		if (m->kind == MAP_REGEXP)
			matches = regexec(e->pattern, subject, GROUPS_MAX, groups, 0) == 0;
		else
			matches = cidr_matches(&e->cidr, key);
		matches = matches != e->negated;
		if (e->is_if && !matches && e->skip_to > i)
			i = e->skip_to - 1;
		if (e->is_if || !matches)
			continue;
		found = true;
		fill(span_of(e->value), subject, groups, out);
	}
	free(subject);
	return found;
}
