/*
 * Block lists and pass lists in DNS (RFC 5782), and permit_mx_backup. "domain=127.0.0.[2..4;6]"
 * narrows a list down to some of its answers.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mem.h"
#include "practice/restrict_dns.h"
#include "practice/world_state.h"

#define REASON_MAX 500

const char *lookup_words(enum lookup l)
{
	switch (l) {
	case LOOKUP_FOUND: return "an answer";
	case LOOKUP_NONE: return "nothing";
	case LOOKUP_NULL_MX: return "a null MX (RFC 7505)";
	case LOOKUP_UNSURE: return "no answer for now";
	}
	return "nothing";
}

char *lookup_reversed(const char *address, const char *domain)
{
	struct net_address a;
	struct buf out;
	char *text;

	if (net_address_parse(span_of(address), 0, &a) != 0)
		return NULL;
	buf_init(&out, 1000);
	if (a.sa.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&a.sa;

		for (size_t i = 16; i-- > 0;)
			buf_addf(&out, "%x.%x.", in6->sin6_addr.s6_addr[i] & 15u,
			         (unsigned)in6->sin6_addr.s6_addr[i] >> 4);
	} else {
		struct span rest = span_of(address);

		while (rest.n > 0) {
			size_t n = rest.n;

			while (n > 0 && rest.p[n - 1] != '.')
				n--;
			buf_addf(&out, SPAN_FMT ".", SPAN_ARG(span_skip(rest, n)));
			rest = span_first(rest, n ? n - 1 : 0);
		}
	}
	buf_addstr(&out,
	           domain ? domain : (a.sa.ss_family == AF_INET6 ? "ip6.arpa" : "in-addr.arpa"));
	text = buf_take(&out);
	buf_release(&out);
	return text;
}

/* --- which answers count --- */

static bool octet_is(struct span pattern, unsigned long octet)
{
	unsigned long from, to;

	if (pattern.n > 2 && pattern.p[0] == '[' && pattern.p[pattern.n - 1] == ']')
		pattern = span_from(pattern.p + 1, pattern.n - 2);
	while (pattern.p) {
		struct span part = span_cut(&pattern, ';'), low = span_cut(&part, '.');

		if (part.n > 0 && part.p[0] == '.')
			part = span_skip(part, 1);
		if (span_number(low, 255, &from) != 0)
			continue;
		if (!part.p)
			to = from;
		else if (span_number(part, 255, &to) != 0)
			continue;
		if (octet >= from && octet <= to)
			return true;
	}
	return false;
}

/* The next octet's pattern: dots inside brackets do not end it. */
static struct span next_octet(struct span *rest)
{
	size_t n = rest->n > 0 && rest->p[0] == '[' ? span_find(*rest, ']') : span_find(*rest, '.');
	struct span octet;

	if (n < rest->n && rest->p[n] == ']')
		n++;
	octet = span_first(*rest, n);
	*rest = span_skip(*rest, n + 1);
	return octet;
}

static bool answer_is(const struct dns_answer *a, struct span pattern)
{
	for (size_t i = 0; i < a->count; i++) {
		char text[NET_ADDRESS_TEXT];
		struct span rest = span_of(net_address_text(&a->records[i].address, text));
		struct span wanted = pattern;
		unsigned long octet;
		bool all = true;

		while (rest.p && all)
			all = span_number(span_cut(&rest, '.'), 255, &octet) == 0 &&
			      octet_is(next_octet(&wanted), octet);
		if (all)
			return true;
	}
	return pattern.p == NULL;
}

struct listing {
	enum lookup found;
	char *reason; /* the TXT records */
	char *domain; /* of the list, without "=…" */
};

static char *read_reason(struct check *c, const char *query)
{
	struct dns_answer *a;
	struct buf text;
	char *reason;

	buf_init(&text, REASON_MAX);
	lookup(c, query, DNS_TXT, &a);
	for (size_t i = 0; a && i < a->count; i++) {
		size_t room = REASON_MAX - text.len;

		buf_addspan(&text, span_first(span_from(a->records[i].text, a->records[i].text_len),
		                              room));
		if (i + 1 < a->count && REASON_MAX - text.len > 3)
			buf_addstr(&text, " / ");
	}
	dns_answer_free(a);
	reason = buf_take(&text);
	buf_release(&text);
	return reason;
}

/* Takes the query's domain from `argument`. `query` is what stands before it. */
static void ask_list(struct check *c, struct span argument, const char *query, struct listing *out)
{
	struct span pattern = argument, domain = span_cut(&pattern, '=');
	char *name = world_text("%s." SPAN_FMT, query, SPAN_ARG(domain));
	struct dns_answer *a;

	*out = (struct listing){.found = lookup(c, name, DNS_A, &a)};
	out->domain = mem_dupn(domain.p, domain.n);
	if (a && !answer_is(a, pattern))
		out->found = LOOKUP_NONE;
	if (out->found == LOOKUP_FOUND)
		out->reason = read_reason(c, name);
	check_looked(c, "DNS has %s for %s", lookup_words(out->found), name);
	dns_answer_free(a);
	free(name);
}

