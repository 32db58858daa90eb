/*
 * base64: the encoding of RFC 4648 §4, without line ends.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stddef.h>

extern const char BASE64_ALPHABET[]; /* 64 characters */

/* Writes n bytes, padded to a multiple of four characters, and no NUL: how many, which is
 * (n + 2) / 3 * 4. */
size_t base64_write(char *to, const void *bytes, size_t n);

#endif
