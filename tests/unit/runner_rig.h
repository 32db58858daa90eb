/*
 * runner_rig: the runner against the player, over a pair, and what both told.
 */
#ifndef TESTS_RUNNER_RIG_H
#define TESTS_RUNNER_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/player.h"
#include "session/runner.h"

#define PARTS 3

static struct loop *loop;
static struct session_vars *vars;
static struct session_file *client_file, *server_files[PARTS];
static struct runner *runner;
static struct player *players[PARTS];
static size_t opened;
static bool refuse;
static struct buf targets, log_text;
static int dones;
static enum runner_end end;
static size_t exchanges, retries, server_faults;
static char first[600];
static bool free_at_exchange;

static inline void on_played(void *arg, const struct player_result *result)
{
	(void)arg;
	server_faults += result->mismatches;
}

static inline void open_stream(void *arg, struct runner *r, struct span target)
{
	struct net_address a;
	struct stream *mine, *theirs;
	struct diag d;

	assert_ptr_equal(arg, &loop);
	buf_addf(&targets, "[" SPAN_FMT "]", SPAN_ARG(target));
	if (refuse || opened == PARTS || !server_files[opened]) {
		diag_init(&d);
		diag_set(&d, DIAG_NETWORK, NULL, "connection refused");
		runner_not_opened(r, &d);
		diag_release(&d);
		return;
	}
	assert_int_equal(net_address_parse(SPAN("192.0.2.25"), 25, &a), 0);
	stream_pair(loop, &a, &a, &mine, &theirs);
	players[opened] = player_new(theirs, server_files[opened], 2000, on_played, NULL);
	opened++;
	runner_opened(r, mine);
}

static inline void note_exchange(const struct runner_event *ev)
{
	buf_addf(&log_text, "%s%s:%d", log_text.len ? " " : "",
	         ev->comparison->equal      ? "ok"
	         : ev->type == RUNNER_RETRY ? "retry"
	                                    : "bad",
	         ev->came->code);
	if (free_at_exchange) {
		runner_free(runner);
		runner = NULL;
	}
}

static inline void on_event(void *arg, const struct runner_event *ev)
{
	assert_ptr_equal(arg, &loop);
	switch (ev->type) {
	case RUNNER_OPENED:
	case RUNNER_TLS:
	case RUNNER_REPLY: break;
	case RUNNER_EXCHANGE:
	case RUNNER_RETRY: note_exchange(ev); break;
	case RUNNER_ECHO: buf_addf(&log_text, " \"" SPAN_FMT "\"", SPAN_ARG(ev->text)); break;
	case RUNNER_DONE:
		dones++;
		end = ev->result->end;
		exchanges = ev->result->exchanges;
		retries = ev->result->retries;
		snprintf(first, sizeof(first), "%s: %s",
		         ev->result->first.where ? ev->result->first.where : "",
		         ev->result->first.what ? ev->result->first.what : "");
		loop_stop(loop);
	}
}

static inline void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static inline void run_for(int64_t ms)
{
	struct loop_timer *t = loop_timer_new(loop, ms, stop, NULL);

	loop_run(loop);
	loop_timer_free(t);
}

static inline struct session_file *parse(const char *name, const char *text)
{
	struct session_file *f;
	struct diags ds;

	diags_init(&ds);
	f = session_file_parse(name, span_of(text), &ds);
	if (!f)
		fail_msg("%s: %s", ds.list[0].where, ds.list[0].what);
	return f;
}

static inline void play(const char *client, const char *server)
{
	struct runner_settings s = {
	        .timeout_ms = 300, .open = open_stream, .fn = on_event, .arg = &loop};

	client_file = parse("c.smtp", client);
	server_files[0] = server ? parse("s.smtp", server) : NULL;
	runner = runner_new(loop, client_file, vars, &s);
	assert_int_equal(buf_span(&targets).n, 0);
	run_for(4000);
	if (!free_at_exchange)
		assert_int_equal(dones, 1);
	run_for(20);
}

static inline void check(enum runner_end how, const char *log, const char *what)
{
	assert_string_equal(log_text.data, log);
	assert_string_equal(first, what);
	assert_int_equal(end, how);
}

static inline int setup(void **state)
{
	(void)state;
	loop = loop_new();
	vars = session_vars_new();
	buf_init(&targets, 1000);
	buf_init(&log_text, 10000);
	client_file = NULL;
	memset(server_files, 0, sizeof(server_files));
	memset(players, 0, sizeof(players));
	opened = exchanges = retries = server_faults = 0;
	dones = 0;
	refuse = free_at_exchange = false;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	runner_free(runner);
	for (size_t i = 0; i < PARTS; i++) {
		player_free(players[i]);
		session_file_free(server_files[i]);
	}
	session_file_free(client_file);
	session_vars_free(vars);
	buf_release(&targets);
	buf_release(&log_text);
	loop_free(loop);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
