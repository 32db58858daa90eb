/* dns_message: what we ask, and what we make of anything that comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns_wire.h"
#include "net/dns.h"

#define ID 0x1234

static struct wire w;

static enum dns_check decode(const char *name, enum dns_type type, struct dns_answer **out)
{
	/* an exact copy on the heap, so that a read behind the end is noticed */
	unsigned char *copy = malloc(w.n ? w.n : 1);
	enum dns_check check;

	assert_non_null(copy);
	memcpy(copy, w.p, w.n);
	*out = NULL;
	check = dns_answer_decode(copy, w.n, name, type, ID, out);
	free(copy);
	return check;
}

static struct dns_answer *ours(const char *name, enum dns_type type)
{
	struct dns_answer *a;

	assert_int_equal(decode(name, type, &a), DNS_CHECK_OURS);
	assert_non_null(a);
	assert_int_equal(a->type, type);
	return a;
}

static void is_status(const char *name, enum dns_type type, enum dns_status want)
{
	struct dns_answer *a = ours(name, type);

	assert_int_equal(a->status, want);
	assert_int_equal(a->count, 0);
	dns_answer_free(a);
}

static void is_not_ours(const char *name, enum dns_type type)
{
	struct dns_answer *a;

	assert_int_equal(decode(name, type, &a), DNS_CHECK_NOT_OURS);
	assert_null(a);
}

static void address_is(const struct dns_record *r, const char *want)
{
	char text[NET_ADDRESS_TEXT];

	assert_string_equal(net_address_text(&r->address, text), want);
	assert_int_equal(net_address_port(&r->address), 0);
}

static void asks_with_recursion_and_edns_1232(void **state)
{
	static const unsigned char want[] = {
	        0x12, 0x34, 0x01, 0x20, 0,    1,   0, 0, 0,  0, 0, 1, /* RD, AD; one additional */
	        2,    'a',  'B',  2,    'c',  'd', 0, 0, 15, 0, 1,    /* aB.cd MX IN */
	        0,    0,    41,   0x04, 0xd0, 0,   0, 0, 0,  0, 0};   /* OPT, 1232 */
	enum dns_status status;
	size_t len = 0;
	unsigned char *wire = dns_question_encode("aB.cd.", DNS_MX, ID, &len, &status);

	(void)state;
	assert_int_equal(status, DNS_STATUS_OK);
	assert_int_equal(len, sizeof(want));
	assert_memory_equal(wire, want, len);
	free(wire);
}

static void refuses_to_ask_for_what_is_no_name(void **state)
{
	char label[65], whole[260];
	const char *const bad[] = {"", "a..b", ".a", "x\\", "a\\300", label, whole};

	(void)state;
	memset(label, 'a', 64);
	label[64] = '\0';
	for (size_t i = 0; i < sizeof(whole) - 1; i++)
		whole[i] = i % 2 ? '.' : 'a';
	whole[sizeof(whole) - 1] = '\0';
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		enum dns_status status = DNS_STATUS_OK;
		size_t len;

		assert_null(dns_question_encode(bad[i], DNS_A, ID, &len, &status));
		assert_int_equal(status, DNS_STATUS_BAD_NAME);
	}
}

static void reads_addresses_of_both_families(void **state)
{
	static const unsigned char v6[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER | WIRE_AD, "mx.test", DNS_A);
	wire_a(&w, "mx.test", 1);
	wire_a(&w, "MX.Test", 2);
	wire_a(&w, "other.test", 3);
	a = ours("mx.TEST.", DNS_A);
	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_string_equal(a->name, "mx.TEST");
	assert_true(a->authentic);
	assert_int_equal(a->count, 2);
	assert_int_equal(a->records[0].ttl, 300);
	address_is(&a->records[0], "192.0.2.1");
	address_is(&a->records[1], "192.0.2.2");
	dns_answer_free(a);

	wire_start(&w, ID, WIRE_ANSWER, "mx.test", DNS_AAAA);
	wire_record(&w, 6, "mx.test", DNS_AAAA, 1, v6, 16);
	a = ours("mx.test", DNS_AAAA);
	assert_int_equal(a->count, 1);
	assert_false(a->authentic);
	address_is(&a->records[0], "2001:db8::1");
	dns_answer_free(a);
}

static void reads_mx_and_the_null_mx(void **state)
{
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "school.test", DNS_MX);
	wire_mx(&w, "school.test", 65535, "mx.School.test");
	wire_mx(&w, "school.test", 0, "");
	a = ours("school.test", DNS_MX);
	assert_int_equal(a->count, 2);
	assert_int_equal(a->records[0].preference, 65535);
	assert_string_equal(a->records[0].name, "mx.School.test");
	assert_int_equal(a->records[1].preference, 0);
	assert_string_equal(a->records[1].name, "");
	dns_answer_free(a);
}

