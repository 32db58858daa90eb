/*
 * One table for both directions, so that what is written reads back.
 */
#include "base/escape.h"

#include "base/ascii.h"

static const struct {
	char name, byte;
} escapes[] = {{'r', '\r'}, {'n', '\n'}, {'t', '\t'}, {'0', '\0'}, {'\\', '\\'}};

enum { COUNT = sizeof(escapes) / sizeof(escapes[0]) };

size_t escape_decode(struct span s, struct buf *out)
{
	if (s.n >= 3 && s.p[0] == 'x' && ascii_hex(s.p[1]) >= 0 && ascii_hex(s.p[2]) >= 0) {
		buf_addch(out, (char)(ascii_hex(s.p[1]) * 16 + ascii_hex(s.p[2])));
		return 3;
	}
	for (size_t i = 0; s.n > 0 && i < COUNT; i++) {
		if (escapes[i].name == s.p[0]) {
			buf_addch(out, escapes[i].byte);
			return 1;
		}
	}
	return 0;
}

void escape_add(struct buf *out, char byte)
{
	for (size_t i = 0; i < COUNT; i++) {
		if (escapes[i].byte == byte) {
			buf_addf(out, "\\%c", escapes[i].name);
			return;
		}
	}
	buf_addf(out, "\\x%02x", (unsigned char)byte);
}
