/*
 * A target is read as at the prompt: a bare name is a mail domain, a host with a port is connected
 * to straight away. Nobody can be asked about a suspicious route here, so it ends the play unless
 * --yes was given. What was looked up stays with the plan: a suite asks the DNS once a target.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/connector.h"
#include "ui/replay_plan.h"
#include "ui/route_view.h"
#include "ui/target.h"

enum { TARGET_MAX = 1024 };

struct replay_way {
	char *target; /* as it was named */
	struct route *route;
};

struct replay_dial {
	struct replay_plan *plan;
	replay_dial_fn *fn;
	void *arg;
	char *text; /* the target as it was named */
	struct target target;
	struct loop_timer *soon;
	struct route_search *search;
	struct connector *connector;
	struct diag last; /* how the last address failed */
	bool busy, freed;
};

/* --- the plan's routes --- */

void replay_ways_release(struct replay_plan *p)
{
	for (size_t i = 0; i < p->ways_count; i++) {
		free(p->ways[i].target);
		route_free(p->ways[i].route);
	}
	free(p->ways);
	p->ways = NULL;
	p->ways_count = p->ways_room = 0;
}

static const struct route *known_route(const struct replay_plan *p, const char *target)
{
	for (size_t i = 0; i < p->ways_count; i++)
		if (strcmp(p->ways[i].target, target) == 0)
			return p->ways[i].route;
	return NULL;
}

/* Two may have looked the same one up at the same time: both are kept, since each is in use. */
static const struct route *keep_route(struct replay_dial *d, struct route *take)
{
	struct replay_plan *p = d->plan;

	p->ways = mem_grow(p->ways, p->ways_count, &p->ways_room, sizeof(*p->ways));
	p->ways[p->ways_count++] = (struct replay_way){mem_dup(d->text), take};
	return take;
}

/* --- telling --- */

static void release(struct replay_dial *d)
{
	loop_timer_free(d->soon);
	route_cancel(d->search);
	connector_free(d->connector);
	target_release(&d->target);
	diag_release(&d->last);
	free(d->text);
	free(d);
}

void replay_dial_free(struct replay_dial *d)
{
	if (!d || d->freed)
		return;
	d->freed = true;
	if (!d->busy)
		release(d);
}

static void tell(struct replay_dial *d, const struct replay_dialled *result)
{
	d->busy = true;
	d->fn(d->arg, result);
	d->busy = false;
	if (d->freed)
		release(d);
}

static void tell_failure(struct replay_dial *d, const struct diag *why)
{
	struct replay_dialled result = {.why = why};

	tell(d, &result);
}

/* --- connecting --- */

static void connected(struct replay_dial *d, const struct connector_event *ev)
{
	bool local = d->target.kind == TARGET_UNIX;
	char *where = connector_where(ev->host, ev->address);
	struct replay_dialled result = {
	        .stream = ev->stream,
	        .host = local ? NULL : ev->host->name,
	        .domain = d->target.domain,
	        .where = where,
	        .port = d->target.port,
	        .tls_first = d->target.tls,
	};

	tell(d, &result);
	free(where);
}

static void attempt_failed(struct replay_dial *d, const struct connector_event *ev)
{
	char *where = connector_where(ev->host, ev->address);

	diag_release(&d->last);
	diag_set(&d->last, DIAG_NETWORK, where, "%s", connector_error_text(ev->error));
	free(where);
}

static void gave_up(struct replay_dial *d, const struct connector_event *ev)
{
	struct diag why;

	diag_init(&why);
	if (ev->tried == 1)
		diag_set(&why, DIAG_NETWORK, d->last.where, "%s", d->last.what);
	else
		diag_set(&why, DIAG_NETWORK, d->text,
		         "none of %zu addresses could be connected to; the last, %s: %s", ev->tried,
		         d->last.where ? d->last.where : "", d->last.what ? d->last.what : "");
	tell_failure(d, &why);
	diag_release(&why);
}

static void connector_told(void *arg, const struct connector_event *ev)
{
	struct replay_dial *d = arg;

	switch (ev->type) {
	case CONNECTOR_HOST:
	case CONNECTOR_TRYING: break;
	case CONNECTOR_FAILED: attempt_failed(d, ev); break;
	case CONNECTOR_CONNECTED: connected(d, ev); break;
	case CONNECTOR_GAVE_UP: gave_up(d, ev); break;
	}
}

static int judge_route(const struct replay_dial *d, const struct route *r, struct diag *why)
{
	const struct route_host *h = route_suspicious(r);
	char text[NET_ADDRESS_TEXT];

	if (route_dead_end(r, why))
		return -1;
	if (h && !d->plan->options->yes) {
		net_address_text(&h->addresses[0], text);
		diag_set(why, DIAG_NETWORK, r->domain, "its mail host %s has the %s address %s",
		         h->name, net_range_name(h->worst), text);
		diag_hint(why, "--yes connects all the same");
		return -1;
	}
	return d->plan->permit ? d->plan->permit(d->plan->permit_arg, r, why) : 0;
}

static void use_route(struct replay_dial *d, const struct route *r)
{
	int64_t ms = (int64_t)d->plan->options->timeout * 1000;
	struct diag why;

	diag_init(&why);
	if (judge_route(d, r, &why) < 0)
		tell_failure(d, &why);
	else
		d->connector = connector_new(d->plan->network, r, 0, ms, connector_told, d);
	diag_release(&why);
}

/* --- looking up --- */

static void route_found(void *arg, struct route *route)
{
	struct replay_dial *d = arg;

	d->search = NULL;
	use_route(d, keep_route(d, route));
}

static void begin(void *arg)
{
	struct replay_dial *d = arg;
	const struct route *known = known_route(d->plan, d->text);
	struct options o = *d->plan->options;
	struct route *local;
	struct diag why;

	loop_timer_free(d->soon);
	d->soon = NULL;
	diag_init(&why);
	o.host = NULL; /* it is in the target already */
	if (target_read(&d->target, &d->text, 1, &o, &why) < 0) {
		tell_failure(d, &why);
	} else if (known) {
		use_route(d, known);
	} else if (d->target.kind != TARGET_UNIX) {
		d->search = target_find_route(&d->target, d->plan->network, &o, route_found, d);
	} else if ((local = target_local_route(&d->target, &why)) != NULL) {
		use_route(d, keep_route(d, local));
	} else {
		tell_failure(d, &why);
	}
	diag_release(&why);
}

struct replay_dial *replay_dial_new(struct replay_plan *p, struct span target, replay_dial_fn *fn,
                                    void *arg)
{
	struct replay_dial *d = mem_zero(sizeof(*d));

	d->plan = p;
	d->fn = fn;
	d->arg = arg;
	target = span_first(target, TARGET_MAX);
	d->text = mem_dupn(target.p, target.n);
	diag_init(&d->last);
	d->soon = loop_timer_new(p->loop, 0, begin, d);
	return d;
}
