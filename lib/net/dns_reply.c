/*
 * From a question on the wire to its reply. The header is judged by hand, so that what cannot be
 * parsed still gets its FORMERR; ldns reads and writes the rest.
 *
 * dns_answer holds less than a reply: aliases without their time to live. They get that of the
 * records they lead to.
 */
#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/dns_rr.h"
#include "net/dns_server.h"

#define PLAIN_DATAGRAM 512 /* RFC 1035 §4.2.1 */
#define ALIAS_TTL      300

/* Only a header: for what could not be read. */
static unsigned char *bare_reply(struct span question, ldns_pkt_rcode rcode, size_t *len)
{
	unsigned char *wire = mem_zero(LDNS_HEADER_SIZE);

	memcpy(wire, question.p, 2);
	wire[2] = (unsigned char)(0x80 | (question.p[2] & 0x79)); /* QR; opcode and RD as asked */
	wire[3] = (unsigned char)(0x80 | rcode);                  /* RA */
	*len = LDNS_HEADER_SIZE;
	return wire;
}

static ldns_pkt_rcode rcode_of(enum dns_status status)
{
	switch (status) {
	case DNS_STATUS_OK:
	case DNS_STATUS_NO_DATA: return LDNS_RCODE_NOERROR;
	case DNS_STATUS_NO_NAME: return LDNS_RCODE_NXDOMAIN;
	case DNS_STATUS_REFUSED: return LDNS_RCODE_REFUSED;
	default: return LDNS_RCODE_SERVFAIL;
	}
}

static bool is_known(ldns_rr_type type)
{
	static const enum dns_type known[] = {DNS_A,   DNS_NS,  DNS_CNAME, DNS_MX,
	                                      DNS_PTR, DNS_TXT, DNS_AAAA,  DNS_TLSA};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if ((ldns_rr_type)known[i] == type)
			return true;
	return false;
}

/* --- records --- */

/* "" is the root, as in a null MX. */
static ldns_rdf *name_field(const char *name)
{
	return *name ? dns_name_parse(name) : ldns_dname_new_frm_str(".");
}

/* Strings of 255 octets at most (RFC 1035 §3.3.14). */
static void push_text(ldns_rr *rr, const struct dns_record *r)
{
	struct span rest = span_from(r->text, r->text_len);

	do {
		struct span part = span_first(rest, 255);
		unsigned char octets[256];

		octets[0] = (unsigned char)part.n;
		if (part.n > 0)
			memcpy(octets + 1, part.p, part.n);
		ldns_rr_push_rdf(rr, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, part.n + 1, octets));
		rest = span_skip(rest, part.n);
	} while (rest.n > 0);
}

static void push_tlsa(ldns_rr *rr, const struct dns_record *r)
{
	for (size_t i = 0; i < 3 && i < r->text_len; i++)
		ldns_rr_push_rdf(rr, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_INT8, 1, r->text + i));
	if (r->text_len > 3)
		ldns_rr_push_rdf(
		        rr, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_HEX, r->text_len - 3, r->text + 3));
}

static void push_address(ldns_rr *rr, const struct dns_record *r)
{
	struct sockaddr_storage storage = r->address.sa;
	ldns_rdf *field = ldns_sockaddr_storage2rdf(&storage, NULL);

	if (field)
		ldns_rr_push_rdf(rr, field);
}

static void push_fields(ldns_rr *rr, const struct dns_record *r)
{
	ldns_rdf *name;

	switch ((int)r->type) {
	case DNS_A:
	case DNS_AAAA: push_address(rr, r); return;
	case DNS_TXT: push_text(rr, r); return;
	case DNS_TLSA: push_tlsa(rr, r); return;
	}
	if (r->type == DNS_MX)
		ldns_rr_push_rdf(
		        rr, ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, (uint16_t)r->preference));
	name = name_field(r->name);
	if (name)
		ldns_rr_push_rdf(rr, name);
}

static void add_record(ldns_pkt *reply, const ldns_rdf *owner, const struct dns_record *r)
{
	ldns_rr *rr = ldns_rr_new();

	ldns_rr_set_owner(rr, ldns_rdf_clone(owner));
	ldns_rr_set_type(rr, (ldns_rr_type)r->type);
	ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
	ldns_rr_set_ttl(rr, r->ttl);
	push_fields(rr, r);
	ldns_pkt_push_rr(reply, LDNS_SECTION_ANSWER, rr);
}

static void add_answer(ldns_pkt *reply, const ldns_rdf *name, const struct dns_answer *a)
{
	uint32_t ttl = a->count ? a->records[0].ttl : ALIAS_TTL;
	ldns_rdf *owner = ldns_rdf_clone(name);

	for (size_t i = 0; i < a->alias_count && owner; i++) {
		struct dns_record alias = {.type = DNS_CNAME, .name = a->aliases[i], .ttl = ttl};

		add_record(reply, owner, &alias);
		ldns_rdf_deep_free(owner);
		owner = dns_name_parse(a->aliases[i]);
	}
	for (size_t i = 0; i < a->count && owner; i++)
		add_record(reply, owner, &a->records[i]);
	ldns_rdf_deep_free(owner);
}

