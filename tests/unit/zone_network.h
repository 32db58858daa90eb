/*
 * zone_network: a network that can only query, from one zone, with failures where they are wanted.
 */
#ifndef TESTS_ZONE_NETWORK_H
#define TESTS_ZONE_NETWORK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/network.h"

/* A query that fails, whatever the zone says; a list of them ends with a NULL name. */
struct zone_failure {
	const char *name;
	enum dns_type type;
	enum dns_status status;
};

struct network_query {
	struct zone_network *network;
	struct loop_timer *timer;
	struct dns_answer *answer;
	network_query_fn *fn;
	void *arg;
};

struct zone_network {
	struct network network;
	struct dns_zone *zone;
	const struct zone_failure *failures;
	int asked, waiting, most_waiting;
	int ms; /* that a query takes */
};

static inline void zone_query_free(struct network_query *q)
{
	q->network->waiting--;
	loop_timer_free(q->timer);
	free(q);
}

static inline void zone_query_done(void *arg)
{
	struct network_query *q = arg;
	struct dns_answer *answer = q->answer;
	network_query_fn *fn = q->fn;
	void *fn_arg = q->arg;

	zone_query_free(q);
	fn(fn_arg, answer);
}

static inline struct dns_answer *zone_look_up(const struct zone_network *z, const char *name,
                                              enum dns_type type)
{
	struct dns_answer *a;

	for (const struct zone_failure *f = z->failures; f->name; f++) {
		if (strcmp(f->name, name) == 0 && f->type == type)
			return dns_answer_new(name, type, f->status);
	}
	a = dns_zone_answer(z->zone, name, type);
	return a ? a : dns_answer_new(name, type, DNS_STATUS_REFUSED);
}

static inline struct network_query *zone_query(struct network *n, const char *name,
                                               enum dns_type type, network_query_fn *fn, void *arg)
{
	struct zone_network *z = (struct zone_network *)n;
	struct network_query *q = mem_zero(sizeof(*q));

	q->network = z;
	q->fn = fn;
	q->arg = arg;
	q->answer = zone_look_up(z, name, type);
	q->timer = loop_timer_new(n->loop, z->ms, zone_query_done, q);
	z->asked++;
	if (++z->waiting > z->most_waiting)
		z->most_waiting = z->waiting;
	return q;
}

static inline void zone_query_cancel(struct network_query *q)
{
	dns_answer_free(q->answer);
	zone_query_free(q);
}

struct zone_row {
	const char *name;
	enum dns_type type;
	const char *data;
};

/* Loads a zone of the root from rows; strings of TXT are at most 255 bytes. */
static inline void zone_load_rows(struct zone_network *z, const struct zone_row *rows, size_t n)
{
	char path[] = "/tmp/smtptalk-zone-XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");
	struct diags ds;

	assert_non_null(f);
	fprintf(f, "$ORIGIN .\n. 60 IN SOA ns. h. 1 3600 600 86400 300\n");
	for (size_t i = 0; i < n; i++) {
		const char *quote = rows[i].type == DNS_TXT ? "\"" : "";

		fprintf(f, "%s. 60 IN %s %s%s%s\n", rows[i].name, dns_type_name(rows[i].type),
		        quote, rows[i].data, quote);
	}
	assert_int_equal(fclose(f), 0);
	diags_init(&ds);
	z->zone = dns_zone_load(path, &ds);
	unlink(path);
	if (!z->zone)
		fail_msg("%s: %s", ds.list[0].where, ds.list[0].what);
}

static const struct network_ops zone_ops = {.query = zone_query, .query_cancel = zone_query_cancel};

#endif
