/*
 * What is written in a message of its way: trace fields, and what servers say of their own checks.
 * Nothing here is proof: anybody on the way could have written it, and the text says whose words
 * they are.
 */
#include <stdlib.h>
#include <string.h>

#include "check/authres.h"
#include "check/part.h"
#include "check/received.h"

#define HOPS_MAX 50u

/* --- Received --- */

/* "3 h 5 min" */
static void add_span_of_time(int64_t s, struct buf *out)
{
	if (s >= 86400)
		buf_addf(out, "%lld d %lld h", (long long)(s / 86400),
		         (long long)(s % 86400 / 3600));
	else if (s >= 3600)
		buf_addf(out, "%lld h %lld min", (long long)(s / 3600), (long long)(s % 3600 / 60));
	else if (s >= 60)
		buf_addf(out, "%lld min %lld s", (long long)(s / 60), (long long)(s % 60));
	else
		buf_addf(out, "%lld s", (long long)s);
}

struct walk {
	bool known; /* when it was at the place before */
	int64_t at;
	bool begun; /* when it set out */
	int64_t first;
	size_t undated;
	int64_t longest; /* wait */
	size_t longest_hop;
};

static void add_delay(struct walk *w, size_t hop, const struct received *r, struct buf *out)
{
	int64_t wait = r->time - w->at;

	if (!r->dated) {
		w->undated++;
		buf_addf(out, "; its date cannot be read: \"%.100s\"", r->date);
		return;
	}
	if (w->known) {
		buf_addstr(out, ", ");
		add_span_of_time(wait < 0 ? -wait : wait, out);
		buf_addstr(out,
		           wait < 0 ? " earlier than the step before: a clock is wrong" : " later");
	}
	if (w->known && wait > w->longest) {
		w->longest = wait;
		w->longest_hop = hop;
	}
	if (!w->begun)
		w->first = r->time;
	w->known = w->begun = true;
	w->at = r->time;
}

static void tell_hop(struct part *p, struct walk *w, size_t hop, const struct received *r)
{
	char address[NET_ADDRESS_TEXT] = "";
	struct finding *f;
	struct buf text;

	buf_init(&text, 4000);
	if (r->has_address)
		net_address_text(&r->address, address);
	buf_addf(&text, "%zu. %.200s", hop, *r->from ? r->from : "(made here)");
	if (*address)
		buf_addf(&text, " [%s]", address);
	buf_addf(&text, " -> %.200s", *r->by ? r->by : "(no name)");
	if (*r->with)
		buf_addf(&text, ", with %.60s", r->with);
	add_delay(w, hop, r, &text);
	f = findings_add(p->out, CHECK_MESSAGE, "received", r->dated ? CHECK_OK : CHECK_UNKNOWN,
	                 "%s", text.data);
	finding_detail(f, "%.200s", r->date);
	buf_release(&text);
}

static void sum_up(struct part *p, const struct walk *w, size_t count)
{
	struct finding *f;
	struct buf text;

	buf_init(&text, 1000);
	if (w->begun && w->at >= w->first) {
		buf_addstr(&text, " in ");
		add_span_of_time(w->at - w->first, &text);
	}
	if (w->longest_hop > 0) {
		buf_addf(&text, "; the longest wait was before step %zu: ", w->longest_hop);
		add_span_of_time(w->longest, &text);
	}
	f = findings_add(p->out, CHECK_MESSAGE, "path", CHECK_OK, "%zu step%s%s", count,
	                 count == 1 ? "" : "s", text.data);
	finding_detail(f, "each server writes its own Received field, with its own clock; those "
	                  "below the first server that you trust may be invented");
	if (count > HOPS_MAX)
		finding_detail(f, "only the first %u are shown", HOPS_MAX);
	buf_release(&text);
}

bool part_received(struct part *p)
{
	const struct mail *m = p->q->mail;
	size_t count = mail_field_count(m, "Received");
	const struct mail_field *date = mail_field_at(m, "Date", 0);
	struct walk w = {0};

	if (count == 0) {
		findings_add(p->out, CHECK_MESSAGE, "path", CHECK_NOT_TESTED,
		             "there is no Received field: it was not sent yet, or they were "
		             "removed");
		return true;
	}
	w.known = w.begun = date && received_date(date->value, &w.at) == 0;
	w.first = w.at;
	if (!w.known)
		findings_add(
		        p->out, CHECK_MESSAGE, "date", CHECK_BAD,
		        date ? "its Date cannot be read (RFC 5322 §3.3)"
		             : "it has no Date, which every message must have (RFC 5322 §3.6)");
	for (size_t hop = 1; hop <= count && hop <= HOPS_MAX; hop++) {
		struct received r;

		received_read(mail_field_at(m, "Received", count - hop)->value, &r);
		tell_hop(p, &w, hop, &r);
		received_release(&r);
	}
	sum_up(p, &w, count);
	return true;
}

/* --- Authentication-Results --- */

static enum check_verdict verdict_of(const char *result)
{
	static const struct {
		const char *name;
		enum check_verdict v;
	} rows[] = {{"pass", CHECK_OK},           {"bestguesspass", CHECK_OK},
	            {"fail", CHECK_BAD},          {"hardfail", CHECK_BAD},
	            {"softfail", CHECK_BAD},      {"permerror", CHECK_BAD},
	            {"policy", CHECK_BAD},        {"invalid", CHECK_BAD},
	            {"temperror", CHECK_UNKNOWN}, {"neutral", CHECK_UNKNOWN},
	            {"none", CHECK_NOT_TESTED}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (strcmp(rows[i].name, result) == 0)
			return rows[i].v;
	}
	return CHECK_UNKNOWN;
}

static void tell_result(struct part *p, const char *server, const struct authres_result *r)
{
	const char *method = authres_method_text(r->method),
	           *result = authres_result_text(r->result);
	struct finding *f = findings_add(p->out, CHECK_MESSAGE, "results", verdict_of(r->result),
	                                 "%s says %s=%s%s%s", server, r->method, r->result,
	                                 result ? ": " : "", result ? result : "");

	if (method)
		finding_detail(f, "%s: %s", r->method, method);
	else
		finding_detail(f, "%s is no method that we know", r->method);
	for (size_t i = 0; i < r->count; i++)
		finding_detail(f, "%s%s%s: %s", r->properties[i].type,
		               *r->properties[i].name ? "." : "", r->properties[i].name,
		               r->properties[i].value);
	if (r->reason)
		finding_detail(f, "reason: %s", r->reason);
	finding_detail(f, "believe it only if that server is yours (RFC 8601 §1.2)");
}

bool part_results(struct part *p)
{
	const struct mail_field *field;

	for (size_t i = 0; (field = mail_field_at(p->q->mail, "Authentication-Results", i)); i++) {
		struct authres a;
		const char *wrong = authres_read(field->value, &a);
		const char *server = a.server && *a.server ? a.server : "a server without a name";

		for (size_t k = 0; k < a.count; k++)
			tell_result(p, server, &a.results[k]);
		if (wrong)
			findings_add(p->out, CHECK_MESSAGE, "results", CHECK_UNKNOWN,
			             "Authentication-Results of %s cannot be read to its end: %s",
			             server, wrong);
		else if (a.count == 0)
			findings_add(p->out, CHECK_MESSAGE, "results", CHECK_NOT_TESTED,
			             "%s says that it checked nothing", server);
		authres_release(&a);
	}
	return true;
}
