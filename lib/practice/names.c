/*
 * What practice DNS answers: the zones, and what a master file cannot say, from the record file
 * `dns`: names whose servers fail or never answer, zones that are signed. The keys of hosts with
 * TLSA records are made while the program runs, so these records are made here, too (RFC 6698).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/record.h"
#include "practice/certificates.h"
#include "practice/world_state.h"

struct odd_name {
	char *name;             /* and all below it */
	enum dns_type type;     /* 0: all */
	enum dns_status status; /* OK: signed */
};

/* --- the file `dns` --- */

struct reading {
	struct world *w;
	const struct record *record;
	const struct record_section *section;
	struct diags *ds;
};

static const struct {
	const char *word;
	enum dns_status status;
} answers[] = {
        {"servfail", DNS_STATUS_SERVFAIL},
        {"refused", DNS_STATUS_REFUSED},
        {"never", DNS_STATUS_TIMEOUT},
        {"signed", DNS_STATUS_OK},
};

static void fault(const struct reading *r, const struct record_field *f, const char *what)
{
	record_fault(r->record, r->section, f, r->ds, "%s", what);
}

static enum dns_type read_type(const struct reading *r, const struct record_field *f)
{
	static const enum dns_type types[] = {DNS_A,   DNS_AAAA, DNS_MX,   DNS_TXT,
	                                      DNS_PTR, DNS_NS,   DNS_TLSA, DNS_CNAME};

	for (size_t i = 0; f && i < sizeof types / sizeof *types; i++)
		if (strcmp(f->value, dns_type_name(types[i])) == 0)
			return types[i];
	if (f)
		fault(r, f, "this is not a type of records");
	return 0;
}

static void read_name(const struct reading *r)
{
	const struct record_field *answer = record_find(r->section, "Answers", NULL);
	struct odd_name odd = {.type = read_type(r, record_find(r->section, "Type", NULL))};
	size_t i = 0;

	while (answer && i < sizeof answers / sizeof *answers &&
	       strcmp(answer->value, answers[i].word) != 0)
		i++;
	if (strcmp(r->section->kind, "name") != 0) {
		fault(r, NULL, "here is a [name NAME] expected");
	} else if (!answer || i == sizeof answers / sizeof *answers) {
		fault(r, answer, "\"Answers:\" is servfail, refused, never, or signed");
	} else {
		odd.name = mem_dup(r->section->name);
		odd.status = answers[i].status;
		r->w->odd_names = mem_grow(r->w->odd_names, r->w->odd_name_count,
		                           &r->w->odd_name_room, sizeof odd);
		r->w->odd_names[r->w->odd_name_count++] = odd;
	}
}

void world_read_names(struct world *w, const char *path, struct diags *ds)
{
	struct reading r = {.w = w, .ds = ds};
	struct record *record = access(path, F_OK) == 0 ? record_load(path, ds) : NULL;

	r.record = record;
	for (size_t i = 0; record && i < record->count; i++) {
		r.section = &record->sections[i];
		if (*r.section->kind || r.section->count > 0)
			read_name(&r);
	}
	record_free(record);
}

void world_free_names(struct world *w)
{
	for (size_t i = 0; i < w->odd_name_count; i++)
		free(w->odd_names[i].name);
	free(w->odd_names);
}

/* --- answers --- */

static bool is_at_or_below(struct span name, struct span above)
{
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	return span_eq_nocase(name, above) ||
	       (name.n > above.n && name.p[name.n - above.n - 1] == '.' &&
	        span_eq_nocase(span_skip(name, name.n - above.n), above));
}

static const struct odd_name *find_odd(const struct world *w, const char *name, enum dns_type type,
                                       bool sign)
{
	for (size_t i = 0; i < w->odd_name_count; i++) {
		const struct odd_name *o = &w->odd_names[i];

		if ((o->status == DNS_STATUS_OK) == sign && (!o->type || o->type == type) &&
		    is_at_or_below(span_of(name), span_of(o->name)))
			return o;
	}
	return NULL;
}

/* The host whose TLSA records are asked for ("_25._tcp.HOST"), or NULL. */
static const struct world_host *tlsa_host(const struct world *w, struct span name)
{
	struct span rest = name, port = span_cut(&rest, '.'), proto = span_cut(&rest, '.');
	unsigned long number;

	if (port.n < 2 || port.p[0] != '_' || !span_eq_nocase(proto, SPAN("_tcp")) ||
	    span_number(span_skip(port, 1), 65535, &number) != 0)
		return NULL;
	for (size_t i = 0; i < w->host_count; i++) {
		const struct world_host *h = &w->hosts[i];

		if (h->tlsa && world_host_listens(h, (unsigned)number) &&
		    is_at_or_below(rest, span_of(h->name)) && rest.n <= strlen(h->name) + 1)
			return h;
	}
	return NULL;
}

static struct dns_answer *tlsa_answer(const struct world_host *h, const char *name)
{
	struct dns_answer *a = dns_answer_new(name, DNS_TLSA, DNS_STATUS_OK);
	struct dns_record r = {.type = DNS_TLSA, .ttl = 3600, .text_len = sizeof h->tlsa_data};

	r.text = mem_dupn((const char *)h->tlsa_data, sizeof h->tlsa_data);
	dns_answer_add(a, &r);
	return a;
}

/* From the zone whose origin is the longest match. Never NULL. */
static struct dns_answer *answer_once(const struct world *w, const char *name, enum dns_type type)
{
	const struct world_host *proven = type == DNS_TLSA ? tlsa_host(w, span_of(name)) : NULL;
	struct dns_answer *best = NULL;
	size_t longest = 0;

	if (proven)
		return tlsa_answer(proven, name);
	for (size_t i = 0; i < w->zone_count; i++) {
		size_t n = strlen(dns_zone_origin(w->zones[i]));
		struct dns_answer *a;

		if (best && n <= longest)
			continue;
		a = dns_zone_answer(w->zones[i], name, type);
		if (!a)
			continue;
		dns_answer_free(best);
		best = a;
		longest = n;
	}
	if (!best) {
		best = dns_answer_new(name, type, DNS_STATUS_NO_NAME);
		best->rcode = 3; /* NXDOMAIN, RFC 1035 §4.1.1 */
	}
	return best;
}

static struct dns_answer *answer_part(const struct world *w, const char *name, enum dns_type type)
{
	const struct odd_name *odd = find_odd(w, name, type, false);
	struct dns_answer *a;

	if (odd) {
		a = dns_answer_new(name, type, odd->status);
		a->rcode = odd->status == DNS_STATUS_SERVFAIL  ? 2
		           : odd->status == DNS_STATUS_REFUSED ? 5
		                                               : 0;
		return a;
	}
	a = answer_once(w, name, type);
	a->authentic = find_odd(w, name, type, true) != NULL;
	if (a->authentic)
		a->server = mem_dup(DNS_SERVER_INSIDE);
	return a;
}

/* A zone follows the aliases inside itself; those that lead out of it are followed here. */
struct dns_answer *world_answer(const struct world *w, const char *name, enum dns_type type)
{
	enum dns_type plain = dns_type_plain(type);
	struct dns_answer *whole = answer_part(w, name, plain);
	char *onward = mem_dup(dns_answer_onward(whole));

	while (onward && whole->status == DNS_STATUS_NO_DATA) {
		struct dns_answer *part = answer_part(w, onward, plain);

		free(onward);
		onward = mem_dup(dns_answer_onward(part));
		whole = dns_answer_join(whole, part);
	}
	free(onward);
	return whole;
}
