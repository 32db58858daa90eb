/*
 * gram: which of many patterns may stand in a text, whatever their number.
 *
 * Of each pattern four bytes in a row are remembered that must stand in every text it matches, and
 * where its first and its last four would be noted: a text without either has no chance. What is
 * found is only a candidate: whether the pattern matches must be asked. Owns its tables; the
 * patterns are not kept.
 */
#ifndef EXPLAIN_GRAM_H
#define EXPLAIN_GRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define GRAM_HEADS 4096

struct gram_entry {
	uint32_t gram;
	uint16_t owner, next; /* `next` counts from 1; 0: the last */
	uint16_t first, last; /* slots of the pattern's first and last four bytes in a row */
};

struct gram_index {
	uint16_t heads[GRAM_HEADS];  /* count from 1; 0: none */
	uint16_t common[GRAM_HEADS]; /* how often it stands in the patterns that were learnt */
	struct gram_entry *entries;
	size_t count, room;
};

void gram_release(struct gram_index *g);
/* Before any is added: lets all patterns tell which runs of bytes are common, and so a poor choice.
 */
void gram_learn(struct gram_index *g, const char *pattern);
/* Adds a pattern of `owner`. False: it has no four bytes in a row (or there are too many patterns),
 * so the owner must always be taken for a candidate. */
bool gram_add(struct gram_index *g, const char *pattern, uint16_t owner);
/* Sets the bit of every owner that is a candidate; `set` is not cleared before. */
void gram_scan(const struct gram_index *g, struct span text, uint64_t *set);

#endif
