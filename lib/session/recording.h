/*
 * recording: the file that a recording goes to.
 *
 * What is given at once leaves in one write(2), so the file is whole up to the last piece whatever
 * ends the program; nothing is synced to the disk, so a machine that loses its power may lose the
 * last seconds. New files are for their owner's eyes (0600). A file that is there and not empty is
 * never overwritten, but for an earlier recording, and only when it is wanted. FIFOs and devices
 * are written to as they are, without waiting for a reader that is slow. The limits are those of
 * file.h: what is larger could not be read.
 *
 * A write that fails ends the recording: the file is cut back to the last whole piece where it can
 * be, and closed. The caller is told once. What ends in order has RECORDING_END in its last line;
 * where it is missing, the reader says that the recording was cut off.
 */
#ifndef SESSION_RECORDING_H
#define SESSION_RECORDING_H

#include <stdbool.h>

#include "base/diag.h"
#include "base/span.h"

/* How the second line begins, and the last. */
#define RECORDING_BEGIN "# recorded by smtptalk"
#define RECORDING_END   "# end of recording"

enum recording_place {
	RECORDING_FREE,    /* nothing is there, an empty file, a FIFO or a device */
	RECORDING_EARLIER, /* a recording */
	RECORDING_TAKEN,   /* another file */
};
enum recording_place recording_look(const char *path);

struct recording;

/* Opens it and writes `head`. NULL and d: DIAG_USAGE when a file is in the way, DIAG_INPUT when it
 * cannot be opened or written. */
struct recording *recording_open(const char *path, bool overwrite, struct span head,
                                 struct diag *d);
/* How many lines of it count for the limits: those that are no comments. */
size_t recording_lines(struct span piece);
/* 0, or -1 and d, when it just failed. One that failed takes everything and keeps nothing. */
int recording_add(struct recording *r, struct span piece, struct diag *d);
bool recording_failed(const struct recording *r);
const char *recording_path(const struct recording *r);
/* Adds `last`, closes and frees it; NULL is allowed. 0, or -1 and d. */
int recording_close(struct recording *r, struct span last, struct diag *d);

#endif
