/*
 * shown: a client's step as a line of notation, with the values that may be seen.
 *
 * What a reference to a secret stands for is never in it: the reference is, as it is written. The
 * same for what is made of other values in base64 or otherwise, since the reference says more. A
 * login that stands in the file as it is sent is masked (mask.h). The bytes are not safe to show
 * yet.
 */
#ifndef SESSION_SHOWN_H
#define SESSION_SHOWN_H

#include "session/vars.h"

/* Appends, for the step at that place, "C: text", "C! bytes" with escapes, or "C: <file PATH>",
 * without line end; nothing for a step that sends nothing. */
void session_step_show(const struct session_file *f, size_t at, const struct session_vars *v,
                       struct buf *out);

#endif
