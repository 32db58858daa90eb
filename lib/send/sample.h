/*
 * sample: the two texts that are made for testing one's own filters: GTUBE, which spam filters take
 * for spam, and EICAR's file, which virus scanners take for a virus. Both are harmless.
 */
#ifndef SEND_SAMPLE_H
#define SEND_SAMPLE_H

#include "base/buf.h"

enum sample {
	SAMPLE_GTUBE, /* 68 bytes: a line of a text body */
	SAMPLE_EICAR, /* 68 bytes: a whole file, for scanners want nothing in front of it */
};

void sample_add(enum sample which, struct buf *out);

#endif
