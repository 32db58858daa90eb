/*
 * One host at a time; within a host, every address that was begun is an attempt of its own, and the
 * stagger timer begins the next one (RFC 8305 §5). An attempt that fails begins the next at once.
 * Everything is told from the loop, so the first step waits for a timer of 0 ms.
 */
#include "net/connector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define ADDRESS_MS 30000

struct attempt {
	struct connector *connector;
	struct network_dial *dial; /* NULL: over */
	size_t address;
	int64_t began;
};

struct connector {
	struct network *network;
	const struct route *route;
	size_t host;
	int64_t ms;
	connector_fn *fn;
	void *arg;
	struct attempt attempts[ROUTE_ADDRESSES_MAX];
	size_t begun, live;
	struct loop_timer *timer; /* the first step, later the stagger */
	size_t tried, timed_out, refused, unreachable, other;
	bool in_callback, freed;
};

static void begin_next(struct connector *c);

static const struct route_host *host_of(const struct connector *c)
{
	return &c->route->hosts[c->host];
}

/* False when the connector was freed by who heard it. */
static bool tell(struct connector *c, struct connector_event *ev)
{
	if (c->host < c->route->count) {
		ev->host = host_of(c);
		ev->host_index = c->host;
	}
	c->in_callback = true;
	c->fn(c->arg, ev);
	c->in_callback = false;
	if (!c->freed)
		return true;
	free(c);
	return false;
}

static void set_timer(struct connector *c, int64_t ms, loop_fn *fn)
{
	loop_timer_free(c->timer);
	c->timer = fn ? loop_timer_new(c->network->loop, ms, fn, c) : NULL;
}

static void stop_all(struct connector *c)
{
	set_timer(c, 0, NULL);
	for (size_t i = 0; i < c->begun; i++) {
		network_dial_cancel(c->attempts[i].dial, c->network);
		c->attempts[i].dial = NULL;
	}
	c->live = 0;
}

/* --- counting failures --- */

static const struct {
	int error;
	size_t counter; /* where in struct connector */
	const char *text;
} failures[] = {
#define F(error, counter, text)                                                                    \
	{                                                                                          \
		error, offsetof(struct connector, counter), text                                   \
	}
        F(ETIMEDOUT, timed_out,
          "no answer in time: the host is down, or a firewall on the way drops the packets without "
          "a word"),
        F(ECONNREFUSED, refused,
          "refused: the machine answers, but no program listens on this port, or a firewall "
          "declines it openly"),
        F(ECONNRESET, other,
          "reset: the connection was cut off, by the machine at the other end or by something on "
          "the way"),
        F(EPIPE, other, "reset: the other end had closed the connection already"),
        F(ENETUNREACH, unreachable,
          "network unreachable: this machine has no way to that kind of address or network"),
        F(EHOSTUNREACH, unreachable,
          "host unreachable: a router says that it cannot reach this machine"),
        F(EADDRNOTAVAIL, unreachable,
          "unreachable: this machine has no address of its own to start from"),
        F(EACCES, other, "not permitted: a firewall rule of this machine forbids it"),
        F(EPERM, other, "not permitted: a firewall rule of this machine forbids it"),
        F(ENOENT, other, "no such socket: there is no file of that name"),
        F(EAFNOSUPPORT, unreachable, "unreachable: this machine does not speak that protocol"),
#undef F
};

#define FAILURES (sizeof(failures) / sizeof(failures[0]))

const char *connector_error_text(int error)
{
	for (size_t i = 0; i < FAILURES; i++) {
		if (failures[i].error == error)
			return failures[i].text;
	}
	return "failed: the system could not set the connection up";
}

static void count_failure(struct connector *c, int error)
{
	size_t *counter = &c->other;

	for (size_t i = 0; i < FAILURES; i++) {
		if (failures[i].error == error)
			counter = (size_t *)((char *)c + failures[i].counter);
	}
	(*counter)++;
	c->tried++;
}

