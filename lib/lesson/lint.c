/*
 * What a lesson must have beyond what its reader asks for: people mistype in known ways, so their
 * mistakes are named; a claim about mail has its section, so that it can be looked up; words fit on
 * a narrow screen.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/record.h"
#include "lesson/lesson_state.h"

enum { WRONGS_MIN = 4, WORD_MAX = 68, TITLE_MAX = 60 };

static bool is_first_of_name(const struct lesson *l, size_t step, size_t wrong)
{
	const char *name = l->steps[step].wrongs[wrong].name;

	for (size_t i = 0; i <= step; i++)
		for (size_t j = 0; j < (i == step ? wrong : l->steps[i].wrong_count); j++)
			if (strcmp(l->steps[i].wrongs[j].name, name) == 0)
				return false;
	return true;
}

static void lint_mistakes(const struct lesson *l, struct diags *ds)
{
	size_t names = 0;

	for (size_t i = 0; i < l->step_count; i++)
		for (size_t j = 0; j < l->steps[i].wrong_count; j++)
			names += is_first_of_name(l, i, j);
	if (names < WRONGS_MIN)
		lesson_fault(l, l->steps[0].line, ds,
		             "the lesson names fewer than %d mistakes that people make",
		             WRONGS_MIN);
}

static size_t columns(struct span word)
{
	size_t n = 0;

	for (size_t i = 0; i < word.n; i++)
		n += ((unsigned char)word.p[i] & 0xc0) != 0x80; /* UTF-8's first bytes */
	return n;
}

static void lint_field(const struct record *r, const struct record_section *s,
                       const struct record_field *f, struct diags *ds)
{
	struct span rest = span_of(f->value);

	while (rest.n > 0)
		if (columns(span_word(&rest)) > WORD_MAX)
			record_fault(r, s, f, ds,
			             "a word of more than %d columns does not fit on a line",
			             WORD_MAX);
	if (strcmp(f->key, "Title") == 0 && columns(span_of(f->value)) > TITLE_MAX)
		record_fault(r, s, f, ds, "a title has at most %d columns", TITLE_MAX);
}

/* "RFC 5321 §4.1.1.2", or the page of Postfix's manual: "postconf(5)". */
static bool names_source(const char *text)
{
	const char *rfc = strstr(text, "RFC "), *page = strstr(text, "(5)");

	return (rfc && ascii_is_digit(rfc[4])) || (page && page > text && ascii_is_alnum(page[-1]));
}

void lesson_lint(const struct lesson *l, const char *lang, struct diags *ds)
{
	char *path = lesson_words_path(l->folder, lang);
	struct record *r = record_load(path, ds);
	bool source = false;

	lint_mistakes(l, ds);
	for (size_t i = 0; r && i < r->count; i++)
		for (size_t j = 0; j < r->sections[i].count; j++) {
			lint_field(r, &r->sections[i], &r->sections[i].fields[j], ds);
			source |= names_source(r->sections[i].fields[j].value);
		}
	if (r && !source)
		diags_add(ds, DIAG_INPUT, path,
		          "says nowhere where it is written: a claim has its section, as in "
		          "(RFC 5321 §4.1.1.1)");
	record_free(r);
	free(path);
}
