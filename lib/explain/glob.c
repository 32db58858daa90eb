/*
 * Why not fnmatch(): it wants NUL-terminated text, follows the locale, and may take exponential
 * time on a hostile reply. Going back to the last star only is enough for patterns without
 * brackets, and keeps the time at pattern × text.
 */
#include "explain/glob.h"

#include "base/ascii.h"

static bool is_word(struct span text, size_t i)
{
	return i < text.n && (ascii_is_alnum(text.p[i]) || text.p[i] == '_');
}

/* Whether a word begins or ends before byte i. */
static bool is_edge(struct span text, size_t i)
{
	return is_word(text, i) != (i > 0 && is_word(text, i - 1));
}

/* Where a run that begins with this pattern may begin, at i or later: most places are ruled out by
 * their first byte. */
static size_t next_start(const char *pattern, struct span text, size_t i)
{
	char first = ascii_lower(pattern[0] == '\\' && pattern[1] ? pattern[1] : pattern[0]);

	if (pattern[0] == '^' || pattern[0] == '*')
		return i;
	while (i < text.n && ascii_lower(text.p[i]) != first)
		i++;
	return i;
}

bool explain_glob_matches(const char *pattern, struct span text)
{
	const char *p = pattern, *again = pattern;
	size_t i = 0, from = 0;

	while (*p) {
		if (*p == '*') {
			again = ++p;
			from = i;
			continue;
		}
		const char *want = p[0] == '\\' && p[1] ? p + 1 : p;
		if (*p == '^' && is_edge(text, i)) {
			p++;
		} else if (i == text.n) {
			/* A later start would leave even fewer bytes for the same run. */
			return false;
		} else if (*p != '^' && ascii_lower(text.p[i]) == ascii_lower(*want)) {
			i++;
			p = want + 1;
		} else {
			i = from = next_start(again, text, from + 1);
			p = again;
		}
	}
	return true;
}

size_t explain_glob_weight(const char *pattern)
{
	size_t n = 0;

	for (const char *p = pattern; *p; p++) {
		if (*p == '*' || *p == '^')
			continue;
		if (*p == '\\' && p[1])
			p++;
		n++;
	}
	return n;
}
