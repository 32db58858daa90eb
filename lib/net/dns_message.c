/*
 * The codec of DNS messages: ldns reads and writes the wire format, the judging is ours.
 *
 * Whether a message is ours is decided on its header and question alone, before the rest of it is
 * parsed: a forger's message must not reach the big parser, and a truncated one may end anywhere.
 */
#include <ldns/ldns.h>
#include <stdlib.h>

#include "net/dns.h"
#include "net/dns_rr.h"

#define EDNS_SIZE 1232 /* fits every path's MTU: what the name servers agreed on in 2020 */

unsigned char *dns_question_encode(const char *name, enum dns_type type, uint16_t id, size_t *len,
                                   enum dns_status *status)
{
	ldns_rdf *owner = dns_name_parse(name);
	ldns_pkt *pkt = NULL;
	uint8_t *wire = NULL;

	*status = DNS_STATUS_BAD_NAME;
	if (!owner)
		return NULL;
	pkt = ldns_pkt_query_new(owner, (ldns_rr_type)dns_type_plain(type), LDNS_RR_CLASS_IN,
	                         LDNS_RD);
	if (!pkt) {
		ldns_rdf_deep_free(owner);
		return NULL;
	}
	ldns_pkt_set_id(pkt, id);
	ldns_pkt_set_ad(pkt, true); /* asks for the AD bit in the answer, RFC 6840 §5.7 */
	ldns_pkt_set_cd(pkt, dns_type_plain(type) != type);
	ldns_pkt_set_edns_udp_size(pkt, EDNS_SIZE);
	if (ldns_pkt2wire(&wire, pkt, len) == LDNS_STATUS_OK)
		*status = DNS_STATUS_OK;
	ldns_pkt_free(pkt);
	return wire;
}

/* An error that is said without repeating the question, as servers do that could not even read it:
 * nothing else in it can be used, so believing it on the id alone is safe enough. */
static bool is_bare_error(const unsigned char *wire)
{
	ldns_pkt_rcode rcode = LDNS_RCODE_WIRE(wire);

	return LDNS_QDCOUNT(wire) == 0 && LDNS_ANCOUNT(wire) == 0 && rcode != LDNS_RCODE_NOERROR &&
	       rcode != LDNS_RCODE_NXDOMAIN;
}

/* 1: repeats the question, 0: asks another one, -1: cannot be read. */
static int question_matches(const unsigned char *wire, size_t len, const ldns_rdf *name,
                            enum dns_type type)
{
	size_t at = LDNS_HEADER_SIZE;
	ldns_rr *question = NULL;
	int same;

	if (LDNS_QDCOUNT(wire) != 1)
		return 0;
	if (ldns_wire2rr(&question, wire, len, &at, LDNS_SECTION_QUESTION) != LDNS_STATUS_OK)
		return -1;
	same = ldns_rr_get_type(question) == (ldns_rr_type)dns_type_plain(type) &&
	       ldns_rr_get_class(question) == LDNS_RR_CLASS_IN &&
	       ldns_dname_compare(ldns_rr_owner(question), name) == 0;
	ldns_rr_free(question);
	return same;
}

static enum dns_status status_of_rcode(int rcode)
{
	switch (rcode) {
	case LDNS_RCODE_NOERROR: return DNS_STATUS_NO_DATA; /* until something is found */
	case LDNS_RCODE_NXDOMAIN: return DNS_STATUS_NO_NAME;
	case LDNS_RCODE_SERVFAIL: return DNS_STATUS_SERVFAIL;
	case LDNS_RCODE_REFUSED: return DNS_STATUS_REFUSED;
	default: return DNS_STATUS_OTHER;
	}
}

/* "Ask those servers instead": says nothing about the name (RFC 1034 §4.3.2). A resolver does not
 * send it, an authoritative server that was named by mistake does. */
static bool is_referral(const ldns_pkt *pkt)
{
	const ldns_rr_list *authority = ldns_pkt_authority(pkt);
	bool ns = false;

	if (ldns_pkt_aa(pkt) || ldns_pkt_ancount(pkt) > 0)
		return false;
	for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
		ldns_rr_type type = ldns_rr_get_type(ldns_rr_list_rr(authority, i));

		if (type == LDNS_RR_TYPE_SOA)
			return false;
		ns = ns || type == LDNS_RR_TYPE_NS;
	}
	return ns;
}

/* Walks the alias chain through the answer section and fills in what stands at its end. */
static void read_answer(const ldns_pkt *pkt, const ldns_rdf *name, struct dns_answer *a)
{
	const ldns_rr_list *section = ldns_pkt_answer(pkt);
	const ldns_rdf *at = name;

	while (at) {
		const ldns_rdf *alias;
		char *text;
		int added;

		if (dns_rrs_collect(section, at, a, &alias) != 0) {
			a->status = DNS_STATUS_MALFORMED;
			return;
		}
		at = alias;
		if (!alias)
			break;
		text = dns_name_text(alias);
		added = dns_answer_alias(a, text);
		free(text);
		if (added != 0)
			return;
	}
	if (a->count && a->status == DNS_STATUS_NO_DATA)
		a->status = DNS_STATUS_OK;
	else if (a->status == DNS_STATUS_NO_DATA && is_referral(pkt))
		a->status = DNS_STATUS_OTHER;
}

static struct dns_answer *decode_ours(const unsigned char *wire, size_t len, const ldns_rdf *name,
                                      enum dns_type type)
{
	char *text = dns_name_text(name);
	struct dns_answer *a = dns_answer_new(text, type, DNS_STATUS_MALFORMED);
	ldns_pkt *pkt = NULL;

	free(text);
	a->rcode = LDNS_RCODE_WIRE(wire);
	if (ldns_wire2pkt(&pkt, wire, len) != LDNS_STATUS_OK)
		return a;
	a->rcode |= ldns_pkt_edns_extended_rcode(pkt) << 4;
	a->authentic = ldns_pkt_ad(pkt);
	a->status = status_of_rcode(a->rcode);
	read_answer(pkt, name, a);
	if (a->status != DNS_STATUS_OK) /* records beside an error are not an answer */
		dns_answer_drop_records(a);
	ldns_pkt_free(pkt);
	return a;
}

enum dns_check dns_answer_decode(const unsigned char *wire, size_t len, const char *name,
                                 enum dns_type type, uint16_t id, struct dns_answer **out)
{
	enum dns_check check = DNS_CHECK_NOT_OURS;
	ldns_rdf *owner;
	int same;

	if (len < LDNS_HEADER_SIZE || LDNS_ID_WIRE(wire) != id || !LDNS_QR_WIRE(wire))
		return DNS_CHECK_NOT_OURS;
	owner = dns_name_parse(name);
	if (!owner)
		return DNS_CHECK_NOT_OURS;
	same = is_bare_error(wire) ? 1 : question_matches(wire, len, owner, type);
	if (same == 1 && LDNS_TC_WIRE(wire)) {
		check = DNS_CHECK_CUT;
	} else if (same != 0) {
		check = DNS_CHECK_OURS;
		*out = decode_ours(wire, len, owner, type);
	}
	ldns_rdf_deep_free(owner);
	return check;
}
