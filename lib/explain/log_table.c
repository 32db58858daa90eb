/*
 * One array that grows up to the cap; numbers instead of pointers link it, so that it may move. The
 * oldest is found through a list in order of last use.
 */
#include "explain/log_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { HEADS = 1 << 16 };

static uint32_t hash(struct span id)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < id.n; i++)
		h = (h ^ (unsigned char)id.p[i]) * 16777619u;
	return (h ^ h >> 16) & (HEADS - 1);
}

static struct span cut_id(struct span id)
{
	return span_first(id, sizeof(((struct log_message *)NULL)->id) - 1);
}

static uint32_t number_of(const struct log_table *t, const struct log_message *m)
{
	return (uint32_t)(m - t->list) + 1;
}

void log_table_init(struct log_table *t)
{
	memset(t, 0, sizeof(*t));
	t->heads = mem_zero(HEADS * sizeof(uint32_t));
}

void log_table_release(struct log_table *t)
{
	for (uint32_t i = t->oldest; i > 0; i = t->list[i - 1].newer)
		buf_release(&t->list[i - 1].story);
	free(t->list);
	free(t->heads);
	memset(t, 0, sizeof(*t));
}

static void unlink_age(struct log_table *t, struct log_message *m)
{
	if (m->older > 0)
		t->list[m->older - 1].newer = m->newer;
	else
		t->oldest = m->newer;
	if (m->newer > 0)
		t->list[m->newer - 1].older = m->older;
	else
		t->newest = m->older;
}

static void make_newest(struct log_table *t, struct log_message *m)
{
	m->older = t->newest;
	m->newer = 0;
	if (t->newest > 0)
		t->list[t->newest - 1].newer = number_of(t, m);
	else
		t->oldest = number_of(t, m);
	t->newest = number_of(t, m);
}

struct log_message *log_table_find(struct log_table *t, struct span id)
{
	id = cut_id(id);
	for (uint32_t i = t->heads[hash(id)]; i > 0; i = t->list[i - 1].chain) {
		struct log_message *m = &t->list[i - 1];

		if (m->id_n != id.n || memcmp(m->id, id.p, id.n) != 0)
			continue;
		if (t->newest != i) {
			unlink_age(t, m);
			make_newest(t, m);
		}
		return m;
	}
	return NULL;
}

struct log_message *log_table_add(struct log_table *t, struct span id)
{
	struct log_message *m;
	uint32_t *head;

	id = cut_id(id);
	head = &t->heads[hash(id)];
	if (t->unused > 0) {
		m = &t->list[t->unused - 1];
		t->unused = m->chain;
	} else {
		t->list = mem_grow(t->list, t->count, &t->room, sizeof(*m));
		m = &t->list[t->count++];
	}
	memset(m, 0, sizeof(*m));
	memcpy(m->id, id.p, id.n);
	m->id_n = (unsigned)id.n;
	m->chain = *head;
	*head = number_of(t, m);
	make_newest(t, m);
	return m;
}

bool log_table_full(const struct log_table *t)
{
	return t->unused == 0 && t->count >= LOG_OPEN_MAX;
}

struct log_message *log_table_oldest(struct log_table *t)
{
	return t->oldest > 0 ? &t->list[t->oldest - 1] : NULL;
}

void log_table_remove(struct log_table *t, struct log_message *m)
{
	uint32_t *at = &t->heads[hash(span_from(m->id, m->id_n))];

	while (*at != number_of(t, m))
		at = &t->list[*at - 1].chain;
	*at = m->chain;
	unlink_age(t, m);
	buf_release(&m->story);
	m->chain = t->unused;
	t->unused = number_of(t, m);
}
