/*
 * MTA-STS (RFC 8461): the record says that there is a policy, a web server has it, and the policy
 * says which hosts take the mail. Each step is a finding of its own, because each is mended
 * elsewhere: in the DNS, on the web server, in the file.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check/part.h"
#include "check/sts.h"
#include "check/tags.h"

#define PATH      "/.well-known/mta-sts.txt"
#define DAY       86400ul
#define HOST_MAX  300
#define SHOWN_MAX 200

enum { OWN_HOSTS_MAX = 20 };

/* --- the record --- */

static void record_missing(struct part *p, const struct dns_answer *a)
{
	struct finding *f =
	        findings_add(p->out, CHECK_PROTECTED, "mta-sts", CHECK_OK,
	                     "it does not use MTA-STS, so senders may be talked out of TLS");

	finding_asked(f, a);
	finding_change(f,
	               "publish a policy and  _mta-sts.%s. TXT \"v=STSv1; id=1\" "
	               "(RFC 8461), or TLSA records with DNSSEC",
	               p->q->domain);
}

/* Whether there is a good record; else the findings say why not. */
static bool record_good(struct part *p, const struct dns_answer *a, const struct tags *t)
{
	struct span id = tags_find(t, "id");
	struct finding *f;

	if (sts_id_valid(id)) {
		f = findings_add(p->out, CHECK_PROTECTED, "mta-sts", CHECK_OK,
		                 "it has an MTA-STS record, id " SPAN_FMT, SPAN_ARG(id));
		finding_detail(f, "senders keep the policy until they see another id");
		finding_asked(f, a);
		return true;
	}
	f = findings_add(p->out, CHECK_PROTECTED, "mta-sts", CHECK_BAD,
	                 !id.p ? "the MTA-STS record has no id= (RFC 8461 §3.1)"
	                       : "the id= of the MTA-STS record is not 1 to 32 letters and digits "
	                         "(RFC 8461 §3.1)");
	finding_asked(f, a);
	finding_change(f, "publish  _mta-sts.%s. TXT \"v=STSv1; id=1\"", p->q->domain);
	return false;
}

/* --- the file --- */

static struct finding *policy(struct part *p, enum check_verdict v, const char *what,
                              const char *why)
{
	return findings_add(p->out, CHECK_PROTECTED, "mta-sts-policy", v,
	                    "the MTA-STS policy at https://mta-sts.%s" PATH " %s%s%s", p->q->domain,
	                    what, why ? ": " : "", why ? why : "");
}

static void tell_fetch(struct finding *f, const struct https_result *r)
{
	char text[NET_ADDRESS_TEXT];

	if (r->connected)
		finding_detail(f, "asked of %s, %lld ms", net_address_port_text(&r->from, text),
		               (long long)r->elapsed_ms);
	if (r->reply.status)
		finding_detail(f, "HTTP status %d, Content-Type: %s", r->reply.status,
		               r->reply.type ? r->reply.type : "none");
}

static void tell_redirect(struct part *p, const struct https_result *r)
{
	struct finding *f =
	        policy(p, CHECK_BAD, "is a redirect, which senders do not follow", "RFC 8461 §3.3");

	finding_detail(f, "Location: %s", r->reply.location ? r->reply.location : "none");
	tell_fetch(f, r);
	finding_change(f, "serve the file itself at that address, with status 200");
}

/* A reply that is no policy. True: it may be one. */
static bool status_good(struct part *p, const struct https_result *r)
{
	int status = r->reply.status;
	struct finding *f;
	struct buf why;

	if (status == 200)
		return true;
	if (status / 100 == 3) {
		tell_redirect(p, r);
		return false;
	}
	buf_init(&why, SHOWN_MAX);
	buf_addf(&why, "the web server answers %d", status);
	f = policy(p, status / 100 == 4 && status != 429 ? CHECK_BAD : CHECK_UNKNOWN,
	           "cannot be had", why.data);
	buf_release(&why);
	tell_fetch(f, r);
	finding_change(f, "serve the policy there with status 200 (RFC 8461 §3.3)");
	return false;
}

/* "text/plain; charset=utf-8" */
static bool type_good(const char *type)
{
	struct span s = span_of(type);

	s = span_trim(span_first(s, span_find(s, ';')));
	return span_eq_nocase(s, SPAN("text/plain"));
}

