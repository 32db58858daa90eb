/*
 * player_rig: a client for tests of the player, over a pair of streams, and what it saw.
 */
#ifndef TESTS_PLAYER_RIG_H
#define TESTS_PLAYER_RIG_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "session/player.h"

static struct loop *loop;
static struct session_file *file;
static struct player *player;
static struct stream *client;
static struct buf got;
static bool ended;
static enum stream_end why;

static struct player_result result; /* its diag's strings are copied below */
static char first_where[200], first_what[400];
static int results;
static bool free_in_callback;

static inline void on_data(void *arg, struct span bytes)
{
	(void)arg;
	buf_addspan(&got, bytes);
}

static inline void on_ended(void *arg, enum stream_end how, int error)
{
	(void)arg, (void)error;
	ended = true;
	why = how;
}

static const struct stream_handler handler = {.data = on_data, .ended = on_ended};

static inline void keep(const struct player_result *r)
{
	results++;
	result = *r;
	snprintf(first_where, sizeof(first_where), "%s", r->first.where ? r->first.where : "");
	snprintf(first_what, sizeof(first_what), "%s", r->first.what ? r->first.what : "");
}

static inline void on_result(void *arg, const struct player_result *r)
{
	assert_ptr_equal(arg, &loop);
	keep(r);
	if (free_in_callback) {
		player_free(player);
		player = NULL;
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

static inline void load(const char *text)
{
	struct diags ds;

	diags_init(&ds);
	file = session_file_parse("f.smtp", span_of(text), &ds);
	assert_non_null(file);
	diags_release(&ds);
}

static inline void play(const char *text)
{
	struct net_address a;
	struct stream *theirs;

	load(text);
	assert_int_equal(net_address_parse(SPAN("192.0.2.77"), 4000, &a), 0);
	stream_pair(loop, &a, &a, &client, &theirs);
	stream_handle(client, &handler, NULL);
	player = player_new(theirs, file, 100, on_result, &loop);
	assert_int_equal(results, 0);
	run_for(10);
}

static inline void send_text(const char *text)
{
	stream_write(client, span_of(text));
	run_for(10);
}

static inline void check_result(bool completed, size_t mismatches, const char *where,
                                const char *what)
{
	assert_int_equal(results, 1);
	assert_int_equal(result.completed, completed);
	assert_int_equal(result.mismatches, mismatches);
	assert_string_equal(first_where, where);
	assert_string_equal(first_what, what);
}

static inline int setup(void **state)
{
	(void)state;
	loop = loop_new();
	buf_init(&got, 32u << 20);
	memset(first_where, 0, sizeof(first_where));
	memset(first_what, 0, sizeof(first_what));
	results = 0;
	ended = free_in_callback = false;
	player = NULL;
	client = NULL;
	file = NULL;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	player_free(player);
	stream_free(client);
	session_file_free(file);
	buf_release(&got);
	loop_free(loop);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
