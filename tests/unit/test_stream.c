/*
 * Streams: the pair inside the process and the socket behave alike; ends, resets and stalled peers
 * are told; whoever hears may free.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "net/listener.h"
#include "net/network.h"
#include "net/stream.h"

struct side {
	struct loop *loop;
	struct stream *stream;
	struct buf got;
	int data_calls, end_calls, drain_calls;
	enum stream_end why;
	int error;
	size_t free_at;   /* free the stream from within data() when so much came */
	bool free_at_end; /* or from within ended() */
	bool finish_at;   /* not free but finish */
	size_t pause_at;
	const char *answer; /* written at the first data */
};

static struct loop *loop;
static struct side left, right;

static void on_data(void *arg, struct span bytes)
{
	struct side *s = arg;

	s->data_calls++;
	buf_addspan(&s->got, bytes);
	if (s->answer)
		stream_write(s->stream, span_of(s->answer));
	s->answer = NULL;
	if (s->pause_at && s->got.len >= s->pause_at) {
		s->pause_at = 0;
		stream_pause(s->stream, true);
	}
	if (s->free_at && s->got.len >= s->free_at) {
		(s->finish_at ? stream_finish : stream_free)(s->stream);
		s->stream = NULL;
	}
}

static void on_ended(void *arg, enum stream_end why, int error)
{
	struct side *s = arg;

	s->end_calls++;
	s->why = why;
	s->error = error;
	if (s->free_at_end) {
		stream_free(s->stream);
		s->stream = NULL;
	}
}

static void on_drained(void *arg)
{
	((struct side *)arg)->drain_calls++;
}

static const struct stream_handler handler = {on_data, on_ended, on_drained};

static void on_accept(void *arg, struct stream *stream)
{
	((struct side *)arg)->stream = stream;
	stream_handle(stream, &handler, arg);
}

static void on_dialled(void *arg, struct stream *stream, int error)
{
	struct side *s = arg;

	s->error = error;
	s->stream = stream;
	if (stream)
		stream_handle(stream, &handler, s);
}

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

/* Runs the loop for so long, at most. */
static void run_for(int64_t ms)
{
	struct loop_timer *t = loop_timer_new(loop, ms, stop, NULL);

	loop_run(loop);
	loop_timer_free(t);
}

static void join_pair(void)
{
	struct net_address a, b;

	assert_int_equal(net_address_parse(SPAN("192.0.2.77"), 4000, &a), 0);
	assert_int_equal(net_address_parse(SPAN("192.0.2.25"), 25, &b), 0);
	stream_pair(loop, &a, &b, &left.stream, &right.stream);
	stream_handle(left.stream, &handler, &left);
	stream_handle(right.stream, &handler, &right);
}

static void join_sockets(void)
{
	struct network *n = network_real_new(loop, NULL);
	struct listener *l;
	struct net_address at;

	assert_int_equal(net_address_parse(SPAN("127.0.0.1"), 0, &at), 0);
	l = listener_new(loop, &at, on_accept, &right, NULL);
	assert_non_null(l);
	network_dial(n, listener_address(l), 2000, on_dialled, &left);
	run_for(60);
	assert_non_null(left.stream);
	assert_non_null(right.stream);
	listener_free(l);
	network_free(n);
}

static void (*const joins[])(void) = {join_pair, join_sockets};
#define KINDS (sizeof(joins) / sizeof(joins[0]))

static void begin(size_t kind)
{
	loop = loop_new();
	memset(&left, 0, sizeof(left));
	memset(&right, 0, sizeof(right));
	buf_init(&left.got, 32u << 20);
	buf_init(&right.got, 32u << 20);
	joins[kind]();
}

static void finish(void)
{
	stream_free(left.stream);
	stream_free(right.stream);
	buf_release(&left.got);
	buf_release(&right.got);
	loop_free(loop);
}

static void test_bytes_go_both_ways(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		right.answer = "220 hello\r\n";
		assert_int_equal(stream_write(left.stream, SPAN("HELO ")), 0);
		assert_int_equal(stream_write(left.stream, SPAN("me\r\n")), 0);
		assert_int_equal(right.data_calls, 0); /* not from within the call */
		run_for(50);
		assert_string_equal(right.got.data, "HELO me\r\n");
		assert_string_equal(left.got.data, "220 hello\r\n");
		assert_int_equal(stream_unsent(left.stream), 0);
		assert_int_equal(left.end_calls + right.end_calls, 0);
		finish();
	}
}

