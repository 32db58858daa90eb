/*
 * The header is edited as lines, in the order of swaks: those that header options replace, then
 * what
 * --add-header adds, then header options that found nothing to replace. Two things are better than
 * there: names are compared in any case, as RFC 5322 does, and lines behind the header are never
 * taken for it.
 *
 * In swaks' template no empty line ends the header: %NEW_HEADERS% stands alone on the last line,
 * and when it is replaced by nothing that line is the empty one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "send/compose_state.h"
#include "send/mime_word.h"

struct header_line {
	struct span text; /* folded lines are one, without the last line end */
	bool ours;        /* may be encoded */
};

struct header_lines {
	struct header_line *list;
	size_t count, room;
};

static void push(struct header_lines *h, struct span text, bool ours)
{
	h->list = mem_grow(h->list, h->count, &h->room, sizeof(*h->list));
	h->list[h->count++] = (struct header_line){text, ours};
}

/* Cuts text with CRLF line ends. A line that begins with a blank goes on with the one before. */
static void push_lines(struct header_lines *h, struct span text, bool ours)
{
	size_t from = h->count;

	while (text.n > 0) {
		const char *at = memmem(text.p, text.n, "\r\n", 2);
		struct span line = span_first(text, at ? (size_t)(at - text.p) : text.n);

		text = span_skip(text, line.n + 2);
		if (line.n > 0 && ascii_is_blank(line.p[0]) && h->count > from)
			h->list[h->count - 1].text.n += line.n + 2;
		else
			push(h, line, ours);
	}
}

/* Its name with the colon; empty: it is no field. */
static struct span name_of(struct span line)
{
	size_t colon = span_find(line, ':');

	return colon == line.n || colon == 0 ? SPAN("") : span_first(line, colon + 1);
}

bool compose_header_given(const struct message_spec *spec, struct span prefix)
{
	for (size_t i = 0; i < spec->headers_count; i++) {
		if (span_starts_nocase(span_of(spec->headers[i].line), prefix))
			return true;
	}
	return false;
}

/* --- reading it --- */

/* Whether the header's end is in the text: *n is its length, *skip how much of the text it takes.
 */
static bool find_end(struct compose *c, struct span text, size_t *n, uint64_t *skip)
{
	const struct span token = SPAN(COMPOSE_NEW_HEADERS "\r\n");
	const char *empty = memmem(text.p, text.n, "\r\n\r\n", 4);
	const char *at = memmem(text.p, text.n, token.p, token.n);

	while (at && at > text.p && at[-1] != '\n')
		at = memmem(at + 1, (size_t)(text.p + text.n - at - 1), token.p, token.n);
	c->token_line = at && (!empty || at < empty);
	if (!at && !empty)
		return false;
	*n = (size_t)((c->token_line ? at : empty) - text.p);
	*skip = *n + (c->token_line ? token.n : 4);
	return true;
}

/* Appends the parts' text up to where the header ends, and perhaps more. */
static int read_header(struct compose *c, struct buf *text, size_t *n, struct diag *d)
{
	for (size_t i = 0; i < c->count; i++) {
		bool end = false;

		if (compose_source_open(&c->source, &c->parts[i], d) < 0)
			return -1;
		while (!end) {
			if (compose_source_read(&c->source, text, &end, d) < 0)
				return -1;
			if (find_end(c, buf_span(text), n, &c->skip))
				return 0;
			if (text->len > COMPOSE_HEADER_MAX)
				return diag_set(d, DIAG_INPUT, NULL,
				                "there is no empty line in the first %u KiB of "
				                "the message, so it is all header",
				                COMPOSE_HEADER_MAX >> 10);
		}
	}
	*n = text->len;
	c->skip = text->len;
	return 0;
}

static struct span without_mbox_line(struct span text)
{
	size_t n = span_find(text, '\n');

	return span_starts(text, SPAN("From ")) && n < text.n ? span_skip(text, n + 1) : text;
}

/* --- changing it --- */

/* The last one of that name, as in swaks. */
static bool replace(struct header_lines *h, struct header_line by)
{
	struct span name = name_of(by.text);

	for (size_t i = h->count; name.n > 0 && i-- > 0;) {
		if (!span_eq_nocase(name_of(h->list[i].text), name))
			continue;
		h->list[i] = by;
		return true;
	}
	return false;
}

