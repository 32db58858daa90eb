/*
 * All parts are called at once, so everything that they can ask is on its way after the first turn
 * of the loop; the order in which they are told is that of the table.
 */
#include "check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/part.h"
#include "check/tags.h"

#define PATIENCE_MS 30000

static part_fn *const parts[] = {
        part_mx,   part_mx_addresses,   part_hosts,      part_spf,  part_dmarc,
        part_dkim, part_sender_address, part_blocklists, part_sts,  part_tls_reports,
        part_dane, part_dnssec,         part_caa,        part_bimi,
};
static part_fn *const message_parts[] = {part_received, part_results, part_message_dkim,
                                         part_message_spf, part_message_dmarc};
enum { MESSAGE_COUNT = sizeof(message_parts) / sizeof(*message_parts) };
enum { PART_COUNT = sizeof(parts) / sizeof(*parts) };

struct check {
	struct network *network;
	struct check_question q;
	struct lookups *lookups;
	struct probes *probes;
	struct fetch *fetch;
	check_fn *fn;
	void *arg;
	part_fn *const *parts;
	size_t count;
	struct message_work work;
	struct findings found[PART_COUNT];
	bool complete[PART_COUNT];
	size_t told;
	struct loop_timer *soon;
	bool busy, freed;
};

static void release(struct check *c)
{
	loop_timer_free(c->soon);
	probes_free(c->probes);
	fetch_free(c->fetch);
	lookups_free(c->lookups);
	dkim_verdicts_release(&c->work.dkim);
	spf_report_release(&c->work.spf);
	for (size_t i = 0; i < c->count; i++)
		findings_release(&c->found[i]);
	free(c);
}

static void tell(struct check *c)
{
	while (!c->freed && c->told < c->count && c->complete[c->told])
		c->fn(c->arg, &c->found[c->told++]);
	if (!c->freed && c->told == c->count) {
		c->told++;
		c->fn(c->arg, NULL);
	}
}

/* Of a name that does not exist, only that is told. */
static bool run_part(struct part *p, part_fn *fn)
{
	bool complete = fn(p), exists, null_mx;

	if (!complete || fn == part_mx || p->q->mail)
		return complete;
	if (!part_domain(p, &exists, &null_mx))
		return false;
	if (!exists)
		findings_release(p->out);
	return true;
}

static void run(void *arg)
{
	struct check *c = arg;

	loop_timer_free(c->soon);
	c->soon = NULL;
	c->busy = true;
	for (size_t i = 0; i < c->count; i++) {
		struct part p = {.lookups = c->lookups,
		                 .probes = c->probes,
		                 .fetch = c->fetch,
		                 .q = &c->q,
		                 .work = &c->work,
		                 .out = &c->found[i]};

		if (c->complete[i])
			continue;
		findings_release(&c->found[i]);
		c->complete[i] = run_part(&p, c->parts[i]);
	}
	tell(c);
	c->busy = false;
	if (c->freed)
		release(c);
}

/* Several answers that come in one turn of the loop are looked at together. */
static void changed(void *arg)
{
	struct check *c = arg;

	if (!c->soon && c->told <= c->count)
		c->soon = loop_timer_new(c->network->loop, 0, run, c);
}

struct check *check_new(struct network *n, const struct check_question *q, check_fn *fn, void *arg)
{
	struct check *c = mem_zero(sizeof(*c));

	c->network = n;
	c->q = *q;
	c->parts = q->mail ? message_parts : parts;
	c->count = q->mail ? MESSAGE_COUNT : PART_COUNT;
	spf_report_init(&c->work.spf);
	c->fn = fn;
	c->arg = arg;
	c->lookups = lookups_new(n, q->timeout_ms > 0 ? q->timeout_ms : PATIENCE_MS, changed, c);
	c->probes = probes_new(q->prober, changed, c);
	c->fetch = fetch_new(q->fetcher, changed, c);
	for (size_t i = 0; i < c->count; i++)
		findings_init(&c->found[i]);
	c->soon = loop_timer_new(n->loop, 0, run, c);
	return c;
}

void check_free(struct check *c)
{
	if (!c || c->freed)
		return;
	c->freed = true;
	if (!c->busy)
		release(c);
}

/* --- what the parts share --- */

bool part_domain(struct part *p, bool *exists, bool *null_mx)
{
	const struct dns_answer *mx = lookups_ask(p->lookups, p->q->domain, DNS_MX);

	if (!mx)
		return false;
	*exists = mx->status != DNS_STATUS_NO_NAME;
	*null_mx = mx->count == 1 && !*mx->records[0].name;
	return true;
}

const struct dns_answer *part_ask_below(struct part *p, const char *prefix, enum dns_type type)
{
	const struct dns_answer *a;
	struct buf name;

	buf_init(&name, 1000);
	buf_addf(&name, "%s.%s", prefix, p->q->domain);
	a = lookups_ask(p->lookups, name.data, type);
	buf_release(&name);
	return a;
}

bool part_failed(struct part *p, enum check_group group, const char *id, const struct dns_answer *a)
{
	if (a->status == DNS_STATUS_OK || dns_status_negative(a->status))
		return false;
	finding_asked(findings_add(p->out, group, id, CHECK_UNKNOWN, "%s of %s: %s",
	                           dns_type_name(a->type), a->name, dns_status_text(a->status)),
	              a);
	return true;
}

size_t part_versioned(const struct dns_answer *a, const char *version, struct span *first)
{
	size_t n = 0;

	*first = span_from(NULL, 0);
	for (size_t i = 0; i < a->count; i++) {
		struct span text = span_from(a->records[i].text, a->records[i].text_len);

		if (tags_are(text, version) && n++ == 0)
			*first = text;
	}
	return n;
}
