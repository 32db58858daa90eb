/* resolver: look-ups against name servers that lie, keep silent, fail, or are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver_rig.h"

/* --- answers that are not ours --- */

static void good(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked, (void)tcp;
	reply_good(f);
}

static void finds_an_address(void **state)
{
	(void)state;
	fake_start(&first, loop, good, false);
	is_good(look_up("mx.test.", DNS_A));
	server_is(answer, &first);
	assert_string_equal(answer->name, "mx.test");
	assert_true(answer->elapsed_ms >= 0 && answer->elapsed_ms < 2000);
	assert_int_equal(first.asked_udp, 1);
}

/* Everything that RFC 5452 warns of, each with an address that must not be believed. */
static void forged_before_good(struct fake *f, const struct wire *asked, bool tcp)
{
	int other = socket(AF_INET, SOCK_DGRAM, 0);

	(void)tcp;
	fake_reply(f, asked);
	wire_start(&w, f->id ^ 1, WIRE_ANSWER, f->name, f->type);
	wire_a(&w, f->name, 66);
	fake_reply(f, &w);
	wire_start(&w, f->id, WIRE_ANSWER, "evil.test", f->type);
	wire_a(&w, "evil.test", 66);
	fake_reply(f, &w);
	wire_start(&w, f->id, WIRE_ANSWER, f->name, DNS_AAAA);
	fake_reply(f, &w);
	w.n = 5;
	fake_reply(f, &w);
	w.n = 0;
	fake_reply(f, &w);
	wire_start(&w, f->id, WIRE_ANSWER, f->name, f->type); /* right, but from elsewhere */
	wire_a(&w, f->name, 66);
	assert_int_equal(
	        sendto(other, w.p, w.n, 0, (struct sockaddr *)&f->client, sizeof(f->client)), w.n);
	close(other);
	reply_good(f);
}

static void drops_what_is_not_the_answer_and_waits_on(void **state)
{
	(void)state;
	fake_start(&first, loop, forged_before_good, false);
	is_good(look_up("mx.test", DNS_A));
	assert_int_equal(first.asked_udp, 1);
}

static void echo(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)tcp;
	for (int i = 0; i < 50; i++)
		fake_reply(f, asked);
}

static void rubbish_does_not_stretch_the_deadline(void **state)
{
	int64_t begun = clock_ms();

	(void)state;
	fake_start(&first, loop, echo, false);
	assert_int_equal(look_up_within("mx.test", DNS_A, SHORT_MS, 1)->status, DNS_STATUS_TIMEOUT);
	assert_null(answer->server);
	assert_in_range(clock_ms() - begun, SHORT_MS - 5, 2000);
}

static void twice(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked, (void)tcp;
	reply_good(f);
	wire_start(&w, f->id, WIRE_ANSWER, f->name, f->type);
	wire_a(&w, f->name, 66);
	fake_reply(f, &w);
}

static void the_first_of_two_answers_counts(void **state)
{
	(void)state;
	fake_start(&first, loop, twice, false);
	is_good(look_up("mx.test", DNS_A));
}

static void each_question_has_its_own_port_and_id(void **state)
{
	struct resolver *r;
	int ports = 0, ids = 0;

	(void)state;
	fake_start(&first, loop, good, false);
	r = resolver(LONG_MS, 1);
	for (int i = 0; i < 16; i++) {
		resolver_ask(r, "mx.test", DNS_A, on_answer, NULL);
		loop_run(loop);
		dns_answer_free(answer);
		answer = NULL;
	}
	resolver_free(r);
	for (int i = 1; i < 16; i++) {
		ports += first.ports[i] != first.ports[0];
		ids += first.ids[i] != first.ids[0];
	}
	assert_true(ports >= 10);
	assert_true(ids >= 10);
}

/* --- servers that do not help --- */

static void silent(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)f, (void)asked, (void)tcp;
}

static void reply_rcode(struct fake *f, unsigned rcode)
{
	wire_start(&w, f->id, WIRE_ANSWER | rcode, f->name, f->type);
	fake_reply(f, &w);
}

static void servfail(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked, (void)tcp;
	reply_rcode(f, 2);
}

static void refused(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked, (void)tcp;
	reply_rcode(f, 5);
}

static void nxdomain(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked, (void)tcp;
	reply_rcode(f, 3);
}

static void silence_ends_after_all_rounds(void **state)
{
	int64_t begun = clock_ms();

	(void)state;
	fake_start(&first, loop, silent, false);
	fake_start(&second, loop, silent, false);
	assert_int_equal(look_up_within("mx.test", DNS_A, SHORT_MS, 2)->status, DNS_STATUS_TIMEOUT);
	assert_in_range(clock_ms() - begun, 4 * SHORT_MS - 20, 4 * SHORT_MS + 1500);
	assert_in_range(answer->elapsed_ms, 4 * SHORT_MS - 20, 4 * SHORT_MS + 1500);
	assert_int_equal(first.asked_udp, 2);
	assert_int_equal(second.asked_udp, 2);
}

