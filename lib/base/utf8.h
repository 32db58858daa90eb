/*
 * utf8: one character at a time (RFC 3629). Owns nothing.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* Reads the character at the start of s: its length in bytes (1 to 4) and *cp, or 0 when s is
 * empty or does not begin with a well-formed one (overlong forms, surrogates and values above
 * U+10FFFF are not). */
size_t utf8_decode(struct span s, uint32_t *cp);
bool utf8_valid(struct span s); /* all of it; the empty one, too */
size_t utf8_put(uint32_t cp, char out[4]);

#endif
