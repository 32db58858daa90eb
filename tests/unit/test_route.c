/* route: every kind of mail domain, on a network made of one zone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/route.h"
#include "zone_network.h"

static const char zone_text[] =
        "$ORIGIN test.\n"
        "@ IN SOA ns hostmaster 1 3600 600 86400 300\n"
        "school MX 20 backup.school\n"
        "school MX 10 mx.school\n"
        "mx.school A 192.0.2.1\nmx.school A 192.0.2.2\n"
        "mx.school AAAA 2001:db8::1\n"
        "backup.school A 198.18.0.9\n"
        "plain A 8.8.8.8\nplain AAAA 2001:4860::8\n"
        "null MX 0 .\n"
        "nullish MX 0 .\nnullish MX 10 mx.public\n"
        "mx.public A 8.8.8.8\n"
        "nothing TXT \"no mail here\"\n"
        "literal MX 5 192.0.2.7.\nliteral MX 6 mx.public\n"
        "literal6 MX 5 2001:db8::7.\n"
        "alias MX 5 cname\ncname CNAME mx.public\n"
        "gone MX 5 nobody\n"
        "inside MX 5 mx.inside\nmx.inside A 8.8.4.4\nmx.inside A 10.1.2.3\nmx.inside A 127.0.0.1\n"
        "home MX 5 mx.home\nmx.home A 127.0.0.1\n"
        "www CNAME school\n"
        "loop CNAME loop2\nloop2 CNAME loop\n"
        "looped MX 5 loop\n"
        "half MX 5 mx.half\nmx.half AAAA 2001:4860::1\n" /* its A look-up fails, see below */
        "dark TXT \"its address look-ups fail\"\n"
        "six MX 1 m1\nsix MX 2 m2\nsix MX 3 m3\nsix MX 4 m4\nsix MX 5 m5\nsix MX 6 m6\n"
        "m1 A 8.8.8.1\nm2 A 8.8.8.2\nm3 A 8.8.8.3\nm4 A 8.8.8.4\nm5 A 8.8.8.5\nm6 A 8.8.8.6\n"
        "equal MX 10 e1\nequal MX 10 e2\nequal MX 10 e3\nequal MX 10 e4\nequal MX 5 e0\n"
        "equal MX 99 e9\n"
        "many MX 1 mx.many\n";

/* What a query fails with, whatever the zone says. */
static const struct zone_failure failures[] = {
        {"mx.half.test", DNS_A, DNS_STATUS_SERVFAIL},
        {"dark.test", DNS_A, DNS_STATUS_TIMEOUT},
        {"dark.test", DNS_AAAA, DNS_STATUS_REFUSED},
        {"servfail.test", DNS_MX, DNS_STATUS_SERVFAIL},
        {"host.dark.test", DNS_A, DNS_STATUS_TIMEOUT},
        {0},
};

static struct zone_network net;
static struct route *route;
static int routes;

static struct dns_zone *load_zone(void)
{
	char path[] = "/tmp/test_route.XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");
	struct dns_zone *z;
	struct diags ds;

	assert_non_null(f);
	fputs(zone_text, f);
	for (int i = 0; i < 20; i++)
		fprintf(f, "mx.many A 8.8.1.%d\nmx.many AAAA 2001:4860::%x\n", i, i);
	fclose(f);
	diags_init(&ds);
	z = dns_zone_load(path, &ds);
	unlink(path);
	if (ds.count)
		fail_msg("%s: %s", ds.list[0].where, ds.list[0].what);
	diags_release(&ds);
	return z;
}

static int set_up(void **state)
{
	(void)state;
	memset(&net, 0, sizeof(net));
	net.network.ops = &zone_ops;
	net.network.loop = loop_new();
	net.failures = failures;
	net.zone = load_zone();
	route = NULL;
	routes = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	route_free(route);
	dns_zone_free(net.zone);
	loop_free(net.network.loop);
	return 0;
}

static void on_route(void *arg, struct route *r)
{
	(void)arg;
	routes++;
	route_free(route);
	route = r;
}

typedef struct route_search *find_fn(struct network *n, const char *name, unsigned port,
                                     enum route_family family, route_fn *fn, void *arg);

static const struct route *find_with(find_fn *find, const char *name, enum route_family family)
{
	int before = routes;

	assert_non_null(find(&net.network, name, 25, family, on_route, NULL));
	assert_int_equal(routes, before); /* never from within the call */
	loop_run(net.network.loop);
	assert_int_equal(routes, before + 1);
	assert_non_null(route);
	assert_string_equal(route->domain, name);
	assert_int_equal(net.waiting, 0);
	return route;
}

