/*
 * When the server itself says how long to wait, that outranks every table. A number is only taken
 * for a time when the text speaks of trying again and a unit follows it: replies are full of
 * numbers.
 */
#include "base/span.h"
#include "explain/glob.h"
#include "explain/verdict.h"

enum { LONGEST_WAIT = 5 * 86400 };

static const char *const AGAIN[] = {"again", "retry", "greylist", "graylist", "come back",
                                    "wait",  "later", "delay",    "resend"};

static const struct {
	const char *unit;
	long seconds;
} UNITS[] = {
        {"seconds", 1},  {"second", 1},  {"secs", 1},   {"sec", 1},   {"s", 1},
        {"minutes", 60}, {"minute", 60}, {"mins", 60},  {"min", 60},  {"m", 60},
        {"hours", 3600}, {"hour", 3600}, {"hrs", 3600}, {"hr", 3600}, {"h", 3600},
        {"days", 86400}, {"day", 86400},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct span cut_number(struct span *at, long *number)
{
	struct span before = *at;

	*number = 0;
	while (at->n > 0 && is_digit(at->p[0])) {
		if (*number <= LONGEST_WAIT)
			*number = *number * 10 + (at->p[0] - '0');
		*at = span_skip(*at, 1);
	}
	return span_first(before, before.n - at->n);
}

/* "00:04:51", whose first number was read. */
static long read_clock(struct span at, long hours)
{
	long minutes, seconds;
	struct span part;

	at = span_skip(at, 1);
	part = cut_number(&at, &minutes);
	if (part.n != 2 || at.n == 0 || at.p[0] != ':')
		return 0;
	at = span_skip(at, 1);
	part = cut_number(&at, &seconds);
	return part.n == 2 ? hours * 3600 + minutes * 60 + seconds : 0;
}

static long read_unit(struct span at, long number)
{
	size_t n = 0;
	struct span word;

	at = span_trim_left(at);
	while (n < at.n && is_letter(at.p[n]))
		n++;
	word = span_first(at, n);
	for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++)
		if (span_eq_nocase(word, span_of(UNITS[i].unit)))
			return number * UNITS[i].seconds;
	return 0;
}

static bool speaks_of_again(struct span text)
{
	for (size_t i = 0; i < sizeof(AGAIN) / sizeof(AGAIN[0]); i++)
		if (explain_glob_matches(AGAIN[i], text))
			return true;
	return false;
}

long explain_retry_said(struct span text)
{
	char before = ' ';

	if (!speaks_of_again(text))
		return 0;
	while (text.n > 0) {
		long number, wait;
		bool whole = before == ' ' || before == '(' || before == '=' || before == '[';

		if (!is_digit(text.p[0])) {
			before = text.p[0];
			text = span_skip(text, 1);
			continue;
		}
		cut_number(&text, &number);
		wait = text.n > 0 && text.p[0] == ':' ? read_clock(text, number)
		                                      : read_unit(text, number);
		if (whole && wait > 0 && wait <= LONGEST_WAIT)
			return wait;
		before = '0';
	}
	return 0;
}