static void test_what_waited_is_told_when_it_is_gone(void **state)
{
	char *much = calloc(1, 1 << 20);

	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		assert_int_equal(stream_write(left.stream, span_from(much, 1 << 20)), 0);
		assert_int_equal(left.drain_calls, 0);
		run_for(100);
		assert_true(left.drain_calls >= 1);
		assert_int_equal(stream_unsent(left.stream), 0);
		finish();
	}
	free(much);
}

static void test_addresses_are_known(void **state)
{
	char text[NET_ADDRESS_TEXT];

	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		assert_true(
		        net_address_equal(stream_peer(left.stream), stream_local(right.stream)));
		assert_true(
		        net_address_equal(stream_local(left.stream), stream_peer(right.stream)));
		net_address_text(stream_peer(left.stream), text);
		assert_string_equal(text, kind ? "127.0.0.1" : "192.0.2.25");
		assert_ptr_equal(stream_loop(left.stream), loop);
		finish();
	}
}

static void test_bytes_come_before_the_end(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		stream_write(left.stream, SPAN("last words"));
		stream_finish(left.stream);
		left.stream = NULL;
		right.answer = "too late";
		run_for(50);
		assert_string_equal(right.got.data, "last words");
		assert_int_equal(right.end_calls, 1);
		assert_int_equal(right.why, STREAM_END_EOF);
		assert_int_equal(stream_write(right.stream, SPAN("x")), -1);
		run_for(20);
		assert_int_equal(right.end_calls, 1);
		assert_int_equal(left.end_calls + left.data_calls, 0);
		finish();
	}
}

static void test_nobody_listens_at_first(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		stream_handle(right.stream, NULL, NULL);
		stream_write(left.stream, SPAN("early"));
		run_for(20);
		stream_finish(left.stream);
		left.stream = NULL;
		run_for(20);
		assert_int_equal(right.data_calls, 0);
		stream_handle(right.stream, &handler, &right);
		assert_int_equal(right.data_calls, 0);
		run_for(50);
		assert_string_equal(right.got.data, "early");
		assert_int_equal(right.why, STREAM_END_EOF);
		assert_int_equal(right.end_calls, 1);
		finish();
	}
}

static void test_freed_while_it_hears(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		right.free_at = 1;
		left.free_at_end = true;
		stream_write(left.stream, SPAN("one"));
		stream_write(left.stream, SPAN("two"));
		run_for(50);
		assert_int_equal(right.data_calls, 1);
		assert_int_equal(right.end_calls, 0);
		assert_null(left.stream);
		assert_int_equal(left.end_calls, 1);
		finish();
	}
}

static void test_finished_while_it_hears(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		right.answer = "221 bye";
		right.free_at = 1;
		right.finish_at = true;
		stream_write(left.stream, SPAN("QUIT"));
		left.free_at_end = true;
		run_for(50);
		assert_string_equal(left.got.data, "221 bye");
		assert_int_equal(left.end_calls, 1);
		assert_int_equal(left.why, STREAM_END_EOF);
		finish();
	}
}

static void test_paused_bytes_wait(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		right.pause_at = 1;
		stream_write(left.stream, SPAN("first"));
		run_for(20);
		assert_string_equal(right.got.data, "first");
		stream_write(left.stream, SPAN("second"));
		run_for(20);
		assert_string_equal(right.got.data, "first");
		stream_finish(left.stream);
		left.stream = NULL;
		run_for(20);
		assert_int_equal(right.end_calls, 0);
		stream_pause(right.stream, false);
		run_for(50);
		assert_string_equal(right.got.data, "firstsecond");
		assert_int_equal(right.end_calls, 1);
		finish();
	}
}

static void test_a_reset_is_an_error_not_a_death(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		stream_reset(right.stream);
		right.stream = NULL;
		for (int i = 0; i < 3 && left.end_calls == 0; i++) {
			stream_write(left.stream, SPAN("into the void\r\n"));
			run_for(20);
		}
		assert_int_equal(left.end_calls, 1);
		assert_int_equal(left.why, STREAM_END_ERROR);
		assert_true(left.error == ECONNRESET || left.error == EPIPE);
		assert_int_equal(stream_write(left.stream, SPAN("x")), -1);
		finish();
	}
}

static void write_megabytes(struct stream *s, size_t count)
{
	static char block[1 << 20];

	memset(block, 'x', sizeof(block));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(stream_write(s, span_from(block, sizeof(block))), 0);
}

