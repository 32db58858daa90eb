/*
 * Dialling and listening on the real network, as far as loopback goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net/listener.h"
#include "net/network.h"

static struct loop *loop;
static struct network *net;
static struct stream *dialled, *accepted;
static int calls, last_error;

static void on_dialled(void *arg, struct stream *stream, int error)
{
	assert_ptr_equal(arg, &loop);
	calls++;
	dialled = stream;
	last_error = error;
}

static void on_accept(void *arg, struct stream *stream)
{
	assert_ptr_equal(arg, &loop);
	accepted = stream;
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void run_for(int64_t ms)
{
	struct loop_timer *t = loop_timer_new(loop, ms, stop, loop);

	loop_run(loop);
	loop_timer_free(t);
}

static struct net_address address(const char *text)
{
	struct net_address a;

	assert_int_equal(net_address_parse(span_of(text), 0, &a), 0);
	return a;
}

static struct listener *listen_at(const struct net_address *a)
{
	struct listener *l = listener_new(loop, a, on_accept, &loop, NULL);

	assert_non_null(l);
	return l;
}

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	net = network_real_new(loop, NULL);
	dialled = accepted = NULL;
	calls = last_error = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stream_free(dialled);
	stream_free(accepted);
	network_free(net);
	loop_free(loop);
	return 0;
}

static void test_both_families(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "::1"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct net_address at = address(hosts[i]);
		struct listener *l = listener_new(loop, &at, on_accept, &loop, NULL);

		if (!l && i == 1)
			skip(); /* a machine without IPv6 */
		network_dial(net, listener_address(l), 2000, on_dialled, &loop);
		assert_int_equal(calls, (int)i); /* not from within the call */
		run_for(50);
		assert_int_equal(calls, (int)i + 1);
		assert_non_null(dialled);
		assert_non_null(accepted);
		assert_true(net_address_equal(stream_peer(dialled), listener_address(l)));
		stream_free(dialled);
		stream_free(accepted);
		dialled = accepted = NULL;
		listener_free(l);
	}
}

static void test_a_closed_port(void **state)
{
	struct net_address at = address("127.0.0.1");
	struct listener *l = listen_at(&at);

	(void)state;
	at = *listener_address(l);
	listener_free(l);
	network_dial(net, &at, 1000, on_dialled, &loop);
	assert_int_equal(calls, 0);
	run_for(50);
	assert_int_equal(calls, 1);
	assert_int_equal(last_error, ECONNREFUSED);
	assert_null(dialled);
}

/* A listener whose backlog is full answers no more: the nearest loopback has to a silent host. */
static void test_a_silent_port(void **state)
{
	struct net_address at = address("127.0.0.1");
	int fd = socket(AF_INET, SOCK_STREAM, 0), fillers[3];

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at.sa, at.len), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at.sa, &at.len), 0);
	for (size_t i = 0; i < 3; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fillers[i], (struct sockaddr *)&at.sa, at.len);
	}
	network_dial(net, &at, 60, on_dialled, &loop);
	run_for(30);
	assert_int_equal(calls, 0);
	run_for(100);
	assert_int_equal(calls, 1);
	assert_int_equal(last_error, ETIMEDOUT);
	for (size_t i = 0; i < 3; i++)
		close(fillers[i]);
	close(fd);
}

static void test_cancelling(void **state)
{
	struct net_address at = address("127.0.0.1");
	struct listener *l = listen_at(&at);

	(void)state;
	network_dial_cancel(network_dial(net, listener_address(l), 1000, on_dialled, &loop), net);
	network_dial_cancel(NULL, net);
	run_for(30);
	assert_int_equal(calls, 0);
	listener_free(l);
}

static void test_a_local_socket(void **state)
{
	struct net_address at;
	struct listener *l;
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/tmp/smtptalk-test-%d", (int)getpid());
	assert_int_equal(net_address_unix(path, &at), 0);
	network_dial(net, &at, 1000, on_dialled, &loop);
	run_for(20);
	assert_int_equal(last_error, ENOENT);
	l = listen_at(&at);
	network_dial(net, &at, 1000, on_dialled, &loop);
	run_for(20);
	assert_non_null(dialled);
	assert_non_null(accepted);
	listener_free(l);
	unlink(path);
}

static void test_a_port_that_is_taken(void **state)
{
	struct diag d;
	struct net_address at = address("127.0.0.1");
	struct listener *l = listen_at(&at);

	(void)state;
	diag_init(&d);
	assert_null(listener_new(loop, listener_address(l), on_accept, &loop, &d));
	assert_int_equal(d.kind, DIAG_NETWORK);
	assert_non_null(strstr(d.what, "cannot listen on 127.0.0.1:"));
	assert_non_null(strstr(d.hint, "another"));
	diag_release(&d);
	listener_free(l);
	listener_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_both_families),  TEST(test_a_closed_port),
	        TEST(test_a_silent_port),  TEST(test_cancelling),
	        TEST(test_a_local_socket), TEST(test_a_port_that_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