static void joins_text_strings_whatever_they_hold(void **state)
{
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "t.test", DNS_TXT);
	wire_record(&w, 6, "t.test", DNS_TXT, 1,
	            "\x03"
	            "a\0\""
	            "\x00"
	            "\x02"
	            "\\\xff",
	            8);
	a = ours("t.test", DNS_TXT);
	assert_int_equal(a->count, 1);
	assert_int_equal(a->records[0].text_len, 5);
	assert_memory_equal(a->records[0].text, "a\0\"\\\xff", 6);
	dns_answer_free(a);
}

static void keeps_tlsa_raw_and_reads_ptr(void **state)
{
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "_25._tcp.mx.test", DNS_TLSA);
	wire_record(&w, 6, "_25._tcp.mx.test", DNS_TLSA, 1, "\x03\x01\x01\xaa\xbb", 5);
	a = ours("_25._tcp.mx.test", DNS_TLSA);
	assert_int_equal(a->records[0].text_len, 5);
	assert_memory_equal(a->records[0].text, "\x03\x01\x01\xaa\xbb", 5);
	dns_answer_free(a);

	wire_start(&w, ID, WIRE_ANSWER, "1.2.0.192.in-addr.arpa", DNS_PTR);
	wire_to_name(&w, "1.2.0.192.in-addr.arpa", DNS_PTR, -1, "mx.test");
	a = ours("1.2.0.192.in-addr.arpa", DNS_PTR);
	assert_string_equal(a->records[0].name, "mx.test");
	dns_answer_free(a);
}

static void escapes_names_so_that_they_can_be_asked_for_again(void **state)
{
	enum dns_status status;
	struct dns_answer *a;
	unsigned char *wire;
	size_t len;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "d.test", DNS_MX);
	wire_record(&w, 6, "d.test", DNS_MX, 1,
	            "\0\x0a\x06"
	            "a.\x1b\x80 \\"
	            "\0",
	            10);
	a = ours("d.test", DNS_MX);
	assert_int_equal(a->count, 1);
	assert_string_equal(a->records[0].name, "a\\.\\027\\128\\032\\\\");
	wire = dns_question_encode(a->records[0].name, DNS_A, ID, &len, &status);
	assert_non_null(wire);
	assert_memory_equal(wire + 12,
	                    "\x06"
	                    "a.\x1b\x80 \\"
	                    "\0",
	                    8);
	free(wire);
	dns_answer_free(a);
}

static void follows_aliases_in_any_order(void **state)
{
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_a(&w, "C.test", 7);
	wire_cname(&w, "b.test", "c.test");
	wire_cname(&w, "A.test", "b.TEST");
	a = ours("a.test", DNS_A);
	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_int_equal(a->alias_count, 2);
	assert_string_equal(a->aliases[0], "b.TEST");
	assert_string_equal(a->aliases[1], "c.test");
	assert_int_equal(a->count, 1);
	assert_null(dns_answer_onward(a));
	dns_answer_free(a);
}

static void tells_where_an_unfinished_chain_leads(void **state)
{
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_cname(&w, "a.test", "b.elsewhere.test");
	a = ours("a.test", DNS_A);
	assert_int_equal(a->status, DNS_STATUS_NO_DATA);
	assert_string_equal(dns_answer_onward(a), "b.elsewhere.test");
	dns_answer_free(a);

	w.p[3] |= 3; /* NXDOMAIN: the target does not exist, and that is final */
	a = ours("a.test", DNS_A);
	assert_int_equal(a->status, DNS_STATUS_NO_NAME);
	assert_int_equal(a->alias_count, 1);
	assert_null(dns_answer_onward(a));
	dns_answer_free(a);

	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_CNAME);
	wire_cname(&w, "a.test", "b.test");
	a = ours("a.test", DNS_CNAME);
	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_int_equal(a->alias_count, 0);
	assert_string_equal(a->records[0].name, "b.test");
	dns_answer_free(a);
}

static void write_chain(int length)
{
	char from[32], to[32];

	wire_start(&w, ID, WIRE_ANSWER, "c0.test", DNS_A);
	for (int i = 0; i < length; i++) {
		snprintf(from, sizeof(from), "c%d.test", i);
		snprintf(to, sizeof(to), "c%d.test", i + 1);
		wire_cname(&w, from, to);
	}
	wire_a(&w, to, 1);
}

