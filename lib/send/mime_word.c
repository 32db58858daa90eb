/*
 * A run of words is encoded as one text, blanks included, because blanks between two encoded words
 * are not shown (RFC 2047 §6.2). Q is taken where it is at most half as long again as B: it keeps
 * European text readable in a raw message; B is half as long for all other scripts.
 */
#include "send/mime_word.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "smtp/sasl.h"

#define COLUMNS   76u
#define WORD_MAX  75u
#define ROOM_MIN  30u  /* less than that is left on a line: a new one is begun */
#define VALUE_MAX 400u /* a longer parameter is cut (RFC 2231 §3) */

static const char hex[] = "0123456789ABCDEF";

bool mime_word_ascii(struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] & 0x80)
			return false;
	}
	return true;
}

/* --- encoded words --- */

/* RFC 2047 §5 (3): what may stand as it is even within a phrase. */
static bool q_is_plain(char c)
{
	return ascii_is_alnum(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

static size_t q_cost(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += q_is_plain(s.p[i]) || s.p[i] == ' ' ? 1 : 3;
	return n;
}

static void q_add(struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == ' ' || q_is_plain((char)c))
			buf_addch(out, c == ' ' ? '_' : (char)c);
		else
			buf_addf(out, "=%c%c", hex[c >> 4], hex[c & 15]);
	}
}

/* As many whole characters as fit into `room` encoded ones, at least one. */
static size_t take_characters(struct span s, bool q, size_t room)
{
	size_t n = 0;

	while (n < s.n) {
		uint32_t cp;
		size_t one = utf8_decode(span_skip(s, n), &cp);
		struct span longer = span_first(s, n + (one > 0 ? one : 1));

		if (n > 0 && (q ? q_cost(longer) : (longer.n + 2) / 3 * 4) > room)
			break;
		n = longer.n;
	}
	return n;
}

void mime_word_phrase(struct span s, size_t column, struct buf *out)
{
	const char *charset = utf8_valid(s) ? "utf-8" : "unknown-8bit";
	bool q = q_cost(s) <= (s.n + 2) / 3 * 6;
	size_t frame = span_of(charset).n + 7 /* the marks around them */;

	while (s.n > 0) {
		size_t room, n, start;

		if (column + frame + ROOM_MIN > COLUMNS && column > 1) {
			if (out->data[out->len - 1] == ' ')
				buf_cut(out, out->len - 1);
			buf_addstr(out, "\r\n ");
			column = 1;
		}
		room = (COLUMNS - column < WORD_MAX ? COLUMNS - column : WORD_MAX) - frame;
		n = take_characters(s, q, room);
		start = out->len;
		buf_addf(out, "=?%s?%c?", charset, q ? 'Q' : 'B');
		if (q)
			q_add(span_first(s, n), out);
		else
			sasl_base64_encode(span_first(s, n), out);
		buf_addstr(out, "?=");
		column += out->len - start;
		s = span_skip(s, n);
		if (s.n > 0) {
			buf_addstr(out, "\r\n ");
			column = 1;
		}
	}
}

/* Whether the word cannot stand as it is: bytes beyond ASCII or control characters in it, or longer
 * than a line may be. */
static bool word_needs(struct span word)
{
	for (size_t i = 0; i < word.n; i++) {
		if ((unsigned char)word.p[i] < ' ' && word.p[i] != '\t')
			return true;
	}
	return !mime_word_ascii(word) || word.n > MIME_LINE_MAX - COLUMNS;
}

void mime_word_text(struct span text, size_t column, struct buf *out)
{
	size_t from = text.n, to = 0;

	for (size_t i = 0; i < text.n;) {
		size_t n = span_find(span_skip(text, i), ' ');

		if (n > 0 && word_needs(span_from(text.p + i, n))) {
			from = i < from ? i : from;
			to = i + n;
		}
		i += n + 1;
	}
	if (to == 0) {
		buf_addspan(out, text);
		return;
	}
	buf_addspan(out, span_first(text, from));
	mime_word_phrase(span_from(text.p + from, to - from), column + from, out);
	buf_addspan(out, span_skip(text, to));
}

/* --- parameters --- */

static bool parameter_is_plain(struct span v)
{
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < ' ' || v.p[i] == 127)
			return false;
	}
	return v.n <= VALUE_MAX;
}

/* attribute-char of RFC 2231 §7: a token without "*", "'" and "%". */
static bool stands_in_2231(char c)
{
	return ascii_is_alnum(c) || c == '!' || c == '#' || c == '$' || c == '&' || c == '+' ||
	       c == '-' || c == '.' || c == '^' || c == '_' || c == '`' || c == '{' || c == '|' ||
	       c == '}' || c == '~';
}

static size_t put_2231(struct span s, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool plain = stands_in_2231((char)c);

		n += plain ? 1 : 3;
		if (out && plain)
			buf_addch(out, (char)c);
		else if (out)
			buf_addf(out, "%%%c%c", hex[c >> 4], hex[c & 15]);
	}
	return n;
}

static void parameter_2231(const char *name, struct span v, struct buf *out)
{
	const char *charset = utf8_valid(v) ? "utf-8" : "unknown-8bit";
	bool parts = put_2231(v, NULL) + span_of(name).n + 18 > COLUMNS;

	for (size_t part = 0; part == 0 || v.n > 0; part++) {
		size_t column = 0, n = 0, start;
		uint32_t cp;

		buf_addstr(out, ";\r\n ");
		start = out->len;
		buf_addstr(out, name);
		if (parts)
			buf_addf(out, "*%zu", part);
		buf_addstr(out, "*=");
		if (part == 0)
			buf_addf(out, "%s''", charset);
		column = 1 + out->len - start;
		while (n < v.n) {
			size_t one = utf8_decode(span_skip(v, n), &cp);
			struct span c = span_from(v.p + n, one > 0 ? one : 1);

			if (parts && column + put_2231(c, NULL) + 1 > COLUMNS)
				break;
			column += put_2231(c, out);
			n += c.n;
		}
		v = span_skip(v, n);
	}
}

void mime_word_parameter(const char *name, struct span value, struct buf *out)
{
	if (!mime_word_ascii(value) || !parameter_is_plain(value)) {
		parameter_2231(name, value, out);
		return;
	}
	buf_addf(out, "; %s=\"", name);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			buf_addch(out, '\\');
		buf_addch(out, value.p[i]);
	}
	buf_addch(out, '"');
}
