/*
 * Evidence first, verdict after it: who reads only one line of this should read the verdict, so it
 * stands alone in its line and says what is missing. Strings of certificates are safe to show
 * already (tls.h); those of EHLO become so in the view.
 */
#include "ui/tls_view.h"

#include <time.h>

enum { NAMES_SHOWN = 6, DAY = 24 * 60 * 60 };

/* --- the certificate --- */

static void add_date(struct buf *out, time_t when)
{
	char text[32];
	struct tm tm;

	if (gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d", &tm) > 0)
		buf_addstr(out, text);
	else
		buf_addstr(out, "an impossible date");
}

static void add_days(struct buf *out, const struct tls_certificate *c, time_t now)
{
	long left = (long)((c->not_after - now) / DAY);

	if (now < c->not_before)
		buf_addstr(out, "not valid yet");
	else if (now > c->not_after)
		buf_addf(out, "expired %ld day%s ago", -left, left == -1 ? "" : "s");
	else
		buf_addf(out, "%ld day%s left", left, left == 1 ? "" : "s");
}

static void add_names(struct buf *out, const struct tls_certificate *c)
{
	if (c->name_count == 0)
		buf_addf(out, "no name (subject: %s)", c->subject);
	for (size_t i = 0; i < c->name_count && i < NAMES_SHOWN; i++)
		buf_addf(out, "%s%s", i ? ", " : "", c->names[i]);
	if (c->name_count > NAMES_SHOWN)
		buf_addf(out, " and %zu more", c->name_count - NAMES_SHOWN);
}

static void add_certificate(struct buf *out, const struct tls_certificate *c)
{
	buf_addstr(out, "\ncertificate for ");
	add_names(out, c);
	buf_addf(out, "\nissued by %s; valid from ", c->issuer);
	add_date(out, c->not_before);
	buf_addstr(out, " to ");
	add_date(out, c->not_after);
	buf_addstr(out, " (");
	add_days(out, c, time(NULL));
	buf_addf(out, "); key %s, signed with %s", c->key, c->signature);
}

static void add_chain(struct buf *out, const struct tls_report *r)
{
	buf_addf(out, "\nchain as sent: ");
	for (size_t i = 0; i < r->chain_count; i++)
		buf_addf(out, "%s%s", i ? "  <-  " : "", r->chain[i].subject);
}

/* --- the verdict --- */

static void add_verdict(struct buf *out, const struct tls_report *r)
{
	if (!tls_report_verified(r)) {
		buf_addstr(out, "\nnot verified: ");
		tls_report_explain(r, out);
		buf_addstr(out, ". The line is encrypted, but who is at its other end is not "
		                "proven");
	} else if (r->by_dane) {
		buf_addf(out,
		         "\nverified by DANE: a TLSA record with DNSSEC names this key, and no "
		         "authority is needed (RFC 7672 §3.1)");
	} else {
		buf_addf(out,
		         "\nverified: the certificate is for %s, and its chain leads to an "
		         "authority "
		         "that is trusted here",
		         r->wanted ? r->wanted : "this host");
	}
	if (r->client_certificate_asked)
		buf_addstr(out, "\nthe server asked for a client certificate");
}

static void add_dane(struct buf *out, const struct dane_result *d)
{
	static const char *const states[] = {
	        [TLS_DANE_NONE] = "none: there is no TLSA record",
	        [TLS_DANE_INSECURE] = "insecure",
	        [TLS_DANE_BOGUS] = "bogus",
	        [TLS_DANE_UNKNOWN] = "unknown",
	        [TLS_DANE_UNUSABLE] = "unusable",
	        [TLS_DANE_SECURE] = "secure",
	};

	buf_addf(out, "\nDANE: %s", states[d->state]);
	if (d->name)
		buf_addf(out, " (%s)", d->name);
	if (d->why)
		buf_addf(out, ": %s", d->why);
	if (d->state == TLS_DANE_SECURE && !d->mx_secure)
		buf_addstr(out,
		           "; but DNSSEC does not protect the MX record that led to this host");
}

void tls_view_report(const struct tls_report *r, const struct dane_result *dane, struct buf *out)
{
	buf_addf(out, "%s, %s", r->version, r->cipher);
	if (r->group)
		buf_addf(out, ", key exchange %s", r->group);
	buf_addf(out, "; the handshake took %lld ms", (long long)r->ms);
	if (r->chain_count > 0)
		add_certificate(out, &r->chain[0]);
	if (r->chain_count > 1)
		add_chain(out, r);
	add_verdict(out, r);
	if (dane)
		add_dane(out, dane);
}

void tls_view_pem(const struct tls_report *r, struct buf *out)
{
	for (size_t i = 0; i < r->chain_count; i++)
		buf_addf(out, "%s\n%s", r->chain[i].subject, r->chain[i].pem);
}

/* --- before and after --- */

static void add_missing(struct buf *out, const char *what, const struct smtp_capabilities *in,
                        const struct smtp_capabilities *from)
{
	const struct smtp_capability *c;
	const char *before = what;
	size_t at = 0;

	while ((c = smtp_capability_missing(in, from, &at)) != NULL) {
		buf_addf(out, "%s%s%s%s", before, c->keyword, *c->argument ? " " : "", c->argument);
		before = ", ";
	}
}

void tls_view_compare(const struct smtp_capabilities *before, const struct smtp_capabilities *now,
                      struct buf *out)
{
	size_t start = out->len;

	if (before->server_name && now->server_name &&
	    !span_eq_nocase(span_of(before->server_name), span_of(now->server_name)))
		buf_addf(out, "it called itself %s, and now %s", before->server_name,
		         now->server_name);
	add_missing(out, out->len == start ? "gone: " : "; gone: ", before, now);
	add_missing(out, out->len == start ? "new: " : "; new: ", now, before);
	if (out->len == start)
		buf_addstr(out, "nothing changed");
}