static void test_a_peer_that_reads_nothing(void **state)
{
	int64_t began;

	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		stream_pause(right.stream, true);
		stream_set_write_deadline(left.stream, 400);
		write_megabytes(left.stream, 7);
		began = clock_ms();
		run_for(300);
		/* A small write more does not start the clock again. */
		assert_int_equal(stream_write(left.stream, SPAN("more")), 0);
		while (left.end_calls == 0 && clock_ms() - began < 2000)
			run_for(20);
		assert_int_equal(left.end_calls, 1);
		assert_int_equal(left.why, STREAM_END_STALLED);
		assert_true(clock_ms() - began < 650);
		finish();
	}
}

/* A peer that takes a little now and then does not live on it; one that takes all does. */
static void test_a_peer_that_drips(void **state)
{
	int64_t began;

	(void)state;
	begin(1);
	right.pause_at = 1;
	stream_set_write_deadline(left.stream, 200);
	write_megabytes(left.stream, 7);
	began = clock_ms();
	while (left.end_calls == 0 && clock_ms() - began < 1500) {
		right.pause_at = right.got.len + 1;
		stream_pause(right.stream, false);
		run_for(40);
	}
	assert_int_equal(left.end_calls, 1);
	assert_int_equal(left.why, STREAM_END_STALLED);
	finish();
}

/* Output is never all sent while more comes, for longer than the deadline; yet it moves. */
static void test_a_slow_but_steady_peer_is_no_stall(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		stream_set_write_deadline(left.stream, 800);
		for (int i = 0; i < 8; i++) {
			write_megabytes(left.stream, 1);
			run_for(120);
		}
		for (int i = 0; i < 100 && stream_unsent(left.stream) > 0; i++)
			run_for(20);
		run_for(900); /* nothing is unsent: no clock runs */
		assert_int_equal(left.end_calls, 0);
		assert_int_equal(right.got.len, 8u << 20);
		finish();
	}
}

static void test_output_has_a_cap(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		stream_pause(right.stream, true);
		write_megabytes(left.stream, 8);
		assert_int_equal(stream_write(left.stream, SPAN("x")), -1);
		assert_int_equal(stream_write(left.stream, SPAN("")), 0);
		finish();
	}
}

/* A stream that finishes belongs to the loop; ending the loop then must not leak or hang. */
static void test_the_loop_ends_first(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < KINDS; kind++) {
		begin(kind);
		stream_pause(right.stream, true);
		write_megabytes(left.stream, 6);
		stream_finish(left.stream);
		left.stream = NULL;
		finish();
	}
}

static void test_finishing_takes_two_seconds_at_most(void **state)
{
	int64_t began = clock_ms();

	(void)state;
	begin(1);
	stream_pause(right.stream, true);
	write_megabytes(left.stream, 7);
	stream_finish(left.stream);
	left.stream = NULL;
	stream_handle(right.stream, NULL, NULL);
	loop_run(loop); /* nothing else is left */
	assert_in_range(clock_ms() - began, 1900, 3000);
	finish();
}

static void test_no_delay_is_set(void **state)
{
	int fds[2];

	(void)state;
	begin(1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	/* AF_UNIX has no such option and works all the same. */
	struct stream *a = stream_from_socket(loop, fds[0]);
	assert_int_equal(stream_write(a, SPAN("x")), 0);
	run_for(10);
	char c = 0;
	assert_int_equal(read(fds[1], &c, 1), 1);
	assert_int_equal(c, 'x');
	stream_free(a);
	assert_int_equal(read(fds[1], &c, 1), 0); /* closed at once */
	close(fds[1]);
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_bytes_go_both_ways),
	        cmocka_unit_test(test_what_waited_is_told_when_it_is_gone),
	        cmocka_unit_test(test_addresses_are_known),
	        cmocka_unit_test(test_bytes_come_before_the_end),
	        cmocka_unit_test(test_nobody_listens_at_first),
	        cmocka_unit_test(test_freed_while_it_hears),
	        cmocka_unit_test(test_finished_while_it_hears),
	        cmocka_unit_test(test_paused_bytes_wait),
	        cmocka_unit_test(test_a_reset_is_an_error_not_a_death),
	        cmocka_unit_test(test_a_peer_that_reads_nothing),
	        cmocka_unit_test(test_a_peer_that_drips),
	        cmocka_unit_test(test_a_slow_but_steady_peer_is_no_stall),
	        cmocka_unit_test(test_output_has_a_cap),
	        cmocka_unit_test(test_the_loop_ends_first),
	        cmocka_unit_test(test_finishing_takes_two_seconds_at_most),
	        cmocka_unit_test(test_no_delay_is_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
