/*
 * The practice internet on real ports: hosts that answer, refuse and are dead, limits and their
 * words, clients that say nothing, what is told.
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

#include "base/clock.h"
#include "base/mem.h"
#include "net/network.h"
#include "practice/mailbox.h"
#include "practice/ports.h"
#include "practice/visitors.h"

enum { PEERS = 4, PATIENCE_MS = 20000 };

struct peer {
	struct fixture *fixture;
	struct stream *stream;
	int error;
	bool dialled, ended;
	struct buf got;
};

struct fixture {
	struct loop *loop;
	struct world *world;
	struct network *net;
	struct ports *ports;
	struct ports_settings settings;
	struct peer peers[PEERS];
	size_t count;
	struct buf told;
};

static void told(void *arg, const struct link_event *ev)
{
	static const char *const names[] = {"opened",   "answered", "secured",
	                                    "insecure", "closed",   "turned away"};
	struct fixture *f = arg;

	buf_addf(&f->told, "%s %s: " SPAN_FMT "|" SPAN_FMT "|%s\n", ev->host->name, names[ev->type],
	         SPAN_ARG(ev->command), SPAN_ARG(ev->reply), ev->why);
}

static int setup(void **state)
{
	struct fixture *f = mem_zero(sizeof *f);
	struct diags ds;

	diags_init(&ds);
	f->loop = loop_new();
	f->world = world_load("lessons", &ds);
	diags_release(&ds);
	assert_non_null(f->world);
	f->net = network_real_new(f->loop, NULL);
	buf_init(&f->told, 1 << 20);
	net_address_parse(SPAN("127.0.0.1"), 0, &f->settings.at);
	net_address_parse(SPAN("192.0.2.77"), 0, &f->settings.client);
	f->settings.most = 10;
	f->settings.fn = told;
	f->settings.arg = f;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ports_free(f->ports);
	for (size_t i = 0; i < f->count; i++) {
		stream_free(f->peers[i].stream);
		buf_release(&f->peers[i].got);
	}
	network_free(f->net);
	world_free(f->world);
	loop_free(f->loop);
	buf_release(&f->told);
	free(f);
	return 0;
}

static void start(struct fixture *f)
{
	struct diag d;

	diag_init(&d);
	f->ports = ports_new(f->loop, f->world, &f->settings, &d);
	assert_int_equal(d.kind, DIAG_NONE);
	assert_non_null(f->ports);
}

static const struct port *port_of(struct fixture *f, const char *host, unsigned port)
{
	const struct port *p;

	for (size_t i = 0; (p = ports_at(f->ports, i)); i++)
		if (strcmp(p->host->name, host) == 0 && p->port == port)
			return p;
	fail_msg("%s has no port %u", host, port);
	return NULL;
}

/* --- a client --- */

static void data(void *arg, struct span bytes)
{
	struct peer *p = arg;

	buf_addspan(&p->got, bytes);
}

static void ended(void *arg, enum stream_end why, int error)
{
	struct peer *p = arg;

	(void)why;
	(void)error;
	p->ended = true;
}

