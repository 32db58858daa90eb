/*
 * The player and serve: this test is the client, over a pair or a loopback port.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/network.h"
#include "session/player.h"
#include "session/serve.h"

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

static void on_data(void *arg, struct span bytes)
{
	(void)arg;
	buf_addspan(&got, bytes);
}

static void on_ended(void *arg, enum stream_end how, int error)
{
	(void)arg, (void)error;
	ended = true;
	why = how;
}

static const struct stream_handler handler = {.data = on_data, .ended = on_ended};

static void keep(const struct player_result *r)
{
	results++;
	result = *r;
	snprintf(first_where, sizeof(first_where), "%s", r->first.where ? r->first.where : "");
	snprintf(first_what, sizeof(first_what), "%s", r->first.what ? r->first.what : "");
}

static void on_result(void *arg, const struct player_result *r)
{
	assert_ptr_equal(arg, &loop);
	keep(r);
	if (free_in_callback) {
		player_free(player);
		player = NULL;
	}
}

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void run_for(int64_t ms)
{
	struct loop_timer *t = loop_timer_new(loop, ms, stop, NULL);

	loop_run(loop);
	loop_timer_free(t);
}

static void load(const char *text)
{
	struct diags ds;

	diags_init(&ds);
	file = session_file_parse("f.smtp", span_of(text), &ds);
	assert_non_null(file);
	diags_release(&ds);
}

static void play(const char *text)
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

static void send_text(const char *text)
{
	stream_write(client, span_of(text));
	run_for(10);
}

static void check_result(bool completed, size_t mismatches, const char *where, const char *what)
{
	assert_int_equal(results, 1);
	assert_int_equal(result.completed, completed);
	assert_int_equal(result.mismatches, mismatches);
	assert_string_equal(first_where, where);
	assert_string_equal(first_what, what);
}

static int setup(void **state)
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

static int teardown(void **state)
{
	(void)state;
	player_free(player);
	stream_free(client);
	session_file_free(file);
	buf_release(&got);
	loop_free(loop);
	return 0;
}

static void test_a_whole_session(void **state)
{
	(void)state;
	play("S: 220 mx\nC: HELO me\nS: 250-mx\nS: 250 hi\nC* *\nS: 221 bye\n");
	assert_string_equal(got.data, "220 mx\r\n");
	send_text("HELO");
	assert_string_equal(got.data, "220 mx\r\n");
	send_text(" me\r\n");
	assert_string_equal(got.data, "220 mx\r\n250-mx\r\n250 hi\r\n");
	send_text("anything at all\n");
	assert_string_equal(got.data, "220 mx\r\n250-mx\r\n250 hi\r\n221 bye\r\n");
	check_result(true, 0, "", "");
	run_for(10);
	assert_true(ended);
	assert_int_equal(why, STREAM_END_EOF);
}

static void test_patterns_and_captures(void **state)
{
	(void)state;
	play("@smtptalk 1\n@set name = mx\nS: 220 ${name}\nC* MAIL FROM:<{from}>*\n"
	     "S= 250 \\x41 ${from}\nC* RCPT TO:<${from}>\nS? 250 x\n");
	send_text("MAIL FROM:<a*b> SIZE=5\r\n");
	assert_string_equal(got.data, "220 mx\r\n250 A a*b\r\n");
	send_text("RCPT TO:<axb>\r\n");
	check_result(true, 1, "f.smtp:6:1",
	             "expected \"RCPT TO:<a\\*b>\", but \"RCPT TO:<axb>\" came");
}

static void test_what_a_server_cannot_send(void **state)
{
	(void)state;
	play("S* 220 *\nC: <close>\n");
	stream_free(client);
	client = NULL;
	run_for(10);
	check_result(true, 1, "f.smtp:1:1", "a pattern compares replies; a server cannot send it");
}

static void test_a_second_connection_is_not_played(void **state)
{
	(void)state;
	play("C: <open mx>\nS: 220 one\nC: QUIT\nC: <open mx>\nS: 220 two\n");
	send_text("QUIT\r\n");
	check_result(true, 0, "", "");
	assert_string_equal(got.data, "220 one\r\n");
}

static void test_serving_what_cannot_be_played(void **state)
{
	struct net_address at;
	struct diag d;

	(void)state;
	load("S: 220 x\nC: a\nS~ ^250\n");
	diag_init(&d);
	assert_int_equal(net_address_parse(SPAN("127.0.0.1"), 0, &at), 0);
	assert_null(serve_new(loop, &at, file, 100, true, NULL, NULL, &d));
	assert_int_equal(d.kind, DIAG_INPUT);
	assert_string_equal(d.where, "f.smtp:3:1");
	diag_release(&d);
}

static void test_pipelined_lines(void **state)
{
	(void)state;
	play("C: a\nC: b\nS: 250 x\nC: c\nS: 250 y\n");
	send_text("a\r\nb\r\nc\r\n");
	assert_string_equal(got.data, "250 x\r\n250 y\r\n");
	check_result(true, 0, "", "");
}

static void test_a_line_that_differs(void **state)
{
	(void)state;
	play("C: HELO me\nS: 250 x\nC: QUIT\nS: 221 x\n");
	send_text("HELO \x1b[2Jyou\r\n");
	assert_string_equal(got.data, "250 x\r\n"); /* the play goes on */
	send_text("quit\r\n");
	check_result(true, 2, "f.smtp:1:1", "expected \"HELO me\", but \"HELO \\x1b[2Jyou\" came");
}

