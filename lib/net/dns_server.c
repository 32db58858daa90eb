/*
 * The sockets of the DNS server. Datagrams are answered as they come, some at a turn, so that a
 * flood of them does not keep the mail servers on the same loop from theirs. Over TCP each message
 * stands behind its length, and several may be on the way at once.
 */
#include "net/dns_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/listener.h"

enum { PREFIX = 2, MESSAGE_MAX = 65535, AT_A_TURN = 64, IDLE_MS = 10000, TRIES = 20 };

struct client { /* over TCP */
	struct client *next, **back;
	struct dns_server *server;
	struct stream *stream;
	struct loop_timer *idle;
	struct buf input;
};

struct dns_server {
	struct loop *loop;
	dns_server_fn *fn;
	void *arg;
	struct net_address address;
	int fd; /* UDP */
	struct loop_watch *watch;
	struct listener *listener;
	struct client *clients;
	size_t client_count;
};

/* --- UDP --- */

static void readable(void *arg)
{
	struct dns_server *s = arg;
	char question[MESSAGE_MAX];

	for (int i = 0; i < AT_A_TURN; i++) {
		struct net_address from = {.len = sizeof from.sa};
		ssize_t n = recvfrom(s->fd, question, sizeof question, 0,
		                     (struct sockaddr *)&from.sa, &from.len);
		unsigned char *reply;
		size_t len = 0;

		if (n < 0)
			return;
		reply = dns_reply_make(span_from(question, (size_t)n), s->fn, s->arg, 0, &len);
		if (reply) /* who does not get it asks again */
			sendto(s->fd, reply, len, MSG_NOSIGNAL, (struct sockaddr *)&from.sa,
			       from.len);
		free(reply);
	}
}

/* --- TCP --- */

static void client_free(struct client *c, void (*end)(struct stream *stream))
{
	*c->back = c->next;
	if (c->next)
		c->next->back = c->back;
	c->server->client_count--;
	loop_timer_free(c->idle);
	end(c->stream);
	buf_release(&c->input);
	free(c);
}

static void idle(void *arg)
{
	client_free(arg, stream_finish);
}

static void wait_for_more(struct client *c)
{
	loop_timer_free(c->idle);
	c->idle = loop_timer_new(c->server->loop, IDLE_MS, idle, c);
}

/* 0, or -1 when the client does not read its replies. */
static int reply_to(struct client *c, struct span question)
{
	size_t len = 0;
	unsigned char *reply =
	        dns_reply_make(question, c->server->fn, c->server->arg, MESSAGE_MAX, &len);
	char prefix[PREFIX] = {(char)(len >> 8), (char)len};
	int result = 0;

	if (reply)
		result = stream_write(c->stream, span_from(prefix, PREFIX)) |
		         stream_write(c->stream, span_from((char *)reply, len));
	free(reply);
	return result;
}

static void client_data(void *arg, struct span bytes)
{
	struct client *c = arg;
	struct span rest;
	int result = 0;

	buf_addspan(&c->input, bytes);
	rest = buf_span(&c->input);
	while (result == 0 && rest.n >= PREFIX) {
		size_t n = (size_t)(unsigned char)rest.p[0] << 8 | (unsigned char)rest.p[1];

		if (rest.n - PREFIX < n)
			break;
		result = reply_to(c, span_from(rest.p + PREFIX, n));
		rest = span_skip(rest, PREFIX + n);
	}
	if (result != 0 || c->input.full) {
		client_free(c, stream_free);
		return;
	}
	buf_drop(&c->input, c->input.len - rest.n);
	wait_for_more(c);
}

static void client_ended(void *arg, enum stream_end why, int error)
{
	(void)why, (void)error;
	client_free(arg, stream_finish);
}

static const struct stream_handler handler = {.data = client_data, .ended = client_ended};

static void accepted(void *arg, struct stream *stream)
{
	struct dns_server *s = arg;
	struct client *c;

	if (s->client_count == DNS_SERVER_CLIENTS) {
		stream_free(stream);
		return;
	}
	c = mem_zero(sizeof *c);
	*c = (struct client){
	        .server = s, .stream = stream, .next = s->clients, .back = &s->clients};
	if (c->next)
		c->next->back = &c->next;
	s->clients = c;
	s->client_count++;
	buf_init(&c->input, 4 * (PREFIX + MESSAGE_MAX));
	wait_for_more(c);
	stream_handle(stream, &handler, c);
}

/* --- the port --- */

static int open_udp(const struct net_address *at)
{
	int fd = socket(at->sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), error;

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&at->sa, at->len) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

/* The same port for both: TCP's, which the kernel may have chosen, must be free for UDP, too. */
static int open_both(struct dns_server *s, const struct net_address *at, struct diag *d)
{
	char text[NET_ADDRESS_TEXT];

	for (int i = 0; i < TRIES; i++) {
		s->listener = listener_new(s->loop, at, accepted, s, d);
		if (!s->listener)
			return -1;
		s->address = *listener_address(s->listener);
		s->fd = open_udp(&s->address);
		if (s->fd >= 0)
			return 0;
		listener_free(s->listener);
		s->listener = NULL;
		if (errno != EADDRINUSE || net_address_port(at) != 0)
			break;
	}
	return diag_set(d, DIAG_NETWORK, NULL, "cannot take questions of the DNS on %s: %s",
	                net_address_port_text(at, text), strerror(errno));
}

struct dns_server *dns_server_new(struct loop *l, const struct net_address *at, dns_server_fn *fn,
                                  void *arg, struct diag *d)
{
	struct dns_server *s = mem_zero(sizeof *s);

	*s = (struct dns_server){.loop = l, .fn = fn, .arg = arg, .fd = -1};
	if (open_both(s, at, d) != 0) {
		free(s);
		return NULL;
	}
	s->watch = loop_watch_new(l, s->fd, readable, s);
	return s;
}

const struct net_address *dns_server_address(const struct dns_server *s)
{
	return &s->address;
}

void dns_server_free(struct dns_server *s)
{
	if (!s)
		return;
	while (s->clients)
		client_free(s->clients, stream_free);
	loop_watch_free(s->watch);
	listener_free(s->listener);
	close(s->fd);
	free(s);
}
