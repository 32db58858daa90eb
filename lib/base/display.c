/*
 * A deny list of character ranges rather than iswprint(): the C library calls bidi controls, tag
 * and zero-width characters printable, and its answer depends on the locale.
 */
#include "base/display.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* What is escaped above ASCII, in order. Sources: Unicode's general categories Cc, Cf, Zl, Zp, Cs,
 * Co, Cn (noncharacters), and what renders as nothing. */
static const struct {
	uint32_t first, last;
} hidden[] = {
        {0x80, 0x9f},       /* C1 */
        {0xad, 0xad},       /* soft hyphen */
        {0x34f, 0x34f},     /* combining grapheme joiner */
        {0x600, 0x605},     /* Arabic number signs (format) */
        {0x61c, 0x61c},     /* Arabic letter mark */
        {0x6dd, 0x6dd},     /* Arabic end of ayah (format) */
        {0x70f, 0x70f},     /* Syriac abbreviation mark */
        {0x890, 0x891},     /* Arabic pound and piastre marks above */
        {0x8e2, 0x8e2},     /* Arabic disputed end of ayah */
        {0x115f, 0x1160},   /* Hangul fillers */
        {0x17b4, 0x17b5},   /* Khmer inherent vowels */
        {0x180b, 0x180f},   /* Mongolian variation selectors, vowel separator */
        {0x200b, 0x200f},   /* zero width, LRM, RLM */
        {0x2028, 0x202e},   /* separators, bidi embeddings and overrides */
        {0x2060, 0x206f},   /* word joiner, bidi isolates, deprecated format characters */
        {0x2800, 0x2800},   /* blank braille pattern */
        {0x3164, 0x3164},   /* Hangul filler */
        {0xd800, 0xf8ff},   /* surrogates, private use */
        {0xfdd0, 0xfdef},   /* noncharacters */
        {0xfe00, 0xfe0f},   /* variation selectors */
        {0xfeff, 0xfeff},   /* byte order mark */
        {0xffa0, 0xffa0},   /* halfwidth Hangul filler */
        {0xfff0, 0xfffb},   /* interlinear annotation, unassigned specials */
        {0xfffe, 0xffff},   /* noncharacters */
        {0x110bd, 0x110bd}, /* Kaithi number sign */
        {0x110cd, 0x110cd}, {0x13430, 0x1345f}, /* Egyptian format controls */
        {0x16fe4, 0x16fe4},                     /* Khitan filler */
        {0x1bca0, 0x1bca3},                     /* shorthand format controls */
        {0x1d173, 0x1d17a},                     /* musical format controls */
        {0xe0000, 0xe0fff},                     /* tags, more variation selectors */
        {0xf0000, 0x10ffff}                     /* private use */
};

static bool is_hidden(uint32_t cp)
{
	if ((cp & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (cp <= hidden[i].last)
			return cp >= hidden[i].first;
	return true;
}

bool display_allows(uint32_t cp, unsigned flags)
{
	if (cp == '\n')
		return (flags & DISPLAY_NEWLINE) != 0;
	if (cp == '\t')
		return (flags & DISPLAY_TAB) != 0;
	if (cp < 0x7f)
		return cp >= 0x20;
	return (flags & DISPLAY_ASCII) == 0 && cp != 0x7f && !is_hidden(cp);
}

static int add_escape(struct buf *out, struct span s, size_t n, uint32_t cp)
{
	if (n > 1)
		return buf_addf(out, "\\u{%X}", (unsigned)cp);
	return buf_addf(out, "\\x%02x", (unsigned)(unsigned char)s.p[0]);
}

/* The length of the plain run at the start: bytes that need no look at all. */
static size_t plain_run(struct span s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] >= 0x20 && s.p[i] < 0x7f)
		i++;
	return i;
}

int display_add(struct buf *out, struct span s, unsigned flags)
{
	int result = 0;

	while (s.n > 0 && result == 0) {
		uint32_t cp = 0;
		size_t n = plain_run(s);
		if (n > 0) {
			result = buf_add(out, s.p, n);
		} else {
			n = utf8_decode(s, &cp);
			if (n > 0 && display_allows(cp, flags))
				result = buf_add(out, s.p, n);
			else
				result = add_escape(out, s, n, cp);
		}
		s = span_skip(s, n > 0 ? n : 1);
	}
	return result;
}

char *display_dup(struct span s, size_t max)
{
	static const char more[] = "…";
	struct buf out;

	/* An escape is at most ten bytes for one of input: a cut of the input bounds the work. */
	bool cut = s.n > max;
	buf_init(&out, (s.n < max ? s.n : max) * 10);
	display_add(&out, span_first(s, max), 0);
	if (out.len > max || cut) {
		size_t keep = max > sizeof(more) - 1 ? max - (sizeof(more) - 1) : 0;
		if (keep > out.len)
			keep = out.len;
		while (keep > 0 && ((unsigned char)out.data[keep] & 0xc0) == 0x80)
			keep--;
		buf_cut(&out, keep);
		out.cap += sizeof(more);
		buf_addstr(&out, more);
	}
	char *text = buf_take(&out);
	buf_release(&out);
	return text;
}
