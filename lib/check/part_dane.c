/*
 * DANE (RFC 7672): the TLSA records of each mail host, whether DNSSEC protects them, and each
 * record beside the certificates that the host shows now.
 *
 * A record that matches nothing is no fault by itself: before a key changes, the record of the next
 * one has to stand there (RFC 7671 §8.1). A host whose certificate no record matches is one: mail
 * servers that use DANE deliver nothing to it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/part.h"
#include "net/dane.h"

enum { OWN_HOSTS_MAX = 20, RECORDS_MAX = 20, SHOWN_BYTES = 8 };
#define NAME_MAX_BUF 1000
#define WHY_MAX      500

/* What is known of one host. */
struct place {
	const char *host;
	bool spoken_to;
	const char *base; /* whose TLSA records count: where its aliases lead, or itself */
	const struct dns_answer *a, *aaaa, *tlsa;
	bool bogus, checked;
};

/* --- the questions --- */

static const struct dns_answer *ask_tlsa(struct part *p, const char *host)
{
	const struct dns_answer *a;
	struct buf name;

	buf_init(&name, NAME_MAX_BUF);
	buf_addf(&name, "_%u._tcp.%s", part_port(p), host);
	a = lookups_ask(p->lookups, name.data, DNS_TLSA);
	buf_release(&name);
	return a;
}

static const char *canonical(const struct dns_answer *a)
{
	return a->alias_count && a->authentic ? a->aliases[a->alias_count - 1] : NULL;
}

/* The host's own records are asked for at once, so that nobody waits for its address; where its
 * aliases lead has precedence (RFC 7672 §2.2.2). False: waiting. */
static bool look_up(struct part *p, struct place *at)
{
	const char *other;

	at->base = at->host;
	at->a = lookups_ask(p->lookups, at->host, DNS_A);
	at->aaaa = lookups_ask(p->lookups, at->host, DNS_AAAA);
	at->tlsa = ask_tlsa(p, at->host);
	if (!at->a || !at->aaaa || !at->tlsa)
		return false;
	other = canonical(at->a->count ? at->a : at->aaaa);
	if (other) {
		const struct dns_answer *there = ask_tlsa(p, other);

		if (!there)
			return false;
		if (!dns_status_negative(there->status)) {
			at->tlsa = there;
			at->base = other;
		}
	}
	return part_bogus(p, at->tlsa, &at->bogus) && part_dnssec_checked(p, &at->checked);
}

/* --- records that prove nothing --- */

static struct finding *add(struct part *p, enum check_verdict v, const struct place *at,
                           const char *what)
{
	struct finding *f =
	        findings_add(p->out, CHECK_PROTECTED, "dane", v, "%s %s", at->host, what);

	finding_asked(f, at->tlsa);
	return f;
}

static void tell_failed(struct part *p, const struct place *at)
{
	if (at->bogus)
		finding_change(add(p, CHECK_BAD, at,
		                   "may have TLSA records, but their DNSSEC signatures are wrong: "
		                   "mail servers that use DANE do not deliver to it"),
		               "sign the zone anew");
	else
		part_failed(p, CHECK_PROTECTED, "dane", at->tlsa);
}

static void tell_unprotected(struct part *p, const struct place *at)
{
	struct finding *f;

	if (at->tlsa->authentic && !dane_answer_secure(at->tlsa, p->q->trust_ad)) {
		f = add(p, CHECK_UNKNOWN, at,
		        "has TLSA records; the resolver claims that DNSSEC protects them, but it "
		        "is not on this machine, and that claim could be changed on the way");
		finding_change(f, "ask a resolver on this machine, or --trust-ad");
	} else if (at->checked) {
		f = add(p, CHECK_BAD, at,
		        "has TLSA records, but DNSSEC does not protect them and its address: they "
		        "count for nothing (RFC 7672 §2.2)");
		finding_change(f, "sign the zone, or remove the records");
	} else {
		f = add(p, CHECK_UNKNOWN, at,
		        "has TLSA records, but the resolver does not say that DNSSEC protects them "
		        "and its address: without that they count for nothing (RFC 7672 §2.2)");
		finding_change(f, "sign the zone, or ask a resolver that checks DNSSEC");
	}
}

/* --- records beside the certificates --- */

struct comparison {
	size_t usable;
	bool matches[RECORDS_MAX];                    /* at some address */
	size_t compared, unmatched, in_clear, silent; /* addresses */
	struct buf where; /* the addresses where no record matches, or no TLS is offered */
	struct buf why;   /* what is wrong where a record names an issuer all the same */
};

