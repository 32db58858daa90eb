/*
 * dane_lookup: shows what lib/net makes of TLSA records behind a real validating resolver.
 *
 *     dane_lookup HOST PORT SERVER
 *
 * SERVER is ADDR[:PORT]. The address of HOST is asked for first, as a client would. One fact a
 * line, "key: value". Exit status 1 for a wrong command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "net/dane.h"
#include "net/resolver.h"

struct look {
	struct network *network;
	struct loop *loop;
	const char *host;
	unsigned port;
};

static void say(const char *key, const char *text)
{
	char *shown = display_dup(span_of(text ? text : ""), 1000);

	printf("%s: %s\n", key, shown);
	free(shown);
}

static void show(void *arg, struct dane_result *r)
{
	static const char *const states[] = {
	        [TLS_DANE_NONE] = "none",         [TLS_DANE_INSECURE] = "insecure",
	        [TLS_DANE_BOGUS] = "bogus",       [TLS_DANE_UNKNOWN] = "unknown",
	        [TLS_DANE_UNUSABLE] = "unusable", [TLS_DANE_SECURE] = "secure",
	};
	struct look *l = arg;

	say("state", states[r->state]);
	say("host", r->host);
	say("asked", r->name);
	printf("usable: %zu\n", r->usable);
	printf("trusted: %s\n", r->trusted ? "yes" : "no");
	say("why", r->why);
	dane_result_free(r);
	loop_stop(l->loop);
}

static void on_address(void *arg, struct dns_answer *a)
{
	struct look *l = arg;
	struct dane_question q = {
	        .host = l->host,
	        .canonical = a->alias_count ? a->aliases[a->alias_count - 1] : NULL,
	        .port = l->port,
	        .address_secure = dane_answer_secure(a, false),
	        .mx_secure = true,
	};

	say("address", dns_status_text(a->status));
	printf("address secure: %s\n", q.address_secure ? "yes" : "no");
	dane_look_up(l->network, &q, show, l);
	dns_answer_free(a);
}

int main(int argc, char **argv)
{
	struct resolver_config *dns;
	unsigned long port;
	struct look l;

	if (argc != 4 || span_number(span_of(argv[2]), 65535, &port) < 0 ||
	    !(dns = resolver_config_parse(argv[3], NULL))) {
		fprintf(stderr, "usage: dane_lookup HOST PORT SERVER\n");
		return 1;
	}
	l.loop = loop_new();
	dns->timeout_ms = 3000;
	l.network = network_real_new(l.loop, dns);
	l.host = argv[1];
	l.port = (unsigned)port;
	network_query(l.network, l.host, DNS_A, on_address, &l);
	loop_run(l.loop);
	network_free(l.network);
	loop_free(l.loop);
	return 0;
}
