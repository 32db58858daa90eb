/*
 * The walk asks for all its names at once: they follow from the domain alone.
 */
#include "check/dmarc.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "check/tags.h"

#define NAME_ROOM 300u

static const char *const policy_names[] = {"none", "quarantine", "reject"};

const char *dmarc_policy_name(enum dmarc_policy p)
{
	return policy_names[p];
}

/* --- one record (§4.7) --- */

static int read_policy(struct span value, enum dmarc_policy *out)
{
	for (size_t i = 0; i < sizeof(policy_names) / sizeof(*policy_names); i++) {
		if (span_eq_nocase(value, span_of(policy_names[i]))) {
			*out = (enum dmarc_policy)i;
			return 0;
		}
	}
	return -1;
}

static const char *read_policies(const struct tags *t, struct dmarc_record *r)
{
	struct span p = tags_find(t, "p"), sp = tags_find(t, "sp"), np = tags_find(t, "np");

	/* §4.7: with an address for reports, a missing or unknown policy stands for "none". */
	if (read_policy(p, &r->p) != 0) {
		if (!r->rua)
			return p.p ? "its policy p= is none that there is" : "it has no policy p=";
		r->p = DMARC_NONE;
	}
	r->sp = r->p;
	if (sp.p && read_policy(sp, &r->sp) != 0)
		return "its policy sp= is none that there is";
	r->np = r->sp;
	if (np.p && read_policy(np, &r->np) != 0)
		return "its policy np= is none that there is";
	return NULL;
}

static char read_letter(const struct tags *t, const char *name, char otherwise)
{
	struct span value = tags_find(t, name);

	return value.n == 1 ? (char)(value.p[0] | 0x20) : otherwise;
}

const char *dmarc_record_read(struct span text, struct dmarc_record *out)
{
	static const char *const gone[] = {"pct", "rf", "ri"};
	const char *wrong;
	struct tags t;

	*out = (struct dmarc_record){.psd = 'u'};
	wrong = tags_read(text, &t);
	if (wrong)
		return wrong;
	if (tags_find(&t, "rua").n > 0)
		out->rua = mem_dupn(tags_find(&t, "rua").p, tags_find(&t, "rua").n);
	out->strict_dkim = read_letter(&t, "adkim", 'r') == 's';
	out->strict_spf = read_letter(&t, "aspf", 'r') == 's';
	out->testing = read_letter(&t, "t", 'n') == 'y';
	out->psd = read_letter(&t, "psd", 'u');
	if (out->psd != 'y' && out->psd != 'n')
		out->psd = 'u';
	for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++) {
		if (tags_find(&t, gone[i]).p)
			out->old = gone[i];
	}
	out->text = mem_dupn(text.p, text.n);
	return read_policies(&t, out);
}

void dmarc_record_release(struct dmarc_record *r)
{
	free(r->domain);
	free(r->text);
	free(r->rua);
	*r = (struct dmarc_record){.psd = 'u'};
}

void dmarc_init(struct dmarc *d)
{
	*d = (struct dmarc){.status = DMARC_NO_RECORD};
}

void dmarc_release(struct dmarc *d)
{
	for (size_t i = 0; i < d->count; i++)
		dmarc_record_release(&d->walked[i]);
	free(d->fault_at);
	free(d->organization);
	dmarc_init(d);
}

/* --- the walk (§4.10) --- */

static size_t labels(const char *name)
{
	size_t n = 1;

	for (; *name; name++)
		n += *name == '.';
	return n;
}

/* The next domain of the walk, or NULL: from eight labels or more it goes to seven, then one less
 * each time. */
static const char *next_domain(const char *name)
{
	size_t n = labels(name), keep = n >= 8 ? 7 : n - 1;

	for (; n > keep; n--) {
		name = strchr(name, '.');
		if (!name)
			return NULL;
		name++;
	}
	return keep > 0 ? name : NULL;
}

static const struct dns_answer *ask(struct lookups *l, const char *domain)
{
	char name[NAME_ROOM + 10] = "_dmarc.";

	strncat(name, domain, NAME_ROOM);
	return lookups_ask(l, name, DNS_TXT);
}

static void fault(struct dmarc *d, const char *domain, const char *what)
{
	if (d->status == DMARC_FAULTY)
		return;
	d->status = DMARC_FAULTY;
	d->fault = what;
	d->fault_at = mem_dup(domain);
}

