/*
 * Asking ahead: the walk of RFC 7208 goes from term to term, and would wait for each answer before
 * it asks for the next. So everything that it may come to is asked for as soon as it is known,
 * includes within includes too: then a record takes as many round trips as its includes are deep,
 * not as many as it has.
 *
 * The budget is the walk's own (ten terms that ask, §4.6.4), spent in the order in which the walk
 * spends it: nothing is asked that the walk could not reach.
 */
#include <stdlib.h>

#include "check/spf_run.h"

/* The record that came for an include; NULL: none yet, or no good one. */
static struct spf_record *record_of(const struct dns_answer *a)
{
	const struct dns_record *txt = NULL;
	struct spf_record *rec = NULL;
	struct diag d;

	for (size_t i = 0; a && i < a->count; i++) {
		struct span text = span_from(a->records[i].text, a->records[i].text_len);

		if (!spf_record_is(text))
			continue;
		if (txt)
			return NULL;
		txt = &a->records[i];
	}
	if (!txt)
		return NULL;
	diag_init(&d);
	rec = spf_record_parse(span_from(txt->text, txt->text_len), &d);
	diag_release(&d);
	return rec;
}

static void ask_record(struct spf_run *r, const struct spf_record *rec, unsigned *asks);

static void ask_include(struct spf_run *r, const char *name, unsigned *asks)
{
	struct spf_record *rec = record_of(lookups_ask(r->lookups, name, DNS_TXT));
	struct span outer = r->values.domain;

	if (!rec)
		return;
	r->values.domain = span_of(name);
	ask_record(r, rec, asks);
	r->values.domain = outer;
	spf_record_free(rec);
}

static void ask_hosts(struct spf_run *r, const char *name)
{
	const struct dns_answer *mx = lookups_ask(r->lookups, name, DNS_MX);

	for (size_t i = 0; mx && mx->count <= SPF_NAMES_MAX && i < mx->count; i++) {
		if (*mx->records[i].name)
			lookups_ask(r->lookups, mx->records[i].name, spf_match_address_type(r));
	}
}

static void ask_term(struct spf_run *r, enum spf_mechanism m, const char *name, unsigned *asks)
{
	switch (m) {
	case SPF_INCLUDE: ask_include(r, name, asks); break;
	case SPF_MX: ask_hosts(r, name); break;
	case SPF_A: lookups_ask(r->lookups, name, spf_match_address_type(r)); break;
	default: lookups_ask(r->lookups, name, DNS_A); break; /* exists */
	}
}

static void ask_redirect(struct spf_run *r, const struct spf_record *rec, unsigned *asks)
{
	struct buf name;

	if (!rec->redirect.p || ++*asks > SPF_TERMS_ASKING_MAX)
		return;
	buf_init(&name, SPF_NAME_ROOM);
	if (spf_run_target(r, rec->redirect, &name) == 0)
		ask_include(r, name.data, asks);
	buf_release(&name);
}

static void ask_record(struct spf_run *r, const struct spf_record *rec, unsigned *asks)
{
	for (size_t i = 0; i < rec->count; i++) {
		const struct spf_term *t = &rec->terms[i];
		struct buf name;

		if (t->mechanism == SPF_ALL)
			return; /* nothing behind it is reached */
		if (!spf_mechanism_asks(t->mechanism))
			continue;
		if (++*asks > SPF_TERMS_ASKING_MAX)
			return;
		buf_init(&name, SPF_NAME_ROOM);
		if (t->mechanism == SPF_PTR)
			spf_match_ask_ptr(r);
		else if (spf_run_target(r, t->domain, &name) == 0)
			ask_term(r, t->mechanism, name.data, asks);
		buf_release(&name);
	}
	ask_redirect(r, rec, asks);
}

void spf_ahead_ask(struct spf_run *r, const struct spf_record *rec)
{
	unsigned asks = r->report->asks;

	ask_record(r, rec, &asks);
}
