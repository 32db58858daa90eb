/*
 * The mail hosts themselves: whether they can be reached, what they say, and what they take. A host
 * that refuses us at its greeting has shown nothing about TLS or about its mailboxes.
 */
#include <errno.h>
#include <stdlib.h>

#include "check/part.h"

enum { HOSTS_MAX = PART_HOSTS_MAX, ADDRESSES_MAX = PART_ADDRESSES_MAX, PORT = 25 };

struct place {
	const char *host;
	struct net_address to;
	char text[NET_ADDRESS_TEXT];
};

/* --- what one host said --- */

static void tls(struct part *p, const struct place *at, const struct probe_result *r)
{
	struct finding *f;
	struct buf why;

	if (!r->esmtp)
		return;
	if (!r->starttls) {
		f = findings_add(p->out, CHECK_PROTECTED, "starttls", CHECK_BAD,
		                 "%s [%s] does not offer STARTTLS: mail to it travels in the clear",
		                 at->host, at->text);
		finding_change(f, "give the server a certificate, and turn TLS on (in Postfix: "
		                  "smtpd_tls_security_level = may)");
		return;
	}
	if (!r->tls || !r->tls->done) {
		findings_add(p->out, CHECK_PROTECTED, "starttls",
		             r->tls ? CHECK_BAD : CHECK_UNKNOWN, "%s [%s] offers STARTTLS, but %s",
		             at->host, at->text,
		             r->tls ? tls_failure_text(r->tls->failure) : "it was not tried");
		return;
	}
	f = findings_add(p->out, CHECK_PROTECTED, "starttls", CHECK_OK, "%s [%s] speaks %s with %s",
	                 at->host, at->text, r->tls->version, r->tls->cipher);
	if (tls_report_verified(r->tls))
		return;
	buf_init(&why, 4096);
	tls_report_explain(r->tls, &why);
	f = findings_add(p->out, CHECK_PROTECTED, "certificate", CHECK_BAD,
	                 "the certificate of %s proves nothing: %s", at->host, why.data);
	finding_change(f,
	               "get a certificate for %s from an authority that others trust; senders "
	               "that must have proof do not deliver now",
	               at->host);
	buf_release(&why);
}

static void mailbox(struct part *p, const struct place *at, int code, const char *id,
                    const char *who, const char *section, const char *text)
{
	struct finding *f;

	if (code == 0 || code / 100 == 2)
		return;
	f = findings_add(p->out, CHECK_RECEIVING, id, code / 100 == 5 ? CHECK_BAD : CHECK_UNKNOWN,
	                 "%s [%s] answers %d to %s", at->host, at->text, code, who);
	finding_detail(f, "%s", text ? text : "");
	finding_change(f, "every mail server must take it (RFC 5321 §%s)", section);
}

static void greeting(struct part *p, const struct place *at, const struct probe_result *r)
{
	struct finding *f;

	if (r->greeting != 0 && r->greeting != 220) {
		f = findings_add(p->out, CHECK_RECEIVING, "greeting", CHECK_UNKNOWN,
		                 "%s [%s] refuses us in its greeting: %d %s", at->host, at->text,
		                 r->greeting, r->banner ? r->banner : "");
		finding_detail(f, "that is about the address we ask from, or about this moment; "
		                  "what else the server can do is not known");
		return;
	}
	if (r->end == PROBE_BROKEN)
		findings_add(p->out, CHECK_RECEIVING, "greeting", CHECK_UNKNOWN, "%s [%s]: %s",
		             at->host, at->text, r->why ? r->why : "the connection ended");
}

static void one_result(struct part *p, const struct place *at, const struct probe_result *r)
{
	struct finding *f;

	if (r->end == PROBE_NO_CONNECTION) {
		f = findings_add(
		        p->out, CHECK_RECEIVING, "reach",
		        r->error == ECONNREFUSED ? CHECK_BAD : CHECK_UNKNOWN,
		        r->error == ECONNREFUSED
		                ? "%s [%s]:%u refuses connections: no mail server listens there"
		                : "%s [%s]:%u cannot be reached from here",
		        at->host, at->text, part_port(p));
		finding_detail(f, "%s, after %lld ms", r->why ? r->why : "", (long long)r->ms);
		return;
	}
	f = findings_add(p->out, CHECK_RECEIVING, "reach", CHECK_OK, "%s [%s]:%u answers", at->host,
	                 at->text, part_port(p));
	finding_detail(f, "connected in %lld ms; banner: %s", (long long)r->ms,
	               r->banner ? r->banner : "none");
	if (r->name)
		finding_detail(f, "it calls itself %s", r->name);
	greeting(p, at, r);
	mailbox(p, at, r->null_sender, "null-sender", "the null sender, MAIL FROM:<>", "4.5.5",
	        r->refusal);
	if (r->null_sender / 100 == 2)
		mailbox(p, at, r->postmaster, "postmaster", "its postmaster", "4.5.1", r->refusal);
	tls(p, at, r);
}

