/*
 * Which fields hold addresses, which hold a syntax of their own, and how they take text beyond
 * ASCII (RFC 2047 §5: encoded words stand in place of a phrase's words or of plain text, nowhere
 * else).
 */
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "net/idn.h"
#include "send/mime_word.h"

#define FOLD_AT 78u

enum field_kind { FIELD_TEXT, FIELD_ADDRESSES, FIELD_SYNTAX };

static const struct {
	const char *name;
	enum field_kind kind;
} fields[] = {
        {"From", FIELD_ADDRESSES},
        {"To", FIELD_ADDRESSES},
        {"Cc", FIELD_ADDRESSES},
        {"Bcc", FIELD_ADDRESSES},
        {"Sender", FIELD_ADDRESSES},
        {"Reply-To", FIELD_ADDRESSES},
        {"Resent-From", FIELD_ADDRESSES},
        {"Resent-To", FIELD_ADDRESSES},
        {"Resent-Cc", FIELD_ADDRESSES},
        {"Resent-Bcc", FIELD_ADDRESSES},
        {"Resent-Sender", FIELD_ADDRESSES},
        {"Disposition-Notification-To", FIELD_ADDRESSES},
        {"Mail-Followup-To", FIELD_ADDRESSES},
        {"Message-Id", FIELD_SYNTAX},
        {"In-Reply-To", FIELD_SYNTAX},
        {"References", FIELD_SYNTAX},
        {"Date", FIELD_SYNTAX},
        {"Received", FIELD_SYNTAX},
        {"Return-Path", FIELD_SYNTAX},
        {"Content-Type", FIELD_SYNTAX},
        {"Content-Disposition", FIELD_SYNTAX},
        {"Content-Id", FIELD_SYNTAX},
        {"Content-Transfer-Encoding", FIELD_SYNTAX},
        {"MIME-Version", FIELD_SYNTAX},
        {"DKIM-Signature", FIELD_SYNTAX},
        {"Authentication-Results", FIELD_SYNTAX},
        {"List-Id", FIELD_SYNTAX},
        {"List-Unsubscribe", FIELD_SYNTAX},
};

static enum field_kind kind_of(struct span name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (span_eq_nocase(name, span_of(fields[i].name)))
			return fields[i].kind;
	}
	return FIELD_TEXT;
}

/* How far the cursor is from the last line end. */
static size_t column_of(const struct buf *out, size_t start)
{
	for (size_t i = out->len; i > start; i--) {
		if (out->data[i - 1] == '\n')
			return out->len - i;
	}
	return out->len - start;
}

void mime_word_mailbox(struct span mailbox, struct buf *out)
{
	size_t at = mailbox.n;
	char *domain = NULL;

	while (at > 0 && mailbox.p[at - 1] != '@')
		at--;
	if (at > 0 && !mime_word_ascii(mailbox) && mime_word_ascii(span_first(mailbox, at)))
		domain = idn_to_ascii(span_skip(mailbox, at), NULL);
	buf_addspan(out, domain ? span_first(mailbox, at) : mailbox);
	buf_addstr(out, domain ? domain : "");
	free(domain);
}

/* The length of what begins at s: a quoted string, a comment or an angle address in one piece, else
 * one byte. */
static size_t piece_length(struct span s)
{
	char close = s.p[0] == '"' ? '"' : s.p[0] == '(' ? ')' : s.p[0] == '<' ? '>' : '\0';
	size_t depth = 0;

	if (close == '\0')
		return 1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && close != '>')
			i++;
		else if (close == ')' && s.p[i] == '(')
			depth++;
		else if (i > 0 && s.p[i] == close && (close != ')' || --depth == 0))
			return i + 1;
	}
	return s.n;
}

/* A phrase: quotes go when its words are encoded, since an encoded word in quotes is none. */
static void add_phrase(struct span s, size_t start, struct buf *out)
{
	struct span words = span_trim(s);
	struct buf plain;

	if (mime_word_ascii(s)) {
		buf_addspan(out, s);
		return;
	}
	buf_init(&plain, s.n + 1);
	for (size_t i = 0; i < words.n; i++) {
		if (words.p[i] == '\\' && i + 1 < words.n)
			buf_addch(&plain, words.p[++i]);
		else if (words.p[i] != '"')
			buf_addch(&plain, words.p[i]);
	}
	buf_addspan(out, span_first(s, (size_t)(words.p - s.p)));
	/* Beside encoded words none may be left that needs quotes: all are encoded as one. */
	mime_word_phrase(buf_span(&plain), column_of(out, start), out);
	buf_addspan(out, span_skip(s, (size_t)(words.p - s.p) + words.n));
	buf_release(&plain);
}

