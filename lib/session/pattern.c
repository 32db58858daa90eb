/*
 * regcomp() unrolls "a{200}{200}" into memory, and "(a+)+" and "a++" too, since x+ is built as xx*:
 * so what it is given is looked at first. REG_NOSUB
 * keeps the match to one pass over the text; REG_STARTEND lets the text hold NUL.
 */
#include "session/pattern.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

#define REPEATS_MAX 1000ul
#define GROUPS_MAX  100u

struct session_pattern {
	regex_t compiled;
};

static unsigned long count_of(struct span number)
{
	unsigned long n = 1;

	if (number.n == 0 || !ascii_is_digit(number.p[0]))
		return 1;
	return span_number(number, REPEATS_MAX, &n) == 0 ? n : REPEATS_MAX + 1;
}

/* The larger number of an interval "m", "m,", "m,n"; 1 when it is none. */
static unsigned long interval(struct span inside)
{
	struct span rest = inside;
	unsigned long low = count_of(span_cut(&rest, ',')), high = count_of(rest);

	return high > low ? high : low;
}

/* How often what stands before the sign at `at` is built: a group, or what is repeated already, may
 * hold copies of its own. */
static unsigned long copies(struct span ere, size_t at)
{
	struct span rest = span_skip(ere, at + 1);

	if (ere.p[at] == '{')
		return interval(span_first(rest, span_find(rest, '}')));
	return ere.p[at] == '+' && at > 0 && strchr(")}+*?", ere.p[at - 1]) ? 2 : 1;
}

static const char *judge(struct span ere)
{
	unsigned long product = 1;
	unsigned groups = 0;

	if (ere.n > SESSION_PATTERN_MAX)
		return "a regular expression may have 1024 bytes";
	for (size_t i = 0; i < ere.n; i++) {
		struct span rest = span_skip(ere, i + 1);

		groups += ere.p[i] == '(';
		if (ere.p[i] == '\0')
			return "a regular expression cannot hold a NUL";
		if (ere.p[i] == '\\' && rest.n > 0 && rest.p[0] >= '1' && rest.p[0] <= '9')
			return "extended regular expressions have no back-references";
		if (ere.p[i] == '\\')
			i++;
		else
			product *= copies(ere, i);
		if (product > REPEATS_MAX || groups > GROUPS_MAX)
			return "this regular expression repeats or groups too much";
		product += product == 0;
	}
	return NULL;
}

struct session_pattern *session_pattern_new(struct span ere, struct buf *why)
{
	const char *wrong = judge(ere);
	struct session_pattern *p;
	char *text, message[200];
	int error;

	if (wrong) {
		buf_addstr(why, wrong);
		return NULL;
	}
	p = mem_zero(sizeof(*p));
	text = mem_dupn(ere.p, ere.n);
	error = regcomp(&p->compiled, text, REG_EXTENDED | REG_NOSUB);
	free(text);
	if (error == 0)
		return p;
	regerror(error, &p->compiled, message, sizeof(message));
	buf_addf(why, "this is no regular expression: %s", message);
	free(p);
	return NULL;
}

void session_pattern_free(struct session_pattern *p)
{
	if (!p)
		return;
	regfree(&p->compiled);
	free(p);
}

bool session_pattern_match(const struct session_pattern *p, struct span text)
{
	regmatch_t whole = {.rm_so = 0, .rm_eo = (regoff_t)text.n};

	return regexec(&p->compiled, text.p ? text.p : "", 1, &whole, REG_STARTEND) == 0;
}

void session_pattern_quote(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\0' && strchr("\\^$.[]|()*+?{}", text.p[i]))
			buf_addch(out, '\\');
		buf_addch(out, text.p[i]);
	}
}