static void listing_release(struct listing *l)
{
	free(l->reason);
	free(l->domain);
}

/* --- what a listing says --- */

struct template
{
	struct check *c;
	const struct listing *l;
	const char *what, *class;
	char number[16];
	char reason[REASON_MAX + 1]; /* what a list says may hold anything */
};

static const char *template_value(void *arg, struct span name)
{
	struct template *t = arg;
	const struct restrict_facts *f = t->c->f;
	const struct {
		const char *name, *value;
	} values[] = {
	        {"rbl_code", t->number},       {"rbl_domain", t->l->domain},
	        {"rbl_reason", t->reason},     {"rbl_txt", t->reason},
	        {"rbl_what", t->what},         {"rbl_class", t->class},
	        {"client_address", f->client}, {"client_name", f->client_name},
	        {"helo_name", f->helo},        {"sender", f->sender},
	        {"recipient", f->recipient},   {"reverse_client_name", f->reverse_name},
	};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (span_eq(name, span_of(values[i].name)))
			return values[i].value ? values[i].value : "";
	return NULL;
}

/* smtpd_expansion_filter: a list's words are somebody else's. */
static void filter(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '_';
}

static enum outcome refuse_listed(struct check *c, const struct listing *l, const char *what,
                                  const char *class)
{
	struct template t = {.c = c, .l = l, .what = what, .class = class};
	struct maincf_names names = {template_value, &t, false};
	const char *words = maincf_text(check_cf(c), MAINCF_DEFAULT_RBL_REPLY);
	const char *tables = maincf_text(check_cf(c), MAINCF_RBL_REPLY_MAPS);
	enum outcome o;
	struct buf out;
	struct span text;
	char dsn[16];

	maps_find(c->f->site->maps, span_of(tables), span_of(l->domain), MAPS_WHOLE, &words);
	if (!words)
		words = maincf_text(check_cf(c), MAINCF_DEFAULT_RBL_REPLY);
	snprintf(t.number, sizeof t.number, "%ld",
	         maincf_number(check_cf(c), MAINCF_MAPS_RBL_REJECT_CODE));
	snprintf(t.reason, sizeof t.reason, "%s", l->reason ? l->reason : "");
	filter(t.reason);
	buf_init(&out, MAINCF_VALUE_MAX);
	if (maincf_expand(span_of(words), &names, &out, NULL) != 0 || out.len < 4 ||
	    !strchr("45", out.data[0]) || !ascii_is_digit(out.data[1]) ||
	    !ascii_is_digit(out.data[2]) || out.data[3] != ' ') {
		o = check_refuse(c, 450, "4.7.1", "Service unavailable");
	} else {
		text = check_split_dsn(span_skip(buf_span(&out), 4), "4.7.1", dsn);
		o = check_refuse(c, check_code(out.data), check_fix_dsn(dsn, ABOUT_ANY, class),
		                 SPAN_FMT, SPAN_ARG(text.n ? text : SPAN("Service unavailable")));
	}
	buf_release(&out);
	return o;
}

static enum outcome reject_address(struct check *c, struct span list)
{
	char *query = lookup_reversed(c->f->client, "");
	enum outcome o = DUNNO;
	struct listing l;

	if (!query)
		return DUNNO;
	query[strlen(query) - 1] = '\0';
	ask_list(c, list, query, &l);
	if (l.found == LOOKUP_FOUND)
		o = refuse_listed(c, &l, c->f->client, check_class(c, ABOUT_CLIENT));
	listing_release(&l);
	free(query);
	return o;
}

RUNS(run_rbl)
{
	(void)r;
	return reject_address(c, argument);
}

RUNS(run_maps_rbl)
{
	struct span rest = span_of(maincf_text(check_cf(c), MAINCF_MAPS_RBL_DOMAINS)), list;
	enum outcome o = DUNNO;

	(void)r;
	(void)argument;
	while (o == DUNNO && maincf_word(&rest, &list))
		o = reject_address(c, list);
	return o;
}

/* The domain of a name or an address that a list may be asked for, or NULL. */
static const char *listable(const struct check *c, enum subject about)
{
	const char *what = check_value(c, about), *domain = what ? strrchr(what, '@') : NULL;
	const char *last;

	domain = domain ? domain + 1 : what;
	if (!domain || !*domain || *domain == '[')
		return NULL;
	if ((about == ABOUT_CLIENT || about == ABOUT_REVERSE) && strcmp(domain, "unknown") == 0)
		return NULL;
	if (about == ABOUT_SENDER && !*what)
		return NULL;
	last = strrchr(domain, '.');
	last = last ? last + 1 : domain;
	return last[strspn(last, "0123456789")] && name_is_hostname(span_of(domain), true) ? domain
	                                                                                   : NULL;
}

RUNS(run_rhsbl)
{
	const char *domain = listable(c, r->about);
	enum outcome o = DUNNO;
	struct listing l;

	if (!domain)
		return DUNNO;
	ask_list(c, argument, domain, &l);
	if (l.found == LOOKUP_FOUND)
		o = refuse_listed(c, &l, check_value(c, r->about), check_class(c, r->about));
	listing_release(&l);
	return o;
}