static size_t record_count(const struct dns_answer *tlsa)
{
	return tlsa->count < RECORDS_MAX ? tlsa->count : RECORDS_MAX;
}

static void add_place(struct comparison *c, const struct net_address *to)
{
	char text[NET_ADDRESS_TEXT];

	buf_addf(&c->where, "%s[%s]", c->where.len ? ", " : "", net_address_text(to, text));
}

static void compare_chain(struct comparison *c, const struct place *at,
                          const struct net_address *to, const struct tls_report *seen)
{
	bool any = false;

	for (size_t i = 0; i < record_count(at->tlsa); i++) {
		bool matches = dane_record_match(&at->tlsa->records[i], seen, at->base,
		                                 c->why.len ? NULL : &c->why) == DANE_MATCH;

		c->matches[i] = c->matches[i] || matches;
		any = any || matches;
	}
	c->compared++;
	if (any)
		return;
	c->unmatched++;
	add_place(c, to);
}

static void compare_address(struct part *p, struct comparison *c, const struct place *at,
                            const struct net_address *to)
{
	const struct probe_result *r = at->spoken_to ? part_probe(p, at->host, to) : NULL;

	if (!r || r->end == PROBE_NOT_MADE)
		return;
	if (r->tls && r->tls->done) {
		compare_chain(c, at, to, r->tls);
	} else if (r->esmtp && !r->starttls) {
		c->in_clear++;
		add_place(c, to);
	} else {
		c->silent++;
	}
}

static bool probes_done(struct part *p, const char *host, const struct dns_answer *a)
{
	bool all = true;

	for (size_t i = 0; i < a->count && i < PART_ADDRESSES_MAX; i++)
		all = part_probe(p, host, &a->records[i].address) && all;
	return all;
}

static void compare(struct part *p, struct comparison *c, const struct place *at)
{
	for (size_t i = 0; i < record_count(at->tlsa); i++) {
		struct dane_record r;

		c->usable +=
		        dane_record_read(&at->tlsa->records[i], &r) == 0 && dane_record_usable(&r);
	}
	for (size_t i = 0; i < at->a->count && i < PART_ADDRESSES_MAX; i++)
		compare_address(p, c, at, &at->a->records[i].address);
	for (size_t i = 0; i < at->aaaa->count && i < PART_ADDRESSES_MAX; i++)
		compare_address(p, c, at, &at->aaaa->records[i].address);
}

/* --- what is told of them --- */

static void tell_record(struct finding *f, const struct dns_record *record, bool matches,
                        bool compared)
{
	struct dane_record r;
	struct buf hex;

	if (dane_record_read(record, &r) != 0) {
		finding_detail(f, "a TLSA record that is too short");
		return;
	}
	buf_init(&hex, 100);
	for (size_t i = 0; i < r.size && i < SHOWN_BYTES; i++)
		buf_addf(&hex, "%02x", r.data[i]);
	finding_detail(f, "%u %u %u %s%s: %s", r.usage, r.selector, r.matching, hex.data,
	               r.size > SHOWN_BYTES ? "…" : "",
	               !dane_usage_counts(&r)    ? "usages 0 and 1 count for nothing between mail "
	                                           "servers (RFC 7672 §3.1.3)"
	               : !dane_record_usable(&r) ? "it cannot be used: its selector, matching type "
	                                           "or length"
	               : !compared               ? "there was nothing to compare it with"
	               : matches                 ? "matches what the host shows"
	                         : "matches nothing that the host shows: it may be for the key "
	                           "that comes next, or a left-over");
	buf_release(&hex);
}

/* What helps when the key or the certificate changes. */
static void tell_rollover(struct finding *f, const struct place *at, const struct comparison *c)
{
	bool whole = false;

	for (size_t i = 0; i < record_count(at->tlsa); i++) {
		struct dane_record r;

		whole = whole ||
		        (c->matches[i] && dane_record_read(&at->tlsa->records[i], &r) == 0 &&
		         r.usage == 3 && r.selector == 0);
	}
	if (c->usable == 1)
		finding_detail(f, "before the key changes: publish a second record for the next "
		                  "key, and wait two TTLs before you use it (RFC 7671 §8.1)");
	if (whole)
		finding_detail(f, "\"3 0\" names the whole certificate, which every renewal "
		                  "changes; \"3 1 1\" stays the same as long as the key does "
		                  "(RFC 7671 §5.1)");
}

static struct finding *verdict(struct part *p, const struct place *at, const struct comparison *c)
{
	struct finding *f;

