/*
 * The connector over a network that this test makes: each address of it succeeds or fails as its
 * last part says, after so many milliseconds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/connector.h"

/* --- a network: what each address does --- */

struct network_dial {
	struct loop_timer *timer;
	int host; /* the last part of the address */
	network_dial_fn *fn;
	void *arg;
};

static const struct plan {
	int error;
	int64_t ms;
} plans[] = {
        [1] = {0, 5},
        [2] = {0, 600},
        [3] = {ECONNREFUSED, 5},
        [4] = {EHOSTUNREACH, 5},
        [5] = {ETIMEDOUT, 300},
        [6] = {ECONNRESET, 5},
        [7] = {ENETUNREACH, 0},
        [8] = {0, 320},
        [9] = {ETIMEDOUT, 30},
};

static struct loop *loop;
static struct network net;
static int live, cancelled;
static int64_t last_limit;

static void dial_over(void *arg)
{
	struct network_dial *d = arg;
	const struct plan *p = &plans[d->host];
	struct stream *mine = NULL, *theirs = NULL;
	network_dial_fn *fn = d->fn;
	void *fn_arg = d->arg;
	struct net_address a;

	live--;
	if (p->error == 0) {
		assert_int_equal(net_address_parse(SPAN("192.0.2.77"), 1, &a), 0);
		stream_pair(loop, &a, &a, &mine, &theirs);
		stream_free(theirs);
	}
	loop_timer_free(d->timer);
	free(d);
	fn(fn_arg, mine, p->error);
}

static struct network_dial *fake_dial(struct network *n, const struct net_address *to, int64_t ms,
                                      network_dial_fn *fn, void *arg)
{
	struct network_dial *d = mem_zero(sizeof(*d));
	char text[NET_ADDRESS_TEXT];

	assert_ptr_equal(n, &net);
	last_limit = ms;
	d->host = atoi(strrchr(net_address_text(to, text), '.') + 1);
	d->fn = fn;
	d->arg = arg;
	d->timer = loop_timer_new(loop, plans[d->host].ms, dial_over, d);
	live++;
	return d;
}

static void fake_cancel(struct network_dial *d)
{
	live--;
	cancelled++;
	loop_timer_free(d->timer);
	free(d);
}

static const struct network_ops fake_ops = {.dial = fake_dial, .dial_cancel = fake_cancel};

/* --- a route, and what is told --- */

static struct route_host hosts[4];
static struct route route = {.kind = ROUTE_MX, .hosts = hosts};
static struct connector *connector;
static struct buf events;
static struct connector_event last;
static enum connector_event_type free_at;
static int64_t began;

/* add_host("1 3 5"): a host with these addresses. */
static void add_host(const char *addresses)
{
	struct route_host *h = &hosts[route.count++];
	struct span rest = span_of(addresses), word;

	memset(h, 0, sizeof(*h));
	h->looked_up = true;
	while ((word = span_word(&rest)).n > 0) {
		char text[20] = "192.0.2.";

		strncat(text, word.p, word.n);
		assert_int_equal(
		        net_address_parse(span_of(text), 25, &h->addresses[h->address_count++]), 0);
	}
}

static void on_event(void *arg, const struct connector_event *ev)
{
	static const char *const names[] = {"host", "try", "fail", "connected", "gave-up"};
	char text[NET_ADDRESS_TEXT];

	assert_ptr_equal(arg, &loop);
	last = *ev;
	buf_addf(&events, "%s%s", events.len ? " " : "", names[ev->type]);
	if (ev->type == CONNECTOR_HOST)
		buf_addf(&events, ":%zu", ev->host_index);
	else if (ev->address)
		buf_addf(&events, ":%s", strrchr(net_address_text(ev->address, text), '.') + 1);
	stream_free(ev->stream);
	if (ev->type == free_at) {
		connector_free(connector);
		connector = NULL;
	}
}

static void begin(size_t from)
{
	began = clock_ms();
	connector = connector_new(&net, &route, from, 0, on_event, &loop);
}

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	net = (struct network){.ops = &fake_ops, .loop = loop, .name = "fake"};
	route.count = 0;
	live = cancelled = 0;
	free_at = (enum connector_event_type) - 1;
	buf_init(&events, 10000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	connector_free(connector);
	connector = NULL;
	buf_release(&events);
	loop_free(loop);
	assert_int_equal(live, 0);
	return 0;
}

static void test_the_first_answers(void **state)
{
	(void)state;
	add_host("1 2 3");
	add_host("1");
	begin(0);
	assert_string_equal(events.data, ""); /* not from within the call */
	loop_run(loop);
	assert_string_equal(events.data, "host:0 try:1 connected:1");
	assert_int_equal(last_limit, 30000);
	assert_true(clock_ms() - began < 240); /* no timer is left that the loop waits for */
}

static void test_a_failure_begins_the_next_at_once(void **state)
{
	(void)state;
	add_host("3 4 1");
	begin(0);
	loop_run(loop);
	assert_string_equal(events.data, "host:0 try:3 fail:3 try:4 fail:4 try:1 connected:1");
	assert_true(clock_ms() - began < 240);
}

