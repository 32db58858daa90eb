/*
 * TLSA look-ups: what the DNS says, and whether it may be believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dns_fake.h"
#include "net/dane.h"
#include "net/resolver.h"

#define HOST "mx.example.com"
#define NAME "_25._tcp." HOST
#define NEAR "127.0.0.1:53"
#define FAR  "192.0.2.53:53"

/* --- a network of scripted answers --- */

struct scripted {
	const char *name;
	bool unchecked;
	enum dns_status status;
	bool authentic;
	const char *server;
	const char *heads[3]; /* usage, selector, matching; the digest is 32 octets */
};

struct network_query {
	struct loop_timer *timer;
	struct dns_answer *answer;
	network_query_fn *fn;
	void *arg;
};

static const struct scripted *script;
static size_t script_count;
static int asked, results;
static struct loop *loop;
static struct dane_result *result;

static void query_free(struct network_query *q)
{
	loop_timer_free(q->timer);
	free(q);
}

static void query_due(void *arg)
{
	struct network_query *q = arg, done = *q;

	query_free(q);
	done.fn(done.arg, done.answer);
}

static struct dns_answer *make_answer(const struct scripted *s)
{
	struct dns_answer *a = dns_answer_new(s->name, DNS_TLSA, s->status);

	a->authentic = s->authentic;
	a->server = mem_dup(s->server);
	for (size_t i = 0; i < 3 && s->heads[i]; i++) {
		struct dns_record r = {.type = DNS_TLSA, .text = mem_zero(35), .text_len = 35};

		for (size_t k = 0; k < 3; k++)
			r.text[k] = (char)(s->heads[i][k] - '0');
		dns_answer_add(a, &r);
	}
	return a;
}

static struct network_query *query(struct network *n, const char *name, enum dns_type type,
                                   network_query_fn *fn, void *arg)
{
	struct network_query *q = mem_zero(sizeof(*q));
	bool unchecked = dns_type_plain(type) != type;

	asked++;
	assert_int_equal(dns_type_plain(type), DNS_TLSA);
	q->fn = fn;
	q->arg = arg;
	for (size_t i = 0; i < script_count && !q->answer; i++) {
		if (strcmp(script[i].name, name) == 0 && script[i].unchecked == unchecked)
			q->answer = make_answer(&script[i]);
	}
	if (!q->answer)
		fail_msg("asked for %s%s", name, unchecked ? " unchecked" : "");
	q->timer = loop_timer_new(n->loop, 0, query_due, q);
	return q;
}

static void query_cancel(struct network_query *q)
{
	dns_answer_free(q->answer);
	query_free(q);
}

static const struct network_ops ops = {.query = query, .query_cancel = query_cancel};
static struct network network = {.ops = &ops, .name = "fake"};

static int set_up(void **state)
{
	(void)state;
	loop = network.loop = loop_new();
	asked = results = 0;
	result = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	dane_result_free(result);
	loop_free(loop);
	return 0;
}

static void on_result(void *arg, struct dane_result *r)
{
	(void)arg;
	results++;
	result = r;
}

static const struct dane_question plain = {
        .host = HOST, .port = 25, .address_secure = true, .mx_secure = true};

static void look_up_with(const struct scripted *s, size_t n, const struct dane_question *q)
{
	script = s;
	script_count = n;
	asked = results = 0;
	dane_result_free(result);
	result = NULL;
	dane_look_up(&network, q, on_result, NULL);
	assert_int_equal(results, 0); /* never from within the call */
	loop_run(loop);
	assert_int_equal(results, 1);
	assert_non_null(result->why);
	assert_true((dane_result_tlsa(result) != NULL) == (result->state == TLS_DANE_SECURE));
}

/* --- each state --- */

