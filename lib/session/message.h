/*
 * message: the file that a <file PATH> step names.
 *
 * Regular files of SESSION_MESSAGE_MAX bytes; the path is relative to the session file's folder.
 */
#ifndef SESSION_MESSAGE_H
#define SESSION_MESSAGE_H

#include "session/vars.h"

#define SESSION_MESSAGE_MAX (80u << 20)

/* Appends what goes out for it: stuffed, with line ends made CRLF and the final dot. 0, or -1 and
 * d.
 */
int session_message_wire(struct session_vars *v, const struct session_step *s, struct buf *out,
                         struct diag *d);
/* Appends the text that a server has when it came. 0, or -1 and d. */
int session_message_text(struct session_vars *v, const struct session_step *s, struct buf *out,
                         struct diag *d);

#endif
