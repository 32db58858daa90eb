/* resolver: what a first answer leads to: TCP when it was cut, other names when it is an alias. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolver_rig.h"

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

static void can_be_cancelled_during_tcp(void **state)
{
	(void)state;
	cancel_after(cut_then_silent, 50);
	assert_int_equal(first.asked_tcp, 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        T(a_cut_answer_is_fetched_over_tcp),
	        T(tcp_messages_are_checked_as_well),
	        T(a_cut_answer_without_tcp_is_said_to_be_cut),
	        T(tcp_that_keeps_silent_counts_as_none),
	        T(tcp_that_ends_early_counts_as_none),
	        T(an_answer_cut_over_tcp_is_malformed),
	        T(aliases_are_followed_across_answers),
	        T(a_chain_of_nine_is_too_long),
	        T(a_circle_is_noticed_when_it_closes),
	        T(an_alias_without_such_a_record_ends_as_no_data),
	        T(can_be_cancelled_during_tcp),
	};

	return cmocka_run_group_tests_name("resolver_follow", tests, NULL, NULL);
}
