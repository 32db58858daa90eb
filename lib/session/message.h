/*
 * message: the file that a <file PATH> step names, in pieces.
 *
 * Regular files of any size; the path is relative to the session file's folder. Owns the open file
 * and never holds more than a piece of it. A message may also come from somebody else, piece by
 * piece.
 */
#ifndef SESSION_MESSAGE_H
#define SESSION_MESSAGE_H

#include "session/vars.h"

#define SESSION_MESSAGE_PIECE (64u << 10) /* of the file; at most twice that much on the wire */

struct session_message;

/* Appends the next piece as it goes out, at most SESSION_SOURCE_PIECE bytes; *end with the last. 0,
 * or -1 and d. */
#define SESSION_SOURCE_PIECE (4u << 20)
typedef int session_source_fn(void *arg, struct buf *out, bool *end, struct diag *d);

/* One that `read` gives. */
struct session_message *session_message_from(session_source_fn *read, void *arg);
/* NULL and d: a reference without a value, or no such file. */
struct session_message *session_message_open(struct session_vars *v, const struct session_step *s,
                                             struct diag *d);
void session_message_free(struct session_message *m); /* NULL is allowed */

/* Appends the next piece of what goes out: stuffed, with line ends made CRLF; *end is set with the
 * piece that has the final dot. 0, or -1 and d. */
int session_message_wire(struct session_message *m, struct buf *out, bool *end, struct diag *d);
/* Appends the next piece of the text that a server has when it came. Likewise. */
int session_message_text(struct session_message *m, struct buf *out, bool *end, struct diag *d);

#endif
