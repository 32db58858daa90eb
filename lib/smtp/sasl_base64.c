/*
 * By hand, because the place of the first fault is what a person who typed the text needs, and no
 * codec at hand tells it. Strict: no line ends, no missing padding, no bits left over (RFC 4648
 * §3.5), so that a text has one meaning only.
 */
#include <string.h>

#include "base/base64.h"
#include "smtp/sasl.h"

static int value_of(char c)
{
	const char *found = c != '\0' ? strchr(BASE64_ALPHABET, c) : NULL;

	return found ? (int)(found - BASE64_ALPHABET) : -1;
}

/* How many characters stand before the padding; *at and -1 when the padding is wrong. */
static int find_padding(struct span text, size_t *digits, size_t *at)
{
	size_t n = 0;

	while (n < text.n && value_of(text.p[n]) >= 0)
		n++;
	*digits = *at = n;
	if (n % 4 == 1 || (n < text.n && text.p[n] != '='))
		return -1;
	while (*at < text.n && text.p[*at] == '=' && n % 4 != 0 && *at < (n + 3) / 4 * 4)
		(*at)++;
	return *at == text.n && *at % 4 == 0 ? 0 : -1;
}

/* The last digit holds bits that belong to no byte: they must be zero. */
static bool ends_clean(struct span digits)
{
	unsigned spare = digits.n % 4 == 2 ? 0xf : digits.n % 4 == 3 ? 0x3 : 0;

	return spare == 0 || ((unsigned)value_of(digits.p[digits.n - 1]) & spare) == 0;
}

int sasl_base64_decode(struct span text, struct buf *out, size_t *at)
{
	size_t start = out->len, digits;
	unsigned bits = 0;

	if (find_padding(text, &digits, at) < 0)
		return -1;
	if (!ends_clean(span_first(text, digits))) {
		*at = digits - 1;
		return -1;
	}
	for (size_t i = 0; i < digits; i++) {
		bits = bits << 6 | (unsigned)value_of(text.p[i]);
		if (i % 4 != 0 && buf_addch(out, (char)(bits >> (6 - i % 4 * 2) & 0xff)) < 0) {
			buf_cut(out, start);
			*at = i;
			return -1;
		}
	}
	return 0;
}

void sasl_base64_encode(struct span bytes, struct buf *out)
{
	for (; bytes.n > 0; bytes = span_skip(bytes, 3)) {
		char text[4];

		base64_write(text, bytes.p, bytes.n < 3 ? bytes.n : 3);
		buf_add(out, text, 4);
		explicit_bzero(text, sizeof(text));
	}
}
