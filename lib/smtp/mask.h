/*
 * mask: what may be shown, recorded or remembered of a line that is about to be sent.
 *
 * The wire gets what was typed; everything else gets what comes out of here. AUTH keeps its
 * mechanism and loses its initial response ("AUTH PLAIN <secret>"); an answer to a 334 is
 * "<secret>" as a whole, the user's name included; "*", an empty answer and "=" stay. A line is
 * also an answer when it is sent while AUTH has no reply yet, and when it looks like one that is
 * typed after a login failed. All other lines come out as they are.
 */
#ifndef SMTP_MASK_H
#define SMTP_MASK_H

#include "base/buf.h"
#include "base/span.h"
#include "smtp/command.h"
#include "smtp/dialogue.h"

#define SMTP_MASK "<secret>"

/* `line`, without its line end, in the state in which it would be sent now. Appends it to `out`:
 * true when something of it is hidden. */
bool smtp_line_mask(const struct smtp_dialogue *d, struct span line, struct buf *out);
/* The same for who sees lines without following the dialogue, as a server's side does: `answers`
 * tells that a 334 asked for this line. */
bool smtp_lone_line_mask(struct span line, bool answers, struct buf *out);

#endif
