/* resolver: look-ups against name servers that lie, keep silent, fail, or are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
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

static void on_answer(void *arg, struct dns_answer *a)
{
	(void)arg;
	answers++;
	answer = a;
	loop_stop(loop);
}

static int set_up(void **state)
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

static int tear_down(void **state)
{
	(void)state;
	dns_answer_free(answer);
	fake_stop(&first);
	fake_stop(&second);
	loop_free(loop);
	return 0;
}

static struct resolver *resolver(int ms, int attempts)
{
	struct resolver_config *c = mem_zero(sizeof(*c));

	c->servers[c->count++] = first.address;
	if (second.udp >= 0)
		c->servers[c->count++] = second.address;
	c->timeout_ms = ms;
	c->attempts = attempts;
	return resolver_new(loop, c);
}

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void on_alarm(void *arg)
{
	(void)arg;
	fail_msg("no answer after 10 s");
}

/* One look-up to its end: exactly one answer, and nothing comes after it. */
static const struct dns_answer *look_up_within(const char *name, enum dns_type type, int ms,
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

static const struct dns_answer *look_up(const char *name, enum dns_type type)
{
	return look_up_within(name, type, LONG_MS, 2);
}

static void reply_good(struct fake *f)
{
	wire_start(&w, f->id, WIRE_ANSWER, f->name, f->type);
	wire_a(&w, f->name, 1);
	fake_reply(f, &w);
}

static void is_good(const struct dns_answer *a)
{
	char text[NET_ADDRESS_TEXT];

	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_int_equal(a->count, 1);
	assert_string_equal(net_address_text(&a->records[0].address, text), "192.0.2.1");
}

static void server_is(const struct dns_answer *a, const struct fake *f)
{
	char want[64];

	snprintf(want, sizeof(want), "127.0.0.1:%u", net_address_port(&f->address));
	assert_non_null(a->server);
	assert_string_equal(a->server, want);
}

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

/* --- cut answers --- */

static void reply_cut(struct fake *f)
{
	wire_start(&w, f->id, WIRE_ANSWER | WIRE_TC, f->name, f->type);
	fake_reply(f, &w);
}

static void big_over_tcp(struct fake *f, const struct wire *asked, bool tcp)
{
	char host[32];

	(void)asked;
	if (!tcp) {
		reply_cut(f);
		return;
	}
	wire_start(&w, f->id, WIRE_ANSWER, f->name, f->type);
	for (int i = 0; i < 1001; i++) {
		snprintf(host, sizeof(host), "mx%d.test", i);
		wire_mx(&w, f->name, i, host);
	}
	fake_reply(f, &w);
}

static void a_cut_answer_is_fetched_over_tcp(void **state)
{
	(void)state;
	fake_start(&first, loop, big_over_tcp, true);
	assert_int_equal(look_up("big.test", DNS_MX)->status, DNS_STATUS_OK);
	assert_int_equal(answer->count, 1000);
	assert_int_equal(answer->dropped, 1);
	assert_string_equal(answer->records[999].name, "mx999.test");
	assert_int_equal(first.asked_udp, 1);
	assert_int_equal(first.asked_tcp, 1);
}

static void forged_over_tcp(struct fake *f, const struct wire *asked, bool tcp)
{
	if (!tcp) {
		reply_cut(f);
		return;
	}
	fake_reply(f, asked);
	wire_start(&w, f->id ^ 1, WIRE_ANSWER, f->name, f->type);
	wire_a(&w, f->name, 66);
	fake_reply(f, &w);
	w.n = 0;
	fake_reply(f, &w);
	reply_good(f);
}

static void tcp_messages_are_checked_as_well(void **state)
{
	(void)state;
	fake_start(&first, loop, forged_over_tcp, true);
	is_good(look_up("mx.test", DNS_A));
}

static void cut_then_silent(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked;
	if (!tcp)
		reply_cut(f);
}

static void cut_then_half(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked;
	if (!tcp) {
		reply_cut(f);
		return;
	}
	assert_int_equal(send(f->answering, "\x01\x00zz", 4, MSG_NOSIGNAL), 4);
	shutdown(f->answering, SHUT_WR);
}

static void cut_twice(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked, (void)tcp;
	reply_cut(f);
}

static void a_cut_answer_without_tcp_is_said_to_be_cut(void **state)
{
	(void)state;
	fake_start(&first, loop, cut_then_silent, false);
	assert_int_equal(look_up("mx.test", DNS_A)->status, DNS_STATUS_TRUNCATED);
	server_is(answer, &first);
	assert_int_equal(first.asked_udp, 1); /* it has answered: it is not asked again */
}

static void tcp_that_keeps_silent_counts_as_none(void **state)
{
	(void)state;
	fake_start(&first, loop, cut_then_silent, true);
	assert_int_equal(look_up_within("mx.test", DNS_A, SHORT_MS, 2)->status,
	                 DNS_STATUS_TRUNCATED);
}

static void tcp_that_ends_early_counts_as_none(void **state)
{
	(void)state;
	fake_start(&first, loop, cut_then_half, true);
	assert_int_equal(look_up("mx.test", DNS_A)->status, DNS_STATUS_TRUNCATED);
}

static void an_answer_cut_over_tcp_is_malformed(void **state)
{
	(void)state;
	fake_start(&first, loop, cut_twice, true);
	assert_int_equal(look_up("mx.test", DNS_A)->status, DNS_STATUS_MALFORMED);
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

/* --- aliases, one an answer --- */

/* c0.test → c1.test → …; the last of `chain_length` has an address, unless it is a circle. */
static int chain_length;
static bool circle;

static void chain(struct fake *f, const struct wire *asked, bool tcp)
{
	int i = atoi(f->name + 1);
	char to[32];

	(void)asked, (void)tcp;
	if (i == chain_length && !circle) {
		reply_good(f);
		return;
	}
	snprintf(to, sizeof(to), "c%d.test", i == chain_length ? 0 : i + 1);
	wire_start(&w, f->id, WIRE_ANSWER, f->name, f->type);
	wire_cname(&w, f->name, to);
	fake_reply(f, &w);
}

static void aliases_are_followed_across_answers(void **state)
{
	(void)state;
	chain_length = DNS_CNAME_MAX;
	circle = false;
	fake_start(&first, loop, chain, false);
	is_good(look_up("c0.test", DNS_A));
	assert_string_equal(answer->name, "c0.test");
	assert_int_equal(answer->alias_count, DNS_CNAME_MAX);
	assert_string_equal(answer->aliases[DNS_CNAME_MAX - 1], "c8.test");
	assert_int_equal(first.asked_udp, DNS_CNAME_MAX + 1);
}

static void a_chain_of_nine_is_too_long(void **state)
{
	(void)state;
	chain_length = DNS_CNAME_MAX + 1;
	circle = false;
	fake_start(&first, loop, chain, false);
	assert_int_equal(look_up("c0.test", DNS_A)->status, DNS_STATUS_CNAME_LOOP);
	assert_int_equal(first.asked_udp, DNS_CNAME_MAX + 1);
}

static void a_circle_is_noticed_when_it_closes(void **state)
{
	(void)state;
	chain_length = 1;
	circle = true;
	fake_start(&first, loop, chain, false);
	assert_int_equal(look_up("c0.test", DNS_A)->status, DNS_STATUS_CNAME_LOOP);
	assert_int_equal(first.asked_udp, 2);
}

static void alias_without_data(struct fake *f, const struct wire *asked, bool tcp)
{
	(void)asked, (void)tcp;
	wire_start(&w, f->id, WIRE_ANSWER, f->name, f->type);
	if (strcmp(f->name, "a.test") == 0)
		wire_cname(&w, "a.test", "b.test");
	fake_reply(f, &w);
}

static void an_alias_without_such_a_record_ends_as_no_data(void **state)
{
	(void)state;
	fake_start(&first, loop, alias_without_data, false);
	assert_int_equal(look_up("a.test", DNS_A)->status, DNS_STATUS_NO_DATA);
	assert_int_equal(answer->alias_count, 1);
	assert_int_equal(first.asked_udp, 2);
}

/* --- cancelling --- */

static void cancel_after(fake_script *script, int ms)
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

static void can_be_cancelled_during_tcp(void **state)
{
	(void)state;
	cancel_after(cut_then_silent, 50);
	assert_int_equal(first.asked_tcp, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        T(finds_an_address),
	        T(drops_what_is_not_the_answer_and_waits_on),
	        T(rubbish_does_not_stretch_the_deadline),
	        T(the_first_of_two_answers_counts),
	        T(each_question_has_its_own_port_and_id),
	        T(a_cut_answer_is_fetched_over_tcp),
	        T(tcp_messages_are_checked_as_well),
	        T(a_cut_answer_without_tcp_is_said_to_be_cut),
	        T(tcp_that_keeps_silent_counts_as_none),
	        T(tcp_that_ends_early_counts_as_none),
	        T(an_answer_cut_over_tcp_is_malformed),
	        T(silence_ends_after_all_rounds),
	        T(a_silent_server_is_followed_by_the_next),
	        T(a_failing_server_is_followed_by_the_next),
	        T(the_reason_of_the_first_server_is_told),
	        T(a_reason_is_worth_more_than_silence),
	        T(no_such_name_is_final),
	        T(a_closed_port_is_unreachable_at_once),
	        T(an_answer_that_cannot_be_read_is_malformed),
	        T(what_cannot_be_a_name_is_not_asked_for),
	        T(aliases_are_followed_across_answers),
	        T(a_chain_of_nine_is_too_long),
	        T(a_circle_is_noticed_when_it_closes),
	        T(an_alias_without_such_a_record_ends_as_no_data),
	        T(can_be_cancelled_before_it_began),
	        T(can_be_cancelled_while_waiting),
	        T(can_be_cancelled_during_tcp),
	};

	return cmocka_run_group_tests_name("resolver", tests, NULL, NULL);
}