static void add_comment(struct span s, size_t start, struct buf *out)
{
	if (mime_word_ascii(s) || s.n < 2) {
		buf_addspan(out, s);
		return;
	}
	buf_addch(out, '(');
	mime_word_phrase(span_from(s.p + 1, s.n - 2), column_of(out, start), out);
	buf_addch(out, ')');
}

/* One mailbox or group name, up to the comma, with all that stands around the address. */
static void add_mailbox(struct span s, size_t start, struct buf *out)
{
	size_t phrase = 0, n;
	bool angle = false;

	for (size_t i = 0; i < s.n && !angle; i += n) {
		n = piece_length(span_skip(s, i));
		angle = s.p[i] == '<';
		phrase = angle ? i : i + n;
	}
	if (!angle) {
		size_t comment = span_find(s, '(');
		struct span bare = span_trim(span_first(s, comment));
		size_t before = (size_t)(bare.p - s.p);

		buf_addspan(out, span_first(s, before));
		mime_word_mailbox(bare, out);
		buf_addspan(out, span_from(bare.p + bare.n, comment - before - bare.n));
		add_comment(span_skip(s, comment), start, out);
		return;
	}
	add_phrase(span_first(s, phrase), start, out);
	n = piece_length(span_skip(s, phrase));
	if (n > 1 && s.p[phrase + n - 1] == '>') {
		buf_addch(out, '<');
		mime_word_mailbox(span_from(s.p + phrase + 1, n - 2), out);
		buf_addch(out, '>');
	} else {
		buf_addspan(out, span_from(s.p + phrase, n));
	}
	buf_addspan(out, span_skip(s, phrase + n));
}

static void add_addresses(struct span s, size_t start, struct buf *out)
{
	size_t from = 0, n;

	for (size_t i = 0; i < s.n; i += n) {
		n = piece_length(span_skip(s, i));
		if (s.p[i] != ',' && s.p[i] != ';' && s.p[i] != ':')
			continue;
		if (s.p[i] == ':')
			add_phrase(span_from(s.p + from, i - from), start, out);
		else
			add_mailbox(span_from(s.p + from, i - from), start, out);
		buf_addch(out, s.p[i]);
		from = i + 1;
	}
	if (from < s.n)
		add_mailbox(span_skip(s, from), start, out);
}

static void add_unfolded(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\r' && s.p[i] != '\n')
			buf_addch(out, s.p[i]);
	}
}

bool mime_word_header(struct span line, struct buf *out)
{
	size_t colon = span_find(line, ':'), start = out->len;
	enum field_kind kind = kind_of(span_first(line, colon));
	struct span value = span_skip(line, colon + 1);
	struct buf plain;

	if (kind == FIELD_SYNTAX || colon == line.n) {
		buf_addspan(out, line);
		return mime_word_ascii(line);
	}
	buf_init(&plain, line.n + 1);
	buf_addspan(out, span_first(line, colon + 1));
	if (value.n > 0 && value.p[0] == ' ') {
		buf_addch(out, ' ');
		value = span_skip(value, 1);
	}
	add_unfolded(value, &plain);
	if (kind == FIELD_ADDRESSES)
		add_addresses(buf_span(&plain), start, out);
	else
		mime_word_text(buf_span(&plain), column_of(out, start), out);
	buf_release(&plain);
	return mime_word_ascii(span_from(out->data + start, out->len - start));
}

/* Where the line may end, not before `from`: after the last comma or before the last blank that
 * lets it have FOLD_AT characters, else at the first one after them; 0: nowhere. */
static size_t fold_at(struct span s, size_t from)
{
	size_t best = 0;

	for (size_t i = from; i + 1 < s.n && (i < FOLD_AT || best == 0); i++) {
		if (s.p[i] == ',')
			best = i + 1;
		else if (ascii_is_blank(s.p[i]))
			best = i;
	}
	return best;
}

void mime_word_fold(struct span line, struct buf *out)
{
	size_t from = span_find(line, ':') + 2, n;

	while (line.n > MIME_LINE_MAX && (n = fold_at(line, from)) > 0) {
		buf_addspan(out, span_first(line, n));
		buf_addstr(out, ascii_is_blank(line.p[n]) ? "\r\n" : "\r\n ");
		line = span_skip(line, n);
		from = 1;
	}
	buf_addspan(out, line);
}
