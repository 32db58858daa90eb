/*
 * One encoder for passwords and for attachments. It owns no memory: who encodes a secret can wipe
 * what was written, and who encodes 70 MB pays for no copy.
 */
#include "base/base64.h"

#include <stdint.h>

const char BASE64_ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t base64_write(char *to, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	char *at = to;

	for (; n >= 3; n -= 3, p += 3) {
		uint32_t bits = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];

		*at++ = BASE64_ALPHABET[bits >> 18];
		*at++ = BASE64_ALPHABET[bits >> 12 & 63];
		*at++ = BASE64_ALPHABET[bits >> 6 & 63];
		*at++ = BASE64_ALPHABET[bits & 63];
	}
	if (n > 0) {
		uint32_t bits = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0);

		*at++ = BASE64_ALPHABET[bits >> 18];
		*at++ = BASE64_ALPHABET[bits >> 12 & 63];
		*at++ = n > 1 ? BASE64_ALPHABET[bits >> 6 & 63] : '=';
		*at++ = '=';
	}
	return (size_t)(at - to);
}
