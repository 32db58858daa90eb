/*
 * resolver_rig: one look-up at a time against one or two fake name servers.
 *
 * Included by one test program each, after cmocka.h.
 */
#ifndef TESTS_RESOLVER_RIG_H
#define TESTS_RESOLVER_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dns_fake.h"
#include "net/resolver.h"

#define SHORT_MS 120 /* of one try, where a time-out is what is wanted */
#define LONG_MS  5000

static struct wire w;
static struct loop *loop;
static struct fake first, second;
static struct dns_answer *answer;
static int answers;

static inline void on_answer(void *arg, struct dns_answer *a)
{
	(void)arg;
	answers++;
	answer = a;
	loop_stop(loop);
}

static inline int set_up(void **state)
{
	(void)state;
	loop = loop_new();
	answers = 0;
	answer = NULL;
	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	first.udp = first.tcp = second.udp = second.tcp = -1;
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	dns_answer_free(answer);
	fake_stop(&first);
	fake_stop(&second);
	loop_free(loop);
	return 0;
}

static inline struct resolver *resolver(int ms, int attempts)
{
	struct resolver_config *c = mem_zero(sizeof(*c));

	c->servers[c->count++] = first.address;
	if (second.udp >= 0)
		c->servers[c->count++] = second.address;
	c->timeout_ms = ms;
	c->attempts = attempts;
	return resolver_new(loop, c);
}

static inline void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static inline void on_alarm(void *arg)
{
	(void)arg;
	fail_msg("no answer after 10 s");
}

/* One look-up to its end: exactly one answer, and nothing comes after it. */
static inline const struct dns_answer *look_up_within(const char *name, enum dns_type type, int ms,
                                                      int attempts)
{
	struct resolver *r = resolver(ms, attempts);
	struct loop_timer *alarm = loop_timer_new(loop, 10000, on_alarm, NULL);
	struct loop_timer *after;

	assert_non_null(resolver_ask(r, name, type, on_answer, NULL));
	assert_int_equal(answers, 0); /* never from within the call */
	loop_run(loop);
	loop_timer_free(alarm);
	after = loop_timer_new(loop, 20, stop, NULL);
	loop_run(loop);
	loop_timer_free(after);
	assert_int_equal(answers, 1);
	assert_non_null(answer);
	resolver_free(r);
	return answer;
}

static inline const struct dns_answer *look_up(const char *name, enum dns_type type)
{
	return look_up_within(name, type, LONG_MS, 2);
}

static inline void reply_good(struct fake *f)
{
	wire_start(&w, f->id, WIRE_ANSWER, f->name, f->type);
	wire_a(&w, f->name, 1);
	fake_reply(f, &w);
}

static inline void is_good(const struct dns_answer *a)
{
	char text[NET_ADDRESS_TEXT];

	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_int_equal(a->count, 1);
	assert_string_equal(net_address_text(&a->records[0].address, text), "192.0.2.1");
}

static inline void server_is(const struct dns_answer *a, const struct fake *f)
{
	char want[64];

	snprintf(want, sizeof(want), "127.0.0.1:%u", net_address_port(&f->address));
	assert_non_null(a->server);
	assert_string_equal(a->server, want);
}

/* A look-up that is cancelled after so many ms (-1: at once): nobody is called back. */
static inline void cancel_after(fake_script *script, int ms)
{
	struct resolver *r;
	struct resolver_query *q;
	struct loop_timer *t;

	fake_start(&first, loop, script, true);
	r = resolver(LONG_MS, 2);
	q = resolver_ask(r, "mx.test", DNS_A, on_answer, NULL);
	if (ms >= 0) {
		t = loop_timer_new(loop, ms, stop, NULL);
		loop_run(loop);
		loop_timer_free(t);
	}
	resolver_cancel(q);
	t = loop_timer_new(loop, 20, stop, NULL);
	loop_run(loop);
	loop_timer_free(t);
	resolver_free(r);
	assert_int_equal(answers, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

#endif
