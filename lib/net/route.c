/*
 * A domain's route: one MX look-up, then the addresses of the first hosts, all at the same time.
 *
 * The search counts what it still waits for; when the count reaches zero the route is complete and
 * handed over. Nothing is thrown away because it looks wrong: an MX that is an address, an alias or
 * "." stays in the list with its flag, for whoever reads the route to say so.
 */
#include "net/route.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"

struct lookup { /* of one address type of one host */
	struct route_search *search;
	size_t host;
	enum dns_type type;
	struct network_query *query; /* NULL when it has not begun or is over */
	struct dns_answer *answer;
};

struct route_search {
	struct network *network;
	unsigned port;
	enum route_family family;
	route_fn *fn;
	void *arg;
	struct route *route;
	bool implicit; /* the one host is the domain itself */
	struct network_query *mx;
	struct loop_timer *soon; /* for what needs no look-up */
	struct lookup lookups[2 * ROUTE_HOSTS_TRIED];
	size_t lookup_count, waiting;
};

static void drop_hosts(struct route *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->hosts[i].name);
		free(r->hosts[i].alias);
	}
	free(r->hosts);
	r->hosts = NULL;
	r->count = 0;
}

void route_free(struct route *r)
{
	if (!r)
		return;
	drop_hosts(r);
	dns_answer_free(r->mx);
	free(r->domain);
	free(r);
}

void route_cancel(struct route_search *s)
{
	if (!s)
		return;
	if (s->mx)
		network_query_cancel(s->mx, s->network);
	loop_timer_free(s->soon);
	for (size_t i = 0; i < s->lookup_count; i++) {
		if (s->lookups[i].query)
			network_query_cancel(s->lookups[i].query, s->network);
		dns_answer_free(s->lookups[i].answer);
	}
	route_free(s->route);
	free(s);
}

static void deliver(void *arg)
{
	struct route_search *s = arg;
	struct route *route = s->route;
	route_fn *fn = s->fn;
	void *fn_arg = s->arg;

	s->route = NULL;
	route_cancel(s);
	fn(fn_arg, route);
}

/* --- hosts --- */

static void host_init(struct route_host *h, const char *name)
{
	h->name = mem_dup(name);
	h->v4 = h->v6 = DNS_STATUS_COUNT;
	h->worst = NET_RANGE_PUBLIC;
}

static void host_add_address(struct route_host *h, const struct net_address *a, unsigned port)
{
	if (h->worst == NET_RANGE_PUBLIC)
		h->worst = net_address_range(a);
	if (h->address_count == ROUTE_ADDRESSES_MAX) {
		h->dropped++;
		return;
	}
	h->addresses[h->address_count] = *a;
	net_address_set_port(&h->addresses[h->address_count++], port);
}

static bool is_wanted(const struct net_address *a, enum route_family family)
{
	return family == ROUTE_BOTH || (family == ROUTE_V6) == (a->sa.ss_family == AF_INET6);
}

/* Takes an address that stands in place of a name; false when the text is none. */
static bool host_take_literal(struct route_host *h, struct span text, unsigned port,
                              enum route_family family)
{
	struct net_address a;

	if (net_address_parse(text, port, &a) != 0)
		return false;
	h->is_literal = true;
	if (is_wanted(&a, family))
		host_add_address(h, &a, port);
	return true;
}

/* IPv6 and IPv4 in turn, IPv6 first (RFC 8305 §4). */
static void host_add_answers(struct route_host *h, const struct dns_answer *v6,
                             const struct dns_answer *v4, unsigned port)
{
	size_t n6 = v6 ? v6->count : 0, n4 = v4 ? v4->count : 0;

	for (size_t i = 0; i < n6 || i < n4; i++) {
		if (i < n6)
			host_add_address(h, &v6->records[i].address, port);
		if (i < n4)
			host_add_address(h, &v4->records[i].address, port);
	}
}

/* --- the order of MX records --- */

struct rank {
	const struct dns_record *record;
	uint32_t lot; /* decides between equal preferences, RFC 5321 §5.1 */
};

static int rank_compare(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->record->preference != y->record->preference)
		return x->record->preference < y->record->preference ? -1 : 1;
	return (x->lot > y->lot) - (x->lot < y->lot);
}

static uint32_t draw_lot(void)
{
	uint32_t lot = 0;

	/* four bytes come whole or not at all; without them the order is the server's */
	if (getrandom(&lot, sizeof(lot), 0) != (ssize_t)sizeof(lot))
		lot = 0;
	return lot;
}

