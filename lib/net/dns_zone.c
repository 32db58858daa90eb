/*
 * Zones: ldns reads the master file, the records stay in one list, and look-ups search it.
 *
 * A list and no tree: zones of the practice internet and of tests are small. The records are read
 * one by one, not as a whole zone, so that every fault of a file is told, each with the line at
 * which its record begins (ldns's own count runs ahead over empty lines). Answers follow RFC 1034
 * §4.3.2 and RFC 4592 (wildcards). Delegations are not followed: whoever serves several zones asks
 * the one with the longest origin.
 */
#include <errno.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "net/dns.h"
#include "net/dns_rr.h"

#define ZONE_FILE_MAX ((size_t)4 << 20)
#define ZONE_TTL      3600 /* where the file gives none */

struct dns_zone {
	ldns_rr_list *records;
	ldns_rdf *apex; /* borrowed from the SOA record */
	char *origin;
};

/* A master file while it is read. */
struct reading {
	const char *path;
	char *text;
	size_t size;
	FILE *file; /* over text */
	struct diags *ds;
	size_t faults;
	ldns_rdf *origin, *previous;
	uint32_t ttl;
};

static void fault(struct reading *r, long offset, const char *what)
{
	unsigned line = 1;
	char *where = NULL;

	for (long i = 0; i < offset; i++)
		line += r->text[i] == '\n';
	r->faults++;
	if (asprintf(&where, "%s:%u", r->path, line) < 0)
		where = NULL;
	diags_add(r->ds, DIAG_INPUT, where ? where : r->path, "%s", what);
	free(where);
}

/* Where the next record begins: after the empty lines and the comment lines that stand before it.
 */
static long record_start(const struct reading *r, long offset)
{
	const char *p = r->text + offset, *end = r->text + r->size;

	while (p < end) {
		const char *q = p + strspn(p, " \t\r");

		if (*q == ';')
			q += strcspn(q, "\n");
		if (*q != '\n')
			break;
		p = q + 1;
	}
	return (long)(p - r->text);
}

static int read_text(struct reading *r)
{
	struct diag d;
	struct buf text;

	diag_init(&d);
	buf_init(&text, ZONE_FILE_MAX);
	if (file_read(r->path, &text, &d) != 0)
		diags_add(r->ds, DIAG_INPUT, d.where, "%s", d.what);
	else if (text.len == 0)
		fault(r, 0, "the file is empty");
	else if (memchr(text.data, 0, text.len))
		fault(r, 0, "the file holds a NUL byte");
	else
		r->size = text.len;
	diag_release(&d);
	r->text = buf_take(&text);
	buf_release(&text);
	return r->size ? 0 : -1;
}

/* Why a well-formed record cannot be in the zone, or NULL. */
static const char *record_objection(const struct dns_zone *z, const ldns_rr *rr)
{
	bool soa = ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA;

	if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
		return "is not of class IN";
	if (soa)
		return z->apex ? "is a second SOA record" : NULL;
	if (!z->apex)
		return "stands before the SOA record, which must be the first";
	if (ldns_dname_compare(ldns_rr_owner(rr), z->apex) != 0 &&
	    !ldns_dname_is_subdomain(ldns_rr_owner(rr), z->apex))
		return "is outside the zone: its name does not end in the zone's";
	return NULL;
}

static void take_record(struct dns_zone *z, struct reading *r, long start, ldns_rr *rr)
{
	bool blind = !z->apex && r->faults && ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA;
	const char *objection = record_objection(z, rr);

	if (blind) { /* the SOA is what was wrong: one fault, not one for each record */
		ldns_rr_free(rr);
		return;
	}
	if (objection) {
		fault(r, start, objection);
		ldns_rr_free(rr);
		return;
	}
	if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA)
		z->apex = ldns_rr_owner(rr);
	ldns_rr_list_push_rr(z->records, rr);
}

/* Reads one record or directive; false at the end of the file. */
static bool read_record(struct dns_zone *z, struct reading *r)
{
	long before = ftell(r->file), start = record_start(r, before);
	ldns_rr *rr = NULL;
	int line = 0;
	ldns_status status;

	if ((size_t)start >= r->size)
		return false;
	status = ldns_rr_new_frm_fp_l(&rr, r->file, &r->ttl, &r->origin, &r->previous, &line);
	switch (status) {
	case LDNS_STATUS_OK: take_record(z, r, start, rr); break;
	case LDNS_STATUS_SYNTAX_EMPTY:
	case LDNS_STATUS_SYNTAX_TTL:
	case LDNS_STATUS_SYNTAX_ORIGIN: break;
	case LDNS_STATUS_SYNTAX_INCLUDE: fault(r, start, "$INCLUDE is not supported"); break;
	default: fault(r, start, ldns_get_errorstr_by_id(status));
	}
	return ftell(r->file) > before && !feof(r->file);
}

