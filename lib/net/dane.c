/*
 * A look-up is at most three questions, one after the other: the canonical name if there is one
 * (RFC 7672 §2.2.2), the name itself, and, where a resolver says SERVFAIL, the same once more with
 * checking disabled (CD, RFC 4035 §3.2.2). A resolver that knows the answer but did not want to
 * give it has found wrong signatures: bogus. One that still knows nothing has only failed.
 */
#include "net/dane.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"

#define WHY_MAX        1000
#define NAME_MAX_SHOWN 300

/* --- records --- */

int dane_record_read(const struct dns_record *from, struct dane_record *out)
{
	const unsigned char *p = (const unsigned char *)from->text;

	if (from->type != DNS_TLSA || from->text_len < 4)
		return -1;
	*out = (struct dane_record){.usage = p[0],
	                            .selector = p[1],
	                            .matching = p[2],
	                            .data = p + 3,
	                            .size = from->text_len - 3};
	return 0;
}

bool dane_usage_counts(const struct dane_record *r)
{
	return r->usage == 2 || r->usage == 3;
}

bool dane_record_usable(const struct dane_record *r)
{
	static const size_t digest_size[] = {[1] = 32, [2] = 64}; /* SHA-256, SHA-512 */

	if (!dane_usage_counts(r) || r->selector > 1 || r->matching > 2)
		return false;
	return r->matching == 0 || r->size == digest_size[r->matching];
}

static size_t count_usable(const struct dns_answer *a)
{
	struct dane_record r;
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		n += dane_record_read(&a->records[i], &r) == 0 && dane_record_usable(&r);
	return n;
}

/* --- trust --- */

/* "127.0.0.1:53", "[::1]:53" */
static bool is_loopback(const char *server)
{
	const char *colon = server ? strrchr(server, ':') : NULL;
	struct net_address a;

	return colon &&
	       net_address_parse(span_from(server, (size_t)(colon - server)), 0, &a) == 0 &&
	       net_address_range(&a) == NET_RANGE_LOOPBACK;
}

static bool resolver_trusted(const struct dns_answer *a, bool trust_ad)
{
	return trust_ad || is_loopback(a->server) ||
	       (a->server && strcmp(a->server, DNS_SERVER_INSIDE) == 0);
}

bool dane_answer_secure(const struct dns_answer *a, bool trust_ad)
{
	return a->authentic && resolver_trusted(a, trust_ad);
}

/* --- results --- */

void dane_result_free(struct dane_result *r)
{
	if (!r)
		return;
	dns_answer_free(r->tlsa);
	free(r->host);
	free(r->name);
	free(r->why);
	free(r);
}

const struct dns_answer *dane_result_tlsa(const struct dane_result *r)
{
	return r && r->state == TLS_DANE_SECURE ? r->tlsa : NULL;
}

/* --- the look-up --- */

struct dane_lookup {
	struct network *network;
	struct loop_timer *soon;
	struct network_query *query;
	dane_fn *fn;
	void *arg;
	char *host; /* to be asked when the canonical name has no records; or NULL */
	unsigned port;
	bool trust_ad;
	struct dane_result *result;
};

void dane_cancel(struct dane_lookup *l)
{
	if (!l)
		return;
	loop_timer_free(l->soon);
	network_query_cancel(l->query, l->network);
	dane_result_free(l->result);
	free(l->host);
	free(l);
}

