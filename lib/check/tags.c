/*
 * An empty tag at the end is a trailing semicolon; elsewhere it is a fault.
 */
#include "check/tags.h"

#include "base/ascii.h"

struct span tags_trim(struct span s)
{
	while (s.n > 0 && ascii_is_folding(s.p[0]))
		s = span_skip(s, 1);
	while (s.n > 0 && ascii_is_folding(s.p[s.n - 1]))
		s = span_first(s, s.n - 1);
	return s;
}

static bool is_name(struct span s)
{
	if (s.n == 0 || !ascii_is_letter(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++) {
		if (!ascii_is_alnum(s.p[i]) && s.p[i] != '_')
			return false;
	}
	return true;
}

const char *tags_read(struct span text, struct tags *out)
{
	struct span rest = text;

	out->count = 0;
	while (rest.p) {
		struct span one = tags_trim(span_cut(&rest, ';'));
		size_t equals = span_find(one, '=');
		struct span name = tags_trim(span_first(one, equals));

		if (one.n == 0 && tags_trim(rest).n == 0)
			break;
		if (equals == one.n)
			return "a tag has no \"=\"";
		if (!is_name(name))
			return "a tag has a name that cannot be one";
		if (out->count == TAGS_MAX)
			return "it has too many tags";
		for (size_t i = 0; i < out->count; i++) {
			if (span_eq(out->list[i].name, name))
				return "a tag stands there twice";
		}
		out->list[out->count].name = name;
		out->list[out->count++].value = tags_trim(span_skip(one, equals + 1));
	}
	return NULL;
}

struct span tags_find(const struct tags *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++) {
		if (span_eq(t->list[i].name, span_of(name)))
			return t->list[i].value;
	}
	return span_from(NULL, 0);
}

bool tags_are(struct span text, const char *version)
{
	struct span one = tags_trim(span_cut(&text, ';'));
	size_t equals = span_find(one, '=');

	return equals < one.n && span_eq(tags_trim(span_first(one, equals)), SPAN("v")) &&
	       span_eq(tags_trim(span_skip(one, equals + 1)), span_of(version));
}
