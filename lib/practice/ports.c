/*
 * One listener a port of a host, one list of links for all. What is beyond a limit is turned away
 * here, before a server is made for it.
 */
#include "practice/ports.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/dns_server.h"
#include "net/listener.h"
#include "practice/mailbox.h"
#include "practice/visitors.h"
#include "practice/world_state.h"

#define PORT_MAX 65535u
#define KEPT     100 /* messages of a mailbox */

struct opened {
	struct port port;
	struct ports *all;
	struct listener *listener; /* NULL: the host refuses */
};

/* A connection to a host that is dead. */
struct silence {
	struct silence *next, **back;
	struct ports *all;
	struct stream *stream;
};

struct ports {
	struct loop *loop;
	struct world *world;
	struct ports_settings settings;
	struct opened *list; /* room for all: listeners point into it */
	size_t count;
	struct dns_server *dns;
	struct links *links;
	struct silence *silences;
	size_t silence_count;
	struct visitors *visitors;
};

/* --- connections --- */

static void silence_end(struct silence *s)
{
	*s->back = s->next;
	if (s->next)
		s->next->back = s->back;
	s->all->silence_count--;
	stream_free(s->stream);
	free(s);
}

static void silence_data(void *arg, struct span bytes)
{
	(void)arg;
	(void)bytes;
}

static void silence_ended(void *arg, enum stream_end why, int error)
{
	(void)why;
	(void)error;
	silence_end(arg);
}

static const struct stream_handler silent = {.data = silence_data, .ended = silence_ended};

static void keep_silent(struct ports *p, struct stream *stream)
{
	struct silence *s = mem_zero(sizeof *s);

	*s = (struct silence){
	        .next = p->silences, .back = &p->silences, .all = p, .stream = stream};
	if (s->next)
		s->next->back = &s->next;
	p->silences = s;
	p->silence_count++;
	stream_handle(stream, &silent, s);
}

/* Where TLS comes first no words can be said. */
static void turn_away(struct opened *o, struct stream *stream, const char *words)
{
	struct port *at = &o->port;
	struct ports *p = o->all;
	char client[NET_ADDRESS_TEXT];
	char *reply = world_text("421 4.7.0 %s Error: %s from %s\r\n", at->host->name, words,
	                         net_address_text(stream_peer(stream), client));

	if (p->settings.fn)
		p->settings.fn(p->settings.arg, &(struct link_event){.type = LINK_TURNED_AWAY,
		                                                     .host = at->host,
		                                                     .port = at->port,
		                                                     .peer = stream_peer(stream),
		                                                     .reply = span_of(reply),
		                                                     .why = ""});
	if (at->port != WORLD_PORT_SUBMISSIONS)
		stream_write(stream, span_of(reply));
	stream_finish(stream);
	free(reply);
}

static void accepted(void *arg, struct stream *stream)
{
	struct opened *o = arg;
	struct ports *p = o->all;
	const struct ports_settings *s = &p->settings;
	const struct net_address *peer = stream_peer(stream);

	if (links_count(p->links) + p->silence_count >= s->most)
		turn_away(o, stream, "too many connections at once, and now one");
	else if (s->rate > 0 && visitors_count(p->visitors, peer, clock_ms()) > s->rate)
		turn_away(o, stream, "too many new connections in a minute");
	else if (o->port.host->behaviour == HOST_DEAD)
		keep_silent(p, stream);
	else
		links_serve(p->links, o->port.host, stream, s->client.len ? &s->client : peer,
		            o->port.port);
}

/* --- opening --- */

static struct dns_answer *answer(void *arg, const char *name, enum dns_type type)
{
	return world_answer(arg, name, type);
}

/* The number behind the last one, which a host that refuses has, too. */
static int open_port(struct ports *p, struct world_host *h, unsigned port, struct diag *d)
{
	struct opened *o = &p->list[p->count];
	unsigned number = p->settings.first ? p->settings.first + (unsigned)p->count : 0;

	o->all = p;
	o->port = (struct port){.host = h, .port = port, .address = p->settings.at};
	net_address_set_port(&o->port.address, number);
	if (number > PORT_MAX)
		return diag_set(d, DIAG_USAGE, NULL,
		                "there are not enough ports from %u upwards for all hosts",
		                p->settings.first);
	if (h->behaviour != HOST_REFUSES) {
		o->listener = listener_new(p->loop, &o->port.address, accepted, o, d);
		if (!o->listener)
			return -1;
		o->port.address = *listener_address(o->listener);
	}
	p->count++;
	return 0;
}

static int open_all(struct ports *p, struct diag *d)
{
	struct net_address dns = p->settings.at;

	for (size_t i = 0; i < p->world->host_count; i++) {
		struct world_host *h = &p->world->hosts[i];

		if (p->settings.only && h != p->settings.only)
			continue;
		for (size_t j = 0; j < h->port_count; j++)
			if (open_port(p, h, h->ports[j], d) != 0)
				return -1;
	}
	net_address_set_port(&dns, p->settings.dns);
	p->dns = dns_server_new(p->loop, &dns, answer, p->world, d);
	return p->dns ? 0 : -1;
}

struct ports *ports_new(struct loop *l, struct world *w, const struct ports_settings *s,
                        struct diag *d)
{
	struct ports *p = mem_zero(sizeof *p);

	p->loop = l;
	p->world = w;
	p->settings = *s;
	p->list = mem_zero(w->host_count * WORLD_PORTS_MAX * sizeof *p->list);
	p->links = links_new(w, s->fn, s->arg);
	links_limit_idle(p->links);
	world_keep_newest(w, KEPT);
	p->visitors = visitors_new();
	if (open_all(p, d) == 0)
		return p;
	ports_free(p);
	return NULL;
}

void ports_free(struct ports *p)
{
	if (!p)
		return;
	while (p->silences)
		silence_end(p->silences);
	for (size_t i = 0; i < p->count; i++)
		listener_free(p->list[i].listener);
	dns_server_free(p->dns);
	links_free(p->links);
	visitors_free(p->visitors);
	free(p->list);
	free(p);
}

const struct port *ports_at(const struct ports *p, size_t i)
{
	return i < p->count ? &p->list[i].port : NULL;
}

const struct net_address *ports_dns(const struct ports *p)
{
	return dns_server_address(p->dns);
}
