/*
 * The domains of the envelope: whether they exist and take mail, and whether the recipient's mail
 * is for this server at all (RFC 5321 §5.1).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/why_state.h"

enum { LIST_MAX = 4 << 10, HOSTS_MAX = 10 };

/* --- whether a domain takes mail --- */

static const char *without_mx(const struct dns_answer *mx, const struct dns_answer *a,
                              const struct dns_answer *aaaa)
{
	if (a->count + aaaa->count > 0)
		return "ok"; /* an implicit MX */
	if (!dns_status_negative(mx->status) || !dns_status_negative(a->status) ||
	    !dns_status_negative(aaaa->status))
		return "unknown";
	return mx->status == DNS_STATUS_NO_NAME ? "no-name" : "no-mail";
}

static bool judge_domain(struct why_work *w, const char *domain)
{
	const struct dns_answer *mx = lookups_ask(w->lookups, domain, DNS_MX);
	const struct dns_answer *a = lookups_ask(w->lookups, domain, DNS_A);
	const struct dns_answer *aaaa = lookups_ask(w->lookups, domain, DNS_AAAA);

	if (!mx || !a || !aaaa)
		return false;
	why_set(w, "domain", "%s", domain);
	finding_asked(why_evidence(w), mx);
	if (mx->status == DNS_STATUS_OK)
		return why_end(w, mx->count == 1 && !*mx->records[0].name ? "null-mx" : "ok");
	finding_asked(why_evidence(w), a);
	finding_asked(why_evidence(w), aaaa);
	return why_end(w, without_mx(mx, a, aaaa));
}

static bool address_domain(struct why_work *w, const char *address)
{
	char *domain = why_domain_of(address);
	bool done = domain ? judge_domain(w, domain) : why_end(w, "none");

	free(domain);
	return done;
}

bool why_sender_domain(struct why_work *w)
{
	if (w->f->sender && !*w->f->sender)
		return why_end(w, "null");
	return address_domain(w, w->f->sender);
}

bool why_recipient_domain(struct why_work *w)
{
	return address_domain(w, w->f->recipient);
}

/* --- which hosts take its mail --- */

struct hosts {
	struct buf list; /* "a.example, b.example" */
	size_t count, others;
	bool here, unknown;
};

static bool is_here(const struct why_work *w, const struct dns_answer *a)
{
	for (size_t i = 0; i < a->count; i++) {
		struct net_address one = a->records[i].address;

		net_address_set_port(&one, net_address_port(&w->f->server_address));
		if (w->f->server_address.len && net_address_equal(&one, &w->f->server_address))
			return true;
	}
	return false;
}

/* False: waiting. */
static bool one_host(struct why_work *w, const char *host, struct hosts *h)
{
	const struct dns_answer *a = lookups_ask(w->lookups, host, DNS_A);
	const struct dns_answer *aaaa = lookups_ask(w->lookups, host, DNS_AAAA);
	bool here;

	if (!a || !aaaa)
		return false;
	here = is_here(w, a) || is_here(w, aaaa) ||
	       span_eq_nocase(span_of(host), span_of(w->f->server));
	h->unknown = h->unknown ||
	             (!here && (a->count + aaaa->count == 0) &&
	              !(dns_status_negative(a->status) && dns_status_negative(aaaa->status)));
	h->here = h->here || here;
	h->count++;
	if (!here && h->others++ < HOSTS_MAX)
		buf_addf(&h->list, "%s%s", h->list.len ? ", " : "", host);
	return true;
}

/* Gathers the hosts; false: waiting. */
static bool find_hosts(struct why_work *w, const char *domain, struct hosts *h)
{
	const struct dns_answer *mx = lookups_ask(w->lookups, domain, DNS_MX);
	bool all = true;

	if (!mx)
		return false;
	finding_asked(why_evidence(w), mx);
	if (mx->status != DNS_STATUS_OK && !dns_status_negative(mx->status)) {
		h->unknown = true;
		return true;
	}
	for (size_t i = 0; i < mx->count && i < HOSTS_MAX; i++)
		if (*mx->records[i].name)
			all = one_host(w, mx->records[i].name, h) && all;
	if (mx->count == 0 && mx->status == DNS_STATUS_NO_DATA)
		all = one_host(w, domain, h);
	return all;
}

/* The hosts of the recipient's domain, and what follows from them; false: waiting. */
static bool with_hosts(struct why_work *w, const char *(*judge)(const struct hosts *h))
{
	char *domain = why_domain_of(w->f->recipient);
	struct hosts h = {0};
	bool done = true;

	if (!domain)
		return why_end(w, "none");
	buf_init(&h.list, LIST_MAX);
	done = find_hosts(w, domain, &h);
	if (done) {
		why_set(w, "domain", "%s", domain);
		if (h.list.len > 0)
			why_set(w, "hosts", "%s", h.list.data);
		why_end(w, judge(&h));
	}
	buf_release(&h.list);
	free(domain);
	return done;
}

static const char *judge_here(const struct hosts *h)
{
	if (h->here)
		return "here";
	if (h->unknown)
		return "unknown";
	return h->count > 0 ? "elsewhere" : "nowhere";
}

bool why_mx_here(struct why_work *w)
{
	return with_hosts(w, judge_here);
}

static const char *judge_others(const struct hosts *h)
{
	if (h->others > 0)
		return "several";
	return h->unknown ? "unknown" : h->here ? "alone" : "none";
}

bool why_others(struct why_work *w)
{
	return with_hosts(w, judge_others);
}

/* --- a port that does not answer --- */

bool why_port(struct why_work *w)
{
	static const unsigned others[] = {587, 465};
	struct net_address to = w->f->server_address;
	char text[NET_ADDRESS_TEXT];
	bool all = true, open = false;

	if (!to.len || w->f->dial_error == 0)
		return why_end(w, "untested");
	why_set(w, "ip", "%s", net_address_text(&to, text));
	if (w->f->dial_error == ECONNREFUSED)
		return why_end(w, "refused");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct probe_question q = {.host = w->f->server, .to = &to};
		const struct probe_result *r;

		net_address_set_port(&to, others[i]);
		r = probes_ask(w->probes, &q);
		all = all && r;
		if (r && r->end == PROBE_NOT_MADE)
			return why_end(w, "untested");
		open = open || (r && (r->end != PROBE_NO_CONNECTION || r->error == ECONNREFUSED));
	}
	return all && why_end(w, open ? "blocked" : "silent");
}