static const struct route *find(const char *domain)
{
	return find_with(route_find, domain, ROUTE_BOTH);
}

static void host_is(size_t i, const char *name, unsigned preference)
{
	assert_true(i < route->count);
	assert_string_equal(route->hosts[i].name, name);
	assert_int_equal(route->hosts[i].preference, preference);
}

/* The addresses of host i are these, ended by NULL, and have port 25. */
static void addresses_are(size_t i, ...)
{
	const struct route_host *h = &route->hosts[i];
	char text[NET_ADDRESS_TEXT];
	const char *want;
	size_t n = 0;
	va_list ap;

	va_start(ap, i);
	while ((want = va_arg(ap, const char *)) != NULL) {
		assert_true(n < h->address_count);
		assert_string_equal(net_address_text(&h->addresses[n], text), want);
		assert_int_equal(net_address_port(&h->addresses[n]), 25);
		n++;
	}
	va_end(ap);
	assert_int_equal(h->address_count, n);
}

static void has_no_hosts(enum route_kind kind, enum dns_type type, enum dns_status status)
{
	assert_int_equal(route->kind, kind);
	assert_int_equal(route->count, 0);
	assert_non_null(route->mx);
	assert_int_equal(route->mx->type, type);
	assert_int_equal(route->mx->status, status);
}

static void orders_mx_by_preference(void **state)
{
	(void)state;
	find("school.test");
	assert_int_equal(route->kind, ROUTE_MX);
	assert_int_equal(route->count, 2);
	host_is(0, "mx.school.test", 10);
	host_is(1, "backup.school.test", 20);
	addresses_are(0, "2001:db8::1", "192.0.2.1", "192.0.2.2", NULL);
	addresses_are(1, "198.18.0.9", NULL);
	assert_int_equal(route->hosts[0].v4, DNS_STATUS_OK);
	assert_int_equal(route->hosts[0].v6, DNS_STATUS_OK);
	assert_int_equal(route->hosts[1].v6, DNS_STATUS_NO_DATA);
	assert_int_equal(route->hosts[0].worst, NET_RANGE_DOCUMENTATION);
	assert_int_equal(route->mx->count, 2);
}

static void looks_addresses_up_in_parallel_for_five_hosts(void **state)
{
	(void)state;
	find("six.test");
	assert_int_equal(route->count, 6);
	assert_int_equal(net.asked, 1 + 2 * ROUTE_HOSTS_TRIED);
	assert_int_equal(net.most_waiting, 2 * ROUTE_HOSTS_TRIED);
	addresses_are(4, "8.8.8.5", NULL);
	assert_true(route->hosts[4].looked_up);
	addresses_are(5, NULL);
	assert_false(route->hosts[5].looked_up);
	assert_int_equal(route->hosts[5].v4, DNS_STATUS_COUNT);
	assert_int_equal(route->hosts[5].v6, DNS_STATUS_COUNT);
}

static void shuffles_equal_preferences_only(void **state)
{
	bool led[5] = {false};

	(void)state;
	for (int i = 0; i < 200; i++) {
		find("equal.test");
		assert_int_equal(route->count, 6);
		host_is(0, "e0.test", 5);
		host_is(5, "e9.test", 99);
		assert_int_equal(route->hosts[1].preference, 10);
		led[route->hosts[1].name[1] - '0'] = true;
	}
	for (int i = 1; i < 5; i++)
		assert_true(led[i]); /* each of the four came first at least once in 200 */
}

static void without_mx_the_domain_is_the_host(void **state)
{
	(void)state;
	find("plain.test");
	assert_int_equal(route->kind, ROUTE_IMPLICIT);
	assert_int_equal(route->count, 1);
	host_is(0, "plain.test", 0);
	addresses_are(0, "2001:4860::8", "8.8.8.8", NULL);
	assert_int_equal(route->hosts[0].worst, NET_RANGE_PUBLIC);
	assert_int_equal(route->mx->status, DNS_STATUS_NO_DATA);
}

static void a_null_mx_takes_no_mail(void **state)
{
	(void)state;
	find("null.test");
	has_no_hosts(ROUTE_NULL_MX, DNS_MX, DNS_STATUS_OK);
	assert_int_equal(net.asked, 1);
	find("nullish.test");
	assert_int_equal(route->kind, ROUTE_MX);
	host_is(0, "", 0);
	assert_true(route->hosts[0].is_null);
	assert_false(route->hosts[0].looked_up);
	addresses_are(0, NULL);
	assert_false(route->hosts[1].is_null);
	addresses_are(1, "8.8.8.8", NULL);
}

