/*
 * Where to ask: resolv.conf(5), or one server that was named.
 *
 * As libc reads it, so that smtptalk asks whom every other program on the machine asks: a line that
 * makes no sense is passed over, never a reason to stop. The search list is left out on purpose: a
 * mail domain is a whole name.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/display.h"
#include "base/file.h"
#include "base/mem.h"
#include "net/idn.h"
#include "net/resolver.h"

#define DNS_PORT        53
#define TIMEOUT_MS      5000
#define TIMEOUT_MOST    30 /* seconds; both limits are resolv.conf(5)'s */
#define ATTEMPTS        2
#define ATTEMPTS_MOST   5
#define RESOLV_CONF_MAX ((size_t)64 << 10)
#define SHOWN_MAX       80

struct resolver_given {
	char *host;
	struct net_address address;
};

static struct resolver_config *config_new(void)
{
	struct resolver_config *c = mem_zero(sizeof(*c));

	c->timeout_ms = TIMEOUT_MS;
	c->attempts = ATTEMPTS;
	return c;
}

static void add_server(struct resolver_config *c, struct span text)
{
	struct net_address a;

	if (c->count < RESOLVER_SERVERS_MAX && net_address_parse(text, DNS_PORT, &a) == 0)
		c->servers[c->count++] = a;
}

/* Reads "name:number" if it is the named option: at least 1, at most `most`. */
static bool read_option(struct span word, struct span name, unsigned long most, unsigned long *out)
{
	unsigned long n;

	if (!span_starts(word, name) || span_number(span_skip(word, name.n), 1000000, &n) != 0 ||
	    n == 0)
		return false;
	*out = n < most ? n : most;
	return true;
}

static void take_options(struct resolver_config *c, struct span rest)
{
	unsigned long n;

	while (rest.n) {
		struct span word = span_word(&rest);

		if (read_option(word, SPAN("timeout:"), TIMEOUT_MOST, &n))
			c->timeout_ms = (int)n * 1000;
		else if (read_option(word, SPAN("attempts:"), ATTEMPTS_MOST, &n))
			c->attempts = (int)n;
	}
}

static void take_line(struct resolver_config *c, struct span line)
{
	struct span rest = line, word;

	if (rest.n && rest.p[rest.n - 1] == '\r')
		rest.n--;
	if (span_starts(rest, SPAN("#")) || span_starts(rest, SPAN(";")))
		return;
	word = span_word(&rest);
	if (span_eq(word, SPAN("nameserver")))
		add_server(c, span_word(&rest));
	else if (span_eq(word, SPAN("options")))
		take_options(c, rest);
}

struct resolver_config *resolver_config_load(const char *path, struct diag *d)
{
	struct resolver_config *c = NULL;
	struct buf text;
	struct span rest;

	buf_init(&text, RESOLV_CONF_MAX);
	if (access(path, F_OK) == 0 && file_read(path, &text, d) != 0) {
		buf_release(&text);
		return NULL;
	}
	c = config_new();
	rest = buf_span(&text);
	while (rest.p)
		take_line(c, span_cut(&rest, '\n'));
	if (c->count == 0)
		add_server(c, SPAN("127.0.0.1"));
	buf_release(&text);
	return c;
}

struct resolver_config *resolver_config_parse(const char *text, struct diag *d)
{
	struct resolver_config *c;
	struct net_address a;
	char *shown;

	if (net_address_parse_port(span_of(text), DNS_PORT, &a) == 0 && net_address_port(&a) > 0) {
		c = config_new();
		c->servers[c->count++] = a;
		return c;
	}
	shown = display_dup(span_of(text), SHOWN_MAX);
	diag_set(d, DIAG_USAGE, NULL, "\"%s\" is not the address of a name server", shown);
	diag_hint(d, "write 192.0.2.53, 192.0.2.53:5353, 2001:db8::53 or [2001:db8::53]:5353");
	free(shown);
	return NULL;
}

/* --- what is not asked for --- */

void resolver_config_limit(struct resolver_config *c, int64_t ms)
{
	int64_t each = ms / (c->attempts * c->count);

	c->timeout_ms = each > 1 ? (int)each : 1;
}

int resolver_config_give(struct resolver_config *c, const char *text, struct diag *d)
{
	struct span host = span_first(span_of(text), span_find(span_of(text), ':'));
	struct resolver_given one = {0};
	char *shown;

	if (host.n > 0 && host.n < strlen(text) &&
	    net_address_parse(span_of(text + host.n + 1), 0, &one.address) == 0) {
		one.host = idn_to_ascii(host, d);
		if (!one.host)
			return -1;
		c->given = mem_grow(c->given, c->given_count, &c->given_room, sizeof(*c->given));
		c->given[c->given_count++] = one;
		return 0;
	}
	shown = display_dup(span_of(text), SHOWN_MAX);
	diag_set(d, DIAG_USAGE, "--resolve", "\"%s\" is no host with an address", shown);
	diag_hint(d, "write mta-sts.example.org:127.0.0.1 or mx.example.org:2001:db8::1");
	free(shown);
	return -1;
}

/* A host of which one address is given has no others: what is not given of the other family does
 * not exist. */
struct dns_answer *resolver_config_given(const struct resolver_config *c, const char *name,
                                         enum dns_type type)
{
	int family = type == DNS_A ? AF_INET : AF_INET6;
	struct dns_answer *a = NULL;

	if (c->given_count == 0 || (type != DNS_A && type != DNS_AAAA))
		return NULL;
	for (size_t i = 0; i < c->given_count; i++) {
		struct dns_record r = {.type = type, .address = c->given[i].address};

		if (!span_eq_nocase(span_of(c->given[i].host), span_of(name)))
			continue;
		if (!a)
			a = dns_answer_new(name, type, DNS_STATUS_NO_DATA);
		a->given = true;
		if (r.address.sa.ss_family != family)
			continue;
		a->status = DNS_STATUS_OK;
		dns_answer_add(a, &r);
	}
	return a;
}

void resolver_config_free(struct resolver_config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->given_count; i++)
		free(c->given[i].host);
	free(c->given);
	free(c);
}