static void cuts_alias_circles_and_long_chains(void **state)
{
	struct dns_answer *a;

	(void)state;
	write_chain(DNS_CNAME_MAX);
	a = ours("c0.test", DNS_A);
	assert_int_equal(a->status, DNS_STATUS_OK);
	assert_int_equal(a->alias_count, DNS_CNAME_MAX);
	dns_answer_free(a);
	write_chain(DNS_CNAME_MAX + 1);
	is_status("c0.test", DNS_A, DNS_STATUS_CNAME_LOOP);

	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_cname(&w, "a.test", "b.test");
	wire_cname(&w, "b.test", "A.test");
	is_status("a.test", DNS_A, DNS_STATUS_CNAME_LOOP);
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_cname(&w, "a.test", "a.test");
	is_status("a.test", DNS_A, DNS_STATUS_CNAME_LOOP);
}

static void waits_on_when_it_is_not_our_answer(void **state)
{
	(void)state;
	wire_start(&w, ID + 1, WIRE_ANSWER, "a.test", DNS_A);
	wire_a(&w, "a.test", 1);
	is_not_ours("a.test", DNS_A);
	wire_start(&w, ID, WIRE_RD, "a.test", DNS_A); /* our own question, sent back */
	is_not_ours("a.test", DNS_A);
	wire_start(&w, ID, WIRE_ANSWER, "b.test", DNS_A);
	is_not_ours("a.test", DNS_A);
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_AAAA);
	is_not_ours("a.test", DNS_A);
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	w.p[w.n - 1] = 3; /* class CH */
	is_not_ours("a.test", DNS_A);
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_set_u16(&w, 4, 2);
	is_not_ours("a.test", DNS_A);
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	for (w.n = 0; w.n < 12; w.n++)
		is_not_ours("a.test", DNS_A);
}

static void believes_an_error_without_question_but_nothing_else(void **state)
{
	static const unsigned char rcodes[] = {1, 2, 4, 5};

	(void)state;
	for (size_t i = 0; i < sizeof(rcodes); i++) {
		struct dns_answer *a;

		wire_start(&w, ID, WIRE_ANSWER | rcodes[i], "a.test", DNS_A);
		wire_set_u16(&w, 4, 0);
		w.n = 12;
		a = ours("a.test", DNS_A);
		assert_false(dns_status_negative(a->status));
		assert_int_not_equal(a->status, DNS_STATUS_OK);
		assert_int_equal(a->rcode, rcodes[i]);
		dns_answer_free(a);
	}
	w.p[3] = 0x80 | 3;
	is_not_ours("a.test", DNS_A);
	w.p[3] = 0x80;
	is_not_ours("a.test", DNS_A);
}

static void tells_the_errors_apart(void **state)
{
	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	is_status("a.test", DNS_A, DNS_STATUS_NO_DATA);
	w.p[3] = 0x80 | 2;
	is_status("a.test", DNS_A, DNS_STATUS_SERVFAIL);
	w.p[3] = 0x80 | 3;
	is_status("a.test", DNS_A, DNS_STATUS_NO_NAME);
	w.p[3] = 0x80 | 4;
	is_status("a.test", DNS_A, DNS_STATUS_OTHER);
	w.p[3] = 0x80 | 5;
	is_status("a.test", DNS_A, DNS_STATUS_REFUSED);
	wire_a(&w, "a.test", 1); /* a record beside an error is none */
	is_status("a.test", DNS_A, DNS_STATUS_REFUSED);
}

static void reads_the_upper_half_of_the_rcode(void **state)
{
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_count(&w, 10);
	wire_bytes(&w, "\0\0\x29\x04\xd0\x01\0\0\0\0\0", 11); /* BADVERS */
	a = ours("a.test", DNS_A);
	assert_int_equal(a->rcode, 16);
	assert_int_equal(a->status, DNS_STATUS_OTHER);
	dns_answer_free(a);
}

static void takes_a_referral_for_no_answer(void **state)
{
	(void)state;
	wire_start(&w, ID, WIRE_QR, "a.test", DNS_A);
	wire_record(&w, 8, "test", 2, 1,
	            "\x02"
	            "ns"
	            "\0",
	            4);
	is_status("a.test", DNS_A, DNS_STATUS_OTHER);
	w.p[2] |= WIRE_AA >> 8; /* from the zone's own server it is a proof */
	is_status("a.test", DNS_A, DNS_STATUS_NO_DATA);
}

static void wants_tcp_when_the_answer_was_cut(void **state)
{
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER | WIRE_TC, "a.test", DNS_A);
	wire_a(&w, "a.test", 1);
	for (size_t whole = w.n; w.n > whole - 16; w.n--) {
		assert_int_equal(decode("a.test", DNS_A, &a), DNS_CHECK_CUT);
		assert_null(a);
	}
	w.p[1] ^= 1;
	is_not_ours("a.test", DNS_A);
}