static void test_a_client_that_says_nothing(void **state)
{
	(void)state;
	play("S: 220 x\nC: QUIT\nS: 221 x\n");
	send_text("QUI");
	run_for(150);
	check_result(false, 1, "f.smtp:2:1", "expected \"QUIT\", but nothing came in time");
	assert_true(ended);
}

static void test_a_client_that_leaves(void **state)
{
	(void)state;
	play("S: 220 x\nC: QUIT\nS: 221 x\n");
	stream_free(client);
	client = NULL;
	run_for(10);
	check_result(false, 1, "f.smtp:2:1",
	             "expected \"QUIT\", but the client closed the connection");
}

static void test_a_client_that_leaves_when_all_is_said(void **state)
{
	(void)state;
	play("C: QUIT\nS: 221 x\nS: <sleep 3600s>\nS: <stall 3600s>\n");
	stream_write(client, SPAN("QUIT\r\n"));
	stream_finish(client);
	client = NULL;
	run_for(20);
	check_result(true, 0, "", "");
}

static void test_the_client_is_to_close(void **state)
{
	(void)state;
	play("S: 220 x\nC: <close>\n");
	stream_free(client);
	client = NULL;
	run_for(10);
	check_result(true, 0, "", "");
}

static void test_the_client_does_not_close(void **state)
{
	(void)state;
	play("S: 220 x\nC: <close>\n");
	run_for(150);
	check_result(false, 1, "f.smtp:2:4", "the client was to close the connection and did not");
}

static void test_raw_bytes(void **state)
{
	(void)state;
	play("S! 220 \\0\\xff\nC! ab\\r\\ncd\nS! x\n");
	assert_int_equal(got.len, 6);
	assert_memory_equal(got.data, "220 \0\xff", 6);
	send_text("ab\r\nc");
	assert_int_equal(got.len, 6);
	send_text("D");
	assert_int_equal(got.len, 7);
	check_result(true, 1, "f.smtp:2:1",
	             "expected \"ab\\x0d\\x0acd\", but \"ab\\x0d\\x0acD\" came");
}

static void test_sleeping(void **state)
{
	int64_t began = clock_ms();

	(void)state;
	play("S: 220 one\nS: <sleep 0.08s>\nS: 220 two\n");
	assert_string_equal(got.data, "220 one\r\n");
	send_text("early\r\n"); /* does not cut the sleep short */
	assert_string_equal(got.data, "220 one\r\n");
	while (results == 0 && clock_ms() - began < 3000)
		run_for(10);
	assert_true(clock_ms() - began >= 75);
	assert_string_equal(got.data, "220 one\r\n220 two\r\n");
}

static void test_silence_is_kept(void **state)
{
	(void)state;
	play("S: <nothing 50ms>\nC: a\n");
	run_for(80);
	send_text("a\r\n");
	check_result(true, 0, "", "");
}

static void test_silence_is_broken(void **state)
{
	(void)state;
	play("S: <nothing 3600s>\nC: a\n");
	send_text("a\r\n");
	check_result(true, 1, "f.smtp:1:4", "expected silence, but \"a\\x0d\\x0a\" came");
}

static void test_stalling(void **state)
{
	(void)state;
	play("S: <stall 100ms>\nC: a\nS: 250 x\n");
	send_text("a\r\n");
	assert_true(stream_unsent(client) > 0);
	for (int i = 0; i < 100 && results == 0; i++)
		run_for(10);
	check_result(true, 0, "", "");
	assert_string_equal(got.data, "250 x\r\n");
}

static void test_resetting(void **state)
{
	(void)state;
	play("S: 354 go on\nC: a\nS: 250 x\nS: <reset>\n");
	send_text("a\r\n");
	assert_string_equal(got.data, "354 go on\r\n250 x\r\n");
	check_result(true, 0, "", "");
	assert_true(ended);
	assert_int_equal(why, STREAM_END_ERROR);
}

static void test_no_tls(void **state)
{
	(void)state;
	play("S: 220 x\nC & S: <negotiate TLS>\nC: EHLO me\n");
	check_result(false, 1, "f.smtp:2:8", "playing a TLS handshake is not possible");
}

