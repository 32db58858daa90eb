/*
 * tls_rig: certificates for the tests, and a client and a server of ours that meet over a pair of
 * streams or over sockets.
 */
#ifndef TESTS_TLS_RIG_H
#define TESTS_TLS_RIG_H

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/tls.h"
#include "net/tls_state.h"

#define HOST "mx.example.com"

struct tls_side {
	struct stream *stream;
	struct tls_report *report;
	struct buf got;
	int reports, ends;
	enum stream_end why;
	int error;
	bool free_in_report;
	const char *say; /* written when the handshake is done */
};

static struct loop *loop;
static char certs[64]; /* the folder */
static struct tls_side client, server;

static inline const char *cert_path(const char *name, const char *suffix)
{
	static char paths[8][128];
	static unsigned next;
	char *p = paths[next++ % 8];

	snprintf(p, sizeof(paths[0]), "%s/%s%s", certs, name, suffix);
	return p;
}

static inline int certs_make(void **state)
{
	char command[160];

	(void)state;
	snprintf(certs, sizeof(certs), "/tmp/smtptalk-tls.XXXXXX");
	if (!mkdtemp(certs))
		return -1;
	snprintf(command, sizeof(command), "tests/tls/make-certs.sh %s", certs);
	return system(command);
}

static inline int certs_remove(void **state)
{
	char command[160];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", certs);
	return system(command);
}

static inline void side_data(void *arg, struct span bytes)
{
	buf_addspan(&((struct tls_side *)arg)->got, bytes);
}

static inline void side_ended(void *arg, enum stream_end why, int error)
{
	struct tls_side *s = arg;

	s->ends++;
	s->why = why;
	s->error = error;
}

static const struct stream_handler side_handler = {side_data, side_ended, NULL};

static inline void side_reported(void *arg, struct tls_report *report)
{
	struct tls_side *s = arg;

	tls_report_free(s->report);
	s->report = report;
	s->reports++;
	if (s->free_in_report) {
		stream_free(s->stream);
		s->stream = NULL;
	} else if (report->done && s->say) {
		stream_write(s->stream, span_of(s->say));
	}
}

static inline void rig_stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static inline void run_for(int64_t ms)
{
	struct loop_timer *t = loop_timer_new(loop, ms, rig_stop, NULL);

	loop_run(loop);
	loop_timer_free(t);
}

static inline bool rig_done(void)
{
	return (client.reports || !client.stream) && (server.reports || !server.stream);
}

/* Turns the loop until both sides have their report, and a little longer; 3 s at most. */
static inline void run_handshake(void)
{
	for (int i = 0; i < 300 && !rig_done(); i++)
		run_for(10);
	run_for(10);
}

static inline void join_pair(void)
{
	struct net_address a, b;

	net_address_parse(span_of("192.0.2.77"), 4000, &a);
	net_address_parse(span_of("192.0.2.25"), 25, &b);
	stream_pair(loop, &a, &b, &client.stream, &server.stream);
	stream_handle(client.stream, &side_handler, &client);
	stream_handle(server.stream, &side_handler, &server);
}

static inline void join_sockets(void)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) != 0)
		abort();
	client.stream = stream_from_socket(loop, fd[0]);
	server.stream = stream_from_socket(loop, fd[1]);
	stream_handle(client.stream, &side_handler, &client);
	stream_handle(server.stream, &side_handler, &server);
}

static inline void side_start(struct tls_side *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->got, 64 << 20);
}

static inline void side_stop(struct tls_side *s)
{
	stream_free(s->stream);
	tls_report_free(s->report);
	buf_release(&s->got);
}

static inline int rig_start(void **state)
{
	(void)state;
	loop = loop_new();
	side_start(&client);
	side_start(&server);
	return 0;
}

static inline int rig_end(void **state)
{
	(void)state;
	side_stop(&client);
	side_stop(&server);
	loop_free(loop);
	return 0;
}

/* The server's context for one of the certificates; at OpenSSL's lowest security level, because bad
 * certificates are what it is for. */
static inline struct tls_context *server_context(const char *name)
{
	struct tls_settings s;
	struct tls_context *c;

	tls_settings_init(&s);
	s.server = true;
	s.minimum = TLS_1_0;
	s.certificate = cert_path(name, ".pem");
	s.key = cert_path(name, ".key");
	c = tls_context_new(&s, NULL);
	assert_non_null(c);
	return c;
}

static inline struct tls_context *client_context(void)
{
	struct tls_settings s;
	struct tls_context *c;

	tls_settings_init(&s);
	s.ca_file = cert_path("ca", ".pem");
	c = tls_context_new(&s, NULL);
	assert_non_null(c);
	return c;
}

static inline void start_client(struct tls_context *c, const struct tls_target *t)
{
	tls_start(client.stream, c, t, side_reported, &client);
}

static inline void start_server(struct tls_context *c)
{
	struct tls_target t = {.ms = 2000};

	tls_start(server.stream, c, &t, side_reported, &server);
}

/* A whole handshake over a pair with the server's certificate of that name; frees the contexts. */
static inline struct tls_report *shake_with(struct tls_context *cs, struct tls_context *cc,
                                            const struct tls_target *t)
{
	if (!client.stream)
		join_pair();
	start_server(cs);
	start_client(cc, t);
	run_handshake();
	tls_context_free(cs);
	tls_context_free(cc);
	assert_int_equal(client.reports, 1);
	return client.report;
}

static inline struct tls_report *shake(const char *certificate, const char *name)
{
	struct tls_target t = {.name = name, .ms = 2000};

	return shake_with(server_context(certificate), client_context(), &t);
}

#endif