/* Keeps the record of an answer, if it has one; several are none (§4.10). */
static void keep_record(struct dmarc *d, const char *domain, const struct dns_answer *a)
{
	const struct dns_record *found = NULL;
	struct dmarc_record r;
	const char *wrong;

	for (size_t i = 0; i < a->count; i++) {
		struct span text = span_from(a->records[i].text, a->records[i].text_len);

		if (!tags_are(text, "DMARC1"))
			continue;
		if (found) {
			fault(d, domain, "there is more than one record, so none counts");
			return;
		}
		found = &a->records[i];
	}
	if (!found)
		return;
	wrong = dmarc_record_read(span_from(found->text, found->text_len), &r);
	if (wrong) {
		fault(d, domain, wrong);
		dmarc_record_release(&r);
		return;
	}
	r.domain = mem_dup(domain);
	d->walked[d->count++] = r;
}

static void unknown(struct dmarc *d, const char *domain, enum dns_status status)
{
	free(d->fault_at);
	d->status = DMARC_UNKNOWN;
	d->fault_at = mem_dup(domain);
	d->dns = status;
}

/* False: waiting. */
static bool walk(struct lookups *l, const char *domain, struct dmarc *d)
{
	size_t steps = 0;

	for (const char *at = domain; at && steps < DMARC_WALK_MAX; at = next_domain(at), steps++)
		ask(l, at);
	steps = 0;
	for (const char *at = domain; at && steps < DMARC_WALK_MAX; at = next_domain(at), steps++) {
		const struct dns_answer *a = ask(l, at);
		size_t before = d->count;

		if (!a)
			return false;
		if (a->status != DNS_STATUS_OK && !dns_status_negative(a->status)) {
			unknown(d, at, a->status);
			return true;
		}
		keep_record(d, at, a);
		if (d->count > before && d->walked[before].psd != 'u')
			return true;
	}
	return true;
}

/* §4.10.2 */
static char *organization(const struct dmarc *d, const char *domain)
{
	const char *best = domain;

	for (size_t i = 0; i < d->count; i++) {
		const struct dmarc_record *r = &d->walked[i];

		if (r->psd == 'n')
			return mem_dup(r->domain);
		if (r->psd == 'y' && strcmp(r->domain, domain) != 0) {
			const char *below = domain;

			while (labels(below) > labels(r->domain) + 1)
				below = strchr(below, '.') + 1;
			return mem_dup(below);
		}
		best = r->domain;
	}
	return mem_dup(best);
}

static const struct dmarc_record *record_at(const struct dmarc *d, const char *domain)
{
	for (size_t i = 0; i < d->count; i++) {
		if (span_eq_nocase(span_of(d->walked[i].domain), span_of(domain)))
			return &d->walked[i];
	}
	return NULL;
}

/* Whether the name exists: 1, 0; -1: waiting. What could not be found out is taken to exist. */
static int exists(struct lookups *l, const char *domain)
{
	const struct dns_answer *a = lookups_ask(l, domain, DNS_A);

	if (!a)
		return -1;
	return a->status != DNS_STATUS_NO_NAME;
}

/* §4.10.1: the domain's own record, that of its organization, that of the public suffix. */
static bool choose(struct lookups *l, const char *domain, struct dmarc *d)
{
	int there;

	d->record = record_at(d, domain);
	d->policy_tag = "p";
	if (d->record) {
		d->policy = d->record->p;
		return true;
	}
	d->record = record_at(d, d->organization);
	if (!d->record && d->count > 0 && d->walked[d->count - 1].psd == 'y')
		d->record = &d->walked[d->count - 1];
	if (!d->record)
		return true;
	there = exists(l, domain);
	d->policy = there == 0 ? d->record->np : d->record->sp;
	d->policy_tag = there == 0 ? "np" : "sp";
	return there >= 0;
}

bool dmarc_find(struct lookups *l, const char *domain, struct dmarc *out)
{
	dmarc_release(out);
	if (strlen(domain) > DNS_NAME_MAX)
		return true;
	if (!walk(l, domain, out))
		return false;
	if (out->status == DMARC_UNKNOWN)
		return true;
	out->organization = organization(out, domain);
	if (!choose(l, domain, out))
		return false;
	if (out->record)
		out->status = DMARC_FOUND;
	return true;
}

int dmarc_stands_for(struct lookups *l, const struct dmarc *d, const char *domain,
                     const char *other, bool strict)
{
	struct dmarc theirs;
	int same = -1;

	if (span_eq_nocase(span_of(other), span_of(domain)))
		return 1;
	if (strict)
		return 0;
	dmarc_init(&theirs);
	if (dmarc_find(l, other, &theirs))
		same = theirs.status == DMARC_UNKNOWN
		               ? -2
		               : theirs.organization && span_eq_nocase(span_of(theirs.organization),
		                                                       span_of(d->organization));
	dmarc_release(&theirs);
	return same;
}
