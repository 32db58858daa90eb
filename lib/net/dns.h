/*
 * dns: questions and answers of the DNS, free of transport and of ldns's types.
 *
 * A dns_answer is owned by who got it (dns_answer_free). A failed look-up is an answer with a
 * status that says how it failed: never "there is none". Limits: CNAME chains of DNS_CNAME_MAX;
 * answers keep at most DNS_RECORDS_MAX records (`dropped` counts the others).
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/span.h"
#include "net/address.h"

#define DNS_CNAME_MAX   8
#define DNS_RECORDS_MAX 1000
#define DNS_NAME_MAX    255

/* `server` of an answer that was never on a network: its word counts. No real server is called so.
 */
#define DNS_SERVER_INSIDE "practice DNS"

enum dns_type { /* the registry's numbers */
	        DNS_A = 1,
	        DNS_NS = 2,
	        DNS_CNAME = 5,
	        DNS_MX = 15,
	        DNS_PTR = 12,
	        DNS_TXT = 16,
	        DNS_AAAA = 28,
	        DNS_TLSA = 52,
	        DNS_CAA = 257,
	        /* A flag for questions: with CD, so that DNSSEC is not checked (RFC 4035 §3.2.2).
	           Answers have the type without it. */
	        DNS_UNCHECKED = 0x10000,
};
enum dns_type dns_type_plain(enum dns_type t); /* without the flag */
const char *dns_type_name(enum dns_type t);

/* X(NAME, "sentence part") */
#define DNS_STATUSES(X)                                                                            \
	X(OK, "found")                                                                             \
	X(NO_DATA, "the name exists but has no such record")                                       \
	X(NO_NAME, "the name does not exist (NXDOMAIN)")                                           \
	X(SERVFAIL, "the name server could not find out (SERVFAIL)")                               \
	X(REFUSED, "the name server refuses to answer us (REFUSED)")                               \
	X(TIMEOUT, "no name server answered in time")                                              \
	X(UNREACHABLE, "no name server could be reached")                                          \
	X(TRUNCATED, "the answer was cut short and the name server takes no TCP")                  \
	X(MALFORMED, "the answer could not be understood")                                         \
	X(CNAME_LOOP, "the aliases (CNAME) lead in a circle or through more than 8 names")         \
	X(BAD_NAME, "that cannot be a domain name")                                                \
	X(OTHER, "the name server gave no usable answer")

enum dns_status {
#define X(NAME, text) DNS_STATUS_##NAME,
	DNS_STATUSES(X)
#undef X
	        DNS_STATUS_COUNT
};
/* DNS_STATUS_COUNT stands for "was not looked up". */
const char *dns_status_text(enum dns_status s);
/* Whether it proves that there is nothing (NO_DATA, NO_NAME), as opposed to "we do not know". */
bool dns_status_negative(enum dns_status s);

struct dns_record {
	enum dns_type type;
	uint32_t ttl;        /* seconds */
	char *name;          /* MX, NS, CNAME, PTR: the target, without final dot; "" is the root */
	unsigned preference; /* MX */
	struct net_address address; /* A, AAAA; port 0 */
	char *text;                 /* TXT: the strings joined; may hold NUL, see text_len */
	size_t text_len;            /* also TLSA and CAA: raw rdata */
};

struct dns_answer {
	enum dns_status status;
	int rcode;
	char *name; /* the question, without final dot */
	enum dns_type type;
	char *aliases[DNS_CNAME_MAX]; /* the CNAME targets that were followed, in order */
	size_t alias_count;
	struct dns_record *records; /* of `type` only; none unless OK */
	size_t count, dropped;
	bool authentic; /* the AD bit, as the server claims it */
	bool given;     /* by the user, who named the address: nobody was asked */
	char *server;   /* "127.0.0.53:53", or NULL when nobody answered */
	int64_t elapsed_ms;
};

void dns_answer_free(struct dns_answer *a);

/* For those who make answers. An answer of that status without records; name is copied. */
struct dns_answer *dns_answer_new(const char *name, enum dns_type type, enum dns_status status);
/* Adds a record, whose strings it takes over; beyond DNS_RECORDS_MAX they are freed and counted. */
void dns_answer_add(struct dns_answer *a, const struct dns_record *take);
void dns_answer_drop_records(struct dns_answer *a);
/* Notes that the name led to `target`. -1 and status CNAME_LOOP when it was there before or there
 * is no room. */
int dns_answer_alias(struct dns_answer *a, const char *target);
/* The alias at which the question has to be asked again, because the answer ends in it without
 * saying more; borrowed; NULL when the answer is complete. Ask this of each part, before joining.
 */
const char *dns_answer_onward(const struct dns_answer *part);
/* The whole answer, from one that goes onward and what was found there; takes both. The status is
 * CNAME_LOOP when the aliases of the two close a circle or are too many. */
struct dns_answer *dns_answer_join(struct dns_answer *first, struct dns_answer *next);

/* --- the codec: wire format (RFC 1035), through ldns --- */

/* A recursion-desired question with EDNS 1232, id as given. Heap bytes, *len long; NULL and
 * BAD_NAME in *status when the name cannot be one. */
unsigned char *dns_question_encode(const char *name, enum dns_type type, uint16_t id, size_t *len,
                                   enum dns_status *status);

enum dns_check {
	DNS_CHECK_OURS,     /* *out is the answer */
	DNS_CHECK_CUT,      /* ours, but truncated: ask again over TCP */
	DNS_CHECK_NOT_OURS, /* wrong id, not a response, or another question: keep waiting (RFC
	                       5452) */
};
/* Judges a datagram or TCP message. Follows CNAMEs inside it; when the chain ends without a record
 * of the type, status is NO_DATA and the last alias is in the list. A NOT_OURS leaves *out alone.
 */
enum dns_check dns_answer_decode(const unsigned char *wire, size_t len, const char *name,
                                 enum dns_type type, uint16_t id, struct dns_answer **out);

/* --- zones: master files (RFC 1035 §5), through ldns --- */
struct dns_zone;
/* Reads a master file. NULL and ds (file:line) on a fault. */
struct dns_zone *dns_zone_load(const char *path, struct diags *ds);
void dns_zone_free(struct dns_zone *z);
const char *dns_zone_origin(const struct dns_zone *z); /* without final dot */
/* Answers from the zone if the name is at or below its origin, else NULL. CNAMEs are followed
 * within the zone. elapsed_ms is 0, server is NULL. */
struct dns_answer *dns_zone_answer(const struct dns_zone *z, const char *name, enum dns_type type);

#endif
