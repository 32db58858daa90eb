/*
 * The practice internet as a network: dials and queries answered from the loop, dead and missing
 * hosts told apart, a whole transaction over a stream, everything cancellable.
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
#include "practice/certificates.h"
#include "practice/internet.h"
#include "practice/mailbox.h"

struct fixture {
	struct loop *loop;
	struct world *world;
	struct network *net;
	/* what came */
	unsigned dialled, answered;
	struct stream *stream;
	int error;
	struct dns_answer *answer;
	struct buf got;
	bool ended;
	enum stream_end end;
	struct tls_context *tls;
	struct tls_report *report;
};

static int setup(void **state)
{
	struct fixture *f = mem_zero(sizeof *f);
	struct diags ds;

	diags_init(&ds);
	f->loop = loop_new();
	f->world = world_load("lessons", &ds);
	diags_release(&ds);
	assert_non_null(f->world);
	f->net = practice_internet_new(f->loop, f->world);
	buf_init(&f->got, 1 << 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	stream_free(f->stream);
	tls_context_free(f->tls);
	tls_report_free(f->report);
	dns_answer_free(f->answer);
	network_free(f->net);
	world_free(f->world);
	loop_free(f->loop);
	buf_release(&f->got);
	free(f);
	return 0;
}

static void on_data(void *arg, struct span bytes)
{
	struct fixture *f = arg;

	buf_addspan(&f->got, bytes);
}

static void on_end(void *arg, enum stream_end why, int error)
{
	struct fixture *f = arg;

	(void)error;
	f->ended = true;
	f->end = why;
	loop_stop(f->loop);
}

static const struct stream_handler handler = {.data = on_data, .ended = on_end};

static void on_dial(void *arg, struct stream *stream, int error)
{
	struct fixture *f = arg;

	f->dialled++;
	f->stream = stream;
	f->error = error;
	if (stream)
		stream_handle(stream, &handler, f);
}

static void on_answer(void *arg, struct dns_answer *answer)
{
	struct fixture *f = arg;

	f->answered++;
	f->answer = answer;
}

static struct network_dial *dial(struct fixture *f, const char *address, unsigned port, int64_t ms)
{
	struct net_address a;

	assert_int_equal(net_address_parse(span_of(address), port, &a), 0);
	return network_dial(f->net, &a, ms, on_dial, f);
}

/* Dials and runs the loop until nothing more can happen. */
static void dial_and_run(struct fixture *f, const char *address, unsigned port, int64_t ms)
{
	dial(f, address, port, ms);
	assert_int_equal(f->dialled, 0); /* never from within the call */
	loop_run(f->loop);
	assert_int_equal(f->dialled, 1);
}

static void a_serving_host_greets(void **state)
{
	struct fixture *f = *state;
	char text[NET_ADDRESS_TEXT];

	dial_and_run(f, "192.0.2.25", 25, 1000);
	assert_int_equal(f->error, 0);
	assert_string_equal(f->got.data, "220 mail.school.test ESMTP Postfix\r\n");
	assert_string_equal(net_address_text(stream_peer(f->stream), text), "192.0.2.25");
	assert_int_equal(net_address_port(stream_peer(f->stream)), 25);
	assert_string_equal(net_address_text(stream_local(f->stream), text), "192.0.2.77");
}

static void a_whole_transaction_ends_in_the_mailbox(void **state)
{
	struct fixture *f = *state;
	struct world_mailbox *bob = world_mailbox(f->world, SPAN("bob@school.test"), NULL);

	dial_and_run(f, "2001:db8:25::25", 25, 1000);
	assert_int_equal(stream_write(f->stream, SPAN("HELO me\r\nMAIL FROM:<a@b.test>\r\n"
	                                              "RCPT TO:<bob@school.test>\r\nDATA\r\n"
	                                              "Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n")),
	                 0);
	loop_run(f->loop);
	assert_true(f->ended);
	assert_int_equal(f->end, STREAM_END_EOF);
	assert_non_null(strstr(f->got.data, "\r\n221 2.0.0 Bye\r\n"));
	assert_int_equal(bob->count, 1);
	assert_non_null(
	        strstr(bob->messages[0].text, "Received: from me (laptop.home.test [192.0.2.77])"));
}

static void a_refusing_host_refuses(void **state)
{
	dial_and_run(*state, "203.0.113.20", 25, 1000);
	assert_int_equal(((struct fixture *)*state)->error, ECONNREFUSED);
}

static void a_port_without_a_server_refuses(void **state)
{
	dial_and_run(*state, "192.0.2.25", 587, 1000);
	assert_int_equal(((struct fixture *)*state)->error, ECONNREFUSED);
}

static void an_address_without_a_host_cannot_be_reached(void **state)
{
	dial_and_run(*state, "127.0.0.1", 25, 1000);
	assert_int_equal(((struct fixture *)*state)->error, EHOSTUNREACH);
}

static void a_dead_host_times_out(void **state)
{
	int64_t start = clock_ms();

	dial_and_run(*state, "203.0.113.1", 25, 60);
	assert_int_equal(((struct fixture *)*state)->error, ETIMEDOUT);
	assert_in_range(clock_ms() - start, 50, 2000);
}

static void nobody_waits_longer_than_three_seconds(void **state)
{
	int64_t start = clock_ms();

	dial_and_run(*state, "203.0.113.3", 25, 300000);
	assert_int_equal(((struct fixture *)*state)->error, ETIMEDOUT);
	assert_in_range(clock_ms() - start, 2900, 5000);
}

static void a_cancelled_dial_says_nothing(void **state)
{
	struct fixture *f = *state;

	network_dial_cancel(dial(f, "203.0.113.1", 25, 50), f->net);
	network_dial_cancel(dial(f, "192.0.2.25", 25, 50), f->net);
	loop_run(f->loop);
	assert_int_equal(f->dialled, 0);
}

static void queries_are_answered_from_the_loop(void **state)
{
	struct fixture *f = *state;

	network_query(f->net, "school.test", DNS_MX, on_answer, f);
	assert_int_equal(f->answered, 0);
	loop_run(f->loop);
	assert_int_equal(f->answered, 1);
	assert_int_equal(f->answer->status, DNS_STATUS_OK);
	assert_string_equal(f->answer->records[0].name, "mail.school.test");
	assert_string_equal(f->answer->name, "school.test");
}

static void unknown_names_do_not_exist(void **state)
{
	struct fixture *f = *state;

	network_query(f->net, "noname.example", DNS_A, on_answer, f);
	loop_run(f->loop);
	assert_int_equal(f->answer->status, DNS_STATUS_NO_NAME);
	assert_string_equal(f->answer->name, "noname.example");
	assert_int_equal(f->answer->type, DNS_A);
}

static void a_cancelled_query_says_nothing(void **state)
{
	struct fixture *f = *state;

	network_query_cancel(network_query(f->net, "school.test", DNS_MX, on_answer, f), f->net);
	loop_run(f->loop);
	assert_int_equal(f->answered, 0);
}

static void the_network_may_go_before_its_streams(void **state)
{
	struct fixture *f = *state;

	dial_and_run(f, "192.0.2.25", 25, 1000);
	network_free(f->net);
	f->net = NULL;
	loop_run(f->loop);
	assert_true(f->ended);
}

static void hanging_up_frees_the_hosts_end(void **state)
{
	struct fixture *f = *state;

	dial_and_run(f, "192.0.2.25", 25, 1000);
	stream_free(f->stream);
	f->stream = NULL;
	loop_run(f->loop);
	f->dialled = 0;
	buf_clear(&f->got);
	dial_and_run(f, "192.0.2.25", 25, 1000);
	assert_string_equal(f->got.data, "220 mail.school.test ESMTP Postfix\r\n");
}

/* --- TLS --- */

static void on_report(void *arg, struct tls_report *report)
{
	((struct fixture *)arg)->report = report;
}

static void say(struct fixture *f, const char *bytes)
{
	buf_clear(&f->got);
	assert_int_equal(stream_write(f->stream, span_of(bytes)), 0);
	loop_run(f->loop);
}

static void stop(void *arg)
{
	loop_stop(((struct fixture *)arg)->loop);
}

/* While the host waits for a handshake its clock keeps the loop running. */
static void run_shortly(struct fixture *f)
{
	struct loop_timer *t = loop_timer_new(f->loop, 20, stop, f);

	loop_run(f->loop);
	loop_timer_free(t);
}

static void say_starttls(struct fixture *f)
{
	buf_clear(&f->got);
	assert_int_equal(stream_write(f->stream, SPAN("STARTTLS\r\n")), 0);
	run_shortly(f);
}

static void dial_shortly(struct fixture *f, const char *address, unsigned port)
{
	dial(f, address, port, 1000);
	run_shortly(f);
	assert_int_equal(f->dialled, 1);
	assert_int_equal(f->error, 0);
}

static void secure(struct fixture *f, const char *name)
{
	struct tls_target t = {.name = name, .ms = 3000};
	struct tls_settings s;

	tls_settings_init(&s);
	s.ca_pem = world_ca_pem(f->world);
	assert_non_null(s.ca_pem);
	f->tls = tls_context_new(&s, NULL);
	assert_non_null(f->tls);
	buf_clear(&f->got);
	tls_start(f->stream, f->tls, &t, on_report, f);
	loop_run(f->loop);
	assert_non_null(f->report);
}

static void tls_with_the_school_is_verified(void **state)
{
	struct fixture *f = *state;

	dial_and_run(f, "192.0.2.25", 25, 1000);
	say_starttls(f);
	assert_string_equal(f->got.data, "220 2.0.0 Ready to start TLS\r\n");
	secure(f, "mail.school.test");
	assert_true(tls_report_verified(f->report));
	assert_string_equal(f->got.data, "");
	say(f, "NOOP\r\nMAIL FROM:<a@b.test>\r\n");
	assert_string_equal(f->got.data, "250 2.0.0 Ok\r\n250 2.1.0 Ok\r\n");
	say(f, "QUIT\r\n");
	assert_true(f->ended);
	assert_int_equal(f->end, STREAM_END_EOF); /* with close_notify */
}

static void tls_at_once_on_port_465(void **state)
{
	struct fixture *f = *state;

	dial_shortly(f, "2001:db8:70::70", 465);
	assert_string_equal(f->got.data, "");
	secure(f, "submission.test");
	assert_true(tls_report_verified(f->report));
	assert_string_equal(f->got.data, "220 submission.test ESMTP Postfix\r\n");
	say(f, "EHLO me.test\r\nAUTH PLAIN AGFsaWNlAHdvbmRlcmxhbmQ=\r\n");
	assert_non_null(strstr(f->got.data, "\r\n235 2.7.0 Authentication successful\r\n"));
}

#define BIT(NAME) (1u << TLS_PROBLEM_##NAME)

static void each_faulty_certificate_has_one_fault(void **state)
{
	static const struct {
		const char *domain, *host;
		unsigned problems;
	} cases[] = {
	        {"expired.test", "mx.expired.test", BIT(EXPIRED)},
	        {"notyet.test", "mx.notyet.test", BIT(NOT_YET)},
	        {"wrongname.test", "mx.wrongname.test", BIT(NAME_MISMATCH)},
	        {"selfsigned.test", "mx.selfsigned.test", BIT(SELF_SIGNED)},
	        {"chain.test", "mx.chain.test", BIT(MISSING_INTERMEDIATE)},
	        {"inject.test", "mx.inject.test", 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fixture *f = NULL;
		char address[NET_ADDRESS_TEXT];

		assert_int_equal(setup((void **)&f), 0);
		net_address_text(world_serving(f->world, span_of(cases[i].domain))->addresses,
		                 address);
		dial_and_run(f, address, 25, 1000);
		say_starttls(f);
		secure(f, cases[i].host);
		assert_true(f->report->done);
		assert_int_equal(f->report->problems, cases[i].problems);
		assert_int_equal(teardown((void **)&f), 0);
	}
	(void)state;
}

static void the_practice_authority_is_new_in_each_world(void **state)
{
	struct fixture *f = *state, *other = NULL;

	assert_int_equal(setup((void **)&other), 0);
	assert_string_not_equal(world_ca_pem(f->world), world_ca_pem(other->world));
	assert_ptr_equal(world_ca_pem(f->world), world_ca_pem(f->world));
	teardown((void **)&other);
}

static void a_client_that_does_not_do_tls_is_left(void **state)
{
	struct fixture *f = *state;

	dial_and_run(f, "192.0.2.25", 25, 1000);
	say_starttls(f);
	say(f, "EHLO me.test\r\n");
	assert_true(f->ended);
	assert_null(strstr(f->got.data, "250"));
}

static void clear_bytes_behind_starttls_do_not_count(void **state)
{
	struct fixture *f = *state;

	dial_and_run(f, "192.0.2.25", 25, 1000);
	assert_int_equal(stream_write(f->stream, SPAN("STARTTLS\r\nMAIL FROM:<evil@x.test>\r\n")),
	                 0);
	buf_clear(&f->got);
	run_shortly(f);
	assert_string_equal(f->got.data, "220 2.0.0 Ready to start TLS\r\n");
	secure(f, "mail.school.test");
	assert_true(f->report->done);
	say(f, "RCPT TO:<bob@school.test>\r\n");
	assert_string_equal(f->got.data, "503 5.5.1 Error: need MAIL command\r\n");
}

static void hanging_up_in_the_handshake_is_allowed(void **state)
{
	struct fixture *f = *state;

	dial_and_run(f, "192.0.2.25", 25, 1000);
	say_starttls(f);
	stream_free(f->stream);
	f->stream = NULL;
	loop_run(f->loop);
	f->dialled = 0;
	dial_shortly(f, "203.0.113.70", 465); /* left in its handshake by teardown */
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        T(a_serving_host_greets),
	        T(a_whole_transaction_ends_in_the_mailbox),
	        T(a_refusing_host_refuses),
	        T(a_port_without_a_server_refuses),
	        T(an_address_without_a_host_cannot_be_reached),
	        T(a_dead_host_times_out),
	        T(nobody_waits_longer_than_three_seconds),
	        T(a_cancelled_dial_says_nothing),
	        T(queries_are_answered_from_the_loop),
	        T(unknown_names_do_not_exist),
	        T(a_cancelled_query_says_nothing),
	        T(the_network_may_go_before_its_streams),
	        T(hanging_up_frees_the_hosts_end),
	        T(tls_with_the_school_is_verified),
	        T(tls_at_once_on_port_465),
	        T(each_faulty_certificate_has_one_fault),
	        T(the_practice_authority_is_new_in_each_world),
	        T(a_client_that_does_not_do_tls_is_left),
	        T(clear_bytes_behind_starttls_do_not_count),
	        T(hanging_up_in_the_handshake_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
