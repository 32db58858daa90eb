/*
 * Where a message goes: the MX hosts of the next hop by preference (RFC 5321 §5.1), asked in the
 * practice DNS; each address in turn until one takes it. Hosts of equal preference are tried in the
 * order of the zone, so that a lesson sees the same each time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/deliver_client.h"

#define HOPS_MAX    50
#define SMTP_PORT   25
#define CLIENT_PORT 40000

struct hop {
	char *name;
	struct net_address address;
	unsigned preference;
};

struct hops {
	struct hop list[HOPS_MAX];
	size_t count;
	bool found_self;
	unsigned self; /* the lowest preference at which this host stands */
};

static void hops_release(struct hops *h)
{
	for (size_t i = 0; i < h->count; i++)
		free(h->list[i].name);
}

static bool is_self(const struct delivery *d, const struct net_address *a)
{
	for (size_t i = 0; i < d->a->site->address_count; i++)
		if (net_address_equal(a, &d->a->site->addresses[i]))
			return true;
	return false;
}

static void add_hop(const struct delivery *d, struct hops *h, const char *name, unsigned preference,
                    const struct net_address *a)
{
	if (is_self(d, a)) {
		if (!h->found_self || preference < h->self)
			h->self = preference;
		h->found_self = true;
	} else if (h->count < HOPS_MAX) {
		h->list[h->count++] = (struct hop){mem_dup(name), *a, preference};
	}
}

/* --- the practice DNS --- */

/* What look-ups are said to have found. */
static void note_status(struct delivery *d, const char *name, enum dns_type type,
                        enum dns_status status)
{
	bool hard = dns_status_negative(status) || status == DNS_STATUS_BAD_NAME;

	delivery_fail(d, "none", hard ? "5.4.4" : "4.4.3",
	              "Host or domain name not found. Name service error for name=%s type=%s: %s",
	              name, dns_type_name(type),
	              !hard                          ? "Host not found, try again"
	              : status == DNS_STATUS_NO_DATA ? "Host found but no data record of "
	                                               "requested type"
	                                             : "Host not found");
}

static bool does(const struct delivery *d, const char *protocol)
{
	struct span rest = span_of(maincf_text(d->a->site->cf, MAINCF_INET_PROTOCOLS)), word;

	while (maincf_word(&rest, &word))
		if (span_eq_nocase(word, SPAN("all")) || span_eq_nocase(word, span_of(protocol)))
			return true;
	return false;
}

/* The addresses of one host; a look-up that found none is noted. */
static void add_host(struct delivery *d, struct hops *h, const char *name, unsigned preference)
{
	static const struct {
		enum dns_type type;
		const char *protocol;
	} types[] = {{DNS_A, "ipv4"}, {DNS_AAAA, "ipv6"}};
	size_t found = 0;

	for (size_t i = 0; i < 2; i++) {
		struct dns_answer *a;

		if (!does(d, types[i].protocol))
			continue;
		a = world_answer(d->a->w, name, types[i].type);
		for (size_t j = 0; j < a->count; j++)
			add_hop(d, h, name, preference, &a->records[j].address);
		found += a->count;
		if (found == 0)
			note_status(d, name, types[i].type, a->status);
		dns_answer_free(a);
	}
}

