/*
 * A line is "key: value", ended by LF or CRLF. Of a key that stands twice the first counts, but for
 * mx, which may be repeated; unknown keys are passed over; keys are compared in their case (§3.2).
 */
#include "check/sts.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

#define ID_MAX        32u
#define KEY_MAX       32u
#define MX_LENGTH_MAX 255u

static const struct {
	const char *name, *text;
} modes[] = {
        [STS_ENFORCE] = {"enforce", "senders do not deliver to a host that the policy does not "
                                    "name, or that does not prove itself with TLS"},
        [STS_TESTING] = {"testing",
                         "senders deliver all the same, and report failures to the address "
                         "in the TLS-RPT record"},
        [STS_NONE] = {"none", "senders are told that there is no policy any more"},
};

const char *sts_mode_name(enum sts_mode m)
{
	return modes[m].name;
}

const char *sts_mode_text(enum sts_mode m)
{
	return modes[m].text;
}

bool sts_id_valid(struct span id)
{
	for (size_t i = 0; i < id.n; i++) {
		if (!ascii_is_alnum(id.p[i]))
			return false;
	}
	return id.n >= 1 && id.n <= ID_MAX;
}

/* --- patterns --- */

static struct span undotted(const char *name)
{
	struct span s = span_of(name);

	return s.n > 0 && s.p[s.n - 1] == '.' ? span_first(s, s.n - 1) : s;
}

bool sts_mx_matches(const char *pattern, const char *host)
{
	struct span p = undotted(pattern), h = undotted(host);
	size_t dot;

	if (!span_starts(p, SPAN("*.")))
		return span_eq_nocase(p, h);
	dot = span_find(h, '.');
	return dot > 0 && dot < h.n && span_eq_nocase(span_skip(p, 1), span_skip(h, dot));
}

bool sts_policy_names(const struct sts_policy *p, const char *host)
{
	for (size_t i = 0; i < p->count; i++) {
		if (sts_mx_matches(p->mx[i], host))
			return true;
	}
	return false;
}

/* Letters, digits, hyphens and dots; "*." only in front. */
static bool is_pattern(struct span s)
{
	struct span name = span_starts(s, SPAN("*.")) ? span_skip(s, 2) : s;
	bool dot = true; /* no label may be empty */

	if (name.n == 0 || s.n > MX_LENGTH_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '.' ? dot : !ascii_is_alnum(c) && c != '-' && c != '_')
			return false;
		dot = c == '.';
	}
	return true;
}

/* --- the file --- */

enum key { VERSION, MODE, MAX_AGE, MX, KEY_COUNT };
static const char *const keys[] = {"version", "mode", "max_age", "mx"};

struct reading {
	struct sts_policy *out;
	bool seen[KEY_COUNT];
};

static const char *take_version(struct reading *r, struct span value)
{
	(void)r;
	return span_eq(value, SPAN("STSv1")) ? NULL : "the version is not STSv1";
}

static const char *take_mode(struct reading *r, struct span value)
{
	for (int m = STS_ENFORCE; m <= STS_NONE; m++) {
		if (span_eq(value, span_of(modes[m].name))) {
			r->out->mode = (enum sts_mode)m;
			return NULL;
		}
	}
	return "the mode is not enforce, testing or none";
}

static const char *take_max_age(struct reading *r, struct span value)
{
	if (value.n == 0 || value.n > 10 ||
	    span_number(value, STS_MAX_AGE_MAX, &r->out->max_age) != 0)
		return "max_age is not a number of seconds up to 31557600 (one year)";
	return NULL;
}

static const char *take_mx(struct reading *r, struct span value)
{
	struct sts_policy *p = r->out;

	if (!is_pattern(value))
		return "mx is neither a host name nor \"*.\" before one";
	if (p->count == STS_MX_MAX) {
		p->dropped++;
		return NULL;
	}
	if (!p->mx)
		p->mx = mem_zero(STS_MX_MAX * sizeof(*p->mx));
	p->mx[p->count++] = mem_dupn(value.p, value.n);
	return NULL;
}

static const char *(*const take[])(struct reading *, struct span) = {take_version, take_mode,
                                                                     take_max_age, take_mx};

static bool is_key(struct span s)
{
	if (s.n == 0 || s.n > KEY_MAX || !ascii_is_alnum(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++) {
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '.')
			return false;
	}
	return true;
}

static const char *take_line(struct reading *r, struct span line)
{
	size_t colon = span_find(line, ':');
	struct span key = span_first(line, colon), value = span_trim(span_skip(line, colon + 1));

	if (colon == line.n)
		return "the line has no colon";
	if (!is_key(key))
		return "the line does not begin with a key";
	for (int k = 0; k < KEY_COUNT; k++) {
		if (!span_eq(key, span_of(keys[k])))
			continue;
		if (r->seen[k] && k != MX)
			return NULL;
		r->seen[k] = true;
		return take[k](r, value);
	}
	return NULL;
}

static const char *missing(const struct reading *r)
{
	if (!r->seen[VERSION])
		return "it has no version";
	if (!r->seen[MODE])
		return "it has no mode";
	if (!r->seen[MAX_AGE])
		return "it has no max_age";
	if (!r->seen[MX] && r->out->mode != STS_NONE)
		return "it names no mx";
	return NULL;
}

const char *sts_policy_read(struct span text, struct sts_policy *out, size_t *line)
{
	struct reading r = {.out = out};
	struct span rest = text;
	const char *wrong = NULL;

	*out = (struct sts_policy){.mode = STS_NONE};
	for (*line = 0; rest.p && !wrong;) {
		struct span one = span_cut(&rest, '\n');

		++*line;
		if (one.n > 0 && one.p[one.n - 1] == '\r')
			one.n--;
		if (memchr(one.p ? one.p : "", '\0', one.n))
			wrong = "the line holds a NUL";
		else if (span_trim(one).n > 0)
			wrong = take_line(&r, one);
	}
	if (wrong)
		return wrong;
	*line = 0;
	return missing(&r);
}

void sts_policy_release(struct sts_policy *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->mx[i]);
	free(p->mx);
	*p = (struct sts_policy){.mode = STS_NONE};
}