static void tells_nothing_from_not_known(void **state)
{
	(void)state;
	find("nothing.test");
	has_no_hosts(ROUTE_NONE, DNS_MX, DNS_STATUS_NO_DATA);
	find("absent.test");
	has_no_hosts(ROUTE_NONE, DNS_MX, DNS_STATUS_NO_NAME);
	find("servfail.test");
	has_no_hosts(ROUTE_UNKNOWN, DNS_MX, DNS_STATUS_SERVFAIL);
	find("elsewhere.example");
	has_no_hosts(ROUTE_UNKNOWN, DNS_MX, DNS_STATUS_REFUSED);
	find("loop.test");
	has_no_hosts(ROUTE_UNKNOWN, DNS_MX, DNS_STATUS_CNAME_LOOP);
	find("dark.test"); /* no MX, and the address look-ups fail: AAAA was asked first */
	has_no_hosts(ROUTE_UNKNOWN, DNS_AAAA, DNS_STATUS_REFUSED);
}

static void an_mx_that_is_an_address_is_flagged_and_kept(void **state)
{
	(void)state;
	find("literal.test");
	host_is(0, "192.0.2.7", 5);
	assert_true(route->hosts[0].is_literal);
	addresses_are(0, "192.0.2.7", NULL);
	assert_false(route->hosts[1].is_literal);
	addresses_are(1, "8.8.8.8", NULL);
	assert_int_equal(net.asked, 3);
	find("literal6.test");
	assert_true(route->hosts[0].is_literal);
	addresses_are(0, "2001:db8::7", NULL);
	find_with(route_find, "literal6.test", ROUTE_V4);
	assert_true(route->hosts[0].is_literal);
	addresses_are(0, NULL);
}

static void an_mx_that_is_an_alias_is_flagged_and_followed(void **state)
{
	(void)state;
	find("alias.test");
	host_is(0, "cname.test", 5);
	assert_string_equal(route->hosts[0].alias, "mx.public.test");
	addresses_are(0, "8.8.8.8", NULL);
	find("looped.test");
	assert_int_equal(route->hosts[0].v4, DNS_STATUS_CNAME_LOOP);
	assert_string_equal(route->hosts[0].alias, "loop2.test");
	addresses_are(0, NULL);
}

static void an_mx_without_address_says_why(void **state)
{
	(void)state;
	find("gone.test");
	assert_int_equal(route->kind, ROUTE_MX);
	assert_int_equal(route->hosts[0].v4, DNS_STATUS_NO_NAME);
	assert_int_equal(route->hosts[0].v6, DNS_STATUS_NO_NAME);
	addresses_are(0, NULL);
	find("half.test");
	assert_int_equal(route->hosts[0].v4, DNS_STATUS_SERVFAIL);
	assert_int_equal(route->hosts[0].v6, DNS_STATUS_OK);
	addresses_are(0, "2001:4860::1", NULL);
}

static void addresses_that_are_not_public_are_flagged(void **state)
{
	(void)state;
	find("inside.test");
	assert_int_equal(route->hosts[0].worst, NET_RANGE_PRIVATE); /* the first that is not */
	find("home.test");
	assert_int_equal(route->hosts[0].worst, NET_RANGE_LOOPBACK);
}

static void a_domain_that_is_an_alias_is_followed(void **state)
{
	(void)state;
	find("www.test");
	assert_int_equal(route->kind, ROUTE_MX);
	assert_int_equal(route->mx->alias_count, 1);
	assert_string_equal(route->mx->aliases[0], "school.test");
	host_is(0, "mx.school.test", 10);
	assert_null(route->hosts[0].alias);
}

static void asks_only_for_the_wanted_family(void **state)
{
	(void)state;
	find_with(route_find, "school.test", ROUTE_V4);
	addresses_are(0, "192.0.2.1", "192.0.2.2", NULL);
	assert_int_equal(route->hosts[0].v6, DNS_STATUS_COUNT);
	find_with(route_find, "school.test", ROUTE_V6);
	addresses_are(0, "2001:db8::1", NULL);
	assert_int_equal(route->hosts[0].v4, DNS_STATUS_COUNT);
	assert_int_equal(net.asked, 6);
}

