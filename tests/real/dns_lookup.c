/*
 * dns_lookup: shows what lib/net makes of a real name server, for dns.bats.
 *
 *     dns_lookup NAME TYPE SERVER     one look-up
 *     dns_lookup route NAME SERVER    the route of a mail domain
 *
 * SERVER is ADDR[:PORT]. One fact a line, "key: value". Exit status 1 for a wrong command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "net/network.h"
#include "net/resolver.h"
#include "net/route.h"

static const enum dns_type types[] = {DNS_A,   DNS_CNAME, DNS_MX,  DNS_PTR,
                                      DNS_TXT, DNS_AAAA,  DNS_TLSA};

static void say(const char *key, const char *text)
{
	char *shown = display_dup(span_of(text), 1000);

	printf("%s: %s\n", key, shown);
	free(shown);
}

static void show_record(const struct dns_record *r)
{
	char address[NET_ADDRESS_TEXT];
	char *shown;

	switch (r->type) {
	case DNS_A:
	case DNS_AAAA: say("address", net_address_text(&r->address, address)); break;
	case DNS_MX:
		shown = display_dup(span_of(r->name), 1000);
		printf("mx: %u %s\n", r->preference, *shown ? shown : ".");
		free(shown);
		break;
	case DNS_TXT: say("text", r->text); break;
	default: say("name", r->name ? r->name : "");
	}
}

static void show_answer(void *arg, struct dns_answer *a)
{
	printf("status: %s\n", dns_status_text(a->status));
	for (size_t i = 0; i < a->alias_count; i++)
		say("alias", a->aliases[i]);
	for (size_t i = 0; i < a->count; i++)
		show_record(&a->records[i]);
	printf("records: %zu, dropped %zu\n", a->count, a->dropped);
	say("server", a->server ? a->server : "none");
	dns_answer_free(a);
	loop_stop(arg);
}

static void show_host(const struct route_host *h)
{
	char address[NET_ADDRESS_TEXT];
	char *shown = display_dup(span_of(h->name), 1000);

	printf("host: %u %s%s%s%s\n", h->preference, *shown ? shown : ".",
	       h->is_literal ? " literal" : "", h->is_null ? " null" : "",
	       h->looked_up ? "" : " not looked up");
	free(shown);
	if (h->alias)
		say("alias", h->alias);
	for (size_t i = 0; i < h->address_count; i++)
		say("address", net_address_text(&h->addresses[i], address));
	if (h->worst != NET_RANGE_PUBLIC)
		say("range", net_range_name(h->worst));
	if (h->looked_up && !h->address_count)
		say("no address", dns_status_text(h->v4));
}

static void show_route(void *arg, struct route *r)
{
	static const char *const kinds[] = {"mx",   "implicit", "null mx",
	                                    "none", "unknown",  "direct"};

	printf("kind: %s\n", kinds[r->kind]);
	if (r->mx)
		printf("evidence: %s, %s\n", dns_type_name(r->mx->type),
		       dns_status_text(r->mx->status));
	for (size_t i = 0; i < r->count; i++)
		show_host(&r->hosts[i]);
	route_free(r);
	loop_stop(arg);
}

static int begin(struct network *n, char **argv)
{
	if (strcmp(argv[1], "route") == 0) {
		route_find(n, argv[2], 25, ROUTE_BOTH, show_route, n->loop);
		return 0;
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(dns_type_name(types[i]), argv[2]) == 0) {
			network_query(n, argv[1], types[i], show_answer, n->loop);
			return 0;
		}
	}
	fprintf(stderr, "dns_lookup: no such type: %s\n", argv[2]);
	return -1;
}

int main(int argc, char **argv)
{
	struct resolver_config *dns;
	struct network *n;
	struct loop *loop;
	int status = 0;

	if (argc != 4 || !(dns = resolver_config_parse(argv[3], NULL))) {
		fprintf(stderr,
		        "usage: dns_lookup NAME TYPE SERVER | dns_lookup route NAME SERVER\n");
		return 1;
	}
	loop = loop_new();
	dns->timeout_ms = 2000;
	n = network_real_new(loop, dns);
	if (begin(n, argv) == 0)
		loop_run(loop);
	else
		status = 1;
	network_free(n);
	loop_free(loop);
	return status;
}