	if (c->usable == 0) {
		f = add(p, CHECK_BAD, at,
		        "has TLSA records that DNSSEC protects, but none can be used (RFC 7672 "
		        "§3.1.3): senders use TLS without proof");
		finding_change(f,
		               "publish  _%u._tcp.%s. TLSA 3 1 1 with the SHA-256 of the "
		               "certificate's public key",
		               part_port(p), at->base);
	} else if (c->in_clear > 0) {
		f = add(p, CHECK_BAD, at,
		        "has TLSA records, but offers no STARTTLS: mail servers that use DANE do "
		        "not deliver to it (RFC 7672 §2.2)");
		finding_detail(f, "at %s", c->where.data);
		finding_change(f, "turn TLS on, or remove the records");
	} else if (c->unmatched > 0) {
		f = add(p, CHECK_BAD, at,
		        "shows a certificate that no TLSA record matches: mail servers that use "
		        "DANE do not deliver to it (RFC 7672 §2.2)");
		finding_detail(f, "at %s", c->where.data);
		if (c->why.len)
			finding_detail(f, "one names an issuer in the chain, but %s", c->why.data);
		finding_change(f,
		               "publish  _%u._tcp.%s. TLSA 3 1 1 with the SHA-256 of the "
		               "certificate's public key, beside the old records until they "
		               "have gone from all caches",
		               part_port(p), at->base);
	} else if (c->compared > 0) {
		f = add(p, CHECK_OK, at,
		        "uses DANE: its certificate matches a TLSA record that DNSSEC protects");
	} else {
		f = add(p, c->silent ? CHECK_UNKNOWN : CHECK_NOT_TESTED, at,
		        c->silent
		                ? "has TLSA records that DNSSEC protects; it could not be found "
		                  "out whether its certificate matches"
		                : "has TLSA records that DNSSEC protects; its certificate was not "
		                  "looked at");
	}
	return f;
}

static void tell_secure(struct part *p, const struct place *at)
{
	struct comparison c = {0};
	const struct dns_answer *mx = lookups_ask(p->lookups, p->q->domain, DNS_MX);
	struct finding *f;

	buf_init(&c.where, WHY_MAX);
	buf_init(&c.why, WHY_MAX);
	compare(p, &c, at);
	f = verdict(p, at, &c);
	for (size_t i = 0; i < record_count(at->tlsa); i++)
		tell_record(f, &at->tlsa->records[i], c.matches[i], c.compared > 0);
	tell_rollover(f, at, &c);
	if (mx && mx->count > 0 && !dane_answer_secure(mx, p->q->trust_ad))
		finding_detail(f,
		               "DNSSEC does not protect the MX records of %s: who forges them "
		               "chooses the host (RFC 7672 §2.2.1)",
		               p->q->domain);
	buf_release(&c.where);
	buf_release(&c.why);
}

static bool has_records(const struct place *at)
{
	return at->tlsa->status == DNS_STATUS_OK;
}

static bool secure(const struct part *p, const struct place *at)
{
	const struct dns_answer *address = at->a->count ? at->a : at->aaaa;

	return dane_answer_secure(address, p->q->trust_ad) &&
	       dane_answer_secure(at->tlsa, p->q->trust_ad);
}

/* Everything about a host that is needed. False: waiting. */
static bool ready(struct part *p, struct place *at)
{
	if (!look_up(p, at))
		return false;
	if (!has_records(at) || !secure(p, at) || !at->spoken_to)
		return true;
	return probes_done(p, at->host, at->a) && probes_done(p, at->host, at->aaaa);
}

static void tell_host(struct part *p, const struct place *at)
{
	if (at->tlsa->status != DNS_STATUS_OK && !dns_status_negative(at->tlsa->status))
		tell_failed(p, at);
	else if (has_records(at) && secure(p, at))
		tell_secure(p, at);
	else if (has_records(at))
		tell_unprotected(p, at);
}

bool part_dane(struct part *p)
{
	const char *hosts[OWN_HOSTS_MAX];
	struct place places[OWN_HOSTS_MAX];
	size_t count;
	bool all = true;

	if (!part_mail_hosts(p, hosts, OWN_HOSTS_MAX, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		places[i] = (struct place){.host = hosts[i], .spoken_to = i < PART_HOSTS_MAX};
		all = ready(p, &places[i]) && all;
	}
	for (size_t i = 0; all && i < count; i++)
		tell_host(p, &places[i]);
	if (all && count > 0 && p->out->count == 0)
		findings_add(
		        p->out, CHECK_PROTECTED, "dane", CHECK_OK,
		        "it does not use DANE: its mail hosts have no TLSA records (RFC 7672)");
	return all;
}
