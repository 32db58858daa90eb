/*
 * A short table that is searched: a class has fewer machines than it has rows, and whoever comes
 * from more addresses than that is not held up by counting.
 */
#include "practice/visitors.h"

#include <stdlib.h>

#include "base/mem.h"

#define MINUTE_MS 60000

struct visitor {
	struct net_address address; /* its port is 0 */
	int64_t since;
	unsigned count; /* 0: the row is free */
};

struct visitors {
	struct visitor rows[VISITORS_MAX];
};

struct visitors *visitors_new(void)
{
	return mem_zero(sizeof(struct visitors));
}

void visitors_free(struct visitors *v)
{
	free(v);
}

/* Its row; or one for it: a free one, else the oldest. */
static struct visitor *find(struct visitors *v, const struct net_address *a)
{
	struct visitor *place = &v->rows[0];

	for (size_t i = 0; i < VISITORS_MAX; i++) {
		struct visitor *row = &v->rows[i];

		if (row->count == 0)
			return row; /* rows are never freed: behind it there is nobody */
		if (net_address_equal(&row->address, a))
			return row;
		if (row->since < place->since)
			place = row;
	}
	place->count = 0;
	return place;
}

unsigned visitors_count(struct visitors *v, const struct net_address *a, int64_t ms)
{
	struct net_address bare = *a;
	struct visitor *row;

	net_address_set_port(&bare, 0);
	row = find(v, &bare);
	if (row->count == 0 || ms - row->since >= MINUTE_MS)
		*row = (struct visitor){.address = bare, .since = ms};
	return ++row->count;
}
