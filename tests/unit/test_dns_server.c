/*
 * dns_server: replies to questions of all kinds and to what is none, over UDP and TCP.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/dns_server.h"
#include "net/network.h"
#include "net/resolver.h"

#define ID 0x4711

/* --- what the server knows --- */

static struct dns_answer *text_answer(const char *name, size_t len)
{
	struct dns_answer *a = dns_answer_new(name, DNS_TXT, DNS_STATUS_OK);
	struct dns_record r = {.type = DNS_TXT, .ttl = 60, .text_len = len};

	r.text = mem_zero(len + 1);
	memset(r.text, 'x', len);
	dns_answer_add(a, &r);
	return a;
}

static void add(struct dns_answer *a, enum dns_type type)
{
	static const char tlsa[] = "\3\1\1"
	                           "0123456789abcdef0123456789abcdef";
	struct dns_record r = {.type = type, .ttl = 60};

	switch ((int)type) {
	case DNS_A: net_address_parse(SPAN("192.0.2.25"), 0, &r.address); break;
	case DNS_AAAA: net_address_parse(SPAN("2001:db8::25"), 0, &r.address); break;
	case DNS_MX:
		r.preference = 10;
		r.name = mem_dup("mail.school.test");
		break;
	case DNS_TXT:
		r.text_len = 5;
		r.text = mem_dup("hello");
		break;
	case DNS_TLSA:
		r.text_len = sizeof tlsa - 1;
		r.text = mem_dupn(tlsa, sizeof tlsa - 1);
		break;
	default: r.name = mem_dup("mail.school.test");
	}
	dns_answer_add(a, &r);
}

static struct dns_answer *know(void *arg, const char *name, enum dns_type type)
{
	static const struct {
		const char *name;
		enum dns_status status;
	} failures[] = {{"none.test", DNS_STATUS_NO_NAME},    {"empty.test", DNS_STATUS_NO_DATA},
	                {"broken.test", DNS_STATUS_SERVFAIL}, {"silent.test", DNS_STATUS_TIMEOUT},
	                {"refused.test", DNS_STATUS_REFUSED}, {"loop.test", DNS_STATUS_CNAME_LOOP}};
	struct dns_answer *a;

	(void)arg;
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
		if (strcmp(name, failures[i].name) == 0)
			return dns_answer_new(name, type, failures[i].status);
	if (strcmp(name, "large.test") == 0)
		return text_answer(name, 3000);
	a = dns_answer_new(name, type, DNS_STATUS_OK);
	a->authentic = strcmp(name, "signed.test") == 0;
	if (strcmp(name, "alias.test") == 0) {
		dns_answer_alias(a, "second.test");
		dns_answer_alias(a, "third.test");
	}
	add(a, type);
	if (strcmp(name, "null.test") == 0)
		a->records[0].name[0] = '\0';
	return a;
}

/* --- one reply --- */

static unsigned char *question(const char *name, enum dns_type type, size_t *len)
{
	enum dns_status status;
	unsigned char *wire = dns_question_encode(name, type, ID, len, &status);

	assert_non_null(wire);
	return wire;
}

static enum dns_check ask(const char *name, enum dns_type type, size_t max, struct dns_answer **a)
{
	size_t len, reply_len = 0;
	unsigned char *wire = question(name, type, &len);
	unsigned char *reply =
	        dns_reply_make(span_from((char *)wire, len), know, NULL, max, &reply_len);
	enum dns_check check = DNS_CHECK_NOT_OURS;

	free(wire);
	if (reply)
		check = dns_answer_decode(reply, reply_len, name, type, ID, a);
	free(reply);
	return check;
}

static void is_status(const char *name, enum dns_type type, enum dns_status status)
{
	struct dns_answer *a = NULL;

	assert_int_equal(ask(name, type, 0, &a), DNS_CHECK_OURS);
	assert_int_equal(a->status, status);
	dns_answer_free(a);
}

static void test_each_type(void **state)
{
	static const enum dns_type types[] = {DNS_A,   DNS_NS,  DNS_CNAME, DNS_MX,
	                                      DNS_PTR, DNS_TXT, DNS_AAAA,  DNS_TLSA};
	char text[NET_ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct dns_answer *want = know(NULL, "school.test", types[i]), *got = NULL;
		const struct dns_record *w = &want->records[0], *g;

		assert_int_equal(ask("school.test", types[i], 0, &got), DNS_CHECK_OURS);
		assert_int_equal(got->status, DNS_STATUS_OK);
		assert_int_equal(got->count, 1);
		g = &got->records[0];
		assert_int_equal(g->ttl, 60);
		assert_int_equal(g->preference, w->preference);
		assert_int_equal(g->text_len, w->text_len);
		if (w->text)
			assert_memory_equal(g->text, w->text, w->text_len);
		if (w->name)
			assert_string_equal(g->name, w->name);
		if (types[i] == DNS_A)
			assert_string_equal(net_address_text(&g->address, text), "192.0.2.25");
		if (types[i] == DNS_AAAA)
			assert_string_equal(net_address_text(&g->address, text), "2001:db8::25");
		dns_answer_free(want);
		dns_answer_free(got);
	}
}

