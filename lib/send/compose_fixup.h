/*
 * compose_fixup: what swaks does to text on its way into a message: tokens become what they stand
 * for, "\n" (two characters) and every line end become CRLF; private to the compose files.
 *
 * Owns the values of the tokens. Nothing fails but by the buffer's cap.
 */
#ifndef SEND_COMPOSE_FIXUP_H
#define SEND_COMPOSE_FIXUP_H

#include <stdbool.h>

#include "base/buf.h"
#include "send/message_spec.h"

#define COMPOSE_VALUE_MAX (256u << 10) /* of one token */

#define COMPOSE_NEW_HEADERS "%NEW_HEADERS%"
#define COMPOSE_BODY        "%BODY%"

struct compose_tokens {
	char *from, *to, *cc, *message_id, *date; /* heap */
};

void compose_tokens_fill(struct compose_tokens *t, const struct message_spec *spec);
void compose_tokens_release(struct compose_tokens *t);

/* Appends as much of the text as can be decided, and not much more than `limit` bytes. How many
 * bytes of it were taken: the rest is to come again, in front of what follows it. `last`: nothing
 * follows, and only the limit leaves a rest. */
size_t compose_fixup(const struct compose_tokens *t, struct span text, bool last, size_t limit,
                     struct buf *out);

#endif
