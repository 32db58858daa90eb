/*
 * file: reads a whole file that a person named, and nothing that could hang or fill memory; and
 * replaces one, wholly or not at all.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

/* Opens a regular file (no FIFO, device or folder) for reading. A descriptor, or -1 and d
 * (DIAG_INPUT, where = the path made safe). */
int file_open(const char *path, struct diag *d);
/* Reads at most n bytes of what file_open() gave. How many, 0 at the end, or -1 and d. */
ssize_t file_next(int fd, const char *path, void *to, size_t n, struct diag *d);
/* Appends the bytes of a regular file (no FIFO, device or folder) to `out`, whose cap is the limit.
 * 0, or -1 and d (DIAG_INPUT, where = the path made safe); out then holds what was read so far. */
int file_read(const char *path, struct buf *out, struct diag *d);
/* Opens for appending a regular file that only its owner can read; it and its folders are made when
 * they are missing. A descriptor, or -1 with errno. */
int file_open_private(const char *path);
/* Gives the file these bytes in one step: whoever reads it has the old ones or the new ones, also
 * after a crash. A symbolic link stays one, what it leads to is replaced; the mode stays. 0, or -1
 * and d (DIAG_INPUT); then the file is as it was. */
int file_replace(const char *path, struct span bytes, struct diag *d);

#endif
