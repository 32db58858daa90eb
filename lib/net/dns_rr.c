/*
 * ldns's names and records turned into ours.
 *
 * ldns builds the record of a message from however much rdata there was: an MX of two octets is a
 * record with one field. So every field is looked for, its kind and length checked, before use.
 * (Octets behind the last field are dropped by ldns; they can do no harm.)
 */
#include "net/dns_rr.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

ldns_rdf *dns_name_parse(const char *text)
{
	if (!*text || strlen(text) > 4 * DNS_NAME_MAX) /* \DDD: four characters an octet */
		return NULL;
	return ldns_dname_new_frm_str(text);
}

char *dns_name_text(const ldns_rdf *name)
{
	char *theirs = ldns_rdf2str(name);
	size_t n = theirs ? strlen(theirs) : 0;
	char *ours;

	if (n > 0 && theirs[n - 1] == '.')
		n--;
	ours = mem_dupn(theirs ? theirs : "", n);
	free(theirs);
	return ours;
}

static const ldns_rdf *field(const ldns_rr *rr, size_t i, ldns_rdf_type kind, size_t size)
{
	const ldns_rdf *f = i < ldns_rr_rd_count(rr) ? ldns_rr_rdf(rr, i) : NULL;

	if (!f || ldns_rdf_get_type(f) != kind || (size && ldns_rdf_size(f) != size))
		return NULL;
	return f;
}

static int read_a(const ldns_rr *rr, struct dns_record *r)
{
	const ldns_rdf *f = field(rr, 0, LDNS_RDF_TYPE_A, 4);

	if (!f)
		return -1;
	net_address_from_v4(ldns_rdf_data(f), 0, &r->address);
	return 0;
}

static int read_aaaa(const ldns_rr *rr, struct dns_record *r)
{
	const ldns_rdf *f = field(rr, 0, LDNS_RDF_TYPE_AAAA, 16);

	if (!f)
		return -1;
	net_address_from_v6(ldns_rdf_data(f), 0, &r->address);
	return 0;
}

static int read_name(const ldns_rr *rr, struct dns_record *r)
{
	const ldns_rdf *f = field(rr, 0, LDNS_RDF_TYPE_DNAME, 0);

	if (!f)
		return -1;
	r->name = dns_name_text(f);
	return 0;
}

static int read_mx(const ldns_rr *rr, struct dns_record *r)
{
	const ldns_rdf *preference = field(rr, 0, LDNS_RDF_TYPE_INT16, 2);
	const ldns_rdf *host = field(rr, 1, LDNS_RDF_TYPE_DNAME, 0);

	if (!preference || !host)
		return -1;
	r->preference = ldns_rdf2native_int16(preference);
	r->name = dns_name_text(host);
	return 0;
}

/* The fields' octets one behind the other, each without its first `skip` (a length octet). */
static int read_octets(const ldns_rr *rr, size_t skip, struct dns_record *r)
{
	size_t total = 0;

	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *f = ldns_rr_rdf(rr, i);

		if (!f || ldns_rdf_size(f) < skip)
			return -1;
		total += ldns_rdf_size(f) - skip;
	}
	r->text = mem_zero(total + 1);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *f = ldns_rr_rdf(rr, i);
		size_t n = ldns_rdf_size(f) - skip;

		if (n)
			memcpy(r->text + r->text_len, ldns_rdf_data(f) + skip, n);
		r->text_len += n;
	}
	return 0;
}

static int read_txt(const ldns_rr *rr, struct dns_record *r)
{
	return ldns_rr_rd_count(rr) ? read_octets(rr, 1, r) : -1;
}

static int read_tlsa(const ldns_rr *rr, struct dns_record *r)
{
	return ldns_rr_rd_count(rr) == 4 ? read_octets(rr, 0, r) : -1;
}

/* Flags, the tag behind its length, the value (RFC 8659 §4.1). */
static int read_caa(const ldns_rr *rr, struct dns_record *r)
{
	return ldns_rr_rd_count(rr) == 3 ? read_octets(rr, 0, r) : -1;
}

static const struct {
	enum dns_type type;
	int (*read)(const ldns_rr *rr, struct dns_record *r);
} readers[] = {
        {DNS_A, read_a},       {DNS_NS, read_name},   {DNS_CNAME, read_name},
        {DNS_MX, read_mx},     {DNS_PTR, read_name},  {DNS_TXT, read_txt},
        {DNS_AAAA, read_aaaa}, {DNS_TLSA, read_tlsa}, {DNS_CAA, read_caa},
};

static int read_record(const ldns_rr *rr, struct dns_record *r)
{
	memset(r, 0, sizeof(*r));
	r->type = (enum dns_type)ldns_rr_get_type(rr);
	r->ttl = ldns_rr_ttl(rr);
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		if (readers[i].type == r->type)
			return readers[i].read(rr, r);
	}
	return -1;
}

int dns_rrs_collect(const ldns_rr_list *list, const ldns_rdf *owner, struct dns_answer *a,
                    const ldns_rdf **alias)
{
	*alias = NULL;
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		ldns_rr_type type = ldns_rr_get_type(rr);
		struct dns_record r;

		if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN ||
		    (type != (ldns_rr_type)a->type && type != LDNS_RR_TYPE_CNAME) ||
		    ldns_dname_compare(ldns_rr_owner(rr), owner) != 0)
			continue;
		if (type != (ldns_rr_type)a->type) {
			*alias = field(rr, 0, LDNS_RDF_TYPE_DNAME, 0);
			if (!*alias)
				return -1;
			continue;
		}
		if (read_record(rr, &r) != 0)
			return -1;
		dns_answer_add(a, &r);
	}
	if (a->count)
		*alias = NULL;
	return 0;
}