static void test_silence_begins_the_next_after_the_stagger(void **state)
{
	(void)state;
	add_host("2 1 3");
	begin(0);
	loop_run(loop);
	assert_string_equal(events.data, "host:0 try:2 try:1 connected:1");
	assert_in_range(clock_ms() - began, CONNECTOR_STAGGER_MS - 10, 5000);
	assert_int_equal(cancelled, 1); /* the winner drops the other */
}

static void test_the_slow_first_may_still_win(void **state)
{
	(void)state;
	add_host("8 2");
	begin(0);
	loop_run(loop);
	assert_string_equal(events.data, "host:0 try:8 try:2 connected:8");
	assert_true(last.ms >= 310);
	assert_int_equal(cancelled, 1);
}

static void test_the_next_host_comes_after_all_of_one(void **state)
{
	(void)state;
	add_host("3 5");
	add_host("");
	add_host("6 1");
	begin(0);
	loop_run(loop);
	assert_string_equal(events.data, "host:0 try:3 fail:3 try:5 fail:5 host:2 try:6 fail:6 "
	                                 "try:1 connected:1");
	assert_int_equal(last.host_index, 2);
	assert_ptr_equal(last.host, &hosts[2]);
}

static void test_failures_are_counted_apart(void **state)
{
	(void)state;
	add_host("3 4 9 6");
	add_host("7 3");
	begin(0);
	loop_run(loop);
	assert_int_equal(last.type, CONNECTOR_GAVE_UP);
	assert_int_equal(last.tried, 6);
	assert_int_equal(last.refused, 2);
	assert_int_equal(last.unreachable, 2);
	assert_int_equal(last.timed_out, 1);
	assert_int_equal(last.other, 1);
}

static void test_all_time_out(void **state)
{
	(void)state;
	add_host("9 9");
	add_host("9");
	begin(0);
	loop_run(loop);
	assert_int_equal(last.type, CONNECTOR_GAVE_UP);
	assert_int_equal(last.timed_out, 3);
	assert_int_equal(last.tried, 3);
}

static void test_nothing_to_try(void **state)
{
	(void)state;
	begin(0);
	loop_run(loop);
	assert_string_equal(events.data, "gave-up");
	assert_int_equal(last.tried, 0);
}

static void test_beginning_later(void **state)
{
	(void)state;
	add_host("3");
	add_host("1");
	begin(1);
	loop_run(loop);
	assert_string_equal(events.data, "host:1 try:1 connected:1");
}

static void test_the_event_tells_how_long(void **state)
{
	(void)state;
	add_host("9");
	begin(0);
	loop_run(loop);
	assert_non_null(strstr(events.data, "try:9 fail:9 gave-up"));
	assert_int_equal(last.error, 0);
}

static void test_freed_while_it_tells(void **state)
{
	static const char *const heard[] = {
	        [CONNECTOR_HOST] = "host:0",
	        [CONNECTOR_TRYING] = "host:0 try:5",
	        [CONNECTOR_FAILED] = "host:0 try:5 try:3 fail:3",
	        [CONNECTOR_CONNECTED] = "host:0 try:5 try:3 fail:3 try:1 connected:1",
	};

	(void)state;
	for (int type = CONNECTOR_HOST; type <= CONNECTOR_CONNECTED; type++) {
		if (type > 0)
			setup(state);
		add_host("5 3 1");
		free_at = (enum connector_event_type)type;
		begin(0);
		loop_run(loop);
		assert_null(connector);
		assert_int_equal(live, 0);
		assert_string_equal(events.data, heard[type]);
		if (type < CONNECTOR_CONNECTED)
			teardown(state);
	}
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void test_cancelled_from_outside(void **state)
{
	struct loop_timer *t;

	(void)state;
	add_host("2 2");
	begin(0);
	t = loop_timer_new(loop, 300, stop, loop);
	loop_run(loop);
	assert_int_equal(live, 2);
	connector_free(connector);
	connector = NULL;
	assert_int_equal(live, 0);
	loop_run(loop);
	assert_string_equal(events.data, "host:0 try:2 try:2");
	loop_timer_free(t);
	/* also before it began */
	begin(0);
	connector_free(connector);
	connector = NULL;
	connector_free(NULL);
	loop_run(loop);
	assert_string_equal(events.data, "host:0 try:2 try:2");
}

static void test_different_sentences(void **state)
{
	static const int errors[] = {ECONNREFUSED, ETIMEDOUT, ECONNRESET, EHOSTUNREACH,
	                             ENETUNREACH,  EACCES,    ENOMEM};
	const size_t count = sizeof(errors) / sizeof(errors[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++)
			assert_string_not_equal(connector_error_text(errors[i]),
			                        connector_error_text(errors[j]));
	}
	assert_non_null(strstr(connector_error_text(ECONNREFUSED), "refused: "));
	assert_non_null(strstr(connector_error_text(ETIMEDOUT), "no answer in time"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_the_first_answers),
	        TEST(test_a_failure_begins_the_next_at_once),
	        TEST(test_silence_begins_the_next_after_the_stagger),
	        TEST(test_the_slow_first_may_still_win),
	        TEST(test_the_next_host_comes_after_all_of_one),
	        TEST(test_failures_are_counted_apart),
	        TEST(test_all_time_out),
	        TEST(test_nothing_to_try),
	        TEST(test_beginning_later),
	        TEST(test_the_event_tells_how_long),
	        TEST(test_freed_while_it_tells),
	        TEST(test_cancelled_from_outside),
	        TEST(test_different_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
