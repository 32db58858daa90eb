/*
 * Trying some hundred patterns on every line of a long log would take most of the time. Nearly all
 * of them fail at their first rare letters, and this finds that out for all at once. Four bytes are
 * enough to be rare, and short enough that hardly a pattern is without.
 */
#include "explain/gram.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"

static unsigned slot(uint32_t gram)
{
	return (gram * 2654435761u) >> 20;
}

static size_t chain_length(const struct gram_index *g, uint32_t gram)
{
	size_t n = 0;

	for (unsigned i = g->heads[slot(gram)]; i > 0; i = g->entries[i - 1].next)
		n++;
	return n;
}

void gram_release(struct gram_index *g)
{
	free(g->entries);
	memset(g, 0, sizeof(*g));
}

/* Calls fn for each run of four bytes that must stand in a text. */
static void each_gram(const char *pattern, void (*fn)(void *arg, uint32_t gram), void *arg)
{
	uint32_t gram = 0;
	size_t run = 0;

	for (const char *p = pattern; *p; p++) {
		if (*p == '*' || *p == '^') {
			run = 0;
			continue;
		}
		if (*p == '\\' && p[1])
			p++;
		gram = gram << 8 | (unsigned char)ascii_lower(*p);
		if (++run >= 4)
			fn(arg, gram);
	}
}

static void count_gram(void *arg, uint32_t gram)
{
	struct gram_index *g = arg;

	if (g->common[slot(gram)] < UINT16_MAX)
		g->common[slot(gram)]++;
}

void gram_learn(struct gram_index *g, const char *pattern)
{
	each_gram(pattern, count_gram, g);
}

struct choice {
	const struct gram_index *index;
	uint32_t gram, first, last;
	size_t cost;
};

/* What stands in many patterns stands in many texts, too. */
static void choose(void *arg, uint32_t gram)
{
	struct choice *c = arg;
	size_t cost = c->index->common[slot(gram)] + chain_length(c->index, gram);

	if (c->cost == SIZE_MAX)
		c->first = gram;
	c->last = gram;
	if (cost < c->cost) {
		c->cost = cost;
		c->gram = gram;
	}
}

bool gram_add(struct gram_index *g, const char *pattern, uint16_t owner)
{
	struct gram_entry *entry;
	struct choice best = {.index = g, .cost = SIZE_MAX};
	uint32_t gram;

	each_gram(pattern, choose, &best);
	if (g->count >= UINT16_MAX || best.cost == SIZE_MAX)
		return false;
	gram = best.gram;
	g->entries = mem_grow(g->entries, g->count, &g->room, sizeof(*entry));
	entry = &g->entries[g->count++];
	*entry = (struct gram_entry){gram, owner, g->heads[slot(gram)], (uint16_t)slot(best.first),
	                             (uint16_t)slot(best.last)};
	g->heads[slot(gram)] = (uint16_t)g->count;
	return true;
}

static uint32_t next_gram(uint32_t gram, char c)
{
	return gram << 8 | (unsigned char)ascii_lower(c);
}

static bool is_seen(const uint64_t *seen, unsigned slot)
{
	return (seen[slot / 64] >> (slot % 64)) & 1u;
}

/* Hardly a slot of a text has a chain, and hardly an entry of a chain all three of its runs. */
void gram_scan(const struct gram_index *g, struct span text, uint64_t *set)
{
	uint64_t seen[GRAM_HEADS / 64] = {0};
	uint32_t gram = 0;

	for (size_t i = 0; i < text.n; i++) {
		gram = next_gram(gram, text.p[i]);
		if (i >= 3)
			seen[slot(gram) / 64] |= (uint64_t)1 << (slot(gram) % 64);
	}
	for (size_t i = 0; i < text.n; i++) {
		gram = next_gram(gram, text.p[i]);
		for (unsigned at = i < 3 ? 0 : g->heads[slot(gram)]; at > 0;) {
			const struct gram_entry *e = &g->entries[at - 1];

			if (e->gram == gram && is_seen(seen, e->first) && is_seen(seen, e->last))
				set[e->owner / 64] |= (uint64_t)1 << (e->owner % 64);
			at = e->next;
		}
	}
}
