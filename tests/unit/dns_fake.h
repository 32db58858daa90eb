/*
 * dns_fake: a name server on a loopback port, in the same loop, that misbehaves as it is told.
 */
#ifndef TESTS_DNS_FAKE_H
#define TESTS_DNS_FAKE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns_wire.h"
#include "net/address.h"
#include "net/loop.h"

#define FAKE_CONNECTIONS 32

struct fake;
/* Answers the question `asked` by calling fake_reply() as often as it likes. */
typedef void fake_script(struct fake *f, const struct wire *asked, bool tcp);

struct fake_connection {
	struct fake *fake;
	struct loop_watch *watch;
	int fd;
};

struct fake {
	struct loop *loop;
	fake_script *script;
	struct net_address address;
	int udp, tcp; /* tcp is -1 when nobody listens there */
	struct loop_watch *udp_watch, *tcp_watch;
	struct fake_connection connections[FAKE_CONNECTIONS];
	int connection_count;

	char name[256]; /* of the question that is being answered, lower case or not */
	unsigned id, type;
	int asked_udp, asked_tcp;
	unsigned short ports[64]; /* the client's, of the first UDP questions */
	unsigned ids[64];
	struct sockaddr_in client;
	int answering; /* the descriptor to answer on */
	bool over_tcp;
};

static inline int fake_bind(int kind, struct sockaddr_in *sa)
{
	int fd = socket(AF_INET, kind | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(*sa);

	assert(fd >= 0);
	if (bind(fd, (struct sockaddr *)sa, sizeof(*sa)) != 0) {
		close(fd);
		return -1;
	}
	assert(getsockname(fd, (struct sockaddr *)sa, &n) == 0);
	return fd;
}

/* Reads the question out of the message. */
static inline void fake_read_question(struct fake *f, const struct wire *asked)
{
	size_t at = 12, n = 0;

	f->id = wire_get_u16(asked->p);
	while (asked->p[at]) {
		memcpy(f->name + n, asked->p + at + 1, asked->p[at]);
		n += asked->p[at];
		f->name[n++] = '.';
		at += asked->p[at] + 1u;
	}
	f->name[n ? n - 1 : 0] = '\0';
	f->type = wire_get_u16(asked->p + at + 1);
}

static inline void fake_reply(struct fake *f, const struct wire *w)
{
	unsigned char prefix[2] = {(unsigned char)(w->n >> 8), (unsigned char)w->n};

	if (f->over_tcp) {
		assert(send(f->answering, prefix, 2, MSG_NOSIGNAL) == 2);
		assert(send(f->answering, w->p, w->n, MSG_NOSIGNAL) == (ssize_t)w->n);
	} else {
		assert(sendto(f->answering, w->p, w->n, 0, (struct sockaddr *)&f->client,
		              sizeof(f->client)) == (ssize_t)w->n);
	}
}

static inline void fake_on_udp(void *arg)
{
	struct fake *f = arg;
	static struct wire asked;
	socklen_t len = sizeof(f->client);
	ssize_t n = recvfrom(f->udp, asked.p, WIRE_MAX, 0, (struct sockaddr *)&f->client, &len);

	assert(n > 12);
	asked.n = (size_t)n;
	fake_read_question(f, &asked);
	if (f->asked_udp < 64) {
		f->ports[f->asked_udp] = ntohs(f->client.sin_port);
		f->ids[f->asked_udp] = f->id;
	}
	f->asked_udp++;
	f->answering = f->udp;
	f->over_tcp = false;
	f->script(f, &asked, false);
}

static inline void fake_hang_up(struct fake_connection *c)
{
	loop_watch_free(c->watch);
	if (c->fd >= 0)
		close(c->fd);
	c->watch = NULL;
	c->fd = -1;
}

static inline void fake_on_connection(void *arg)
{
	struct fake_connection *c = arg;
	static struct wire asked;
	unsigned char prefix[2];

	if (recv(c->fd, prefix, 2, MSG_WAITALL) != 2) {
		fake_hang_up(c);
		return;
	}
	asked.n = wire_get_u16(prefix);
	assert(recv(c->fd, asked.p, asked.n, MSG_WAITALL) == (ssize_t)asked.n);
	fake_read_question(c->fake, &asked);
	c->fake->asked_tcp++;
	c->fake->answering = c->fd;
	c->fake->over_tcp = true;
	c->fake->script(c->fake, &asked, true);
}

static inline void fake_on_tcp(void *arg)
{
	struct fake *f = arg;
	struct fake_connection *c = &f->connections[f->connection_count++];

	assert(f->connection_count <= FAKE_CONNECTIONS);
	c->fake = f;
	c->fd = accept(f->tcp, NULL, NULL);
	assert(c->fd >= 0);
	c->watch = loop_watch_new(f->loop, c->fd, fake_on_connection, c);
}

static inline void fake_start(struct fake *f, struct loop *l, fake_script *script, bool tcp)
{
	struct sockaddr_in sa;

	memset(f, 0, sizeof(*f));
	f->loop = l;
	f->script = script;
	f->tcp = -1;
	do { /* a port that is free for both */
		sa = (struct sockaddr_in){.sin_family = AF_INET,
		                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		f->udp = fake_bind(SOCK_DGRAM, &sa);
		assert(f->udp >= 0);
		if (tcp && (f->tcp = fake_bind(SOCK_STREAM, &sa)) < 0)
			close(f->udp);
	} while (tcp && f->tcp < 0);
	memcpy(&f->address.sa, &sa, sizeof(sa));
	f->address.len = sizeof(sa);
	f->udp_watch = loop_watch_new(l, f->udp, fake_on_udp, f);
	if (tcp) {
		assert(listen(f->tcp, 16) == 0);
		f->tcp_watch = loop_watch_new(l, f->tcp, fake_on_tcp, f);
	}
}

static inline void fake_stop(struct fake *f)
{
	for (int i = 0; i < f->connection_count; i++)
		fake_hang_up(&f->connections[i]);
	loop_watch_free(f->udp_watch);
	loop_watch_free(f->tcp_watch);
	if (f->udp >= 0)
		close(f->udp);
	if (f->tcp >= 0)
		close(f->tcp);
}

#endif