static void test_each_state(void **state)
{
	static const struct {
		struct scripted answer, unchecked;
		bool trust_ad;
		enum tls_dane state;
		const char *why;
	} cases[] = {
	        {{NAME, false, DNS_STATUS_OK, true, NEAR, {"311"}},
	         {0},
	         false,
	         TLS_DANE_SECURE,
	         NEAR " has validated them with DNSSEC"},
	        {{NAME, false, DNS_STATUS_OK, true, "[::1]:53", {"211", "011"}},
	         {0},
	         false,
	         TLS_DANE_SECURE,
	         "[::1]:53 has validated them with DNSSEC"},
	        {{NAME, false, DNS_STATUS_OK, true, FAR, {"311"}},
	         {0},
	         true,
	         TLS_DANE_SECURE,
	         FAR " has validated them with DNSSEC"},
	        {{NAME, false, DNS_STATUS_OK, true, FAR, {"311"}},
	         {0},
	         false,
	         TLS_DANE_INSECURE,
	         FAR " claims that DNSSEC protects them, but it is not on this machine, and that "
	             "claim could be changed on its way here"},
	        {{NAME, false, DNS_STATUS_OK, false, NEAR, {"311"}},
	         {0},
	         true,
	         TLS_DANE_INSECURE,
	         NEAR " does not say that DNSSEC protects them, so they prove nothing"},
	        {{NAME, false, DNS_STATUS_OK, false, NULL, {"311"}},
	         {0},
	         true,
	         TLS_DANE_INSECURE,
	         "fake does not say that DNSSEC protects them, so they prove nothing"},
	        {{NAME, false, DNS_STATUS_OK, true, NEAR, {"111", "011", "314"}},
	         {0},
	         false,
	         TLS_DANE_UNUSABLE,
	         "none of them has usage 2 or 3 in a form that can be used (RFC 7672 §3.1.3)"},
	        {{NAME, false, DNS_STATUS_NO_NAME, true, NEAR, {NULL}},
	         {0},
	         false,
	         TLS_DANE_NONE,
	         "the name does not exist (NXDOMAIN)"},
	        {{NAME, false, DNS_STATUS_NO_DATA, false, FAR, {NULL}},
	         {0},
	         false,
	         TLS_DANE_NONE,
	         "the name exists but has no such record"},
	        {{NAME, false, DNS_STATUS_TIMEOUT, false, NULL, {NULL}},
	         {0},
	         false,
	         TLS_DANE_UNKNOWN,
	         "no name server answered in time"},
	        {{NAME, false, DNS_STATUS_SERVFAIL, false, NEAR, {NULL}},
	         {NAME, true, DNS_STATUS_OK, false, NEAR, {"311"}},
	         false,
	         TLS_DANE_BOGUS,
	         NEAR " gives the answer only when it may leave the DNSSEC signatures unchecked: "
	              "they are wrong"},
	        {{NAME, false, DNS_STATUS_SERVFAIL, false, NEAR, {NULL}},
	         {NAME, true, DNS_STATUS_NO_NAME, false, NEAR, {NULL}},
	         false,
	         TLS_DANE_BOGUS,
	         NEAR " gives the answer only when it may leave the DNSSEC signatures unchecked: "
	              "they are wrong"},
	        {{NAME, false, DNS_STATUS_SERVFAIL, false, NEAR, {NULL}},
	         {NAME, true, DNS_STATUS_SERVFAIL, false, NEAR, {NULL}},
	         false,
	         TLS_DANE_UNKNOWN,
	         "the name server could not find out (SERVFAIL)"},
	        /* another server, which may simply be a better one */
	        {{NAME, false, DNS_STATUS_SERVFAIL, false, NEAR, {NULL}},
	         {NAME, true, DNS_STATUS_OK, false, FAR, {"311"}},
	         false,
	         TLS_DANE_UNKNOWN,
	         "the name server could not find out (SERVFAIL)"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scripted both[2] = {cases[i].answer, cases[i].unchecked};
		struct dane_question q = plain;

		q.trust_ad = cases[i].trust_ad;
		look_up_with(both, both[1].name ? 2 : 1, &q);
		assert_string_equal(result->why, cases[i].why);
		assert_int_equal(result->state, cases[i].state);
		assert_string_equal(result->host, HOST);
		assert_string_equal(result->name, NAME);
		assert_int_equal(asked, both[1].name ? 2 : 1);
	}
}

static void test_an_insecure_address(void **state)
{
	struct dane_question q = plain;

	(void)state;
	q.host = "mx.\033example.com";
	q.address_secure = false;
	look_up_with(NULL, 0, &q);
	assert_int_equal(asked, 0);
	assert_int_equal(result->state, TLS_DANE_INSECURE);
	assert_null(result->tlsa);
	assert_string_equal(result->why,
	                    "DNSSEC does not protect the address of mx.\\x1bexample.com, so TLSA "
	                    "records would prove nothing and were not looked up (RFC 7672 §2.2.2)");
}

static void test_the_canonical_name_first(void **state)
{
	static const struct scripted there[] = {
	        {"_587._tcp.real.example", false, DNS_STATUS_OK, true, NEAR, {"311"}},
	};
	static const struct scripted not_there[] = {
	        {"_587._tcp.real.example", false, DNS_STATUS_NO_NAME, true, NEAR, {NULL}},
	        {"_587._tcp." HOST, false, DNS_STATUS_OK, true, NEAR, {"311"}},
	};
	static const struct scripted not_signed[] = {
	        {"_587._tcp.real.example", false, DNS_STATUS_OK, false, NEAR, {"311"}},
	        {"_587._tcp." HOST, false, DNS_STATUS_OK, true, NEAR, {"311"}},
	};
	static const struct scripted broken[] = {
	        {"_587._tcp.real.example", false, DNS_STATUS_TIMEOUT, true, NULL, {NULL}},
	};
	struct dane_question q = plain;

	(void)state;
	q.port = 587;
	q.canonical = "real.example";
	q.mx_secure = false;
	look_up_with(there, 1, &q);
	assert_int_equal(result->state, TLS_DANE_SECURE);
	assert_string_equal(result->host, "real.example");
	assert_false(result->mx_secure);
	look_up_with(not_there, 2, &q);
	assert_int_equal(result->state, TLS_DANE_SECURE);
	assert_string_equal(result->host, HOST);
	assert_string_equal(result->name, "_587._tcp." HOST);
	look_up_with(not_signed, 2, &q);
	assert_int_equal(result->state, TLS_DANE_SECURE);
	assert_string_equal(result->host, HOST);
	look_up_with(broken, 1, &q); /* what is unknown is not passed over */
	assert_int_equal(result->state, TLS_DANE_UNKNOWN);
	q.canonical = "MX.example.com";
	q.port = 25;
	look_up_with(&(struct scripted){NAME, false, DNS_STATUS_NO_NAME, true, NEAR, {NULL}}, 1,
	             &q);
	assert_int_equal(asked, 1);
}

static void test_cancelled(void **state)
{
	static const struct scripted s = {NAME, false, DNS_STATUS_OK, true, NEAR, {"311"}};
	struct dane_question q = plain;

	(void)state;
	script = &s;
	script_count = 1;
	dane_cancel(dane_look_up(&network, &q, on_result, NULL));
	q.address_secure = false;
	dane_cancel(dane_look_up(&network, &q, on_result, NULL));
	dane_cancel(NULL);
	loop_run(loop);
	assert_int_equal(results, 0);
}

/* --- records --- */

static void test_records(void **state)
{
	static const struct {
		unsigned char head[3];
		size_t size;
		bool counts, usable;
	} cases[] = {
	        {{3, 1, 1}, 32, true, true},     {{3, 1, 2}, 64, true, true},
	        {{2, 0, 1}, 32, true, true},     {{3, 0, 0}, 500, true, true},
	        {{3, 1, 1}, 31, true, false},    {{3, 1, 2}, 32, true, false},
	        {{3, 2, 1}, 32, true, false},    {{3, 1, 3}, 32, true, false},
	        {{1, 1, 1}, 32, false, false},   {{0, 1, 1}, 32, false, false},
	        {{255, 1, 1}, 32, false, false},
	};
	static char rdata[600];
	struct dns_record from = {.type = DNS_TLSA, .text = rdata};
	struct dane_record r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memcpy(rdata, cases[i].head, 3);
		from.text_len = 3 + cases[i].size;
		assert_int_equal(dane_record_read(&from, &r), 0);
		assert_int_equal(r.size, cases[i].size);
		assert_int_equal(dane_usage_counts(&r), cases[i].counts);
		assert_int_equal(dane_record_usable(&r), cases[i].usable);
	}
	from.text_len = 3;
	assert_int_equal(dane_record_read(&from, &r), -1);
	from.text_len = 35;
	from.type = DNS_TXT;
	assert_int_equal(dane_record_read(&from, &r), -1);
}