/* What each way of not coming to a reply proves: a silence proves nothing. */
static enum check_verdict verdict_of(const struct https_result *r)
{
	switch (r->end) {
	case HTTPS_NO_CONNECTION: return r->error == ECONNREFUSED ? CHECK_BAD : CHECK_UNKNOWN;
	case HTTPS_NO_TLS:
		return r->tls->failure == TLS_FAILURE_TIMEOUT ? CHECK_UNKNOWN : CHECK_BAD;
	case HTTPS_UNPROVEN:
	case HTTPS_TOO_LONG: return CHECK_BAD;
	case HTTPS_BROKEN: return r->reply.fault ? CHECK_BAD : CHECK_UNKNOWN;
	default: return CHECK_UNKNOWN;
	}
}

static const char *const advice[] = {
        [HTTPS_NO_CONNECTION] = "let a web server answer there on port 443",
        [HTTPS_NO_TLS] = "let the web server speak TLS 1.2 or newer there",
        [HTTPS_UNPROVEN] = ("get a certificate for that name from an authority that others trust "
                            "(RFC 8461 §3.3)"),
        [HTTPS_BROKEN] = "serve it as a plain file",
        [HTTPS_TOO_LONG] = "a policy is a few lines; senders give up at 64 KiB (RFC 8461 §3.3)",
        [HTTPS_LATE] = "senders give up after a minute or so (RFC 8461 §3.3)",
};

static bool reply_came(struct part *p, const struct https_result *r)
{
	struct finding *f;

	if (r->end == HTTPS_REPLY)
		return true;
	f = policy(p, verdict_of(r), "cannot be had", r->why);
	tell_fetch(f, r);
	finding_change(f, "%s", advice[r->end]);
	return false;
}

/* --- what it says --- */

static void tell_policy(struct part *p, const struct https_result *r, const struct sts_policy *s)
{
	struct finding *f = findings_add(p->out, CHECK_PROTECTED, "mta-sts-policy", CHECK_OK,
	                                 "its MTA-STS policy says %s: %s", sts_mode_name(s->mode),
	                                 sts_mode_text(s->mode));

	for (size_t i = 0; i < s->count; i++)
		finding_detail(f, "mx: %s", s->mx[i]);
	if (s->dropped)
		finding_detail(f, "and %zu more", s->dropped);
	finding_detail(f, "senders keep it for %lu seconds (about %lu days)", s->max_age,
	               s->max_age / DAY);
	if (s->mode == STS_ENFORCE && s->max_age < DAY)
		finding_detail(f, "that is short: who blocks the policy that long undoes it; weeks "
		                  "are usual (RFC 8461 §3.2)");
	tell_fetch(f, r);
	if (s->mode == STS_TESTING)
		finding_change(f, "when the reports show no failures: \"mode: enforce\", and a new "
		                  "id= in the record");
}

/* Which of the hosts that take mail the policy forgets. */
static bool hosts_named(struct part *p, const struct sts_policy *s)
{
	const char *hosts[OWN_HOSTS_MAX];
	size_t count, forgotten = 0;
	struct finding *f;

	if (!part_mail_hosts(p, hosts, OWN_HOSTS_MAX, &count))
		return false;
	for (size_t i = 0; i < count && s->mode != STS_NONE; i++) {
		if (sts_policy_names(s, hosts[i]))
			continue;
		forgotten++;
		f = findings_add(p->out, CHECK_PROTECTED, "mta-sts-mx", CHECK_BAD,
		                 "the MTA-STS policy does not name the mail host %s: %s", hosts[i],
		                 s->mode == STS_ENFORCE
		                         ? "senders that read the policy do not deliver to it (RFC "
		                           "8461 §4.1)"
		                         : "with \"mode: enforce\" senders would not deliver to it "
		                           "(RFC 8461 §4.1)");
		finding_change(f,
		               "add the line \"mx: %s\" to the policy, and then change id= in "
		               "the record",
		               hosts[i]);
	}
	if (count > 0 && forgotten == 0 && s->mode != STS_NONE)
		findings_add(p->out, CHECK_PROTECTED, "mta-sts-mx", CHECK_OK,
		             "the MTA-STS policy names %s",
		             count == 1 ? "its mail host" : "all its mail hosts");
	return true;
}

