/*
 * Remarks about single lines: of the message that is being typed, and of an EHLO reply.
 */
#include <stdlib.h>

#include "base/display.h"
#include "explain/fill.h"
#include "explain/internal.h"

enum { KEYWORD_SHOWN = 80, ARGUMENT_SHOWN = 200, LINE_SHOWN = 4 << 10 };

static const struct record_section *find_remark(const struct notes *n, enum smtp_text_look look,
                                                struct span line)
{
	if (look == SMTP_TEXT_HEADER)
		return notes_find_span(n, "header",
		                       span_trim(span_first(line, span_find(line, ':'))));
	return notes_find(n, "look", smtp_text_look_name(look));
}

char *explain_text_line(const struct explain *e, enum smtp_text_look look, struct span line,
                        const struct explain_context *c)
{
	struct fill f = {.context = c, .notes = &e->notes, .line = line};
	const struct record_section *s = find_remark(&e->notes, look, line);

	return s ? fill_text(&f, record_value(s, "Brief")) : NULL;
}

static const struct record_section *find_keyword(const struct notes *n, const char *keyword)
{
	const struct record_section *s = notes_find(n, "keyword", keyword);

	if (s)
		return s;
	return notes_find(n, "note",
	                  keyword[0] == 'X' || keyword[0] == 'x' ? "keyword-private"
	                                                         : "keyword-unknown");
}

/* "PIPELINING: commands may be sent in groups, …". Heap. */
static char *keyword_line(const struct fill *f, const char *keyword)
{
	const struct record_section *s = find_keyword(f->notes, keyword);
	char *words = s ? fill_text(f, record_value(s, "Brief")) : NULL;
	char *name = display_dup(f->keyword, KEYWORD_SHOWN);
	char *line;
	struct buf b;

	buf_init(&b, LINE_SHOWN);
	buf_addf(&b, "%s: %s", name, words ? words : "");
	line = buf_take(&b);
	buf_release(&b);
	free(name);
	free(words);
	return line;
}

void explain_capabilities(const struct explain *e, const struct smtp_capabilities *c,
                          void (*fn)(void *arg, const char *keyword, const char *argument,
                                     const char *text),
                          void *arg)
{
	struct explain_context context = {.verb = SMTP_VERB_EHLO, .capabilities = c};

	for (size_t i = 0; i < c->count; i++) {
		struct fill f = {.context = &context,
		                 .notes = &e->notes,
		                 .keyword = span_of(c->list[i].keyword),
		                 .argument = span_of(c->list[i].argument)};
		char *keyword = display_dup(f.keyword, KEYWORD_SHOWN);
		char *argument = display_dup(f.argument, ARGUMENT_SHOWN);
		char *text = keyword_line(&f, c->list[i].keyword);

		fn(arg, keyword, argument, text);
		free(keyword);
		free(argument);
		free(text);
	}
}
