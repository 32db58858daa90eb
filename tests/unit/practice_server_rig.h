/*
 * practice_server_rig: one practice server, fed with bytes and asked for what it said.
 *
 * Included by one test program each, after cmocka.h.
 */
#ifndef TESTS_PRACTICE_SERVER_RIG_H
#define TESTS_PRACTICE_SERVER_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/server.h"

#define DATA_FOLDER "lessons"

struct fixture {
	struct world *world;
	struct world_host *host;
	struct practice_server *server;
	struct net_address client;
	unsigned port;
};

static inline void use_host(struct fixture *f, const char *address)
{
	struct net_address a;

	practice_server_free(f->server);
	assert_int_equal(net_address_parse(span_of(address), 25, &a), 0);
	f->host = world_host_at(f->world, &a);
	assert_non_null(f->host);
	f->server = practice_server_new(f->world, f->host, &f->client, f->port);
}

static inline int setup(void **state)
{
	struct fixture *f = mem_zero(sizeof *f);
	struct diags ds;

	diags_init(&ds);
	f->world = world_load(DATA_FOLDER, &ds);
	for (size_t i = 0; i < ds.count; i++)
		print_error("%s: %s\n", ds.list[i].where, ds.list[i].what);
	diags_release(&ds);
	assert_non_null(f->world);
	assert_int_equal(net_address_parse(SPAN("192.0.2.77"), 49152, &f->client), 0);
	f->port = 25;
	use_host(f, "192.0.2.25");
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	practice_server_free(f->server);
	world_free(f->world);
	free(f);
	return 0;
}

/* Everything the server said since the last call. */
static inline const char *said(struct fixture *f, char *out, size_t room)
{
	struct buf *b = practice_server_output(f->server);

	assert_true(b->len < room);
	memcpy(out, b->data, b->len + 1);
	buf_clear(b);
	return out;
}

static inline void expect(struct fixture *f, const char *answer)
{
	static char text[1 << 18];

	assert_string_equal(said(f, text, sizeof text), answer);
}

static inline void feed(struct fixture *f, const char *bytes)
{
	practice_server_feed(f->server, span_of(bytes));
	while (practice_server_delay_ms(f->server) > 0)
		practice_server_waited(f->server);
}

static inline void start(struct fixture *f)
{
	buf_clear(practice_server_output(f->server));
}

/* Restarts the conversation. */
static inline void again(struct fixture *f)
{
	practice_server_free(f->server);
	f->server = practice_server_new(f->world, f->host, &f->client, f->port);
	start(f);
}

static inline void ask(struct fixture *f, const char *line, const char *answer)
{
	feed(f, line);
	feed(f, "\r\n");
	if (answer[0]) {
		char *with_end = NULL;

		assert_true(asprintf(&with_end, "%s\r\n", answer) > 0);
		expect(f, with_end);
		free(with_end);
	} else {
		expect(f, "");
	}
}

struct line_case {
	const char *line, *answer;
};

/* Each case in the same conversation, in order. */
static inline void ask_all(struct fixture *f, const struct line_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ask(f, cases[i].line, cases[i].answer);
}
#define ASK_ALL(f, cases) ask_all(f, cases, sizeof(cases) / sizeof *(cases))

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
