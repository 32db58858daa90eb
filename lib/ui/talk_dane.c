/*
 * DANE for the host that we are connected to: is its address secure, and what do its TLSA records
 * say? The questions are asked only when TLS is about to begin, so that nobody waits for them who
 * types no STARTTLS; one deadline is over all of them, since a name server that is silent must not
 * keep a person from the handshake. Then the state is "unknown", and is shown as that.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "ui/talk_tls.h"

enum { PATIENCE_MS = 5000 };

struct talk_dane {
	struct talk *talk;
	struct network_query *query; /* for the host's address */
	struct dane_lookup *lookup;
	struct loop_timer *limit;
	void (*done)(struct talk *t, struct dane_result *take);
};

void talk_dane_cancel(struct talk *t)
{
	struct talk_dane *d = t->dane;

	if (!d)
		return;
	t->dane = NULL;
	network_query_cancel(d->query, t->network);
	dane_cancel(d->lookup);
	loop_timer_free(d->limit);
	free(d);
}

static void finish(struct talk_dane *d, struct dane_result *result)
{
	struct talk *t = d->talk;
	void (*done)(struct talk *, struct dane_result *) = d->done;

	d->lookup = NULL;
	talk_dane_cancel(t);
	done(t, result);
}

static void found(void *arg, struct dane_result *result)
{
	finish(arg, result);
}

static void too_late(void *arg)
{
	struct talk_dane *d = arg;
	struct dane_result *r = mem_zero(sizeof(*r));

	r->state = TLS_DANE_UNKNOWN;
	r->host = mem_dup(d->talk->server);
	r->mx_secure = true;
	r->why = mem_dup("the name server did not answer in time");
	dane_cancel(d->lookup);
	finish(d, r);
}

static void address_known(void *arg, struct dns_answer *answer)
{
	struct talk_dane *d = arg;
	struct talk *t = d->talk;
	bool trust = t->s.options->trust_ad;
	struct dane_question q = {
	        .host = t->server,
	        .canonical = answer->alias_count ? answer->aliases[answer->alias_count - 1] : NULL,
	        .port = t->target.port,
	        .trust_ad = trust,
	        .address_secure = dane_answer_secure(answer, trust),
	        .mx_secure = t->target.kind == TARGET_HOST || t->mx_secure,
	};

	d->query = NULL;
	d->lookup = dane_look_up(t->network, &q, found, d);
	dns_answer_free(answer);
}

static bool is_name(const char *host)
{
	struct net_address a;

	return host && net_address_parse(span_of(host), 0, &a) < 0;
}

/* A practice host whose zone is not signed: DANE is no matter there, and a beginner who starts TLS
 * has enough to read. */
static bool is_plain_practice(const struct talk *t)
{
	struct dns_answer *a;
	bool secure;

	if (!t->world)
		return false;
	a = world_answer(t->world, t->server, DNS_A);
	secure = a->authentic;
	dns_answer_free(a);
	return !secure;
}

bool talk_dane_begin(struct talk *t, void (*done)(struct talk *t, struct dane_result *take))
{
	const struct net_address *peer = stream_peer(conversation_stream(t->conversation));
	char text[NET_ADDRESS_TEXT];
	struct talk_dane *d;

	if (t->target.kind == TARGET_UNIX || !is_name(t->server) || is_plain_practice(t))
		return false;
	net_address_text(peer, text);
	bool is_v6 = span_find(span_of(text), ':') < span_of(text).n;
	d = t->dane = mem_zero(sizeof(*d));
	d->talk = t;
	d->done = done;
	d->limit = loop_timer_new(t->loop, PATIENCE_MS, too_late, d);
	d->query = network_query(t->network, t->server, is_v6 ? DNS_AAAA : DNS_A, address_known, d);
	return true;
}
