/*
 * Everything that takes text apart does it with spans, so that no parser copies, and none reads
 * past what it was given.
 */
#include "base/span.h"

#include "base/ascii.h"

struct span span_skip(struct span s, size_t n)
{
	if (n >= s.n)
		return (struct span){s.p != NULL ? s.p + s.n : NULL, 0};
	return (struct span){s.p + n, s.n - n};
}

bool span_eq_nocase(struct span a, struct span b)
{
	return a.n == b.n && span_starts_nocase(a, b);
}

int span_compare_nocase(struct span a, struct span b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		int d = (unsigned char)ascii_lower(a.p[i]) - (unsigned char)ascii_lower(b.p[i]);

		if (d != 0)
			return d;
	}
	return (a.n > b.n) - (a.n < b.n);
}

bool span_starts_nocase(struct span s, struct span prefix)
{
	if (s.n < prefix.n)
		return false;
	for (size_t i = 0; i < prefix.n; i++)
		if (ascii_lower(s.p[i]) != ascii_lower(prefix.p[i]))
			return false;
	return true;
}

struct span span_trim_left(struct span s)
{
	size_t i = 0;

	while (i < s.n && ascii_is_blank(s.p[i]))
		i++;
	return span_skip(s, i);
}

struct span span_trim_right(struct span s)
{
	while (s.n > 0 && ascii_is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct span span_trim(struct span s)
{
	return span_trim_right(span_trim_left(s));
}

struct span span_cut(struct span *rest, char sep)
{
	size_t at = span_find(*rest, sep);
	struct span piece = span_first(*rest, at);

	*rest = at < rest->n ? span_skip(*rest, at + 1) : (struct span){NULL, 0};
	return piece;
}

struct span span_trim_space(struct span s)
{
	while (s.n > 0 && ascii_is_space(s.p[0]))
		s = span_skip(s, 1);
	while (s.n > 0 && ascii_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct span span_word(struct span *rest)
{
	struct span s = span_trim_left(*rest);
	size_t i = 0;

	while (i < s.n && !ascii_is_blank(s.p[i]))
		i++;
	*rest = span_trim_left(span_skip(s, i));
	return span_first(s, i);
}

int span_number(struct span s, unsigned long max, unsigned long *out)
{
	unsigned long value = 0;

	if (s.n == 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_digit(s.p[i]))
			return -1;
		unsigned long digit = (unsigned long)(s.p[i] - '0');
		if (digit > max || value > (max - digit) / 10)
			return -1;
		value = value * 10 + digit;
	}
	*out = value;
	return 0;
}
