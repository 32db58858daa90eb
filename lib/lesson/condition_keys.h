/*
 * condition_keys: what can be asked of the facts, one row a key. For condition.c only.
 */
#ifndef LESSON_CONDITION_KEYS_H
#define LESSON_CONDITION_KEYS_H

#include "lesson/condition.h"

enum lesson_key_kind {
	LESSON_KEY_SET,    /* values are bits */
	LESSON_KEY_NUMBER, /* also ">=" */
	LESSON_KEY_TEXT,   /* patterns */
	LESSON_KEY_PLACE,  /* names a mailbox or a host for the keys after it */
};

struct lesson_key {
	const char *name;
	enum lesson_key_kind kind;
	/* SET and NUMBER: reads one value: 0, or -1. */
	int (*read)(struct span text, unsigned long *value);
	unsigned long (*fact)(const struct lesson_condition *c, const struct lesson_facts *f);
	/* TEXT: whether anything that is there matches. */
	bool (*matches)(const struct lesson_condition *c, const struct lesson_facts *f,
	                const char *pattern);
	const char *values; /* for the fault: what a value must be */
	char needs;         /* 'm': a mailbox, 'h': a host; else 0 */
};

const struct lesson_key *lesson_key_find(struct span name); /* or NULL */

#endif
