/*
 * parts: which steps of a session file belong to one connection.
 *
 * A part ends before an <open> when something was said or awaited since it began, and behind a
 * <close> or <reset> when more is to come; what needs no connection (@set and the like) belongs to
 * what follows it. A file has at least one part, be it empty. Owns nothing.
 */
#ifndef SESSION_PARTS_H
#define SESSION_PARTS_H

#include "session/file.h"

/* The step behind the last one of the part that begins at `at`. */
size_t session_part_end(const struct session_file *f, size_t at);
/* Where part n begins, from 0; the end of the file when it has fewer. */
size_t session_part_begin(const struct session_file *f, size_t n);
size_t session_parts_count(const struct session_file *f);

#endif
