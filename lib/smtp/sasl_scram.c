/*
 * Attributes may stand in any order for us: libgsasl insists on RFC 5802's, and a reader that tells
 * people what came should understand more than it would accept.
 */
#include "smtp/sasl_scram.h"

#include <limits.h>

struct span sasl_scram_attribute(struct span message, char letter)
{
	while (message.p) {
		struct span part = span_cut(&message, ',');

		if (part.n >= 2 && part.p[0] == letter && part.p[1] == '=')
			return span_skip(part, 2);
	}
	return (struct span){0};
}

int sasl_scram_read_first(struct span message, struct sasl_scram_first *out)
{
	struct span hashing = sasl_scram_attribute(message, 'i');

	out->nonce = sasl_scram_attribute(message, 'r');
	out->salt = sasl_scram_attribute(message, 's');
	if (!span_starts(message, SPAN("r=")) || !out->salt.p || !hashing.p)
		return -1;
	return span_number(hashing, ULONG_MAX, &out->hashing);
}
