/*
 * The loop: timers, descriptors and signals come when they should, and a handle may be freed from
 * within its own callback.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"

struct heard {
	struct loop *loop;
	struct loop_timer *timer, *other;
	struct loop_watch *watch;
	struct loop_signal *signal;
	int fd;
	char order[8];
	int calls;
};

static void add_a(void *arg)
{
	strcat(((struct heard *)arg)->order, "a");
}

static void add_b(void *arg)
{
	strcat(((struct heard *)arg)->order, "b");
}

static void test_timers_come_in_order(void **state)
{
	struct heard h = {.loop = loop_new()};
	int64_t began = clock_ms();
	struct loop_timer *late = loop_timer_new(h.loop, 40, add_b, &h);
	struct loop_timer *soon = loop_timer_new(h.loop, 0, add_a, &h);

	(void)state;
	assert_string_equal(h.order, ""); /* not from within the call */
	loop_run(h.loop);                 /* ends by itself: nothing is left */
	assert_string_equal(h.order, "ab");
	assert_true(clock_ms() - began >= 38);
	loop_timer_free(late);
	loop_timer_free(soon);
	loop_free(h.loop);
}

static void free_timers(void *arg)
{
	struct heard *h = arg;

	h->calls++;
	loop_timer_free(h->timer);
	loop_timer_free(h->other);
}

static void test_a_timer_frees_itself_and_another(void **state)
{
	struct heard h = {.loop = loop_new()};

	(void)state;
	h.timer = loop_timer_new(h.loop, 0, free_timers, &h);
	h.other = loop_timer_new(h.loop, 0, free_timers, &h);
	loop_run(h.loop);
	assert_int_equal(h.calls, 1);
	loop_timer_free(NULL);
	loop_free(h.loop);
}

static void read_one(void *arg)
{
	struct heard *h = arg;
	char c;

	h->calls++;
	if (read(h->fd, &c, 1) == 0) {
		loop_watch_free(h->watch);
		strcat(h->order, "end");
	}
}

static void test_a_descriptor_is_watched_to_its_end(void **state)
{
	struct heard h = {.loop = loop_new()};
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "xy", 2), 2);
	close(ends[1]);
	h.fd = ends[0];
	h.watch = loop_watch_new(h.loop, h.fd, read_one, &h);
	loop_run(h.loop);
	assert_int_equal(h.calls, 3);
	assert_string_equal(h.order, "end");
	close(h.fd);
	loop_free(h.loop);
}

/* epoll knows no regular files; standard input may be one. */
static void test_a_file_is_watched_too(void **state)
{
	struct heard h = {.loop = loop_new()};

	(void)state;
	h.fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	h.watch = loop_watch_new(h.loop, h.fd, read_one, &h);
	loop_watch_pause(h.watch, true);
	loop_run(h.loop);
	assert_int_equal(h.calls, 0);
	loop_watch_pause(h.watch, false);
	loop_run(h.loop);
	assert_string_equal(h.order, "end");
	close(h.fd);
	loop_free(h.loop);
}

static void stop_loop(void *arg)
{
	loop_stop(((struct heard *)arg)->loop);
}

static void test_a_paused_descriptor_is_not_told(void **state)
{
	struct heard h = {.loop = loop_new()};
	struct loop_timer *t = loop_timer_new(h.loop, 20, stop_loop, &h);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	h.fd = ends[0];
	h.watch = loop_watch_new(h.loop, h.fd, read_one, &h);
	loop_watch_pause(h.watch, true);
	loop_run(h.loop);
	assert_int_equal(h.calls, 0);
	loop_watch_pause(h.watch, false);
	loop_run(h.loop);
	assert_int_equal(h.calls, 1);
	close(h.fd);
	loop_timer_free(t);
	loop_free(h.loop);
}

static void on_signal(void *arg, int signo)
{
	struct heard *h = arg;

	h->calls += signo;
	loop_signal_free(h->signal);
}

static void test_a_signal_comes_through_the_loop(void **state)
{
	struct heard h = {.loop = loop_new()};

	(void)state;
	h.signal = loop_signal_new(h.loop, SIGUSR1, on_signal, &h);
	raise(SIGUSR1);
	assert_int_equal(h.calls, 0);
	loop_run(h.loop);
	assert_int_equal(h.calls, SIGUSR1);
	loop_free(h.loop);
}

static void test_a_broken_pipe_is_no_death(void **state)
{
	struct loop *l = loop_new();
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(write(ends[1], "x", 1), -1); /* and we are still here */
	close(ends[1]);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_timers_come_in_order),
	        cmocka_unit_test(test_a_timer_frees_itself_and_another),
	        cmocka_unit_test(test_a_descriptor_is_watched_to_its_end),
	        cmocka_unit_test(test_a_file_is_watched_too),
	        cmocka_unit_test(test_a_paused_descriptor_is_not_told),
	        cmocka_unit_test(test_a_signal_comes_through_the_loop),
	        cmocka_unit_test(test_a_broken_pipe_is_no_death),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