/* --- replies --- */

static ldns_pkt *new_reply(const ldns_pkt *question, ldns_pkt_rcode rcode)
{
	ldns_pkt *reply = ldns_pkt_new();

	ldns_pkt_set_id(reply, ldns_pkt_id(question));
	ldns_pkt_set_qr(reply, true);
	ldns_pkt_set_ra(reply, true);
	ldns_pkt_set_rd(reply, ldns_pkt_rd(question));
	ldns_pkt_set_cd(reply, ldns_pkt_cd(question));
	ldns_pkt_set_rcode(reply, rcode);
	if (ldns_pkt_qdcount(question) == 1)
		ldns_pkt_push_rr(reply, LDNS_SECTION_QUESTION,
		                 ldns_rr_clone(ldns_rr_list_rr(ldns_pkt_question(question), 0)));
	if (ldns_pkt_edns(question))
		ldns_pkt_set_edns_udp_size(reply, DNS_SERVER_DATAGRAM);
	return reply;
}

static unsigned char *encode(ldns_pkt *reply, size_t *len)
{
	uint8_t *wire = NULL;

	if (ldns_pkt2wire(&wire, reply, len) != LDNS_STATUS_OK)
		wire = NULL;
	ldns_pkt_free(reply);
	return wire;
}

static size_t room(const ldns_pkt *question, size_t max)
{
	size_t size = ldns_pkt_edns(question) ? ldns_pkt_edns_udp_size(question) : 0;

	if (max > 0)
		return max;
	if (size < PLAIN_DATAGRAM)
		return PLAIN_DATAGRAM;
	return size < DNS_SERVER_DATAGRAM ? size : DNS_SERVER_DATAGRAM;
}

static unsigned char *reply_with(const ldns_pkt *question, const ldns_rdf *name,
                                 const struct dns_answer *a, size_t max, size_t *len)
{
	ldns_pkt *reply = new_reply(question, rcode_of(a->status));
	bool wants_ad = ldns_pkt_ad(question) || ldns_pkt_edns_do(question);
	unsigned char *wire;

	ldns_pkt_set_aa(reply, true);
	ldns_pkt_set_ad(reply, wants_ad && a->authentic);
	add_answer(reply, name, a);
	wire = encode(reply, len);
	if (wire && *len <= room(question, max))
		return wire;
	free(wire);
	reply = new_reply(question, LDNS_RCODE_NOERROR);
	ldns_pkt_set_tc(reply, true);
	return encode(reply, len);
}

static unsigned char *answer(const ldns_pkt *question, dns_server_fn *fn, void *arg, size_t max,
                             size_t *len)
{
	const ldns_rr *asked = ldns_rr_list_rr(ldns_pkt_question(question), 0);
	ldns_rr_type type = ldns_rr_get_type(asked);
	char *name = dns_name_text(ldns_rr_owner(asked));
	struct dns_answer *a = fn(arg, name, is_known(type) ? (enum dns_type)type : DNS_A);
	unsigned char *wire = NULL;

	free(name);
	if (!is_known(type)) { /* whether the name exists is all that can be said */
		dns_answer_drop_records(a);
		if (a->status == DNS_STATUS_OK)
			a->status = DNS_STATUS_NO_DATA;
	}
	if (a->status != DNS_STATUS_TIMEOUT)
		wire = reply_with(question, ldns_rr_owner(asked), a, max, len);
	dns_answer_free(a);
	return wire;
}

unsigned char *dns_reply_make(struct span question, dns_server_fn *fn, void *arg, size_t max,
                              size_t *len)
{
	const unsigned char *wire = (const unsigned char *)question.p;
	unsigned char *out = NULL;
	ldns_pkt *pkt = NULL;

	if (question.n < LDNS_HEADER_SIZE || LDNS_QR_WIRE(wire))
		return NULL; /* an answer to an answer could go on for ever */
	if (LDNS_OPCODE_WIRE(wire) != LDNS_PACKET_QUERY)
		return bare_reply(question, LDNS_RCODE_NOTIMPL, len);
	if (LDNS_QDCOUNT(wire) != 1 || ldns_wire2pkt(&pkt, wire, question.n) != LDNS_STATUS_OK)
		return bare_reply(question, LDNS_RCODE_FORMERR, len);
	if (ldns_rr_get_class(ldns_rr_list_rr(ldns_pkt_question(pkt), 0)) != LDNS_RR_CLASS_IN)
		out = encode(new_reply(pkt, LDNS_RCODE_REFUSED), len);
	else
		out = answer(pkt, fn, arg, max, len);
	ldns_pkt_free(pkt);
	return out;
}
