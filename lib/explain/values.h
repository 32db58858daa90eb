/*
 * values: what each placeholder stands for.
 */
#ifndef EXPLAIN_VALUES_H
#define EXPLAIN_VALUES_H

#include "explain/fill.h"

struct value {
	const char *name;
	bool always; /* has a value wherever a text may use it */
	/* Appends the value, made safe. False: there is none (then nothing was added). */
	bool (*add)(const struct fill *f, struct buf *out);
};

/* NULL when there is none of that name. */
const struct value *value_find(struct span name);

#endif
