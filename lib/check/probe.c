/*
 * Kept like look-ups: asked for again and again by a part, made once.
 */
#include "check/probe.h"

#include <stdlib.h>

#include "base/mem.h"

struct entry {
	struct probes *all;
	struct net_address to;
	bool whole; /* not only a connection */
	void *handle;
	struct probe_result *result;
};

struct probes {
	const struct prober *prober;
	void (*changed)(void *arg);
	void *arg;
	struct entry **list;
	size_t count, room;
	struct probe_result none;
};

void probe_result_free(struct probe_result *r)
{
	if (!r)
		return;
	free(r->why);
	free(r->banner);
	free(r->name);
	free(r->refusal);
	tls_report_free(r->tls);
	free(r);
}

struct probes *probes_new(const struct prober *prober, void (*changed)(void *arg), void *arg)
{
	struct probes *p = mem_zero(sizeof(*p));

	p->prober = prober;
	p->changed = changed;
	p->arg = arg;
	return p;
}

void probes_free(struct probes *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		if (p->list[i]->handle)
			p->prober->cancel(p->list[i]->handle);
		probe_result_free(p->list[i]->result);
		free(p->list[i]);
	}
	free(p->list);
	free(p);
}

static void came(void *arg, struct probe_result *result)
{
	struct entry *e = arg;

	e->handle = NULL;
	e->result = result;
	e->all->changed(e->all->arg);
}

static struct entry *find(const struct probes *p, const struct probe_question *q)
{
	for (size_t i = 0; i < p->count; i++) {
		struct entry *e = p->list[i];

		if (net_address_equal(&e->to, q->to) &&
		    net_address_port(&e->to) == net_address_port(q->to) &&
		    e->whole == (q->domain != NULL))
			return e;
	}
	return NULL;
}

const struct probe_result *probes_ask(struct probes *p, const struct probe_question *q)
{
	struct entry *e = find(p, q);

	if (e)
		return e->result;
	if (!p->prober || p->count >= PROBES_MAX)
		return &p->none;
	e = mem_zero(sizeof(*e));
	e->all = p;
	e->to = *q->to;
	e->whole = q->domain != NULL;
	p->list = mem_grow(p->list, p->count, &p->room, sizeof(struct entry *));
	p->list[p->count++] = e;
	e->handle = p->prober->begin(p->prober->arg, q, came, e);
	return NULL;
}