/* Appends all lines that options of that type give, with their tokens replaced; they stay in
 * `texts`.
 */
static void push_edits(const struct compose *c, enum message_header_edit_type type,
                       struct buf *texts, struct header_lines *to)
{
	for (size_t i = 0; i < c->spec->headers_count; i++) {
		if (c->spec->headers[i].type != type)
			continue;
		compose_fixup(&c->tokens, span_of(c->spec->headers[i].line), true,
		              COMPOSE_HEADER_MAX, texts);
		buf_addstr(texts, "\r\n");
	}
	push_lines(to, buf_span(texts), true);
}

static void put_line(struct compose *c, const struct header_line *l)
{
	struct buf whole, *out = &c->header;
	struct span rest;

	if (!l->ours) {
		buf_addspan(out, l->text);
		buf_addstr(out, "\r\n");
		return;
	}
	buf_init(&whole, COMPOSE_PIECE_MAX);
	if (!mime_word_ascii(l->text) && !c->spec->utf8)
		mime_word_header(l->text, &whole);
	else if (l->text.n > MIME_LINE_MAX)
		mime_word_header(l->text, &whole);
	else
		buf_addspan(&whole, l->text);
	rest = buf_span(&whole);
	while (rest.n > 0) {
		struct span line = span_cut(&rest, '\n');

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		mime_word_fold(line, out);
		buf_addstr(out, "\r\n");
	}
	buf_release(&whole);
}

static void put_lines(struct compose *c, const struct header_lines *h)
{
	for (size_t i = 0; i < h->count; i++)
		put_line(c, &h->list[i]);
}

/* %NEW_HEADERS% inside a line; swaks writes the new fields right there. */
static bool put_within(struct compose *c, const struct header_line *l,
                       const struct header_lines *added)
{
	const size_t token = sizeof(COMPOSE_NEW_HEADERS) - 1;
	struct span rest = l->text;
	const char *at;
	bool any = false;

	while ((at = memmem(rest.p, rest.n, COMPOSE_NEW_HEADERS, token)) != NULL) {
		buf_add(&c->header, rest.p, (size_t)(at - rest.p));
		put_lines(c, added);
		rest = span_skip(rest, (size_t)(at - rest.p) + token);
		any = true;
	}
	if (any) {
		buf_addspan(&c->header, rest);
		buf_addstr(&c->header, "\r\n");
	}
	return any;
}

static void put_header(struct compose *c, const struct header_lines *h,
                       const struct header_lines *added)
{
	bool placed = false;

	for (size_t i = 0; i < h->count; i++) {
		if (put_within(c, &h->list[i], added))
			placed = true;
		else
			put_line(c, &h->list[i]);
	}
	if (!placed)
		put_lines(c, added);
	buf_addstr(&c->header, "\r\n");
}

int compose_make_header(struct compose *c, struct diag *d)
{
	struct header_lines lines = {0}, added = {0}, replacing = {0};
	struct buf text, adds, replaces;
	struct span header;
	size_t n = 0;
	int result;

	buf_init(&text, COMPOSE_HEADER_MAX + COMPOSE_PIECE_MAX);
	buf_init(&adds, COMPOSE_HEADER_MAX);
	buf_init(&replaces, COMPOSE_HEADER_MAX);
	result = read_header(c, &text, &n, d);
	header = span_first(buf_span(&text), n);
	push_lines(&lines, c->spec->no_strip_from ? header : without_mbox_line(header), c->own);
	push_edits(c, MESSAGE_HEADER_ADD, &adds, &added);
	push_edits(c, MESSAGE_HEADER_REPLACE, &replaces, &replacing);
	for (size_t i = 0; i < replacing.count; i++) {
		if (!replace(&lines, replacing.list[i]))
			push(&added, replacing.list[i].text, true);
	}
	put_header(c, &lines, &added);
	if (result == 0 && (c->header.full || adds.full || replaces.full))
		result = diag_set(d, DIAG_INPUT, NULL, "the header has more than %u KiB",
		                  COMPOSE_HEADER_MAX >> 10);
	c->utf8 = !mime_word_ascii(buf_span(&c->header));
	free(lines.list);
	free(added.list);
	free(replacing.list);
	buf_release(&text);
	buf_release(&adds);
	buf_release(&replaces);
	return result;
}
