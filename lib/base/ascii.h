/*
 * ascii: what kind of byte this is, in ASCII, whatever the locale.
 *
 * <ctype.h> follows the user's settings and is undefined for a negative char; what a peer's bytes
 * mean must depend on neither. Bytes from 0x80 on are none of these kinds. Nothing fails.
 */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool ascii_is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool ascii_is_letter(char c)
{
	return ascii_is_upper(c) || ascii_is_lower(c);
}

static inline bool ascii_is_alnum(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c);
}

/* SP or HTAB, as WSP in RFC 5234 appendix B.1. */
static inline bool ascii_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What a folded header field is parted by: WSP, CR and LF (RFC 5322 §3.2.2). */
static inline bool ascii_is_folding(char c)
{
	return ascii_is_blank(c) || c == '\r' || c == '\n';
}

/* What isspace() takes in the C locale: a blank, or HT to CR. */
static inline bool ascii_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char ascii_lower(char c)
{
	return ascii_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static inline char ascii_upper(char c)
{
	return ascii_is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

/* The value of a hexadecimal digit, or -1. */
static inline int ascii_hex(char c)
{
	char low = ascii_lower(c);

	if (ascii_is_digit(c))
		return c - '0';
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

#endif