static void read_records(struct dns_zone *z, struct reading *r)
{
	r->file = fmemopen(r->text, r->size, "r");
	if (!r->file) {
		diags_add(r->ds, DIAG_INPUT, r->path, "cannot be read: %s", strerror(errno));
		r->faults++;
		return;
	}
	while (read_record(z, r))
		;
	fclose(r->file);
	if (!z->apex && r->faults == 0)
		fault(r, 0, "has no SOA record, so it is not known which zone it is");
}

struct dns_zone *dns_zone_load(const char *path, struct diags *ds)
{
	struct reading r = {.path = path, .ds = ds, .ttl = ZONE_TTL};
	struct dns_zone *z = mem_zero(sizeof(*z));

	z->records = ldns_rr_list_new();
	if (read_text(&r) == 0)
		read_records(z, &r);
	ldns_rdf_deep_free(r.origin);
	ldns_rdf_deep_free(r.previous);
	free(r.text);
	if (!z->apex || r.faults) {
		dns_zone_free(z);
		return NULL;
	}
	z->origin = dns_name_text(z->apex);
	return z;
}

void dns_zone_free(struct dns_zone *z)
{
	if (!z)
		return;
	ldns_rr_list_deep_free(z->records);
	free(z->origin);
	free(z);
}

const char *dns_zone_origin(const struct dns_zone *z)
{
	return z->origin;
}

static bool is_within(const struct dns_zone *z, const ldns_rdf *name)
{
	return ldns_dname_compare(name, z->apex) == 0 || ldns_dname_is_subdomain(name, z->apex);
}

/* Whether the name exists: it has a record, or a name below it has (an "empty non-terminal"). */
static bool name_exists(const struct dns_zone *z, const ldns_rdf *name)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(z->records); i++) {
		const ldns_rdf *owner = ldns_rr_owner(ldns_rr_list_rr(z->records, i));

		if (ldns_dname_compare(owner, name) == 0 || ldns_dname_is_subdomain(owner, name))
			return true;
	}
	return false;
}

/* The wildcard that speaks for a name which does not exist: "*" below the longest name above it
 * that does (RFC 4592 §3.3.1). NULL when there is none. The caller frees it. */
static ldns_rdf *wildcard_for(const struct dns_zone *z, const ldns_rdf *name)
{
	ldns_rdf *encloser = ldns_dname_left_chop(name), *wildcard;

	while (encloser && !name_exists(z, encloser)) {
		ldns_rdf *shorter = ldns_dname_left_chop(encloser);

		ldns_rdf_deep_free(encloser);
		encloser = shorter;
	}
	wildcard = ldns_dname_new_frm_str("*");
	if (!encloser || !wildcard || ldns_dname_cat(wildcard, encloser) != LDNS_STATUS_OK ||
	    !name_exists(z, wildcard)) {
		ldns_rdf_deep_free(wildcard);
		wildcard = NULL;
	}
	ldns_rdf_deep_free(encloser);
	return wildcard;
}

/* One step of the chain: fills in the records of `name`, or gives the alias to go on with. */
static const ldns_rdf *answer_at(const struct dns_zone *z, const ldns_rdf *name,
                                 struct dns_answer *a)
{
	const ldns_rdf *alias = NULL;
	ldns_rdf *wildcard = NULL;
	bool exists = name_exists(z, name);

	if (!exists)
		wildcard = wildcard_for(z, name);
	a->status = exists || wildcard ? DNS_STATUS_NO_DATA : DNS_STATUS_NO_NAME;
	a->rcode = exists || wildcard ? LDNS_RCODE_NOERROR : LDNS_RCODE_NXDOMAIN;
	if (dns_rrs_collect(z->records, wildcard ? wildcard : name, a, &alias) != 0)
		a->status = DNS_STATUS_MALFORMED;
	else if (a->count)
		a->status = DNS_STATUS_OK;
	ldns_rdf_deep_free(wildcard);
	return a->status == DNS_STATUS_NO_DATA ? alias : NULL;
}

static struct dns_answer *answer_within(const struct dns_zone *z, const ldns_rdf *name,
                                        struct dns_answer *a)
{
	const ldns_rdf *at = name;

	while (at && is_within(z, at)) {
		char *text;
		int added;

		at = answer_at(z, at, a);
		if (!at)
			break;
		text = dns_name_text(at);
		added = dns_answer_alias(a, text);
		free(text);
		if (added != 0)
			break;
	}
	return a;
}

struct dns_answer *dns_zone_answer(const struct dns_zone *z, const char *name, enum dns_type type)
{
	ldns_rdf *owner = dns_name_parse(name);
	struct dns_answer *a = NULL;

	if (owner && is_within(z, owner))
		a = answer_within(z, owner, dns_answer_new(name, type, DNS_STATUS_NO_DATA));
	ldns_rdf_deep_free(owner);
	return a;
}