/* --- over the wire: CD is what tells bogus from broken --- */

static struct wire w;
static int checked, unchecked;

/* Knows the answer, and gives it only unchecked. */
static void validating(struct fake *f, const struct wire *question, bool tcp)
{
	bool cd = question->p[3] & 0x10;
	static const unsigned char rdata[35] = {3, 1, 1};

	(void)tcp;
	assert_int_equal(f->type, DNS_TLSA);
	cd ? unchecked++ : checked++;
	wire_start(&w, f->id, cd ? WIRE_ANSWER : WIRE_ANSWER | 2, f->name, f->type);
	if (cd) {
		wire_record(&w, 6, f->name, DNS_TLSA, 1, rdata, sizeof(rdata));
	}
	fake_reply(f, &w);
}

static void stop(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void test_bogus_over_the_wire(void **state)
{
	struct resolver_config *c = mem_zero(sizeof(*c));
	struct network *real;
	struct fake f;

	(void)state;
	memset(&f, 0, sizeof(f));
	fake_start(&f, loop, validating, false);
	c->servers[c->count++] = f.address;
	c->timeout_ms = 2000;
	c->attempts = 1;
	real = network_real_new(loop, c);
	dane_look_up(real, &plain, on_result, NULL);
	for (int i = 0; i < 100 && !results; i++) {
		struct loop_timer *t = loop_timer_new(loop, 10, stop, NULL);

		loop_run(loop);
		loop_timer_free(t);
	}
	assert_int_equal(results, 1);
	assert_int_equal(result->state, TLS_DANE_BOGUS);
	assert_int_equal(checked, 1);
	assert_int_equal(unchecked, 1);
	fake_stop(&f);
	network_free(real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_each_state, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_an_insecure_address, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_the_canonical_name_first, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_cancelled, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_records, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(test_bogus_over_the_wire, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
