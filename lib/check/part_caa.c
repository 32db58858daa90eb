/*
 * Which authorities may issue certificates for the mail hosts (RFC 8659).
 *
 * The records that count stand at the host or at the nearest name above it that has any (§3). All
 * of those names are asked at once: that costs a few questions more, and saves a round for each.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/part.h"

enum { OWN_HOSTS_MAX = 20, CLIMB_MAX = 12 };
#define VALUE_SHOWN 200

/* --- one record --- */

struct property {
	bool critical;
	struct span tag, value;
};

static bool property_read(const struct dns_record *r, struct property *out)
{
	const unsigned char *p = (const unsigned char *)r->text;

	if (r->text_len < 2 || p[1] == 0 || (size_t)p[1] + 2 > r->text_len)
		return false;
	out->critical = (p[0] & 0x80) != 0;
	out->tag = span_from(r->text + 2, p[1]);
	out->value = span_from(r->text + 2 + p[1], r->text_len - 2 - p[1]);
	return true;
}

/* The registry of properties (RFC 8659 §4.2 to §4.4, RFC 9495; the last are of the CA/Browser
 * Forum), and what each is about. */
static const struct {
	struct span tag;
	const char *text;
} properties[] = {
        {{"issue", 5}, "may issue certificates"},
        {{"issuewild", 9}, "may issue certificates for wildcard names"},
        {{"iodef", 5}, "is told of requests that are refused"},
        {{"issuemail", 9}, "may issue S/MIME certificates"},
        {{"issuevmc", 8}, "may issue mark certificates (for BIMI)"},
        {{"contactemail", 12}, "is asked about the domain"},
        {{"contactphone", 12}, "is asked about the domain"},
};

static const char *property_text(struct span tag)
{
	for (size_t i = 0; i < sizeof(properties) / sizeof(*properties); i++) {
		if (span_eq_nocase(properties[i].tag, tag))
			return properties[i].text;
	}
	return NULL;
}

/* Whom issue= names; n 0: nobody (";" or nothing, RFC 8659 §4.2). */
static struct span issuer(struct span value)
{
	return span_trim(span_first(value, span_find(value, ';')));
}

/* --- a set of them --- */

static void tell_property(struct finding *f, const struct property *one)
{
	const char *text = property_text(one->tag);
	struct span value = span_first(one->value, VALUE_SHOWN), who = issuer(value);
	bool issues = span_starts_nocase(one->tag, SPAN("issue"));

	if (!text)
		finding_detail(f, SPAN_FMT " \"" SPAN_FMT "\": not known here%s",
		               SPAN_ARG(one->tag), SPAN_ARG(value),
		               one->critical ? ", and marked critical" : "");
	else if (issues && who.n == 0)
		finding_detail(f, SPAN_FMT " \"" SPAN_FMT "\": nobody %s", SPAN_ARG(one->tag),
		               SPAN_ARG(value), text);
	else
		finding_detail(f, SPAN_FMT " \"" SPAN_FMT "\": %s", SPAN_ARG(one->tag),
		               SPAN_ARG(value), text);
}

struct summary {
	const struct property *stop; /* critical and unknown */
	struct property unknown;
	struct buf issuers;
	bool limits; /* there is an issue= at all */
	bool broken;
};

static void sum_up(struct summary *s, const struct property *one)
{
	struct span who = issuer(one->value);

	if (one->critical && !property_text(one->tag) && !s->stop) {
		s->unknown = *one;
		s->stop = &s->unknown;
	}
	if (!span_eq_nocase(one->tag, SPAN("issue")))
		return;
	s->limits = true;
	if (who.n > 0)
		buf_addf(&s->issuers, "%s" SPAN_FMT, s->issuers.len ? ", " : "",
		         SPAN_ARG(span_first(who, VALUE_SHOWN)));
}

