/*
 * SPF (RFC 7208): one row a rule, its section beside it. The zone is shared; every domain in it is
 * named after what it tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "check/spf.h"
#include "check/spf_macro.h"
#include "zone_network.h"

#define T DNS_TXT
static const struct zone_row zone[] = {
        /* Appendix A */
        {"example.com", DNS_A, "192.0.2.10"},
        {"example.com", DNS_A, "192.0.2.11"},
        {"example.com", DNS_MX, "10 mail-a.example.com"},
        {"example.com", DNS_MX, "20 mail-b.example.com"},
        {"amy.example.com", DNS_A, "192.0.2.65"},
        {"bob.example.com", DNS_A, "192.0.2.66"},
        {"mail-a.example.com", DNS_A, "192.0.2.129"},
        {"mail-b.example.com", DNS_A, "192.0.2.130"},
        {"example.org", DNS_MX, "10 mail-c.example.org"},
        {"mail-c.example.org", DNS_A, "192.0.2.140"},
        {"10.2.0.192.in-addr.arpa", DNS_PTR, "example.com"},
        {"65.2.0.192.in-addr.arpa", DNS_PTR, "amy.example.com"},
        {"140.2.0.192.in-addr.arpa", DNS_PTR, "mail-c.example.org"},
        {"1.113.0.203.in-addr.arpa", DNS_PTR, "amy.example.com"}, /* does not lead back */
        {"a1.test.example", T, "v=spf1 +all"},
        {"a2.test.example", T, "v=spf1 a:example.com -all"},
        {"a3.test.example", T, "v=spf1 a:example.org -all"},
        {"a4.test.example", T, "v=spf1 mx:example.com -all"},
        {"a5.test.example", T, "v=spf1 mx:example.com mx:example.org -all"},
        {"a6.test.example", T, "v=spf1 mx:example.com/30 mx:example.org/30 -all"},
        {"a7.test.example", T, "v=spf1 ptr:example.com -all"},
        {"a8.test.example", T, "v=spf1 ip4:192.0.2.128/28 -all"},
        /* §4.3 to §4.6 */
        {"none.test.example", T, "something else"},
        {"v10.test.example", T, "v=spf10 +all"},
        {"case.test.example", T, "V=sPf1 ~ALL"},
        {"empty.test.example", T, "v=spf1"},
        {"two.test.example", T, "v=spf1 +all"},
        {"two.test.example", T, "v=spf1 -all"},
        {"late-fault.test.example", T, "v=spf1 ip4:192.0.2.10 foo -all"},
        {"all-arg.test.example", T, "v=spf1 all:x.example"},
        {"unknown-modifier.test.example", T, "v=spf1 x-y.z=%{d} a=1 -all"},
        {"bad-modifier.test.example", T, "v=spf1 x=%abc -all"},
        {"tab.test.example", T, "v=spf1 -all\t"},
        {"blanks.test.example", T, "v=spf1   -all  "},
        /* §5.2 */
        {"in-pass.test.example", T, "v=spf1 include:a1.test.example -all"},
        {"in-fail.test.example", T, "v=spf1 include:a2.test.example ~all"},
        {"in-none.test.example", T, "v=spf1 include:none.test.example -all"},
        {"in-temp.test.example", T, "v=spf1 include:slow.test.example -all"},
        {"in-perm.test.example", T, "v=spf1 include:two.test.example -all"},
        {"in-bare.test.example", T, "v=spf1 include -all"},
        /* §5.3 to §5.7 */
        {"a-temp.test.example", T, "v=spf1 a:slow.test.example -all"},
        {"a-cidr.test.example", T, "v=spf1 a:example.com/24 -all"},
        {"a-zero.test.example", T, "v=spf1 a:example.com/0 -all"},
        {"a-33.test.example", T, "v=spf1 a:example.com/33 -all"},
        {"a-024.test.example", T, "v=spf1 a:example.com/024 -all"},
        {"a-129.test.example", T, "v=spf1 a:example.com//129 -all"},
        {"a-both.test.example", T, "v=spf1 a:six.test.example/24//64 -all"},
        {"a-one.test.example", T, "v=spf1 a:museum -all"},
        {"a-num.test.example", T, "v=spf1 a:abc.123 -all"},
        {"a-port.test.example", T, "v=spf1 a:example.com:25 -all"},
        {"a-colon.test.example", T, "v=spf1 a:foo:bar/baz.example.com ~all"},
        {"a-none.test.example", T, "v=spf1 a: -all"},
        {"six.test.example", DNS_AAAA, "2001:db8::1"},
        {"mx-none.test.example", T, "v=spf1 mx -all"},
        {"mx-null.test.example", T, "v=spf1 mx -all"},
        {"mx-null.test.example", DNS_MX, "0 ."},
        {"ip4-short.test.example", T, "v=spf1 ip4:192.0.2 -all"},
        {"ip4-port.test.example", T, "v=spf1 ip4:192.0.2.1:25 -all"},
        {"ip4-zero.test.example", T, "v=spf1 ip4:1.1.1.1/0 -all"},
        {"ip4-bare.test.example", T, "v=spf1 ip4 -all"},
        {"ip6.test.example", T, "v=spf1 ip6:2001:db8::/32 -all"},
        {"ip6-v4.test.example", T, "v=spf1 ip6:::ffff:192.0.2.10 -all"},
        {"ip6-brackets.test.example", T, "v=spf1 ip6:[2001:db8::1] -all"},
        {"exists.test.example", T, "v=spf1 exists:%{ir}.%{l1r+-}._spf.%{d} -all"},
        {"10.2.0.192.bob._spf.exists.test.example", DNS_A, "127.0.0.2"},
        {"exists-temp.test.example", T, "v=spf1 exists:slow.test.example -all"},
        {"ptr.test.example", T, "v=spf1 ptr:example.com ~all"},
        /* §6 */
        {"re.test.example", T, "v=spf1 redirect=a2.test.example"},
        {"re-all.test.example", T, "v=spf1 ?all redirect=a2.test.example"},
        {"re-none.test.example", T, "v=spf1 redirect=none.test.example"},
        {"re-twice.test.example", T, "v=spf1 redirect=a.example redirect=b.example"},
        {"re-colon.test.example", T, "v=spf1 redirect:a2.test.example"},
        {"re-empty.test.example", T, "v=spf1 redirect="},
        {"exp.test.example", T, "v=spf1 -all exp=why.exp.test.example"},
        {"why.exp.test.example", T, "%{i} is no host of %{d}: see http://%{d}/%{S}%_%%"},
        {"exp-re.test.example", T, "v=spf1 redirect=exp.test.example exp=other.test.example"},
        {"exp-in.test.example", T, "v=spf1 include:exp.test.example -all"},
        {"exp-two.test.example", T, "v=spf1 -all exp=two.test.example"},
        {"exp-bad.test.example", T, "v=spf1 -all exp=bad.exp-bad.test.example"},
        {"bad.exp-bad.test.example", T, "%{x"},
        {"exp-twice.test.example", T, "v=spf1 exp=a.example exp=b.example -all"},
        {"exp-p.test.example", T, "v=spf1 -all exp=p.exp-p.test.example"},
        {"p.exp-p.test.example", T, "%{p} %{c} %{r} %{t}"},
        /* §7 */
        {"mac-e.test.example", T, "v=spf1 exists:%{e}.example -all"},
        {"mac-c.test.example", T, "v=spf1 exists:%{c}.example -all"},
        {"mac-0.test.example", T, "v=spf1 exists:%{d0}.example -all"},
        {"mac-h.test.example", T, "v=spf1 a:%{h} -all"},
        /* §4.6.4 */
        {"loop.test.example", T, "v=spf1 include:loop.test.example"},
        {"reloop.test.example", T, "v=spf1 redirect=reloop.test.example"},
        {"ten.test.example", T,
         "v=spf1 a:b.example.com a:bob.example.com a:bob.example.com a:bob.example.com "
         "a:bob.example.com a:bob.example.com a:bob.example.com a:bob.example.com "
         "a:bob.example.com a:amy.example.com -all"},
        {"eleven.test.example", T,
         "v=spf1 a:bob.example.com a:bob.example.com a:bob.example.com a:bob.example.com "
         "a:bob.example.com a:bob.example.com a:bob.example.com a:bob.example.com "
         "a:bob.example.com a:bob.example.com a:amy.example.com -all"},
        {"void2.test.example", T, "v=spf1 a:v1.example a:v2.example ?all"},
        {"void3.test.example", T, "v=spf1 a:v1.example a:v2.example a:v3.example ?all"},
        {"mx11.test.example", T, "v=spf1 mx -all"},
        {"mx11.test.example", DNS_MX, "1 h.example.com"},
        {"mx11.test.example", DNS_MX, "2 h.example.com"},
        {"mx11.test.example", DNS_MX, "3 h.example.com"},
        {"mx11.test.example", DNS_MX, "4 h.example.com"},
        {"mx11.test.example", DNS_MX, "5 h.example.com"},
        {"mx11.test.example", DNS_MX, "6 h.example.com"},
        {"mx11.test.example", DNS_MX, "7 h.example.com"},
        {"mx11.test.example", DNS_MX, "8 h.example.com"},
        {"mx11.test.example", DNS_MX, "9 h.example.com"},
        {"mx11.test.example", DNS_MX, "10 h.example.com"},
        {"mx11.test.example", DNS_MX, "11 h.example.com"},
};