static void take_mx_hosts(struct route_search *s)
{
	const struct dns_answer *mx = s->route->mx;
	struct rank *ranks = mem_resize(NULL, mx->count, sizeof(*ranks));

	for (size_t i = 0; i < mx->count; i++)
		ranks[i] = (struct rank){&mx->records[i], draw_lot()};
	qsort(ranks, mx->count, sizeof(*ranks), rank_compare);
	s->route->hosts = mem_zero(mx->count * sizeof(*s->route->hosts));
	s->route->count = mx->count;
	for (size_t i = 0; i < mx->count; i++) {
		struct route_host *h = &s->route->hosts[i];

		host_init(h, ranks[i].record->name);
		h->preference = ranks[i].record->preference;
		h->is_null = h->name[0] == '\0';
	}
	free(ranks);
}

/* RFC 7505 §3 knows one such record; of several, all ".", nothing else can be meant. */
static bool is_null_mx(const struct dns_answer *mx)
{
	for (size_t i = 0; i < mx->count; i++) {
		if (mx->records[i].name[0] != '\0')
			return false;
	}
	return mx->count > 0;
}

/* --- address look-ups --- */

static struct dns_answer *lookup_answer(const struct route_search *s, size_t host,
                                        enum dns_type type)
{
	for (size_t i = 0; i < s->lookup_count; i++) {
		if (s->lookups[i].host == host && s->lookups[i].type == type)
			return s->lookups[i].answer;
	}
	return NULL;
}

static void host_complete(struct route_search *s, size_t index)
{
	struct route_host *h = &s->route->hosts[index];
	const struct dns_answer *v4 = lookup_answer(s, index, DNS_A);
	const struct dns_answer *v6 = lookup_answer(s, index, DNS_AAAA);
	const struct dns_answer *either = v4 && v4->alias_count ? v4 : v6;

	if (v4)
		h->v4 = v4->status;
	if (v6)
		h->v6 = v6->status;
	if (either && either->alias_count)
		h->alias = mem_dup(either->aliases[0]);
	host_add_answers(h, v6, v4, s->port);
}

/* For a route whose one host is the name itself: without an address there is no host. It is NONE
 * only when every look-up proved that there is nothing; else the failed one is the evidence. */
static void judge_single_host(struct route_search *s)
{
	struct route *r = s->route;

	if (r->hosts[0].address_count > 0)
		return;
	r->kind = ROUTE_NONE;
	for (size_t i = 0; i < s->lookup_count; i++) {
		struct lookup *l = &s->lookups[i];

		if (r->mx && dns_status_negative(l->answer->status))
			continue;
		dns_answer_free(r->mx);
		r->mx = l->answer;
		l->answer = NULL;
		if (!dns_status_negative(r->mx->status)) {
			r->kind = ROUTE_UNKNOWN;
			break;
		}
	}
	drop_hosts(r);
}

static void finish_lookups(struct route_search *s)
{
	for (size_t i = 0; i < s->route->count; i++) {
		if (s->route->hosts[i].looked_up && !s->route->hosts[i].is_literal)
			host_complete(s, i);
	}
	if (s->route->kind != ROUTE_MX)
		judge_single_host(s);
	deliver(s);
}

static void on_address(void *arg, struct dns_answer *answer)
{
	struct lookup *l = arg;

	l->query = NULL;
	l->answer = answer;
	if (--l->search->waiting == 0)
		finish_lookups(l->search);
}

static void begin_lookup(struct route_search *s, size_t host, enum dns_type type)
{
	struct lookup *l = &s->lookups[s->lookup_count++];

	l->search = s;
	l->host = host;
	l->type = type;
	s->waiting++;
	l->query = network_query(s->network, s->route->hosts[host].name, type, on_address, l);
}

/* Begins the look-ups of the first hosts that need any. */
static void look_up_hosts(struct route_search *s)
{
	size_t begun = 0;

	for (size_t i = 0; i < s->route->count && begun < ROUTE_HOSTS_TRIED; i++) {
		struct route_host *h = &s->route->hosts[i];

		if (h->is_null)
			continue;
		begun++;
		h->looked_up = true;
		if (host_take_literal(h, span_of(h->name), s->port, s->family))
			continue;
		if (s->family != ROUTE_V4)
			begin_lookup(s, i, DNS_AAAA);
		if (s->family != ROUTE_V6)
			begin_lookup(s, i, DNS_A);
	}
	if (s->waiting == 0)
		s->soon = loop_timer_new(s->network->loop, 0, deliver, s);
}

