/*
 * A list that is searched from its start: a check asks tens of questions, rarely hundreds, and each
 * is waited for thousands of times longer than the search takes.
 */
#include "check/lookups.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct lookup {
	struct lookups *all;
	char *name;
	enum dns_type type;
	struct network_query *query; /* on its way */
	struct dns_answer *answer;
};

struct lookups {
	struct network *network;
	struct loop_timer *deadline;
	lookups_fn *changed;
	void *arg;
	struct lookup **list; /* pointers: queries keep them */
	size_t count, room, waiting;
	bool late;
	struct dns_answer *too_many;
};

static void came(void *arg, struct dns_answer *answer)
{
	struct lookup *one = arg;

	one->query = NULL;
	one->answer = answer;
	one->all->waiting--;
	one->all->changed(one->all->arg);
}

/* Gives up on what is on its way. */
static void late(void *arg)
{
	struct lookups *l = arg;

	l->late = true;
	for (size_t i = 0; i < l->count; i++) {
		struct lookup *one = l->list[i];

		if (!one->query)
			continue;
		network_query_cancel(one->query, l->network);
		one->query = NULL;
		one->answer = dns_answer_new(one->name, one->type, DNS_STATUS_TIMEOUT);
	}
	l->waiting = 0;
	l->changed(l->arg);
}

struct lookups *lookups_new(struct network *n, int64_t ms, lookups_fn *changed, void *arg)
{
	struct lookups *l = mem_zero(sizeof(*l));

	l->network = n;
	l->changed = changed;
	l->arg = arg;
	l->deadline = loop_timer_new(n->loop, ms, late, l);
	l->too_many = dns_answer_new("", DNS_TXT, DNS_STATUS_OTHER);
	return l;
}

void lookups_free(struct lookups *l)
{
	if (!l)
		return;
	loop_timer_free(l->deadline);
	for (size_t i = 0; i < l->count; i++) {
		struct lookup *one = l->list[i];

		if (one->query)
			network_query_cancel(one->query, l->network);
		dns_answer_free(one->answer);
		free(one->name);
		free(one);
	}
	free(l->list);
	dns_answer_free(l->too_many);
	free(l);
}

static struct span without_dot(const char *name)
{
	struct span s = span_of(name);

	return s.n > 1 && s.p[s.n - 1] == '.' ? span_first(s, s.n - 1) : s;
}

static struct lookup *find(const struct lookups *l, struct span name, enum dns_type type)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->list[i]->type == type && span_eq_nocase(span_of(l->list[i]->name), name))
			return l->list[i];
	}
	return NULL;
}

const struct dns_answer *lookups_ask(struct lookups *l, const char *name, enum dns_type type)
{
	struct span text = without_dot(name);
	struct lookup *one = find(l, text, type);

	if (one)
		return one->answer;
	if (l->count >= LOOKUPS_MAX)
		return l->too_many;
	one = mem_zero(sizeof(*one));
	one->all = l;
	one->name = mem_dupn(text.p, text.n);
	one->type = type;
	l->list = mem_grow(l->list, l->count, &l->room, sizeof(struct lookup *));
	l->list[l->count++] = one;
	if (l->late) {
		one->answer = dns_answer_new(one->name, type, DNS_STATUS_TIMEOUT);
		return one->answer;
	}
	l->waiting++;
	one->query = network_query(l->network, one->name, type, came, one);
	return NULL;
}

size_t lookups_waiting(const struct lookups *l)
{
	return l->waiting;
}

size_t lookups_count(const struct lookups *l)
{
	return l->count;
}