/* A pass list opens no relay. */
static bool may_pass(struct check *c)
{
	char *why = NULL;
	bool ours = c->f->at != RESTRICT_AT_RCPT || !c->f->recipient ||
	            check_auth_destination(c, c->f->recipient, &why);

	free(why);
	return ours;
}

static enum outcome pass(struct check *c, struct span list, const char *query, const char *what)
{
	enum outcome o = DUNNO;
	struct listing l;

	ask_list(c, list, query, &l);
	if (l.found == LOOKUP_FOUND)
		o = PERMIT;
	else if (l.found == LOOKUP_UNSURE)
		check_defer_if_reject(c, 450, "4.7.1",
		                      "<%s>: Client host rejected: Service unavailable", what);
	listing_release(&l);
	return o;
}

RUNS(run_dnswl)
{
	char *query = lookup_reversed(c->f->client, "");
	enum outcome o = DUNNO;

	(void)r;
	if (query && may_pass(c)) {
		query[strlen(query) - 1] = '\0';
		o = pass(c, argument, query, c->f->client);
	}
	free(query);
	return o;
}

RUNS(run_rhswl)
{
	const char *domain = listable(c, r->about);

	return domain && may_pass(c) ? pass(c, argument, domain, domain) : DUNNO;
}

/* --- permit_mx_backup --- */

static bool has_own_address(const struct check *c, const char *host)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA};
	bool own = site_is_local(c->f->site, span_of(host));

	for (size_t t = 0; t < 2; t++) {
		struct dns_answer *a;

		lookup(c, host, types[t], &a);
		for (size_t i = 0; a && i < a->count; i++)
			for (size_t k = 0; k < c->f->site->address_count; k++)
				own = own || net_address_equal(&a->records[i].address,
				                               &c->f->site->addresses[k]);
		dns_answer_free(a);
	}
	return own;
}

/* This host is an MX of the domain, and another one comes before it. */
static bool is_backup(const struct check *c, const struct dns_answer *mx)
{
	unsigned best = mx->records[0].preference;
	bool first = false, later = false;

	for (size_t i = 0; i < mx->count; i++)
		if (mx->records[i].preference < best)
			best = mx->records[i].preference;
	for (size_t i = 0; i < mx->count; i++) {
		bool own = has_own_address(c, mx->records[i].name);

		first = first || (own && mx->records[i].preference == best);
		later = later || (own && mx->records[i].preference != best);
	}
	return later && !first;
}

/* permit_mx_backup_networks: all addresses of the first hosts must be in it. */
static bool has_trusted_primary(const struct check *c, const struct dns_answer *mx)
{
	const char *list = maincf_text(check_cf(c), MAINCF_PERMIT_MX_BACKUP_NETWORKS);
	unsigned best = mx->records[0].preference;
	bool trusted = true;

	for (size_t i = 0; i < mx->count; i++)
		if (mx->records[i].preference < best)
			best = mx->records[i].preference;
	for (size_t i = 0; *list && i < mx->count; i++) {
		struct dns_answer *a;

		if (mx->records[i].preference != best)
			continue;
		lookup(c, mx->records[i].name, DNS_A, &a);
		trusted = trusted && a;
		for (size_t k = 0; a && k < a->count; k++) {
			char text[NET_ADDRESS_TEXT];

			net_address_text(&a->records[k].address, text);
			trusted = trusted && site_lists_address(c->f->site, list, span_of(text));
		}
		dns_answer_free(a);
	}
	return trusted;
}

static enum outcome judge_mx(struct check *c, const char *domain)
{
	enum outcome o = DUNNO;
	struct dns_answer *mx;
	enum lookup found = lookup(c, domain, DNS_MX, &mx);

	check_looked(c, "DNS does not name this host as a backup MX of %s", domain);
	if (found == LOOKUP_UNSURE)
		check_defer_if_reject(c, 450, "4.4.4",
		                      "<%s>: Recipient address rejected: Unable to look up mail "
		                      "exchanger information: Host not found, try again",
		                      c->f->recipient);
	if (mx && is_backup(c, mx) && has_trusted_primary(c, mx)) {
		check_looked(c, "DNS names this host as a backup MX of %s", domain);
		o = PERMIT;
	}
	dns_answer_free(mx);
	return o;
}

RUNS(run_mx_backup)
{
	struct resolved to;
	enum outcome o = DUNNO;
	char *why = NULL;

	(void)r;
	(void)argument;
	if (!c->f->recipient)
		return DUNNO;
	site_resolve(c->f->site, span_of(c->f->recipient), &to);
	if (check_auth_destination(c, c->f->recipient, &why)) {
		check_looked(c, "%s", why);
		o = PERMIT;
	} else if (to.address[to.domain] != '[' && !to.routed) {
		o = judge_mx(c, to.address + to.domain);
	}
	free(why);
	resolved_release(&to);
	return o;
}