static void conclude(struct dane_lookup *l, enum tls_dane state, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static void conclude(struct dane_lookup *l, enum tls_dane state, const char *format, ...)
{
	struct dane_result *r = l->result;
	dane_fn *fn = l->fn;
	void *arg = l->arg;
	va_list args;
	struct buf b;

	buf_init(&b, WHY_MAX);
	va_start(args, format);
	buf_vaddf(&b, format, args);
	va_end(args);
	r->state = state;
	r->why = buf_take(&b);
	buf_release(&b);
	l->result = NULL;
	dane_cancel(l);
	fn(arg, r);
}

static void ask(struct dane_lookup *l);

static void judge_records(struct dane_lookup *l)
{
	struct dane_result *r = l->result;
	const char *server = r->tlsa->server ? r->tlsa->server : l->network->name;

	r->usable = count_usable(r->tlsa);
	if (!r->tlsa->authentic)
		conclude(l, TLS_DANE_INSECURE,
		         "%s does not say that DNSSEC protects them, so they prove nothing",
		         server);
	else if (!r->trusted)
		conclude(l, TLS_DANE_INSECURE,
		         "%s claims that DNSSEC protects them, but it is not on this machine, and "
		         "that claim could be changed on its way here",
		         server);
	else if (r->usable == 0)
		conclude(l, TLS_DANE_UNUSABLE,
		         "none of them has usage 2 or 3 in a form that can be used (RFC 7672 "
		         "§3.1.3)");
	else
		conclude(l, TLS_DANE_SECURE, "%s has validated them with DNSSEC", server);
}

/* Servers that do not know the type are common; the question with CD tells them from forgers. */
static void on_unchecked(void *arg, struct dns_answer *answer)
{
	struct dane_lookup *l = arg;
	bool known = answer->status == DNS_STATUS_OK || dns_status_negative(answer->status);
	bool checks = answer->server && l->result->tlsa->server &&
	              strcmp(answer->server, l->result->tlsa->server) == 0;

	l->query = NULL;
	dns_answer_free(answer);
	if (known && checks)
		conclude(l, TLS_DANE_BOGUS,
		         "%s gives the answer only when it may leave the DNSSEC signatures "
		         "unchecked: they are wrong",
		         l->result->tlsa->server);
	else
		conclude(l, TLS_DANE_UNKNOWN, "%s", dns_status_text(l->result->tlsa->status));
}

static void on_answer(void *arg, struct dns_answer *answer)
{
	struct dane_lookup *l = arg;
	struct dane_result *r = l->result;

	l->query = NULL;
	r->tlsa = answer;
	r->trusted = resolver_trusted(answer, l->trust_ad);
	if (answer->status == DNS_STATUS_OK && l->host && !dane_answer_secure(answer, l->trust_ad))
		ask(l); /* records that prove nothing are as none (RFC 7672 §2.2) */
	else if (answer->status == DNS_STATUS_OK)
		judge_records(l);
	else if (answer->status == DNS_STATUS_SERVFAIL)
		l->query = network_query(l->network, r->name, DNS_TLSA | DNS_UNCHECKED,
		                         on_unchecked, l);
	else if (!dns_status_negative(answer->status))
		conclude(l, TLS_DANE_UNKNOWN, "%s", dns_status_text(answer->status));
	else if (l->host)
		ask(l);
	else
		conclude(l, TLS_DANE_NONE, "%s", dns_status_text(answer->status));
}

/* Asks for what result->host names; the next call is for the host itself. */
static void ask(struct dane_lookup *l)
{
	struct dane_result *r = l->result;
	struct buf b;

	if (r->tlsa) {
		free(r->host);
		r->host = l->host;
		l->host = NULL;
		dns_answer_free(r->tlsa);
		r->tlsa = NULL;
	}
	buf_init(&b, 4 * DNS_NAME_MAX);
	buf_addf(&b, "_%u._tcp.%s", l->port, r->host);
	free(r->name);
	r->name = buf_take(&b);
	buf_release(&b);
	l->query = network_query(l->network, r->name, DNS_TLSA, on_answer, l);
}

static void on_insecure_address(void *arg)
{
	struct dane_lookup *l = arg;
	char *shown = display_dup(span_of(l->result->host), NAME_MAX_SHOWN);

	conclude(l, TLS_DANE_INSECURE,
	         "DNSSEC does not protect the address of %s, so TLSA records would prove nothing "
	         "and "
	         "were not looked up (RFC 7672 §2.2.2)",
	         shown);
	free(shown);
}

struct dane_lookup *dane_look_up(struct network *n, const struct dane_question *q, dane_fn *fn,
                                 void *arg)
{
	struct dane_lookup *l = mem_zero(sizeof(*l));
	bool two = q->canonical && !span_eq_nocase(span_of(q->canonical), span_of(q->host));

	l->network = n;
	l->fn = fn;
	l->arg = arg;
	l->port = q->port;
	l->trust_ad = q->trust_ad;
	l->host = two ? mem_dup(q->host) : NULL;
	l->result = mem_zero(sizeof(*l->result));
	l->result->mx_secure = q->mx_secure;
	l->result->host = mem_dup(two && q->address_secure ? q->canonical : q->host);
	if (q->address_secure)
		ask(l);
	else
		l->soon = loop_timer_new(n->loop, 0, on_insecure_address, l);
	return l;
}