static void a_silent_server_is_followed_by_the_next(void **state)
{
	(void)state;
	fake_start(&first, loop, silent, false);
	fake_start(&second, loop, good, false);
	is_good(look_up_within("mx.test", DNS_A, SHORT_MS, 2));
	server_is(answer, &second);
}

static void a_failing_server_is_followed_by_the_next(void **state)
{
	(void)state;
	fake_start(&first, loop, servfail, false);
	fake_start(&second, loop, good, false);
	is_good(look_up("mx.test", DNS_A));
	server_is(answer, &second);
	assert_int_equal(first.asked_udp, 1);
}

static void the_reason_of_the_first_server_is_told(void **state)
{
	(void)state;
	fake_start(&first, loop, refused, false);
	fake_start(&second, loop, servfail, false);
	assert_int_equal(look_up("mx.test", DNS_A)->status, DNS_STATUS_REFUSED);
	assert_int_equal(answer->rcode, 5);
	server_is(answer, &first);
	assert_int_equal(first.asked_udp, 1);
	assert_int_equal(second.asked_udp, 1);
}

static void a_reason_is_worth_more_than_silence(void **state)
{
	(void)state;
	fake_start(&first, loop, silent, false);
	fake_start(&second, loop, servfail, false);
	assert_int_equal(look_up_within("mx.test", DNS_A, SHORT_MS, 2)->status,
	                 DNS_STATUS_SERVFAIL);
	server_is(answer, &second);
}

static void no_such_name_is_final(void **state)
{
	(void)state;
	fake_start(&first, loop, nxdomain, false);
	fake_start(&second, loop, good, false);
	assert_int_equal(look_up("mx.test", DNS_A)->status, DNS_STATUS_NO_NAME);
	assert_int_equal(second.asked_udp, 0);
}

static void a_closed_port_is_unreachable_at_once(void **state)
{
	int64_t begun = clock_ms();

	(void)state;
	fake_start(&first, loop, silent, false);
	loop_watch_free(first.udp_watch);
	first.udp_watch = NULL;
	close(first.udp);
	first.udp = -1;
	assert_int_equal(look_up("mx.test", DNS_A)->status, DNS_STATUS_UNREACHABLE);
	assert_null(answer->server);
	assert_true(clock_ms() - begun < 2000);
}

static void short_mx(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked, (void)tcp;
	wire_start(&w, f->id, WIRE_ANSWER, f->name, f->type);
	wire_record(&w, 6, f->name, DNS_MX, 1, "\0\x0a", 2);
	fake_reply(f, &w);
}

static void an_answer_that_cannot_be_read_is_malformed(void **state)
{
	(void)state;
	fake_start(&first, loop, short_mx, false);
	assert_int_equal(look_up("mx.test", DNS_MX)->status, DNS_STATUS_MALFORMED);
	server_is(answer, &first);
}

static void what_cannot_be_a_name_is_not_asked_for(void **state)
{
	(void)state;
	fake_start(&first, loop, good, false);
	assert_int_equal(look_up("a..b", DNS_A)->status, DNS_STATUS_BAD_NAME);
	assert_int_equal(first.asked_udp, 0);
}

/* --- cancelling --- */

static void can_be_cancelled_before_it_began(void **state)
{
	(void)state;
	cancel_after(good, -1);
	assert_int_equal(first.asked_udp, 0);
}

static void can_be_cancelled_while_waiting(void **state)
{
	(void)state;
	cancel_after(silent, 50);
	assert_int_equal(first.asked_udp, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        T(finds_an_address),
	        T(drops_what_is_not_the_answer_and_waits_on),
	        T(rubbish_does_not_stretch_the_deadline),
	        T(the_first_of_two_answers_counts),
	        T(each_question_has_its_own_port_and_id),
	        T(silence_ends_after_all_rounds),
	        T(a_silent_server_is_followed_by_the_next),
	        T(a_failing_server_is_followed_by_the_next),
	        T(the_reason_of_the_first_server_is_told),
	        T(a_reason_is_worth_more_than_silence),
	        T(no_such_name_is_final),
	        T(a_closed_port_is_unreachable_at_once),
	        T(an_answer_that_cannot_be_read_is_malformed),
	        T(what_cannot_be_a_name_is_not_asked_for),
	        T(can_be_cancelled_before_it_began),
	        T(can_be_cancelled_while_waiting),
	};

	return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
