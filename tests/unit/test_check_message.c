/*
 * What a message says of its way: dates and trace fields as servers write them, and
 * Authentication-Results, with the examples of RFC 8601 appendix B.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "check/authres.h"
#include "check/check.h"
#include "check/received.h"
#include "zone_network.h"

static void test_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t time; /* -1: it is no date */
	} rows[] = {
	        {"Thu, 01 Jan 1970 00:00:00 +0000", 0},
	        {"Fri, 21 Nov 1997 09:55:06 -0600", 880127706},
	        {"Fri, 11 Jul 2003 21:00:37 -0700 (PDT)", 1057982437},
	        {"21 Nov 97 09:55:06 GMT", 880106106},
	        {"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", -1},
	        {"29 Feb 2024 23:59 +0000", 1709251140},
	        {" 1 Jan 2000 00:00:00 Z", 946684800},
	        {"Sat, 1 Jan 100 00:00 EST", 946702800},
	        {"Mon, 32 Jan 2000 00:00:00 +0000", -1},
	        {"Mon, 1 Foo 2000 00:00:00 +0000", -1},
	        {"Mon, 1 Jan 2000 24:00:00 +0000", -1},
	        {"Mon, 1 Jan 2000 00:00:00", -1},
	        {"Mon, 1 Jan 2000 00:00:00 +00", -1},
	        {"Mon, 1 Jan 2000 00:00:00 +0000 more", -1},
	        {"2024-01-01T00:00:00Z", -1},
	        {"", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t t = -1;
		int failed = received_date(span_of(rows[i].text), &t);

		if ((failed ? -1 : t) != rows[i].time)
			fail_msg("%s: %lld", rows[i].text, failed ? -1LL : (long long)t);
	}
}

static void test_received(void **state)
{
	static const struct {
		const char *value, *from, *address, *by, *with, *date;
	} rows[] = {
	        {"from a.example (b.example [192.0.2.1]) by c.example with ESMTP id 1 for <x@y>; "
	         "Thu, 1 Jan 1970 00:00:00 +0000",
	         "a.example", "192.0.2.1", "c.example", "ESMTP", "Thu, 1 Jan 1970 00:00:00 +0000"},
	        {"from [IPv6:2001:db8::1] (unknown)\r\n\tby c.example (Postfix; by hand) with "
	         "ESMTPSA; x",
	         "[IPv6:2001:db8::1]", "2001:db8::1", "c.example", "ESMTPSA", "x"},
	        {"from a (HELO 1.2.3.4.example) (192.0.2.7:4711) by c with SMTP; x", "a",
	         "192.0.2.7", "c", "SMTP", "x"},
	        {"from bye.example ([192.0.2.9]) by c; x", "bye.example", "192.0.2.9", "c", "",
	         "x"},
	        {"by c.example id 5 with local; x", "", NULL, "c.example", "local", "x"},
	        {"by 2002:a05:1::1 with SMTP id x; x", "", NULL, "2002:a05:1::1", "SMTP", "x"},
	        {"(qmail 123 invoked by uid 0); x", "", NULL, "", "", "x"},
	        {"", "", NULL, "", "", ""},
	        {"from from by by with", "", NULL, "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char address[NET_ADDRESS_TEXT];
		struct received r;

		received_read(span_of(rows[i].value), &r);
		assert_string_equal(r.from, rows[i].from);
		assert_string_equal(r.by, rows[i].by);
		assert_string_equal(r.with, rows[i].with);
		assert_string_equal(r.date, rows[i].date);
		assert_int_equal(r.dated, i == 0);
		assert_int_equal(r.has_address, rows[i].address != NULL);
		if (rows[i].address)
			assert_string_equal(net_address_text(&r.address, address), rows[i].address);
		received_release(&r);
	}
}

/* "METHOD=RESULT(reason) type.name:value, …" of everything. */
static void describe(const struct authres *a, struct buf *out)
{
	buf_addstr(out, a->server ? a->server : "-");
	for (size_t i = 0; i < a->count; i++) {
		const struct authres_result *r = &a->results[i];

		buf_addf(out, "; %s=%s", r->method, r->result);
		if (r->reason)
			buf_addf(out, "(%s)", r->reason);
		for (size_t k = 0; k < r->count; k++)
			buf_addf(out, " %s.%s:%s", r->properties[k].type, r->properties[k].name,
			         r->properties[k].value);
	}
}

static void test_results(void **state)
{
	static const struct {
		const char *value, *all, *wrong;
	} rows[] = {
	        {"example.org 1; none", "example.org", NULL}, /* B.2 */
	        {"example.com; spf=pass smtp.mailfrom=example.net",
	         "example.com; spf=pass smtp.mailfrom:example.net", NULL}, /* B.3 */
	        {"example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n "
	         "spf=pass smtp.mailfrom=example.net",
	         "example.com; auth=pass smtp.auth:sender@example.net; spf=pass "
	         "smtp.mailfrom:example.net",
	         NULL}, /* B.4 */
	        {"example.com; dkim=fail reason=\"bad signature\" "
	         "header.i=@mail-router.example.net",
	         "example.com; dkim=fail(bad signature) header.i:@mail-router.example.net",
	         NULL}, /* B.6 */
	        {"foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = "
	         "(wait for it) fail\r\n policy (A dot can go here) . (like that) expired\r\n "
	         "(this surprised me) = (as I wasn't expecting it) 1362471462",
	         "foo.example.net; dkim=fail policy.expired:1362471462", NULL}, /* B.7 */
	        {"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example;compauth=pass "
	         "reason=100",
	         "; spf=pass smtp.mailfrom:a.example; compauth=pass(100)", NULL},
	        {"a; SPF=Pass smtp.mailfrom=\"a b\"@c.example;",
	         "a; spf=pass "
	         "smtp.mailfrom:a b@c.example",
	         NULL},
	        {"", "-", "it names no server"},
	        {"a; dkim", "a", "a result is not METHOD=RESULT"},
	        {"a; dkim=", "a", "a result is not METHOD=RESULT"},
	        {"a; dkim=pass header.d", "a; dkim=pass", "a property has no \"=\""},
	        {"a b c; dkim=pass", "a", "something stands where a result should begin"},
	        {"a; dkim=pass (never closed", "a; dkim=pass", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct authres a;
		struct buf all;
		const char *wrong = authres_read(span_of(rows[i].value), &a);

		buf_init(&all, 10000);
		describe(&a, &all);
		assert_string_equal(all.data, rows[i].all);
		assert_string_equal(wrong ? wrong : "", rows[i].wrong ? rows[i].wrong : "");
		buf_release(&all);
		authres_release(&a);
	}
	assert_non_null(authres_method_text("dkim"));
	assert_null(authres_result_text("perhaps"));
}

/* --- a whole message --- */

static const struct zone_row zone[] = {
        {"_dmarc.d.example", DNS_TXT, "v=DMARC1; p=reject; sp=quarantine"},
        {"_dmarc.strict.example", DNS_TXT, "v=DMARC1; p=quarantine; aspf=s"},
        {"d.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all"},
        {"sub.d.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all"},
        {"sub.strict.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all"},
        {"other.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all"},
};
static const struct zone_failure failures[] = {
        {"slow.d.example", DNS_TXT, DNS_STATUS_TIMEOUT},
        {"_dmarc.slow.example", DNS_TXT, DNS_STATUS_TIMEOUT},
        {NULL, 0, 0},
};

struct asked {
	struct loop *loop;
	char dmarc[600]; /* "VERDICT TEXT" */
	size_t parts;
};

static void part_came(void *arg, const struct findings *f)
{
	struct asked *a = arg;

	if (!f) {
		loop_stop(a->loop);
		return;
	}
	a->parts++;
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->list[i].id, "dmarc") == 0)
			snprintf(a->dmarc, sizeof(a->dmarc), "%s %s",
			         check_verdict_name(f->list[i].verdict), f->list[i].text);
	}
}