static void never_uses_rdata_that_is_too_short(void **state)
{
	static const struct {
		enum dns_type type;
		size_t len;
	} cases[] = {{DNS_MX, 0},    {DNS_MX, 1},   {DNS_MX, 2},    {DNS_A, 0},
	             {DNS_A, 3},     {DNS_AAAA, 4}, {DNS_AAAA, 15}, {DNS_TXT, 0},
	             {DNS_CNAME, 0}, {DNS_TLSA, 2}, {DNS_PTR, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		wire_start(&w, ID, WIRE_ANSWER, "a.test", cases[i].type);
		wire_record(&w, 6, "a.test", cases[i].type, 1,
		            "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", cases[i].len);
		is_status("a.test", cases[i].type, DNS_STATUS_MALFORMED);
	}
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_record(&w, 6, "a.test", DNS_CNAME, 1, "", 0);
	is_status("a.test", DNS_A, DNS_STATUS_MALFORMED);
}

static void says_malformed_when_ours_cannot_be_read(void **state)
{
	size_t whole;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_a(&w, "a.test", 1);
	whole = w.n;
	for (w.n = 12; w.n < whole; w.n++)
		is_status("a.test", DNS_A, DNS_STATUS_MALFORMED);

	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_MX);
	wire_record(&w, 6, "a.test", DNS_MX, 1, "\0\x0a\xc0\xff", 4); /* a pointer to nowhere */
	is_status("a.test", DNS_MX, DNS_STATUS_MALFORMED);
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_MX);
	wire_count(&w, 6);
	wire_bytes(&w, "\xc0\x18\0\x0f\0\x01\0\0\0\0\0\0", 12); /* a pointer to itself */
	is_status("a.test", DNS_MX, DNS_STATUS_MALFORMED);
}

static void leaves_other_classes_and_types_alone(void **state)
{
	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "a.test", DNS_A);
	wire_record(&w, 6, "a.test", DNS_A, 3, "\x01\x02\x03\x04", 4);
	wire_record(&w, 6, "a.test", DNS_TXT, 1,
	            "\x01"
	            "x",
	            2);
	is_status("a.test", DNS_A, DNS_STATUS_NO_DATA);
}

static void keeps_a_thousand_records_and_counts_the_rest(void **state)
{
	struct dns_answer *a;

	(void)state;
	wire_start(&w, ID, WIRE_ANSWER, "big.test", DNS_MX);
	for (int i = 0; i < DNS_RECORDS_MAX + 1; i++)
		wire_mx(&w, "big.test", i, "mx.test");
	a = ours("big.test", DNS_MX);
	assert_int_equal(a->count, DNS_RECORDS_MAX);
	assert_int_equal(a->dropped, 1);
	assert_int_equal(a->records[DNS_RECORDS_MAX - 1].preference, DNS_RECORDS_MAX - 1);
	dns_answer_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(asks_with_recursion_and_edns_1232),
	        cmocka_unit_test(refuses_to_ask_for_what_is_no_name),
	        cmocka_unit_test(reads_addresses_of_both_families),
	        cmocka_unit_test(reads_mx_and_the_null_mx),
	        cmocka_unit_test(joins_text_strings_whatever_they_hold),
	        cmocka_unit_test(keeps_tlsa_raw_and_reads_ptr),
	        cmocka_unit_test(escapes_names_so_that_they_can_be_asked_for_again),
	        cmocka_unit_test(follows_aliases_in_any_order),
	        cmocka_unit_test(tells_where_an_unfinished_chain_leads),
	        cmocka_unit_test(cuts_alias_circles_and_long_chains),
	        cmocka_unit_test(waits_on_when_it_is_not_our_answer),
	        cmocka_unit_test(believes_an_error_without_question_but_nothing_else),
	        cmocka_unit_test(tells_the_errors_apart),
	        cmocka_unit_test(reads_the_upper_half_of_the_rcode),
	        cmocka_unit_test(takes_a_referral_for_no_answer),
	        cmocka_unit_test(wants_tcp_when_the_answer_was_cut),
	        cmocka_unit_test(never_uses_rdata_that_is_too_short),
	        cmocka_unit_test(says_malformed_when_ours_cannot_be_read),
	        cmocka_unit_test(leaves_other_classes_and_types_alone),
	        cmocka_unit_test(keeps_a_thousand_records_and_counts_the_rest),
	};

	return cmocka_run_group_tests_name("dns_message", tests, NULL, NULL);
}
