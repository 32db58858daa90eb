/*
 * The forms are told apart by their shape alone, in a fixed order: scheme, "unix:", "@", brackets,
 * address, colon. Nothing is looked up here.
 */
#include "ui/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "net/address.h"
#include "net/idn.h"
#include "smtp/address.h"

static const struct scheme {
	const char *prefix;
	unsigned port;
	bool tls, lmtp;
} schemes[] = {
        {"smtp://", 25, false, false},
        {"smtps://", 465, true, false},
        {"lmtp://", 24, false, true},
};

void target_release(struct target *t)
{
	free(t->name);
	free(t->domain);
	free(t->mailbox);
	memset(t, 0, sizeof(*t));
}

static int fault(struct diag *d, struct span word, const char *what, const char *hint)
{
	char *shown = display_dup(word, 200);

	diag_set(d, DIAG_USAGE, shown, "%s", what);
	diag_hint(d, "%s", hint);
	free(shown);
	return -1;
}

static int read_port(struct span text, struct target *t, struct diag *d)
{
	unsigned long port;

	if (span_number(text, 65535, &port) < 0 || port == 0)
		return fault(d, text, "is not a port number", "ports are 1 to 65535; mail uses 25");
	t->port = (unsigned)port;
	return 0;
}

static bool is_address(struct span text)
{
	struct net_address a;

	return net_address_parse(text, 0, &a) == 0;
}

static const char in_brackets[] = "brackets hold addresses only, as in [2001:db8::1]:25";

static int set_name(struct target *t, enum target_kind kind, struct span name, struct diag *d)
{
	t->kind = kind;
	if (name.n > 0 && name.p[0] == '[') {
		if (name.p[name.n - 1] != ']')
			return fault(d, name,
			             span_find(name, ']') < name.n ? "goes on behind its bracket"
			                                           : "has no closing bracket",
			             in_brackets);
		name = span_first(span_skip(name, 1), name.n - 2);
		if (span_starts_nocase(name, SPAN("IPv6:"))) /* RFC 5321 §4.1.3 */
			name = span_skip(name, 5);
		if (!is_address(name))
			return fault(d, name, "is not an IP address", in_brackets);
		t->kind = TARGET_HOST;
	}
	if (is_address(name)) {
		t->kind = TARGET_HOST;
		t->name = mem_dupn(name.p, name.n);
		return 0;
	}
	t->name = idn_to_ascii(name, d);
	return t->name ? 0 : -1;
}

static int read_mailbox(struct target *t, struct span word, struct diag *d)
{
	struct smtp_address a;

	if (smtp_mailbox_parse(word, &a) < 0 || a.domain.n == 0)
		return fault(d, word, "is not a mail address", "an address is user@domain");
	t->mailbox = mem_dupn(word.p, word.n);
	if (set_name(t, TARGET_DOMAIN, a.domain, d) < 0)
		return -1;
	t->domain = mem_dup(t->name);
	return 0;
}

static int read_plain(struct target *t, struct span word, struct diag *d)
{
	struct span port, host = net_cut_port(word, &port);

	if (port.p) {
		if (read_port(port, t, d) < 0)
			return -1;
		return set_name(t, TARGET_HOST, host, d);
	}
	if (set_name(t, TARGET_DOMAIN, host, d) < 0)
		return -1;
	if (t->kind == TARGET_DOMAIN)
		t->domain = mem_dup(t->name);
	return 0;
}

static int read_word(struct target *t, struct span word, struct diag *d)
{
	if (word.n == 0)
		return fault(d, SPAN("\"\""), "is not a target", "name a domain or a host");
	if (span_starts(word, SPAN("unix:"))) {
		t->kind = TARGET_UNIX;
		t->name = mem_dupn(word.p + 5, word.n - 5);
		if (word.n > 5)
			return 0;
		return fault(d, word, "names no socket", "write unix:/path/of/the/socket");
	}
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (!span_starts_nocase(word, span_of(schemes[i].prefix)))
			continue;
		word = span_skip(word, strlen(schemes[i].prefix));
		word = span_first(word, span_find(word, '/'));
		t->port = schemes[i].port;
		t->tls = schemes[i].tls;
		t->lmtp = schemes[i].lmtp;
		if (read_plain(t, word, d) < 0)
			return -1;
		t->kind = TARGET_HOST; /* a URL names a host, never a mail domain */
		return 0;
	}
	if (span_find(word, '@') < word.n)
		return read_mailbox(t, word, d);
	return read_plain(t, word, d);
}

/* --host stands in for the way there; the domain stays known for the suggestions. */
static int apply_host(struct target *t, const char *host, struct diag *d)
{
	struct target direct = {.port = t->port};
	int result = read_word(&direct, span_of(host), d);

	if (result == 0 && direct.kind == TARGET_DOMAIN)
		direct.kind = TARGET_HOST;
	if (result == 0) {
		free(t->name);
		t->name = direct.name;
		direct.name = NULL;
		t->kind = direct.kind;
		t->port = direct.port;
		t->tls = direct.tls;
		t->lmtp = direct.lmtp;
	}
	target_release(&direct);
	return result;
}

int target_read(struct target *t, char *const *words, size_t count, const struct options *o,
                struct diag *d)
{
	memset(t, 0, sizeof(*t));
	t->port = 25;
	if (count > 2)
		return fault(d, span_of(words[2]), "is one word too many",
		             "smtptalk [TARGET], where TARGET is at most a host and a port");
	if (count > 0 && read_word(t, span_of(words[0]), d) < 0)
		return -1;
	if (count == 2 && read_port(span_of(words[1]), t, d) < 0)
		return -1;
	if (o->host && apply_host(t, o->host, d) < 0)
		return -1;
	if (o->port == 0)
		return fault(d, SPAN("0"), "is not a port to connect to", "mail uses 25");
	if (o->port > 0)
		t->port = (unsigned)o->port;
	if ((count == 2 || o->port > 0) && t->kind == TARGET_DOMAIN)
		t->kind = TARGET_HOST;
	return 0;
}

struct route_search *target_find_route(const struct target *t, struct network *n,
                                       const struct options *o, route_fn *fn, void *arg)
{
	enum route_family family = o->family == OPTIONS_V4   ? ROUTE_V4
	                           : o->family == OPTIONS_V6 ? ROUTE_V6
	                                                     : ROUTE_BOTH;

	return t->kind == TARGET_DOMAIN ? route_find(n, t->name, t->port, family, fn, arg)
	                                : route_find_host(n, t->name, t->port, family, fn, arg);
}

struct route *target_local_route(const struct target *t, struct diag *d)
{
	struct net_address a;

	if (net_address_unix(t->name, &a) == 0)
		return route_new_local(t->name, &a);
	diag_set(d, DIAG_USAGE, t->name, "the path is too long for a socket");
	return NULL;
}