static const struct zone_failure failures[] = {
        {"slow.test.example", DNS_TXT, DNS_STATUS_TIMEOUT},
        {"slow.test.example", DNS_A, DNS_STATUS_TIMEOUT},
        {"broken.test.example", DNS_TXT, DNS_STATUS_SERVFAIL},
        {NULL, 0, 0},
};

static struct loop *loop;
static struct zone_network dns;
static struct lookups *lookups;
static struct spf_report report;
static struct spf_query query;

static int load_zone(void **state)
{
	(void)state;
	zone_load_rows(&dns, zone, sizeof(zone) / sizeof(*zone));
	dns.failures = failures;
	return 0;
}

static int free_zone(void **state)
{
	(void)state;
	dns_zone_free(dns.zone);
	return 0;
}

static void again(void *arg)
{
	(void)arg;
	if (spf_check(lookups, &query, &report) != SPF_PENDING)
		loop_stop(loop);
}

static void check(const char *ip, const char *from, const char *helo)
{
	loop = loop_new();
	dns.network = (struct network){.ops = &zone_ops, .loop = loop, .name = "zone"};
	dns.asked = dns.waiting = dns.most_waiting = 0;
	lookups = lookups_new(&dns.network, 20000, again, NULL);
	query = (struct spf_query){.from = from, .helo = helo, .now = 1};
	assert_int_equal(net_address_parse(span_of(ip), 0, &query.ip), 0);
	spf_report_init(&report);
	if (spf_check(lookups, &query, &report) == SPF_PENDING)
		loop_run(loop);
}

