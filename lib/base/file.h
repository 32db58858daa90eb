/*
 * file: reads a whole file that a person named, and nothing that could hang or fill memory.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/diag.h"

/* Appends the bytes of a regular file (no FIFO, device or folder) to `out`, whose cap is the limit.
 * 0, or -1 and d (DIAG_INPUT, where = the path made safe); out then holds what was read so far. */
int file_read(const char *path, struct buf *out, struct diag *d);

#endif
