/*
 * span: a borrowed run of bytes, not NUL-terminated.
 *
 * A span owns nothing: it is good as long as the bytes it points to are. No function fails; a
 * search that finds nothing says so in its result. Case is ASCII case, whatever the locale: in a
 * Turkish one strcasecmp() finds that SIZE is not size. The smallest are inline, for long logs.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

#define SPAN(literal) ((struct span){"" literal, sizeof(literal) - 1})
#define SPAN_FMT      "%.*s"
#define SPAN_ARG(s)   (int)(s).n, (s).p

/* The whole of a C string; NULL gives the empty span. */
static inline struct span span_of(const char *s)
{
	return s == NULL ? (struct span){"", 0} : (struct span){s, strlen(s)};
}

static inline struct span span_from(const char *p, size_t n)
{
	return (struct span){p, n};
}

static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* s without its first n bytes (at most all). */
struct span span_skip(struct span s, size_t n);

/* Its first n bytes (at most all). */
static inline struct span span_first(struct span s, size_t n)
{
	return (struct span){s.p, n < s.n ? n : s.n};
}

static inline bool span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n && span_eq(span_first(s, prefix.n), prefix);
}

/* The place of the first `c`, or s.n when there is none. */
static inline size_t span_find(struct span s, char c)
{
	const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;

	return at != NULL ? (size_t)(at - s.p) : s.n;
}

bool span_eq_nocase(struct span a, struct span b);
/* Less than, equal to or greater than 0, as memcmp(), with the bytes in lower case. */
int span_compare_nocase(struct span a, struct span b);
bool span_starts_nocase(struct span s, struct span prefix);
struct span span_trim(struct span s); /* without blanks and tabs at both ends */
struct span span_trim_left(struct span s);
struct span span_trim_right(struct span s);
struct span span_trim_space(struct span s); /* without what ascii_is_space() takes, at both ends */
/* Cuts off and returns what stands before the first `sep`; *rest keeps what follows it (empty, with
 * p == NULL, once nothing is left). The usual loop is  while (rest.p) { t = span_cut(&rest, ','); …
 * } */
struct span span_cut(struct span *rest, char sep);
/* The first word (blanks and tabs part words); *rest keeps what follows, left-trimmed. */
struct span span_word(struct span *rest);
/* Reads a decimal number that fills the whole span and is at most `max`: 0 and *out, or -1. */
int span_number(struct span s, unsigned long max, unsigned long *out);

#endif