static void leave(void)
{
	spf_report_release(&report);
	lookups_free(lookups);
	loop_free(loop);
}

static void test_results(void **state)
{
	static const struct {
		const char *ip, *from, *result, *section;
	} rows[] = {
	        {"192.0.2.10", "a1", "pass", "A.1"},
	        {"192.0.2.10", "a2", "pass", "A.1"},
	        {"192.0.2.65", "a2", "fail", "A.1"},
	        {"192.0.2.10", "a3", "fail", "A.1"},
	        {"192.0.2.130", "a4", "pass", "A.1"},
	        {"192.0.2.140", "a5", "pass", "A.1"},
	        {"192.0.2.131", "a6", "pass", "A.1"},
	        {"192.0.2.143", "a6", "pass", "A.1"},
	        {"192.0.2.65", "a7", "pass", "A.1"},
	        {"192.0.2.140", "a7", "fail", "A.1"},
	        {"192.0.2.129", "a8", "pass", "A.1"},
	        {"192.0.2.65", "a8", "fail", "A.1"},
	        {"192.0.2.10", "none", "none", "4.5"},
	        {"192.0.2.10", "nothing", "none", "4.3"},
	        {"192.0.2.10", "v10", "none", "4.5"},
	        {"192.0.2.10", "case", "softfail", "4.5"},
	        {"192.0.2.10", "empty", "neutral", "4.7"},
	        {"192.0.2.10", "two", "permerror", "4.5"},
	        {"192.0.2.10", "slow", "temperror", "4.4"},
	        {"192.0.2.10", "broken", "temperror", "4.4"},
	        {"192.0.2.10", "late-fault", "permerror", "4.6"},
	        {"192.0.2.10", "all-arg", "permerror", "5.1"},
	        {"192.0.2.10", "unknown-modifier", "fail", "6"},
	        {"192.0.2.10", "bad-modifier", "permerror", "6"},
	        {"192.0.2.10", "tab", "permerror", "4.6.1"},
	        {"192.0.2.10", "blanks", "fail", "4.6.1"},
	        {"192.0.2.10", "in-pass", "pass", "5.2"},
	        {"192.0.2.65", "in-fail", "softfail", "5.2"},
	        {"192.0.2.10", "in-none", "permerror", "5.2"},
	        {"192.0.2.10", "in-temp", "temperror", "5.2"},
	        {"192.0.2.10", "in-perm", "permerror", "5.2"},
	        {"192.0.2.10", "in-bare", "permerror", "5.2"},
	        {"192.0.2.10", "a-temp", "temperror", "5"},
	        {"192.0.2.99", "a-cidr", "pass", "5.3"},
	        {"203.0.113.1", "a-zero", "pass", "5.3"},
	        {"192.0.2.10", "a-33", "permerror", "5.6"},
	        {"192.0.2.10", "a-024", "permerror", "5.6"},
	        {"192.0.2.10", "a-129", "permerror", "5.6"},
	        {"2001:db8::ffff", "a-both", "pass", "5.3"},
	        {"2001:db8:0:1::1", "a-both", "fail", "5.3"},
	        {"192.0.2.10", "a-one", "permerror", "7.1"},
	        {"192.0.2.10", "a-num", "permerror", "7.1"},
	        {"192.0.2.10", "a-port", "permerror", "7.1"},
	        {"192.0.2.10", "a-colon", "softfail", "7.1"},
	        {"192.0.2.10", "a-none", "permerror", "7.1"},
	        {"192.0.2.10", "mx-none", "fail", "5.4"},
	        {"192.0.2.10", "mx-null", "fail", "5.4"},
	        {"192.0.2.10", "ip4-short", "permerror", "5.6"},
	        {"192.0.2.10", "ip4-port", "permerror", "5.6"},
	        {"192.0.2.10", "ip4-zero", "pass", "5.6"},
	        {"192.0.2.10", "ip4-bare", "permerror", "5.6"},
	        {"2001:db8::5", "ip6", "pass", "5.6"},
	        {"2001:db9::5", "ip6", "fail", "5.6"},
	        {"192.0.2.10", "ip6-v4", "fail", "5"},
	        {"::ffff:192.0.2.10", "a2", "pass", "5"},
	        {"2001:db8::1", "ip6-brackets", "permerror", "5.6"},
	        {"192.0.2.10", "exists", "pass", "5.7"},
	        {"192.0.2.11", "exists", "fail", "5.7"},
	        {"192.0.2.10", "exists-temp", "temperror", "5.7"},
	        {"203.0.113.1", "ptr", "softfail", "5.5"},
	        {"203.0.113.2", "ptr", "softfail", "5.5"},
	        {"192.0.2.10", "re", "pass", "6.1"},
	        {"192.0.2.66", "re", "fail", "6.1"},
	        {"192.0.2.66", "re-all", "neutral", "6.1"},
	        {"192.0.2.66", "re-none", "permerror", "6.1"},
	        {"192.0.2.66", "re-twice", "permerror", "6"},
	        {"192.0.2.66", "re-colon", "permerror", "6"},
	        {"192.0.2.66", "re-empty", "permerror", "6.1"},
	        {"192.0.2.66", "exp-twice", "permerror", "6"},
	        {"192.0.2.10", "mac-e", "permerror", "7.2"},
	        {"192.0.2.10", "mac-c", "permerror", "7.2"},
	        {"192.0.2.10", "mac-0", "permerror", "7.1"},
	        {"192.0.2.65", "mac-h", "pass", "7.2"},
	        {"192.0.2.10", "loop", "permerror", "4.6.4"},
	        {"192.0.2.10", "reloop", "permerror", "4.6.4"},
	        {"192.0.2.65", "ten", "pass", "4.6.4"},
	        {"192.0.2.65", "eleven", "permerror", "4.6.4"},
	        {"192.0.2.65", "void2", "neutral", "4.6.4"},
	        {"192.0.2.65", "void3", "permerror", "4.6.4"},
	        {"192.0.2.65", "mx11", "permerror", "4.6.4"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char from[100];

		snprintf(from, sizeof(from), "bob+x@%s.test.example", rows[i].from);
		check(rows[i].ip, from, "amy.example.com");
		if (strcmp(spf_result_name(report.result), rows[i].result) != 0)
			fail_msg("%s from %s: %s, not %s (section %s; %s)", from, rows[i].ip,
			         spf_result_name(report.result), rows[i].result, rows[i].section,
			         report.reason);
		assert_non_null(report.reason);
		leave();
	}
}

static void test_identities(void **state)
{
	static const struct {
		const char *from, *helo, *domain, *result;
	} rows[] = {
	        {"", "a1.test.example", "a1.test.example", "pass"},
	        {"x@a1.test.example.", "h", "a1.test.example.", "pass"},
	        {"@a1.test.example", "h", "a1.test.example", "pass"},
	        {"\"a@b\"@a1.test.example", "h", "a1.test.example", "pass"},
	        {"", "h", "h", "none"},
	        {"", "[192.0.2.1]", "[192.0.2.1]", "none"},
	        {"x@a..example", "h", "a..example", "none"},
	        {"x@a123456789012345678901234567890123456789012345678901234567890123.example", "h",
	         NULL, "none"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		check("192.0.2.10", rows[i].from, rows[i].helo);
		assert_string_equal(spf_result_name(report.result), rows[i].result);
		if (rows[i].domain)
			assert_string_equal(report.domain, rows[i].domain);
		leave();
	}
}

static void test_explanations(void **state)
{
	static const struct {
		const char *domain, *explanation;
	} rows[] = {
	        {"exp", "192.0.2.10 is no host of exp.test.example: see "
	                "http://exp.test.example/bob%2Bx%40exp.test.example %"},
	        {"exp-re", "192.0.2.10 is no host of exp.test.example: see "
	                   "http://exp.test.example/bob%2Bx%40exp-re.test.example %"},
	        {"exp-in", NULL},
	        {"exp-two", NULL},
	        {"exp-bad", NULL},
	        {"exp-p", "example.com 192.0.2.10 unknown 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char from[100];

		snprintf(from, sizeof(from), "bob+x@%s.test.example", rows[i].domain);
		check("192.0.2.10", from, "h");
		assert_string_equal(spf_result_name(report.result), "fail");
		if (rows[i].explanation)
			assert_string_equal(report.explanation, rows[i].explanation);
		else
			assert_null(report.explanation);
		leave();
	}
}

/* RFC 7208 §7.4: its own examples. */
static void test_macros(void **state)
{
	static const struct {
		const char *macro, *four, *six;
	} rows[] = {
	        {"%{s}", "strong-bad@email.example.com", "strong-bad@email.example.com"},
	        {"%{o}", "email.example.com", "email.example.com"},
	        {"%{d}", "email.example.com", NULL},
	        {"%{d4}", "email.example.com", NULL},
	        {"%{d3}", "email.example.com", NULL},
	        {"%{d2}", "example.com", NULL},
	        {"%{d1}", "com", NULL},
	        {"%{dr}", "com.example.email", NULL},
	        {"%{d2r}", "example.email", NULL},
	        {"%{l}", "strong-bad", NULL},
	        {"%{l-}", "strong.bad", NULL},
	        {"%{lr}", "strong-bad", NULL},
	        {"%{lr-}", "bad.strong", NULL},
	        {"%{l1r-}", "strong", NULL},
	        {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com",
	         "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf."
	         "example.com"},
	        {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com", NULL},
	        {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	         "bad.strong.lp.3.2.0.192.in-addr._spf.example.com", NULL},
	        {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com",
	         NULL},
	        {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net",
	         NULL},
	};
	struct spf_macro_values v = {.sender = SPAN("strong-bad@email.example.com"),
	                             .local = SPAN("strong-bad"),
	                             .sender_domain = SPAN("email.example.com"),
	                             .domain = SPAN("email.example.com")};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (int six = 0; six < 2; six++) {
			const char *wanted = six ? rows[i].six : rows[i].four;
			struct buf out;

			if (!wanted)
				continue;
			net_address_parse(span_of(six ? "2001:db8::cb01" : "192.0.2.3"), 0, &v.ip);
			buf_init(&out, 1000);
			assert_null(spf_macro_fault(span_of(rows[i].macro), SPF_MACRO_DOMAIN));
			assert_int_equal(spf_macro_expand(span_of(rows[i].macro), &v, &out), 0);
			assert_string_equal(out.data, wanted);
			buf_release(&out);
		}
	}
}

static void test_trace(void **state)
{
	(void)state;
	check("192.0.2.65", "x@in-fail.test.example", "h");
	assert_int_equal(report.asks, 2);
	assert_int_equal(report.voids, 0);
	assert_int_equal(report.count, 6);
	assert_string_equal(report.steps[1].term, "include:a2.test.example");
	assert_string_equal(report.steps[1].text, "a2.test.example says fail");
	assert_int_equal(report.steps[1].asks, 2);
	assert_int_equal(report.steps[2].depth, 2);
	assert_string_equal(report.steps[3].text, "example.com is 192.0.2.10, 192.0.2.11");
	assert_true(report.steps[5].matched);
	assert_string_equal(
	        report.reason,
	        "\"~all\" in the record of in-fail.test.example: this matches everybody");
	leave();
}

/* All that a record asks is asked at once: the longest chain here is two. */
static void test_parallel(void **state)
{
	(void)state;
	check("192.0.2.140", "x@a5.test.example", "h");
	assert_int_equal(dns.asked, 6);
	assert_int_equal(dns.most_waiting, 3);
	leave();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_results),      cmocka_unit_test(test_identities),
	        cmocka_unit_test(test_explanations), cmocka_unit_test(test_macros),
	        cmocka_unit_test(test_trace),        cmocka_unit_test(test_parallel),
	};

	return cmocka_run_group_tests(tests, load_zone, free_zone);
}