static struct finding *tell_set(struct part *p, const char *host, const char *at,
                                const struct summary *s)
{
	struct finding *f;

	if (s->broken) {
		f = findings_add(p->out, CHECK_PROTECTED, "caa", CHECK_BAD,
		                 "a CAA record of %s cannot be read", at);
		finding_change(f, "write it as  %s. CAA 0 issue \"ca.example\"", at);
	} else if (s->stop) {
		f = findings_add(p->out, CHECK_PROTECTED, "caa", CHECK_BAD,
		                 "a CAA record of %s is critical and of a kind, " SPAN_FMT
		                 ", that is not registered: authorities that do not know it "
		                 "issue no certificate for %s (RFC 8659 §4.1)",
		                 at, SPAN_ARG(s->stop->tag), host);
		finding_change(f, "remove that record, or its critical flag (128)");
	} else if (s->limits && s->issuers.len == 0) {
		f = findings_add(p->out, CHECK_PROTECTED, "caa", CHECK_OK,
		                 "CAA of %s: nobody may issue a certificate for the mail host %s",
		                 at, host);
		finding_change(f,
		               "name the authority that is to renew it: %s. CAA 0 issue "
		               "\"ca.example\"",
		               at);
	} else if (s->limits) {
		f = findings_add(p->out, CHECK_PROTECTED, "caa", CHECK_OK,
		                 "CAA of %s: only %s may issue certificates for the mail host %s",
		                 at, s->issuers.data, host);
	} else {
		f = findings_add(p->out, CHECK_PROTECTED, "caa", CHECK_OK,
		                 "CAA of %s does not limit who may issue certificates for the mail "
		                 "host %s",
		                 at, host);
	}
	return f;
}

static void judge_set(struct part *p, const char *host, const struct dns_answer *a)
{
	struct summary s = {0};
	struct finding *f;

	buf_init(&s.issuers, 1000);
	for (size_t i = 0; i < a->count; i++) {
		struct property one;

		if (property_read(&a->records[i], &one))
			sum_up(&s, &one);
		else
			s.broken = true;
	}
	f = tell_set(p, host, a->name, &s);
	for (size_t i = 0; i < a->count; i++) {
		struct property one;

		if (property_read(&a->records[i], &one))
			tell_property(f, &one);
	}
	finding_asked(f, a);
	buf_release(&s.issuers);
}

/* --- the climb --- */

/* The set that counts for a host, or NULL: there is none. False: waiting. An answer that failed
 * ends the climb: what is above it may not be what counts. */
static bool climb(struct part *p, const char *host, const struct dns_answer **set)
{
	const struct dns_answer *answers[CLIMB_MAX];
	size_t count = 0;

	*set = NULL;
	while (host && *host && count < CLIMB_MAX) {
		answers[count++] = lookups_ask(p->lookups, host, DNS_CAA);
		host = strchr(host, '.');
		host = host ? host + 1 : NULL;
	}
	for (size_t i = 0; i < count; i++) {
		if (!answers[i])
			return false;
	}
	for (size_t i = 0; i < count && !*set; i++) {
		if (answers[i]->count > 0 || !dns_status_negative(answers[i]->status))
			*set = answers[i];
	}
	return true;
}

/* Whether an earlier host has the same set: it is told once. */
static bool told(const struct dns_answer *const sets[], size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (sets[k] == sets[i])
			return true;
	}
	return false;
}

bool part_caa(struct part *p)
{
	const struct dns_answer *sets[OWN_HOSTS_MAX];
	const char *hosts[OWN_HOSTS_MAX];
	size_t count, have = 0;
	bool all = true;

	if (!part_mail_hosts(p, hosts, OWN_HOSTS_MAX, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		all = climb(p, hosts[i], &sets[i]) && all;
	if (!all)
		return false;
	for (size_t i = 0; i < count; i++) {
		have += sets[i] != NULL;
		if (!sets[i] || told(sets, i) || part_failed(p, CHECK_PROTECTED, "caa", sets[i]))
			continue;
		judge_set(p, hosts[i], sets[i]);
	}
	if (count > 0 && have == 0)
		findings_add(p->out, CHECK_PROTECTED, "caa", CHECK_OK,
		             "no CAA record limits who may issue certificates for its mail hosts "
		             "(RFC 8659)");
	return true;
}
