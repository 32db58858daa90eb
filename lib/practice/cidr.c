/*
 * Both sides are compared as bits, so that all ways to write an IPv6 address are one.
 */
#include "practice/cidr.h"

#include <arpa/inet.h>
#include <string.h>

/* The bytes of an address without brackets; gives how many, or 0. */
static unsigned read_address(struct span s, unsigned char out[16])
{
	char text[64];

	if (s.n == 0 || s.n >= sizeof text || memchr(s.p, '\0', s.n))
		return 0;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, out) == 1)
		return 4;
	return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}

int cidr_parse(struct span text, struct cidr *out)
{
	size_t slash = span_find(text, '/');
	struct span address = span_first(text, slash), prefix = span_skip(text, slash + 1);
	unsigned long bits;

	if (address.n >= 2 && address.p[0] == '[') {
		if (address.p[address.n - 1] != ']')
			return -1;
		address = span_from(address.p + 1, address.n - 2);
	}
	out->length = read_address(address, out->bytes);
	if (out->length == 0)
		return -1;
	out->prefix = out->length * 8;
	if (slash == text.n)
		return 0;
	if (span_number(prefix, out->prefix, &bits) != 0)
		return -1;
	out->prefix = (unsigned)bits;
	return 0;
}

bool cidr_matches(const struct cidr *c, struct span address)
{
	unsigned char bytes[16];
	unsigned whole = c->prefix / 8, rest = c->prefix % 8;

	if (read_address(address, bytes) != c->length || memcmp(bytes, c->bytes, whole) != 0)
		return false;
	return rest == 0 || (bytes[whole] ^ c->bytes[whole]) >> (8 - rest) == 0;
}
