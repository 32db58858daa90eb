/*
 * Why not fnmatch(): it has no captures, brackets mean classes in it (and replies are full of
 * "[192.0.2.1]"), and it may take exponential time on a hostile reply. Going back to the last run
 * only is enough: where every earlier run is as short as can be, lengthening one cannot help.
 */
#include "session/glob.h"

#include <string.h>

#include "session/ref.h"

static const char special[] = "*?{\\";

/* The name in a capture at the start of p, p == NULL when there is none. */
static struct span capture_name(struct span p)
{
	size_t end = span_find(p, '}');
	struct span name = span_first(span_skip(p, 1), end > 0 ? end - 1 : 0);

	if (!span_starts(p, SPAN("{")) || end == p.n || !session_name_valid(name))
		return (struct span){NULL, 0};
	return name;
}

static const char *check_capture(struct span name, struct span *seen, size_t *count)
{
	if (!name.p)
		return "this brace begins no {name}; for a brace itself write \\{";
	for (size_t i = 0; i < *count; i++) {
		if (span_eq(seen[i], name))
			return "this name is captured twice in one pattern";
	}
	if (*count == SESSION_CAPTURES_MAX)
		return "a pattern captures at most 16 names";
	seen[(*count)++] = name;
	return NULL;
}

int session_glob_check(struct span pattern, size_t *at, const char **what)
{
	struct span seen[SESSION_CAPTURES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < pattern.n; i++) {
		struct span rest = span_skip(pattern, i), name = capture_name(rest);

		*at = i;
		*what = NULL;
		if (rest.p[0] == '\\' && rest.n == 1)
			*what = "nothing stands after this backslash; for itself write \\\\";
		else if (rest.p[0] == '{')
			*what = check_capture(name, seen, &count);
		if (*what)
			return -1;
		i += rest.p[0] == '\\' ? 1 : name.p ? name.n + 1 : 0;
	}
	return 0;
}

struct matcher {
	struct span pattern, text;
	size_t p, t;   /* where we are */
	bool run;      /* there is a run to lengthen */
	size_t after;  /* the pattern behind it */
	size_t begins; /* the run in the text */
	size_t ends;
	struct span name; /* of the run, when it is a capture */
	struct session_match *m;
};

/* Nothing can lengthen the run any more. */
static void end_run(struct matcher *g)
{
	struct session_match *m = g->m;

	if (!g->run || !g->name.p || m->count == SESSION_CAPTURES_MAX)
		return;
	m->captures[m->count++] = (struct session_capture){
	        g->name, span_from(g->text.p + g->begins, g->ends - g->begins)};
}

/* Enters a run at the pattern's place; false when even the shortest does not fit. */
static bool begin_run(struct matcher *g, struct span name)
{
	end_run(g);
	g->run = true;
	g->name = name;
	g->after = g->p + (name.p ? name.n + 2 : 1);
	g->begins = g->t;
	g->ends = g->t + (name.p ? 1 : 0);
	g->p = g->after;
	g->t = g->ends;
	return g->t <= g->text.n;
}

static bool matches_here(struct matcher *g)
{
	struct span p = span_skip(g->pattern, g->p);
	size_t taken = 1;

	if (p.n == 0 || g->t >= g->text.n)
		return false;
	if (p.p[0] != '?') {
		if (p.p[0] == '\\' && p.n > 1)
			taken = 2;
		if (p.p[taken - 1] != g->text.p[g->t])
			return false;
	}
	g->p += taken;
	g->t++;
	return true;
}

static bool lengthen_run(struct matcher *g)
{
	if (!g->run || g->ends >= g->text.n)
		return false;
	g->ends++;
	g->t = g->ends;
	g->p = g->after;
	return true;
}

static bool match(struct matcher *g)
{
	while (g->p < g->pattern.n || g->t < g->text.n) {
		struct span rest = span_skip(g->pattern, g->p), name = capture_name(rest);

		if (g->t > g->m->reached)
			g->m->reached = g->t;
		if (name.p || span_starts(rest, SPAN("*"))) {
			if (!begin_run(g, name))
				return false;
		} else if (!matches_here(g) && !lengthen_run(g)) {
			return false;
		}
	}
	end_run(g);
	return true;
}

bool session_glob_match(struct span pattern, struct span text, struct session_match *m)
{
	struct matcher g = {.pattern = pattern, .text = text, .m = m};

	m->count = m->reached = 0;
	return match(&g);
}

void session_glob_quote(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\0' && strchr(special, text.p[i]))
			buf_addch(out, '\\');
		buf_addch(out, text.p[i]);
	}
}