static bool read_policy(struct part *p, const struct https_result *r)
{
	struct sts_policy s;
	size_t line = 0;
	const char *wrong = sts_policy_read(buf_span(&r->reply.body), &s, &line);
	bool complete = true;
	struct finding *f;

	if (wrong) {
		f = policy(p, CHECK_BAD, "is none", wrong);
		if (line)
			finding_detail(f, "in line %zu", line);
		tell_fetch(f, r);
		finding_change(f, "it must have the lines version: STSv1, mode:, max_age: and an "
		                  "mx: for each mail host (RFC 8461 §3.2)");
	} else {
		tell_policy(p, r, &s);
		complete = hosts_named(p, &s);
	}
	sts_policy_release(&s);
	return complete;
}

static bool judge_reply(struct part *p, const struct https_result *r)
{
	struct finding *f;

	if (!reply_came(p, r) || !status_good(p, r))
		return true;
	if (!type_good(r->reply.type)) {
		f = policy(p, CHECK_BAD, "has the wrong media type",
		           r->reply.type ? r->reply.type : "it has none");
		tell_fetch(f, r);
		finding_change(f, "serve it as text/plain: senders may ignore it otherwise (RFC "
		                  "8461 §3.3)");
		return true;
	}
	return read_policy(p, r);
}

/* --- where it is --- */

static size_t take_addresses(const struct part *p, const struct dns_answer *a,
                             struct net_address *to, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < a->count && n < room; i++) {
		if (part_may_speak(&a->records[i].address,
		                   a->given || fetch_by(p->fetch)->private_too))
			to[n++] = a->records[i].address;
	}
	return n;
}

/* The addresses to ask; 0: a finding says why there is none. */
static size_t find_addresses(struct part *p, const struct dns_answer *a,
                             const struct dns_answer *aaaa, struct net_address *to)
{
	size_t n = take_addresses(p, a, to, HTTPS_ADDRESSES_MAX / 2);
	struct finding *f;

	n += take_addresses(p, aaaa, to + n, HTTPS_ADDRESSES_MAX - n);
	if (n > 0)
		return n;
	if (a->count + aaaa->count > 0) {
		f = policy(p, CHECK_NOT_TESTED, "was not asked for",
		           "its host has only private addresses; --yes asks them");
	} else if (!dns_status_negative(a->status) || !dns_status_negative(aaaa->status)) {
		f = policy(
		        p, CHECK_UNKNOWN, "cannot be had",
		        dns_status_text(dns_status_negative(a->status) ? aaaa->status : a->status));
	} else {
		f = policy(p, CHECK_BAD, "cannot be had", "the name of its host has no address");
		finding_change(f, "give mta-sts.%s an address, and serve the policy there",
		               p->q->domain);
	}
	finding_asked(f, a);
	finding_asked(f, aaaa);
	return 0;
}

static bool judge_policy(struct part *p)
{
	struct net_address to[HTTPS_ADDRESSES_MAX];
	const struct dns_answer *a, *aaaa;
	const struct https_result *r;
	size_t count;
	struct buf host;
	bool complete = true;

	if (!fetch_by(p->fetch)) {
		policy(p, CHECK_NOT_TESTED, "was not asked for", NULL);
		return true;
	}
	buf_init(&host, HOST_MAX);
	buf_addf(&host, "mta-sts.%s", p->q->domain);
	a = lookups_ask(p->lookups, host.data, DNS_A);
	aaaa = lookups_ask(p->lookups, host.data, DNS_AAAA);
	if (!a || !aaaa) {
		complete = false;
	} else if ((count = find_addresses(p, a, aaaa, to)) > 0) {
		r = fetch_ask(p->fetch, host.data, PATH, to, count, STS_POLICY_MAX);
		complete = r && judge_reply(p, r);
	}
	buf_release(&host);
	return complete;
}

bool part_sts(struct part *p)
{
	const struct dns_answer *a;
	struct tags t;
	int found = part_one_record(p, "mta-sts", "_mta-sts", "STSv1", &a, &t);

	if (found < 0)
		return false;
	if (found == 0 && p->out->count == 0)
		record_missing(p, a);
	return found == 0 || !record_good(p, a, &t) || judge_policy(p);
}