static void test_an_empty_file(void **state)
{
	(void)state;
	play("# nothing\n");
	check_result(true, 0, "", "");
}

static void test_freed_in_its_callback(void **state)
{
	(void)state;
	free_in_callback = true;
	play("S: 220 x\n");
	assert_null(player);
	assert_int_equal(results, 1);
}

static void test_freed_in_the_middle(void **state)
{
	(void)state;
	play("S: 220 x\nC: a\n");
	player_free(player);
	player = NULL;
	run_for(10);
	assert_int_equal(results, 0);
	assert_true(ended);
}

/* --- serve --- */

static struct network *net;
static struct serve *serve;
static struct buf told;
static bool last_seen;

static void on_dialled(void *arg, struct stream *s, int error)
{
	(void)arg;
	assert_int_equal(error, 0);
	client = s;
	stream_handle(client, &handler, NULL);
}

static void on_serve(void *arg, const struct serve_event *ev)
{
	static const char *const names[] = {"listening ", "connected ", "played "};
	char text[NET_ADDRESS_TEXT];

	assert_ptr_equal(arg, &loop);
	buf_addstr(&told, names[ev->type]);
	assert_string_equal(net_address_text(ev->address, text), "127.0.0.1");
	assert_true(net_address_port(ev->address) > 0);
	if (ev->type == SERVE_LISTENING)
		network_dial(net, ev->address, 1000, on_dialled, NULL);
	if (ev->type != SERVE_PLAYED)
		return;
	keep(ev->result);
	last_seen = ev->last;
	if (free_in_callback) {
		serve_free(serve);
		serve = NULL;
	}
}

static void begin_serve(bool once)
{
	struct net_address at;

	load("S: 220 x\nC: QUIT\nS: 221 y\n");
	buf_init(&told, 1000);
	net = network_real_new(loop, NULL);
	assert_int_equal(net_address_parse(SPAN("127.0.0.1"), 0, &at), 0);
	serve = serve_new(loop, &at, file, 1000, once, on_serve, &loop, NULL);
	assert_non_null(serve);
	assert_string_equal(told.data, "");
	run_for(50);
	assert_string_equal(got.data, "220 x\r\n");
}

static void end_serve(void)
{
	serve_free(serve);
	network_free(net);
	buf_release(&told);
}

static void test_serving_once(void **state)
{
	(void)state;
	begin_serve(true);
	send_text("QUIT\r\n");
	run_for(30);
	assert_string_equal(told.data, "listening connected played ");
	assert_true(last_seen);
	check_result(true, 0, "", "");
	assert_true(ended);
	stream_free(client);
	client = NULL;
	loop_run(loop); /* nothing listens any more */
	end_serve();
}

static void test_serving_more_than_one(void **state)
{
	struct stream *other;

	(void)state;
	begin_serve(false);
	other = client;
	network_dial(net, stream_peer(other), 1000, on_dialled, NULL);
	run_for(30);
	assert_string_equal(told.data, "listening connected connected ");
	stream_reset(other);
	send_text("RSET\r\n");
	run_for(30);
	assert_string_equal(told.data, "listening connected connected played played ");
	assert_false(last_seen);
	assert_int_equal(results, 2);
	end_serve();
}

static void test_serve_freed_in_its_callback(void **state)
{
	(void)state;
	free_in_callback = true;
	begin_serve(false);
	send_text("QUIT\r\n");
	run_for(30);
	assert_null(serve);
	end_serve();
}

static void test_serve_freed_in_the_middle(void **state)
{
	(void)state;
	begin_serve(false);
	serve_free(serve);
	serve = NULL;
	run_for(30);
	assert_true(ended);
	assert_int_equal(results, 0);
	end_serve();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_whole_session),
	        TEST(test_pipelined_lines),
	        TEST(test_patterns_and_captures),
	        TEST(test_what_a_server_cannot_send),
	        TEST(test_a_second_connection_is_not_played),
	        TEST(test_serving_what_cannot_be_played),
	        TEST(test_a_line_that_differs),
	        TEST(test_a_client_that_says_nothing),
	        TEST(test_a_client_that_leaves),
	        TEST(test_a_client_that_leaves_when_all_is_said),
	        TEST(test_the_client_is_to_close),
	        TEST(test_the_client_does_not_close),
	        TEST(test_raw_bytes),
	        TEST(test_sleeping),
	        TEST(test_silence_is_kept),
	        TEST(test_silence_is_broken),
	        TEST(test_stalling),
	        TEST(test_resetting),
	        TEST(test_no_tls),
	        TEST(test_an_empty_file),
	        TEST(test_freed_in_its_callback),
	        TEST(test_freed_in_the_middle),
	        TEST(test_serving_once),
	        TEST(test_serving_more_than_one),
	        TEST(test_serve_freed_in_its_callback),
	        TEST(test_serve_freed_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