/* --- the race --- */

static void give_up(struct connector *c)
{
	struct connector_event ev = {
	        .type = CONNECTOR_GAVE_UP,
	        .tried = c->tried,
	        .timed_out = c->timed_out,
	        .refused = c->refused,
	        .unreachable = c->unreachable,
	        .other = c->other,
	};

	tell(c, &ev);
}

/* Hosts without an address are passed over: the route says why they have none. */
static void begin_host(struct connector *c)
{
	struct connector_event ev = {.type = CONNECTOR_HOST};

	c->begun = c->live = 0;
	while (c->host < c->route->count && host_of(c)->address_count == 0)
		c->host++;
	if (c->host >= c->route->count)
		give_up(c);
	else if (tell(c, &ev))
		begin_next(c);
}

static void won(struct connector *c, struct connector_event *ev)
{
	stop_all(c);
	ev->type = CONNECTOR_CONNECTED;
	tell(c, ev);
}

static void lost(struct connector *c, struct connector_event *ev)
{
	ev->type = CONNECTOR_FAILED;
	count_failure(c, ev->error);
	if (!tell(c, ev))
		return;
	if (c->begun < host_of(c)->address_count) {
		begin_next(c);
	} else if (c->live == 0) {
		c->host++;
		begin_host(c);
	}
}

static void dialled(void *arg, struct stream *stream, int error)
{
	struct attempt *a = arg;
	struct connector *c = a->connector;
	struct connector_event ev = {
	        .address = &host_of(c)->addresses[a->address],
	        .error = error,
	        .ms = clock_ms() - a->began,
	        .stream = stream,
	};

	a->dial = NULL;
	c->live--;
	if (stream)
		won(c, &ev);
	else
		lost(c, &ev);
}

static void stagger_over(void *arg)
{
	begin_next(arg);
}

static void begin_next(struct connector *c)
{
	const struct route_host *h = host_of(c);
	struct attempt *a = &c->attempts[c->begun];
	struct connector_event ev = {.type = CONNECTOR_TRYING, .address = &h->addresses[c->begun]};

	set_timer(c, 0, NULL);
	if (c->begun >= h->address_count)
		return;
	*a = (struct attempt){.connector = c, .address = c->begun, .began = clock_ms()};
	a->dial = network_dial(c->network, ev.address, c->ms, dialled, a);
	c->begun++;
	c->live++;
	if (c->begun < h->address_count)
		set_timer(c, CONNECTOR_STAGGER_MS, stagger_over);
	tell(c, &ev);
}

static void first_step(void *arg)
{
	struct connector *c = arg;

	set_timer(c, 0, NULL);
	begin_host(c);
}

struct connector *connector_new(struct network *n, const struct route *r, size_t from, int64_t ms,
                                connector_fn *fn, void *arg)
{
	struct connector *c = mem_zero(sizeof(*c));

	c->network = n;
	c->route = r;
	c->host = from;
	c->ms = ms ? ms : ADDRESS_MS;
	c->fn = fn;
	c->arg = arg;
	set_timer(c, 0, first_step);
	return c;
}

void connector_free(struct connector *c)
{
	if (!c || c->freed)
		return;
	stop_all(c);
	c->freed = true;
	if (!c->in_callback)
		free(c);
}

char *connector_where(const struct route_host *h, const struct net_address *a)
{
	char text[NET_ADDRESS_TEXT];
	struct buf b;

	net_address_text(a, text);
	buf_init(&b, 600);
	if (net_address_range(a) == NET_RANGE_LOCAL_SOCKET)
		buf_addstr(&b, text);
	else if (strcmp(h->name, text) == 0)
		buf_addstr(&b, net_address_port_text(a, text));
	else
		buf_addf(&b, "%s[%s]:%u", h->name, text, net_address_port(a));
	return buf_take(&b);
}