static void look_up_single(struct route_search *s, enum route_kind kind)
{
	s->route->kind = kind;
	s->route->hosts = mem_zero(sizeof(*s->route->hosts));
	s->route->count = 1;
	host_init(&s->route->hosts[0], s->route->domain);
	look_up_hosts(s);
}

/* --- the search --- */

static void on_mx(void *arg, struct dns_answer *answer)
{
	struct route_search *s = arg;

	s->mx = NULL;
	s->route->mx = answer;
	switch (answer->status) {
	case DNS_STATUS_OK:
		s->route->kind = is_null_mx(answer) ? ROUTE_NULL_MX : ROUTE_MX;
		if (s->route->kind == ROUTE_MX) {
			take_mx_hosts(s);
			look_up_hosts(s);
			return;
		}
		break;
	case DNS_STATUS_NO_DATA: look_up_single(s, ROUTE_IMPLICIT); return;
	case DNS_STATUS_NO_NAME: s->route->kind = ROUTE_NONE; break;
	default: s->route->kind = ROUTE_UNKNOWN;
	}
	deliver(s);
}

static struct route_search *search_new(struct network *n, const char *domain, unsigned port,
                                       enum route_family family, route_fn *fn, void *arg)
{
	struct route_search *s = mem_zero(sizeof(*s));

	s->network = n;
	s->port = port;
	s->family = family;
	s->fn = fn;
	s->arg = arg;
	s->route = mem_zero(sizeof(*s->route));
	s->route->domain = mem_dup(domain);
	return s;
}

/* "[192.0.2.1]" and "[IPv6:2001:db8::1]" (RFC 5321 §4.1.3), or an address without them: the text
 * that net_address_parse() reads. */
static struct span literal_text(const char *domain)
{
	struct span text = span_of(domain);

	if (text.n < 2 || text.p[0] != '[' || text.p[text.n - 1] != ']')
		return text;
	text = span_from(text.p + 1, text.n - 2);
	return span_starts_nocase(text, SPAN("IPv6:")) ? span_skip(text, 5) : text;
}

/* Settles what needs no look-up: an address, or brackets around something else. */
static bool settle_literal(struct route_search *s)
{
	struct route_host *h = mem_zero(sizeof(*h));

	host_init(h, s->route->domain);
	if (host_take_literal(h, literal_text(s->route->domain), s->port, ROUTE_BOTH)) {
		h->looked_up = true;
		s->route->kind = ROUTE_DIRECT;
		s->route->hosts = h;
		s->route->count = 1;
	} else {
		free(h->name);
		free(h);
		if (s->route->domain[0] != '[')
			return false;
		s->route->kind = ROUTE_UNKNOWN;
		s->route->mx = dns_answer_new(s->route->domain, DNS_MX, DNS_STATUS_BAD_NAME);
	}
	s->soon = loop_timer_new(s->network->loop, 0, deliver, s);
	return true;
}

struct route_search *route_find(struct network *n, const char *domain, unsigned port,
                                enum route_family family, route_fn *fn, void *arg)
{
	struct route_search *s = search_new(n, domain, port, family, fn, arg);

	if (!settle_literal(s))
		s->mx = network_query(n, domain, DNS_MX, on_mx, s);
	return s;
}

struct route_search *route_find_host(struct network *n, const char *host, unsigned port,
                                     enum route_family family, route_fn *fn, void *arg)
{
	struct route_search *s = search_new(n, host, port, family, fn, arg);

	if (!settle_literal(s))
		look_up_single(s, ROUTE_DIRECT);
	return s;
}

struct route *route_new_local(const char *path, const struct net_address *a)
{
	struct route *r = mem_zero(sizeof(*r));

	r->kind = ROUTE_DIRECT;
	r->domain = mem_dup(path);
	r->count = 1;
	r->hosts = mem_zero(sizeof(*r->hosts));
	r->hosts[0].name = mem_dup(path);
	r->hosts[0].addresses[0] = *a;
	r->hosts[0].address_count = 1;
	r->hosts[0].worst = NET_RANGE_LOCAL_SOCKET;
	return r;
}
