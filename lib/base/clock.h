/*
 * clock: the monotonic clock, for deadlines and durations.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_ms(void); /* milliseconds since an arbitrary start */
int64_t clock_us(void); /* microseconds since the same start */

#endif
