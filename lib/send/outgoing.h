/*
 * outgoing: a message on its way: made (compose.h), with dots stuffed, in pieces.
 *
 * With no_data_fixup the bytes go out as they are; an end is added where they have none, since the
 * server would wait for it for ever. Owns the composer.
 */
#ifndef SEND_OUTGOING_H
#define SEND_OUTGOING_H

#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "send/course.h"

struct send_outgoing;

/* 0, or -1 and d. `spec` must stay. */
int send_outgoing_open(struct send_outgoing **out, const struct message_spec *spec, struct diag *d);
void send_outgoing_free(struct send_outgoing *o); /* NULL is allowed */
void send_outgoing_rewind(struct send_outgoing *o);
void send_outgoing_needs(const struct send_outgoing *o, struct send_message_needs *out);
/* The next piece for DATA, stuffed; *end with the lone dot. 0, or -1 and d. */
int send_outgoing_wire(struct send_outgoing *o, struct buf *out, bool *end, struct diag *d);
/* The next piece as it is, for BDAT and --dump-mail. */
int send_outgoing_text(struct send_outgoing *o, struct buf *out, bool *end, struct diag *d);

#endif
