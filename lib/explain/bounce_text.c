/*
 * The prose of mail systems has one thing in common: a line that begins with the address, and after
 * it what was wrong. So it is read without knowing the program: the text is cut where the copy of
 * the returned mail begins, and each address opens a chunk that goes on to the next.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "explain/bounce_state.h"

enum { ADDRESS_MAX = 254, CHUNK_MAX = 4 << 10, CHUNK_LINES = 40 };

/* From here on it is the mail that came back. */
static const char *const ENDS[] = {
        "--- Below this line is a copy of the message",
        "------ This is a copy of",
        "----- Original message",
        "----- Original Message",
        "----- Unsent message",
        "----- Message header follows",
        "----- Returned message",
        "--- Original message follows",
        "--- The message cannot be delivered",
        "--- Undelivered message follows",
        "   ----- Message headers",
        "Original message headers:",
        "Received: ",
        "Return-Path: ",
        "DKIM-Signature: ",
};

static bool is_end(struct span line)
{
	for (size_t i = 0; i < sizeof(ENDS) / sizeof(ENDS[0]); i++)
		if (span_starts_nocase(span_trim_left(line), span_trim_left(span_of(ENDS[i]))))
			return true;
	return false;
}

static bool is_address_byte(char c)
{
	return ascii_is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.@", c)) ||
	       (unsigned char)c >= 0x80;
}

static bool is_opening(char c)
{
	return c == '<' || c == '\'' || c == '"' || c == '(' || c == '*';
}

struct span bounce_line_address(struct span line)
{
	struct span t = span_trim(line);
	size_t n = 0, at;

	if (span_starts_nocase(t, SPAN("To: ")))
		t = span_trim(span_skip(t, 4));
	if (span_starts_nocase(t, SPAN("mailto:")))
		t = span_skip(t, 7);
	while (t.n > 0 && is_opening(t.p[0]))
		t = span_skip(t, 1);
	while (n < t.n && is_address_byte(t.p[n]))
		n++;
	while (n > 0 && strchr("'.", t.p[n - 1]))
		n--;
	at = span_find(span_first(t, n), '@');
	if (at == 0 || at + 1 >= n || n > ADDRESS_MAX || span_find(span_first(t, n), '.') == n)
		return span_of(NULL);
	return span_first(t, n);
}

/* A line of a chunk: without its indent and marks, joined by a blank. "<<< " stays, since the reply
 * is found by it. */
static void add_line(struct buf *out, struct span line)
{
	line = span_trim(line);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0)
		return;
	if (out->len > 0)
		buf_addch(out, ' ');
	buf_addspan(out, line);
}

/* What stands behind the address on its own line. */
static struct span after_address(struct span line, struct span address)
{
	struct span rest = span_skip(line, (size_t)(address.p + address.n - line.p));

	while (rest.n > 0 && strchr(">')\":*", rest.p[0]))
		rest = span_skip(rest, 1);
	return rest;
}

static void close_chunk(struct bounce *b, struct span address, const struct buf *words)
{
	struct bounce_recipient *r = address.n > 0 ? bounce_find(b, address) : NULL;

	if (address.n == 0 || (words->len == 0 && r))
		return;
	if (r && r->words[0])
		return; /* named again: the first place is where the reason stands */
	if (r) {
		free(r->words);
		r->words = mem_dupn(words->data, words->len);
	} else {
		bounce_add(b, address, buf_span(words));
	}
}

/* The addresses of a header field, when the text names none at the beginning of a line. */
static void add_failed(struct bounce *b, const struct bounce_parts *parts)
{
	struct span rest = buf_span(&parts->failed);
	struct buf words;

	buf_init(&words, CHUNK_MAX);
	for (struct span text = buf_span(&parts->text); text.p && words.len < CHUNK_MAX / 2;) {
		struct span line = span_cut(&text, '\n');

		if (is_end(line))
			break;
		add_line(&words, line);
	}
	while (rest.p && rest.n > 0)
		bounce_add(b, bounce_line_address(span_cut(&rest, ',')), buf_span(&words));
	buf_release(&words);
}

void bounce_read_text(struct bounce *b, const struct bounce_parts *parts)
{
	struct span rest = buf_span(&parts->text), address = {NULL, 0};
	struct buf words;
	int lines = 0;

	buf_init(&words, CHUNK_MAX);
	while (rest.p) {
		struct span line = span_cut(&rest, '\n'), found = bounce_line_address(line);

		if (is_end(line))
			break;
		if (found.n > 0 && !span_eq_nocase(found, address)) {
			close_chunk(b, address, &words);
			buf_clear(&words);
			address = found;
			lines = 0;
			line = after_address(line, found);
		}
		if (address.n > 0 && lines++ < CHUNK_LINES)
			add_line(&words, line);
	}
	close_chunk(b, address, &words);
	if (b->count == 0)
		add_failed(b, parts);
	buf_release(&words);
}

struct span bounce_text_about(struct span text, struct span address, struct buf *out)
{
	bool inside = false;

	while (text.p && out->len < CHUNK_MAX / 2) {
		struct span line = span_cut(&text, '\n'), found = bounce_line_address(line);

		if (is_end(line))
			break;
		if (found.n > 0)
			inside = span_eq_nocase(found, address);
		if (inside)
			add_line(out, found.n > 0 ? after_address(line, found) : line);
	}
	return buf_span(out);
}
