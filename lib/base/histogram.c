/*
 * Slots that grow with the value: a wait of 100 µs and one of 100 s are both known to a few per
 * cent, in 7 KiB, and adding one is a shift and an increment.
 */
#include "base/histogram.h"

#define FINE 5 /* bits below the highest that tell slots apart */

static unsigned shift_of(uint32_t value)
{
	unsigned highest = 31 - (unsigned)__builtin_clz(value | 1);

	return highest > FINE ? highest - FINE : 0;
}

static unsigned slot_of(uint32_t value)
{
	unsigned shift = shift_of(value);

	return (shift << FINE) + (value >> shift);
}

/* The largest value in a slot. */
static uint32_t top_of(unsigned slot)
{
	unsigned shift = slot >> FINE > 1 ? (slot >> FINE) - 1 : 0;
	uint64_t next = (uint64_t)(slot - (shift << FINE) + 1) << shift;

	return (uint32_t)(next - 1);
}

void histogram_add(struct histogram *h, int64_t value)
{
	uint32_t v = value < 0 ? 0 : value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;

	h->count++;
	h->sum += v;
	if (v > h->most)
		h->most = v;
	h->slots[slot_of(v)]++;
}

uint32_t histogram_quantile(const struct histogram *h, double part)
{
	uint64_t seen = 0;

	for (unsigned i = 0; i < HISTOGRAM_SLOTS; i++) {
		seen += h->slots[i];
		if (seen > 0 && (double)seen >= part * (double)h->count)
			return top_of(i) < h->most ? top_of(i) : h->most;
	}
	return h->most;
}