static void test_failures(void **state)
{
	struct dns_answer *a = NULL;

	(void)state;
	is_status("none.test", DNS_A, DNS_STATUS_NO_NAME);
	is_status("empty.test", DNS_A, DNS_STATUS_NO_DATA);
	is_status("broken.test", DNS_A, DNS_STATUS_SERVFAIL);
	is_status("refused.test", DNS_A, DNS_STATUS_REFUSED);
	is_status("loop.test", DNS_A, DNS_STATUS_SERVFAIL);
	assert_int_equal(ask("silent.test", DNS_A, 0, &a), DNS_CHECK_NOT_OURS);
	/* types that it has not: SRV (33), and a name that does not exist */
	is_status("school.test", (enum dns_type)33, DNS_STATUS_NO_DATA);
	is_status("none.test", (enum dns_type)33, DNS_STATUS_NO_NAME);
}

static void test_aliases_and_flags(void **state)
{
	struct dns_answer *a = NULL;

	(void)state;
	assert_int_equal(ask("alias.test", DNS_A, 0, &a), DNS_CHECK_OURS);
	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_int_equal(a->alias_count, 2);
	assert_string_equal(a->aliases[1], "third.test");
	assert_false(a->authentic);
	dns_answer_free(a);
	assert_int_equal(ask("signed.test", DNS_A, 0, &a), DNS_CHECK_OURS);
	assert_true(a->authentic);
	dns_answer_free(a);
	assert_int_equal(ask("null.test", DNS_MX, 0, &a), DNS_CHECK_OURS);
	assert_string_equal(a->records[0].name, "");
	dns_answer_free(a);
}

static void test_too_large_for_a_datagram(void **state)
{
	struct dns_answer *a = NULL;

	(void)state;
	assert_int_equal(ask("large.test", DNS_TXT, 0, &a), DNS_CHECK_CUT);
	assert_int_equal(ask("large.test", DNS_TXT, 65535, &a), DNS_CHECK_OURS);
	assert_int_equal(a->records[0].text_len, 3000);
	dns_answer_free(a);
}

/* The reply to these bytes: its rcode, -1: none. */
static int rcode(const unsigned char *wire, size_t n)
{
	size_t len = 0;
	unsigned char *reply =
	        dns_reply_make(span_from((const char *)wire, n), know, NULL, 0, &len);
	int code = -1;

	if (!reply)
		return -1;
	assert_true(len >= 12);
	assert_memory_equal(reply, wire, 2);
	assert_true(reply[2] & 0x80);
	code = reply[3] & 0x0f;
	free(reply);
	return code;
}

static void test_what_is_no_question(void **state)
{
	size_t len;
	unsigned char *wire = question("school.test", DNS_A, &len);

	(void)state;
	assert_int_equal(rcode(wire, len), 0);
	for (size_t n = 0; n < len; n++)
		assert_int_equal(rcode(wire, n), n < 12 ? -1 : 1); /* FORMERR */
	wire[2] |= 0x80;                                           /* an answer */
	assert_int_equal(rcode(wire, len), -1);
	wire[2] = 0x28; /* UPDATE */
	assert_int_equal(rcode(wire, len), 4);
	wire[2] = 1;
	wire[5] = 2; /* two questions */
	assert_int_equal(rcode(wire, len), 1);
	wire[5] = 1;
	wire[12 + 13 + 3] = 3; /* class CH */
	assert_int_equal(rcode(wire, len), 5);
	free(wire);
}

/* --- over the network --- */

static void came(void *arg, struct dns_answer *answer)
{
	struct dns_answer **to = arg;

	*to = answer;
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void test_udp_and_tcp(void **state)
{
	struct loop *l = loop_new();
	struct dns_answer *small = NULL, *large = NULL;
	struct net_address at;
	struct dns_server *s;
	struct network *n;
	char where[NET_ADDRESS_TEXT];
	struct diag d;

	(void)state;
	diag_init(&d);
	net_address_parse(SPAN("127.0.0.1"), 0, &at);
	s = dns_server_new(l, &at, know, NULL, &d);
	assert_non_null(s);
	net_address_port_text(dns_server_address(s), where);
	n = network_real_new(l, resolver_config_parse(where, &d));
	network_query(n, "school.test", DNS_MX, came, &small);
	network_query(n, "large.test", DNS_TXT, came, &large);
	while (!small || !large) {
		struct loop_timer *t = loop_timer_new(l, 20, stop, l);

		loop_run(l);
		loop_timer_free(t);
	}
	assert_int_equal(small->count, 1);
	assert_int_equal(large->records[0].text_len, 3000); /* over TCP */
	assert_null(dns_server_new(l, dns_server_address(s), know, NULL, &d));
	assert_non_null(strstr(d.what, "Address already in use"));
	dns_answer_free(small);
	dns_answer_free(large);
	network_free(n);
	dns_server_free(s);
	loop_free(l);
	diag_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_each_type),
	        cmocka_unit_test(test_failures),
	        cmocka_unit_test(test_aliases_and_flags),
	        cmocka_unit_test(test_too_large_for_a_datagram),
	        cmocka_unit_test(test_what_is_no_question),
	        cmocka_unit_test(test_udp_and_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