static void dialled(void *arg, struct stream *stream, int error)
{
	static const struct stream_handler handler = {.data = data, .ended = ended};
	struct peer *p = arg;

	p->dialled = true;
	p->stream = stream;
	p->error = error;
	if (stream)
		stream_handle(stream, &handler, p);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void turn(struct fixture *f)
{
	struct loop_timer *t = loop_timer_new(f->loop, 5, stop, f->loop);

	loop_run(f->loop);
	loop_timer_free(t);
}

static struct peer *dial(struct fixture *f, const char *host, unsigned port)
{
	struct peer *p = &f->peers[f->count++];

	assert_true(f->count <= PEERS);
	p->fixture = f;
	buf_init(&p->got, 1 << 16);
	network_dial(f->net, &port_of(f, host, port)->address, PATIENCE_MS, dialled, p);
	while (!p->dialled)
		turn(f);
	return p;
}

static void wait_for(struct peer *p, const char *text)
{
	int64_t end = clock_ms() + PATIENCE_MS;

	while (!p->got.data || !strstr(p->got.data, text)) {
		if (clock_ms() > end)
			fail_msg("\"%s\" has no \"%s\"", p->got.data ? p->got.data : "", text);
		turn(p->fixture);
	}
}

static void wait_for_end(struct peer *p)
{
	while (!p->ended)
		turn(p->fixture);
}

static void say(struct peer *p, const char *text)
{
	assert_int_equal(stream_write(p->stream, span_of(text)), 0);
}

/* --- tests --- */

static void test_two_clients_at_once(void **state)
{
	struct fixture *f = *state;
	struct peer *one, *two;

	start(f);
	one = dial(f, "mail.school.test", 25);
	two = dial(f, "gmail-smtp-in.gmail.test", 25);
	wait_for(one, "220 mail.school.test ESMTP Postfix\r\n");
	wait_for(two, "gsmtp\r\n");
	say(one, "HELO x\r\nMAIL FROM:<a@laptop.example>\r\nRCPT TO:<c@other.test>\r\n");
	say(two, "EHLO y\r\n");
	wait_for(one, "554 5.7.1 <c@other.test>: Relay access denied\r\n");
	wait_for(two, "at your service, [192.0.2.77]\r\n");
	assert_non_null(strstr(f->told.data,
	                       "mail.school.test answered: RCPT TO:<c@other.test>|554 5.7.1 "
	                       "<c@other.test>: Relay access denied\r\n|smtpd_relay_restrictions"));
	say(one, "QUIT\r\n");
	wait_for_end(one);
	assert_non_null(strstr(f->told.data, "mail.school.test closed"));
}

static void test_each_client_as_who_it_is(void **state)
{
	struct fixture *f = *state;
	struct peer *p;

	f->settings.client.len = 0;
	start(f);
	p = dial(f, "gmail-smtp-in.gmail.test", 25);
	say(p, "EHLO y\r\n");
	wait_for(p, "at your service, [127.0.0.1]\r\n");
}

static void test_hosts_that_do_not_serve(void **state)
{
	struct fixture *f = *state;
	struct peer *dead;

	start(f);
	assert_int_equal(net_address_port(&port_of(f, "mx.refused.test", 25)->address), 0);
	dead = dial(f, "mx.silent.test", 25);
	assert_non_null(dead->stream);
	say(dead, "EHLO y\r\n");
	for (int i = 0; i < 10; i++)
		turn(f);
	assert_int_equal(dead->got.len, 0);
	assert_false(dead->ended);
}

static void test_too_many_at_once(void **state)
{
	struct fixture *f = *state;
	struct peer *one, *two;

	f->settings.most = 1;
	start(f);
	one = dial(f, "mail.school.test", 25);
	wait_for(one, "220 ");
	two = dial(f, "mail.school.test", 25);
	wait_for(two, "421 4.7.0 mail.school.test Error: too many connections at once, and now one "
	              "from 127.0.0.1\r\n");
	wait_for_end(two);
	say(one, "QUIT\r\n");
	wait_for_end(one);
	wait_for(dial(f, "mail.school.test", 25), "220 ");
}

static void test_too_many_a_minute(void **state)
{
	struct fixture *f = *state;
	struct peer *two;

	f->settings.rate = 1;
	start(f);
	wait_for(dial(f, "mail.school.test", 25), "220 ");
	two = dial(f, "mail.school.test", 25);
	wait_for(two, "421 4.7.0 mail.school.test Error: too many new connections in a minute from "
	              "127.0.0.1\r\n");
	wait_for_end(two);
	assert_non_null(strstr(f->told.data, "mail.school.test turned away"));
	/* no words are possible before TLS */
	two = dial(f, "submission.test", 465);
	wait_for_end(two);
	assert_int_equal(two->got.len, 0);
}

static void test_visitors(void **state)
{
	struct visitors *v = visitors_new();
	struct net_address a, b;

	(void)state;
	net_address_parse(SPAN("192.0.2.1"), 1025, &a);
	assert_int_equal(visitors_count(v, &a, 1000), 1);
	net_address_set_port(&a, 1026);
	assert_int_equal(visitors_count(v, &a, 2000), 2);
	net_address_parse(SPAN("192.0.2.2"), 1025, &b);
	assert_int_equal(visitors_count(v, &b, 2000), 1);
	assert_int_equal(visitors_count(v, &a, 60999), 3);
	assert_int_equal(visitors_count(v, &a, 61000), 1);
	for (unsigned i = 0; i < VISITORS_MAX; i++) { /* more than there are rows */
		unsigned char raw[4] = {198, 51, (unsigned char)(i >> 8), (unsigned char)i};

		net_address_from_v4(raw, 25, &b);
		assert_int_equal(visitors_count(v, &b, 62000), 1);
	}
	assert_int_equal(visitors_count(v, &a, 62000), 1);
	visitors_free(v);
}

static void test_a_client_that_says_nothing(void **state)
{
	struct fixture *f = *state;
	struct peer *p;
	struct diags ds;

	diags_init(&ds);
	assert_int_equal(world_host_set(world_host_named(f->world, "mail.school.test"),
	                                SPAN("smtpd_timeout = 1s"), &ds),
	                 0);
	diags_release(&ds);
	start(f);
	p = dial(f, "mail.school.test", 25);
	wait_for(p, "421 4.4.2 mail.school.test Error: timeout exceeded\r\n");
	wait_for_end(p);
	assert_non_null(strstr(f->told.data, "smtpd_timeout"));
}

static void test_a_port_that_is_taken(void **state)
{
	struct fixture *f = *state;
	struct ports_settings again = f->settings;
	struct diag d;

	start(f);
	diag_init(&d);
	again.first = net_address_port(&ports_at(f->ports, 0)->address);
	assert_null(ports_new(f->loop, f->world, &again, &d));
	assert_non_null(strstr(d.what, "Address already in use"));
	diag_release(&d);
	diag_init(&d);
	again.first = 65535;
	assert_null(ports_new(f->loop, f->world, &again, &d));
	assert_int_equal(d.kind, DIAG_USAGE);
	diag_release(&d);
}

static void test_mailboxes_keep_the_newest(void **state)
{
	struct fixture *f = *state;
	struct world_mailbox *box = world_mailbox(f->world, SPAN("bob@school.test"), NULL);
	char text[20];

	start(f);
	for (int i = 0; i < 250; i++) {
		struct world_message m = {.len = (size_t)snprintf(text, sizeof text, "%d", i)};

		m.text = mem_dup(text);
		assert_int_equal(world_deliver(f->world, box, &m), 0);
	}
	assert_int_equal(box->count, 100);
	assert_string_equal(box->messages[0].text, "150");
	assert_string_equal(box->messages[99].text, "249");
}

static void test_purposes(void **state)
{
	struct fixture *f = *state;
	char *purpose = world_host_purpose(world_host_named(f->world, "mail.school.test"));

	assert_string_equal(purpose,
	                    "the school, the host of the first lessons: a plain mail server");
	free(purpose);
	start(f);
	for (size_t i = 0; ports_at(f->ports, i); i++) {
		const struct world_host *h = ports_at(f->ports, i)->host;

		purpose = world_host_purpose(h);
		if (h->behaviour == HOST_SERVES && !*purpose)
			fail_msg("%s has no purpose", h->name);
		free(purpose);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        T(test_two_clients_at_once),        T(test_each_client_as_who_it_is),
	        T(test_hosts_that_do_not_serve),    T(test_too_many_at_once),
	        T(test_too_many_a_minute),          T(test_visitors),
	        T(test_a_client_that_says_nothing), T(test_a_port_that_is_taken),
	        T(test_mailboxes_keep_the_newest),  T(test_purposes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
