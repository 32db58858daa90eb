/*
 * histogram: how often each size occurred, in a fixed room however many there are.
 *
 * Values from 0 to 2^32 - 1 (larger ones count as that), each known to about 3 %: 32 slots for
 * every power of two. Zeroed is empty; owns nothing, never fails.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SLOTS 896

struct histogram {
	uint64_t count, sum;
	uint32_t most; /* the largest, exactly */
	uint64_t slots[HISTOGRAM_SLOTS];
};

void histogram_add(struct histogram *h, int64_t value);
/* The smallest value that at least `part` (0 to 1) of all do not exceed: never less than the true
 * one, never more than the largest. 0 when there is none. */
uint32_t histogram_quantile(const struct histogram *h, double part);

#endif
