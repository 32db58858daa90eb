/*
 * The distance is Damerau's with adjacent swaps (optimal string alignment): swapped letters are
 * the commonest slip of the hand and count as one. Names are short, so three rows on the stack do.
 */
#include "ui/nearest.h"

#include <string.h>

#include "base/ascii.h"

enum { NAME_MAX_LENGTH = 40 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool same(char a, char b)
{
	return ascii_lower(a) == ascii_lower(b);
}

static unsigned distance(struct span a, struct span b)
{
	unsigned rows[3][NAME_MAX_LENGTH + 1];
	unsigned *older = rows[0], *old = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b.n; j++)
		old[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned cost = same(a.p[i - 1], b.p[j - 1]) ? 0 : 1;

			now[j] = least(least(old[j] + 1, now[j - 1] + 1), old[j - 1] + cost);
			if (i > 1 && j > 1 && same(a.p[i - 1], b.p[j - 2]) &&
			    same(a.p[i - 2], b.p[j - 1]))
				now[j] = least(now[j], older[j - 2] + 1);
		}
		unsigned *spare = older;
		older = old;
		old = now;
		now = spare;
	}
	return old[b.n];
}

const char *nearest_find(struct span typed, nearest_name_fn *name, size_t count)
{
	const char *best = NULL;
	unsigned limit = typed.n <= 3 ? 1 : 2;

	if (typed.n == 0 || typed.n > NAME_MAX_LENGTH)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct span candidate = span_of(name(i));

		if (candidate.n == 0 || candidate.n > NAME_MAX_LENGTH)
			continue;
		unsigned d = distance(typed, candidate);
		if (d <= limit) {
			best = candidate.p;
			if (d == 0)
				break;
			limit = d - 1;
		}
	}
	return best;
}