/* --- all of them --- */

unsigned part_port(const struct part *p)
{
	return p->q->smtp_port ? p->q->smtp_port : PORT;
}

bool part_may_speak(const struct net_address *to, bool private_too)
{
	enum net_range range = net_address_range(to);

	return private_too || range == NET_RANGE_PUBLIC || range == NET_RANGE_DOCUMENTATION;
}

const struct probe_result *part_probe(struct part *p, const char *host,
                                      const struct net_address *to)
{
	static const struct probe_result none = {.end = PROBE_NOT_MADE};
	struct net_address at = *to;
	struct probe_question q = {.host = host, .to = &at, .domain = p->q->domain};

	if (!part_may_speak(to, p->q->private_too))
		return &none;
	net_address_set_port(&at, part_port(p));
	return probes_ask(p->probes, &q);
}

static bool each_address(struct part *p, const char *host, const struct dns_answer *a,
                         size_t *silent, size_t *made, struct place *last)
{
	bool all = true;

	for (size_t i = 0; i < a->count && i < ADDRESSES_MAX; i++) {
		struct place at = {.host = host, .to = a->records[i].address};
		const struct probe_result *r = part_probe(p, host, &at.to);

		net_address_text(&at.to, at.text);
		all = all && r;
		if (!r || r->end == PROBE_NOT_MADE)
			continue;
		(*made)++;
		*silent += r->end == PROBE_NO_CONNECTION && r->error != ECONNREFUSED;
		*last = at;
		one_result(p, &at, r);
	}
	return all;
}

/* Nothing answers on 25: do the same machines answer on the ports of submission? */
static bool blocked_port(struct part *p, const struct place *at)
{
	static const unsigned others[] = {587, 465};
	bool all = true, open = false;
	struct finding *f;

	for (size_t i = 0; i < 2; i++) {
		struct net_address to = at->to;
		struct probe_question q = {.host = at->host, .to = &to};
		const struct probe_result *r;

		net_address_set_port(&to, others[i]);
		r = probes_ask(p->probes, &q);
		all = all && r;
		open = open || (r && (r->end != PROBE_NO_CONNECTION || r->error == ECONNREFUSED) &&
		                r->end != PROBE_NOT_MADE);
	}
	if (!all)
		return false;
	f = findings_add(p->out, CHECK_RECEIVING, "port-25", CHECK_UNKNOWN,
	                 open ? "the host answers on other ports but not on 25: port 25 is "
	                        "probably blocked on the way from here"
	                      : "nothing could be reached on port 25, nor on 587 and 465");
	finding_change(f, "most home networks and many hosting companies block port 25: ask them, "
	                  "or try from another network before you blame the server");
	return true;
}

/* No MX record: the domain is its own mail host, if it has an address. */
static bool implicit(struct part *p, const char **hosts, size_t *count)
{
	const struct dns_answer *a = lookups_ask(p->lookups, p->q->domain, DNS_A);
	const struct dns_answer *aaaa = lookups_ask(p->lookups, p->q->domain, DNS_AAAA);

	if (!a || !aaaa)
		return false;
	if (a->count + aaaa->count > 0)
		hosts[(*count)++] = p->q->domain;
	return true;
}

bool part_mail_hosts(struct part *p, const char **hosts, size_t max, size_t *count)
{
	const struct dns_answer *mx = lookups_ask(p->lookups, p->q->domain, DNS_MX);
	struct net_address ignored;

	*count = 0;
	if (!mx)
		return false;
	if (mx->status == DNS_STATUS_NO_DATA)
		return implicit(p, hosts, count);
	for (size_t i = 0; i < mx->count && *count < max; i++) {
		const char *name = mx->records[i].name;

		if (*name && net_address_parse(span_of(name), 0, &ignored) != 0)
			hosts[(*count)++] = name;
	}
	return true;
}

bool part_hosts(struct part *p)
{
	const char *hosts[HOSTS_MAX];
	size_t count, silent = 0, made = 0;
	struct place last = {0};
	bool all = true;

	if (!part_mail_hosts(p, hosts, HOSTS_MAX, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *host = hosts[i];
		const struct dns_answer *a, *aaaa;

		a = lookups_ask(p->lookups, host, DNS_A);
		aaaa = lookups_ask(p->lookups, host, DNS_AAAA);
		all = all && a && aaaa;
		if (a)
			all = each_address(p, host, a, &silent, &made, &last) && all;
		if (aaaa)
			all = each_address(p, host, aaaa, &silent, &made, &last) && all;
	}
	if (all && made > 0 && silent == made)
		return blocked_port(p, &last);
	return all;
}