static int by_preference(const void *a, const void *b)
{
	const struct dns_record *x = *(const struct dns_record *const *)a;
	const struct dns_record *y = *(const struct dns_record *const *)b;

	if (x->preference != y->preference)
		return x->preference < y->preference ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void add_mx_hosts(struct delivery *d, struct hops *h, const char *domain,
                         const struct dns_answer *a)
{
	const struct dns_record **list = mem_resize(NULL, a->count, sizeof *list);

	for (size_t i = 0; i < a->count; i++)
		list[i] = &a->records[i];
	qsort(list, a->count, sizeof *list, by_preference);
	if (a->count == 1 && !*list[0]->name)
		delivery_fail(d, "none", "5.1.0", "Domain %s does not accept mail (nullMX)",
		              domain);
	for (size_t i = 0; i < a->count; i++)
		if (*list[i]->name)
			add_host(d, h, list[i]->name, list[i]->preference);
	free(list);
}

/* A host that stands in the list itself uses only those before it (RFC 5321 §5.1). */
static void drop_behind_self(struct delivery *d, struct hops *h, const char *domain)
{
	size_t kept = 0;

	if (!h->found_self)
		return;
	for (size_t i = 0; i < h->count; i++) {
		if (h->list[i].preference < h->self)
			h->list[kept++] = h->list[i];
		else
			free(h->list[i].name);
	}
	h->count = kept;
	if (kept == 0)
		delivery_fail(d, "none", "5.4.6", "mail for %s loops back to myself", domain);
}

static void find_hops(struct delivery *d, struct hops *h, const char *name, bool mx)
{
	struct dns_answer *a = mx ? world_answer(d->a->w, name, DNS_MX) : NULL;

	if (a && a->count > 0)
		add_mx_hosts(d, h, name, a);
	else if (a && !dns_status_negative(a->status))
		note_status(d, name, DNS_MX, a->status);
	else
		add_host(d, h, name, 0);
	dns_answer_free(a);
	drop_behind_self(d, h, name);
}

/* "[192.0.2.1]" and "[mail.test]" are hosts, "mail.test" has MX hosts; ":port" may follow. */
static void find_nexthop(struct delivery *d, struct hops *h, struct span nexthop, unsigned *port)
{
	bool bracketed = nexthop.n > 0 && nexthop.p[0] == '[';
	size_t end = bracketed ? span_find(nexthop, ']') : span_find(nexthop, ':');
	struct span host = bracketed ? span_from(nexthop.p + 1, end - 1) : span_first(nexthop, end);
	struct span rest = span_skip(nexthop, bracketed ? end + 1 : end);
	unsigned long number = SMTP_PORT;
	struct net_address literal;
	char *name;

	if (rest.n > 1 && rest.p[0] == ':')
		span_number(span_skip(rest, 1), 65535, &number);
	*port = (unsigned)number;
	if (bracketed && span_starts_nocase(host, SPAN("IPv6:")))
		host = span_skip(host, 5);
	name = mem_dupn(host.p, host.n);
	if (bracketed && net_address_parse(host, 0, &literal) == 0) {
		add_hop(d, h, name, 0, &literal);
		drop_behind_self(d, h, name);
	} else {
		find_hops(d, h, name, !bracketed);
	}
	free(name);
}

/* --- the hosts --- */

/* 0, or why there is no connection. The time that a silent host costs passes. */
static int dial_error(struct delivery *d, const struct world_host *host, unsigned port)
{
	if (!host)
		return EHOSTUNREACH;
	if (host->behaviour == HOST_DEAD) {
		world_clock_advance(
		        d->a->w,
		        (int64_t)maincf_number(d->a->site->cf, MAINCF_SMTP_CONNECT_TIMEOUT) * 1000);
		return ETIMEDOUT;
	}
	return host->behaviour == HOST_REFUSES || !world_host_listens(host, port) ? ECONNREFUSED
	                                                                          : 0;
}

static const char *error_text(int error)
{
	return error == ETIMEDOUT      ? "Connection timed out"
	       : error == ECONNREFUSED ? "Connection refused"
	                               : "No route to host";
}

/* The address of this host that goes with the other's. */
static bool own_address(const struct delivery *d, const struct net_address *to,
                        struct net_address *from)
{
	for (size_t i = 0; i < d->a->site->address_count; i++) {
		*from = d->a->site->addresses[i];
		net_address_set_port(from, CLIENT_PORT);
		if (from->sa.ss_family == to->sa.ss_family)
			return true;
	}
	return false;
}

static void try_hop(struct delivery *d, const struct hop *hop, unsigned port, bool last)
{
	struct net_address to = hop->address, from;
	struct world_host *host = world_host_at(d->a->w, &to);
	char text[NET_ADDRESS_TEXT];
	int error;

	net_address_set_port(&to, port);
	net_address_text(&to, text);
	if (!own_address(d, &to, &from)) {
		delivery_fail(d, "none", "4.4.1", "connect to %s[%s]:%u: Network is unreachable",
		              hop->name, text, port);
		maillog_add(d->a->w, d->a->m->host, d->daemon, 0, "%s", d->text);
		return;
	}
	error = dial_error(d, host, port);
	if (error == 0) {
		deliver_converse(d, hop->name, &to, &from, host, last);
		return;
	}
	delivery_fail(d, "none", "4.4.1", "connect to %s[%s]:%u: %s", hop->name, text, port,
	              error_text(error));
	maillog_add(d->a->w, d->a->m->host, d->daemon, 0, "%s", d->text);
}

static void give_up(struct delivery *d)
{
	enum delivery_status status = d->dsn[0] == '5' ? DELIVERY_BOUNCED : DELIVERY_DEFERRED;

	for (size_t i = 0; i < d->count; i++)
		if (d->list[i])
			deliver_tell(d->a, d->list[i], d->list[i]->address,
			             &(struct outcome){status, d->daemon, d->relay, d->dsn, d->text,
			                               d->remote, d->reply, d->began, 0});
}

void deliver_smtp(struct attempt *a, struct queue_recipient **list, size_t count,
                  const char *nexthop, enum mail_daemon daemon)
{
	struct delivery d = {.a = a, .list = list, .count = count, .daemon = daemon};
	struct hops *hops = mem_zero(sizeof *hops);
	unsigned port;

	d.began = world_ms(a->w);
	find_nexthop(&d, hops, span_of(nexthop), &port);
	for (size_t i = 0; i < hops->count && !delivery_is_done(&d); i++)
		try_hop(&d, &hops->list[i], port, i + 1 == hops->count);
	if (!delivery_is_done(&d))
		give_up(&d);
	hops_release(hops);
	free(hops);
	free(d.text);
	free(d.relay);
	free(d.dsn);
	free(d.remote);
	free(d.reply);
}
