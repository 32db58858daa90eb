/*
 * cidr: address patterns as main.cf writes them: "192.0.2.0/24", "192.0.2.1", "[2001:db8::]/32".
 *
 * A plain value; owns nothing.
 */
#ifndef PRACTICE_CIDR_H
#define PRACTICE_CIDR_H

#include <stdbool.h>

#include "base/span.h"

struct cidr {
	unsigned char bytes[16];
	unsigned length; /* bytes of the address: 4 or 16 */
	unsigned prefix; /* bits */
};

int cidr_parse(struct span text, struct cidr *out); /* 0, or -1: it is not one */
bool cidr_matches(const struct cidr *c, struct span address);

#endif
