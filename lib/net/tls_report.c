/*
 * The report's words and its memory.
 */
#include <stdlib.h>
#include <time.h>

#include "net/tls_state.h"

static const struct {
	const char *name, *text;
} problems[] = {
#define X(NAME, name, text) [TLS_PROBLEM_##NAME] = {name, text},
        TLS_PROBLEMS(X)
#undef X
};

const char *tls_problem_name(enum tls_problem p)
{
	return problems[p < TLS_PROBLEM_COUNT ? p : TLS_PROBLEM_OTHER].name;
}

const char *tls_problem_text(enum tls_problem p)
{
	return problems[p < TLS_PROBLEM_COUNT ? p : TLS_PROBLEM_OTHER].text;
}

bool tls_report_verified(const struct tls_report *r)
{
	return r->done && r->problems == 0 && r->chain_count > 0;
}

/* --- problems, with their evidence --- */

#define NAMES_SHOWN 5

static void add_date(struct buf *out, const char *before, time_t when)
{
	char text[32];
	struct tm tm;

	if (gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d", &tm) > 0)
		buf_addf(out, " (%s %s)", before, text);
}

static void add_names(const struct tls_report *r, struct buf *out)
{
	const struct tls_certificate *c = r->chain;

	buf_addf(out, " (wanted: %s; offered: ", r->wanted ? r->wanted : "");
	if (c->name_count == 0)
		buf_addstr(out, "no name at all");
	for (size_t i = 0; i < c->name_count && i < NAMES_SHOWN; i++)
		buf_addf(out, "%s%s", i ? ", " : "", c->names[i]);
	if (c->name_count > NAMES_SHOWN)
		buf_addf(out, " and %zu more", c->name_count - NAMES_SHOWN);
	buf_addch(out, ')');
}

/* The certificate of the chain that a date is about, or NULL when it was not sent. */
static const struct tls_certificate *expired(const struct tls_report *r, time_t now)
{
	for (size_t i = 0; i < r->chain_count; i++) {
		if (r->chain[i].not_after < now)
			return &r->chain[i];
	}
	return NULL;
}

static const struct tls_certificate *early(const struct tls_report *r, time_t now)
{
	for (size_t i = 0; i < r->chain_count; i++) {
		if (r->chain[i].not_before > now)
			return &r->chain[i];
	}
	return NULL;
}

static void add_evidence(const struct tls_report *r, enum tls_problem p, struct buf *out)
{
	const struct tls_certificate *c = NULL;

	switch (p) {
	case TLS_PROBLEM_EXPIRED:
		c = expired(r, time(NULL));
		if (c)
			add_date(out, "on", c->not_after);
		break;
	case TLS_PROBLEM_NOT_YET:
		c = early(r, time(NULL));
		if (c)
			add_date(out, "before", c->not_before);
		break;
	case TLS_PROBLEM_UNKNOWN_ISSUER:
	case TLS_PROBLEM_MISSING_INTERMEDIATE:
		if (r->missing)
			buf_addf(out, " (%s)", r->missing);
		break;
	case TLS_PROBLEM_NAME_MISMATCH: add_names(r, out); break;
	case TLS_PROBLEM_OTHER:
		if (r->detail)
			buf_addf(out, " (%s)", r->detail);
		break;
	default: break;
	}
}

void tls_report_explain(const struct tls_report *r, struct buf *out)
{
	const char *before = "";

	if (r->done && r->chain_count == 0)
		buf_addstr(out, "the server has shown no certificate");
	for (int p = 0; p < TLS_PROBLEM_COUNT && r->chain_count; p++) {
		if (!(r->problems & 1u << p))
			continue;
		buf_addf(out, "%s%s", before, tls_problem_text((enum tls_problem)p));
		add_evidence(r, (enum tls_problem)p, out);
		before = "; ";
	}
}

/* --- memory --- */

void tls_report_free(struct tls_report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->chain_count; i++)
		tls_certificate_release(&r->chain[i]);
	free(r->chain);
	free(r->detail);
	free(r->unexpected);
	free(r->version);
	free(r->cipher);
	free(r->group);
	free(r->wanted);
	free(r->missing);
	free(r);
}
