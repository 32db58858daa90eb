/*
 * Our own decoder, because the locale's (mbrtowc) changes with the user's settings while the
 * judgement on a peer's bytes must not.
 */
#include "base/utf8.h"

static const struct {
	unsigned char mask, lead;
	uint32_t least; /* smaller values would be overlong forms */
} forms[] = {
        {0x80, 0x00, 0},
        {0xe0, 0xc0, 0x80},
        {0xf0, 0xe0, 0x800},
        {0xf8, 0xf0, 0x10000},
};

static bool is_scalar(uint32_t cp)
{
	return cp <= 0x10ffff && (cp < 0xd800 || cp > 0xdfff);
}

static size_t decode_form(struct span s, size_t more, uint32_t *cp)
{
	uint32_t value = (unsigned char)s.p[0] & (unsigned char)~forms[more].mask;

	if (s.n < more + 1)
		return 0;
	for (size_t i = 1; i <= more; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (c & 0x3f);
	}
	if (value < forms[more].least || !is_scalar(value))
		return 0;
	*cp = value;
	return more + 1;
}

size_t utf8_decode(struct span s, uint32_t *cp)
{
	if (s.n == 0)
		return 0;
	for (size_t more = 0; more < 4; more++)
		if (((unsigned char)s.p[0] & forms[more].mask) == forms[more].lead)
			return decode_form(s, more, cp);
	return 0;
}

bool utf8_valid(struct span s)
{
	uint32_t cp;
	size_t n;

	for (; s.n > 0; s = span_skip(s, n))
		if ((n = utf8_decode(s, &cp)) == 0)
			return false;
	return true;
}

size_t utf8_put(uint32_t cp, char out[4])
{
	size_t more = cp < 0x80 ? 0 : cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;

	for (size_t i = more; i > 0; i--) {
		out[i] = (char)(0x80 | (cp & 0x3f));
		cp >>= 6;
	}
	out[0] = (char)(forms[more].lead | cp);
	return more + 1;
}