static void keeps_sixteen_addresses_of_both_families(void **state)
{
	(void)state;
	find("many.test");
	assert_int_equal(route->hosts[0].address_count, ROUTE_ADDRESSES_MAX);
	assert_int_equal(route->hosts[0].dropped, 24);
	for (size_t i = 0; i < ROUTE_ADDRESSES_MAX; i++)
		assert_int_equal(route->hosts[0].addresses[i].sa.ss_family,
		                 i % 2 ? AF_INET : AF_INET6);
}

static void an_address_needs_no_look_up(void **state)
{
	static const char *const texts[][2] = {
	        {"[192.0.2.1]", "192.0.2.1"},
	        {"[IPv6:2001:db8::1]", "2001:db8::1"},
	        {"[ipv6:::1]", "::1"},
	        {"127.0.0.1", "127.0.0.1"},
	        {"::1", "::1"},
	        {"[::1]", "::1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		find_with(i % 2 ? route_find : route_find_host, texts[i][0], ROUTE_BOTH);
		assert_int_equal(route->kind, ROUTE_DIRECT);
		assert_null(route->mx);
		assert_int_equal(route->count, 1);
		assert_true(route->hosts[0].is_literal);
		host_is(0, texts[i][0], 0);
		addresses_are(0, texts[i][1], NULL);
	}
	find("[rubbish]");
	has_no_hosts(ROUTE_UNKNOWN, DNS_MX, DNS_STATUS_BAD_NAME);
	find("[");
	has_no_hosts(ROUTE_UNKNOWN, DNS_MX, DNS_STATUS_BAD_NAME);
	assert_int_equal(net.asked, 0);
}

static void a_host_is_not_asked_for_its_mx(void **state)
{
	(void)state;
	find_with(route_find_host, "mx.school.test", ROUTE_BOTH);
	assert_int_equal(route->kind, ROUTE_DIRECT);
	assert_null(route->mx);
	host_is(0, "mx.school.test", 0);
	assert_false(route->hosts[0].is_literal);
	addresses_are(0, "2001:db8::1", "192.0.2.1", "192.0.2.2", NULL);
	find_with(route_find_host, "school.test", ROUTE_BOTH);
	has_no_hosts(ROUTE_NONE, DNS_AAAA, DNS_STATUS_NO_DATA);
	find_with(route_find_host, "absent.test", ROUTE_V4);
	has_no_hosts(ROUTE_NONE, DNS_A, DNS_STATUS_NO_NAME);
	find_with(route_find_host, "host.dark.test", ROUTE_BOTH);
	has_no_hosts(ROUTE_UNKNOWN, DNS_A, DNS_STATUS_TIMEOUT);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void cancel_after(int ms)
{
	struct route_search *s =
	        route_find(&net.network, "school.test", 25, ROUTE_BOTH, on_route, NULL);
	struct loop_timer *t = loop_timer_new(net.network.loop, ms, stop, net.network.loop);

	loop_run(net.network.loop);
	loop_timer_free(t);
	assert_true(net.waiting > 0);
	route_cancel(s);
	assert_int_equal(net.waiting, 0);
	loop_run(net.network.loop);
	assert_int_equal(routes, 0);
}

static void a_search_can_be_cancelled_at_every_stage(void **state)
{
	struct route_search *s;

	(void)state;
	net.ms = 5;
	cancel_after(0);
	cancel_after(7);
	assert_true(net.most_waiting > 1);
	s = route_find(&net.network, "[192.0.2.1]", 25, ROUTE_BOTH, on_route, NULL);
	route_cancel(s);
	loop_run(net.network.loop);
	assert_int_equal(routes, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        T(orders_mx_by_preference),
	        T(looks_addresses_up_in_parallel_for_five_hosts),
	        T(shuffles_equal_preferences_only),
	        T(without_mx_the_domain_is_the_host),
	        T(a_null_mx_takes_no_mail),
	        T(tells_nothing_from_not_known),
	        T(an_mx_that_is_an_address_is_flagged_and_kept),
	        T(an_mx_that_is_an_alias_is_flagged_and_followed),
	        T(an_mx_without_address_says_why),
	        T(addresses_that_are_not_public_are_flagged),
	        T(a_domain_that_is_an_alias_is_followed),
	        T(asks_only_for_the_wanted_family),
	        T(keeps_sixteen_addresses_of_both_families),
	        T(an_address_needs_no_look_up),
	        T(a_host_is_not_asked_for_its_mx),
	        T(a_search_can_be_cancelled_at_every_stage),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
