/*
 * escape: bytes written as text: \r \n \t \0 \\ and \xHH, of C!, S!, S= and /raw.
 *
 * Owns nothing.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/buf.h"
#include "base/span.h"

#define ESCAPES_KNOWN "\\r \\n \\t \\0 \\\\ and \\xHH"

/* Reads what stands behind a backslash: how many bytes it took, and appends the byte that it means;
 * or 0, when it is none of the escapes. */
size_t escape_decode(struct span s, struct buf *out);
/* Appends the byte as an escape. */
void escape_add(struct buf *out, char byte);

#endif