static void check(struct zone_network *dns, const char *from, const char *sender, struct asked *a)
{
	struct check_question q = {.now = 1, .timeout_ms = 20000, .from = sender};
	struct net_address ip;
	struct check *c;
	struct mail m;
	char text[300];

	*a = (struct asked){.loop = loop_new()};
	dns->network = (struct network){.ops = &zone_ops, .loop = a->loop, .name = "zone"};
	snprintf(text, sizeof(text), "%s\nDate: x\n\n", from);
	assert_null(mail_read(span_of(text), &m));
	assert_int_equal(net_address_parse(SPAN("192.0.2.1"), 0, &ip), 0);
	q.mail = &m;
	q.ip = sender ? &ip : NULL;
	c = check_new(&dns->network, &q, part_came, a);
	loop_run(a->loop);
	check_free(c);
	mail_release(&m);
	loop_free(a->loop);
}

/* RFC 9989 §4.4: what stands for the domain in From. */
static void test_dmarc(void **state)
{
	static const struct {
		const char *from, *sender, *dmarc;
	} rows[] = {
	        {"From: a@d.example", "x@d.example", "ok DMARC: pass; SPF proves d.example"},
	        {"From: a@d.example", "x@sub.d.example", "ok DMARC: pass; SPF proves sub.d.exa"},
	        {"From: a@sub.d.example", "x@d.example", "ok DMARC: pass; SPF proves d.example"},
	        {"From: a@d.example", "x@other.example", "bad DMARC: fail; neither SPF nor DKIM"},
	        {"From: a@d.example", "x@nothere.example", "bad DMARC: fail; "},
	        {"From: a@strict.example", "x@sub.strict.example", "bad DMARC: fail; "},
	        {"From: a@d.example", "x@slow.d.example", "unknown DMARC: it could not be"},
	        {"From: a@d.example", NULL, "unknown DMARC: it could not be found out"},
	        {"From: a@slow.example", NULL, "unknown DMARC: TXT of _dmarc.slow.example"},
	        {"From: a@other.example", NULL, "not tested DMARC: other.example in From has no"},
	        {"To: a@d.example", NULL, "bad it has no From"},
	        {"From: a@d.example\nFrom: b@d.example", NULL, "bad it has more than one From"},
	        {"From: nobody", NULL, "bad its From has no mailbox"},
	};
	struct zone_network dns = {.failures = failures};

	(void)state;
	zone_load_rows(&dns, zone, sizeof(zone) / sizeof(*zone));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct asked a;

		check(&dns, rows[i].from, rows[i].sender, &a);
		assert_int_equal(a.parts, 5);
		if (strncmp(a.dmarc, rows[i].dmarc, strlen(rows[i].dmarc)) != 0)
			fail_msg("%s from %s: %s", rows[i].from,
			         rows[i].sender ? rows[i].sender : "?", a.dmarc);
	}
	dns_zone_free(dns.zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_dates),
	        cmocka_unit_test(test_received),
	        cmocka_unit_test(test_results),
	        cmocka_unit_test(test_dmarc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
