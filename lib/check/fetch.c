/*
 * One file is all that a check needs: that of MTA-STS.
 */
#include "check/fetch.h"

#include <stdlib.h>

#include "base/mem.h"

struct fetch {
	const struct fetcher *by;
	void (*changed)(void *arg);
	void *arg;
	struct https_fetch *on_its_way;
	struct https_result *result;
};

struct fetch *fetch_new(const struct fetcher *by, void (*changed)(void *arg), void *arg)
{
	struct fetch *f = mem_zero(sizeof(*f));

	f->by = by;
	f->changed = changed;
	f->arg = arg;
	return f;
}

void fetch_free(struct fetch *f)
{
	if (!f)
		return;
	https_cancel(f->on_its_way);
	https_result_free(f->result);
	free(f);
}

const struct fetcher *fetch_by(const struct fetch *f)
{
	return f->by;
}

static void came(void *arg, struct https_result *result)
{
	struct fetch *f = arg;

	f->on_its_way = NULL;
	f->result = result;
	f->changed(f->arg);
}

const struct https_result *fetch_ask(struct fetch *f, const char *host, const char *path,
                                     const struct net_address *addresses, size_t count,
                                     size_t body_max)
{
	struct https_question q = {.host = host,
	                           .path = path,
	                           .addresses = addresses,
	                           .count = count,
	                           .port = f->by->port,
	                           .tls = f->by->tls,
	                           .body_max = body_max,
	                           .ms = f->by->ms};

	if (!f->result && !f->on_its_way)
		f->on_its_way = https_get(f->by->network, &q, came, f);
	return f->result;
}
