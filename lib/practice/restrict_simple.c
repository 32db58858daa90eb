/*
 * Restrictions that decide by what is already known: who the client is, what it said, and the
 * parameters of main.cf.
 */
#include <stdlib.h>
#include <string.h>

#include "practice/restrict_state.h"
#include "practice/server.h"

#define SLEEP_MAX 300 /* seconds: longer ones are cut */

/* "<…>: … rejected: words" about the subject of the list. */
static enum outcome refuse_subject(struct check *c, int code, const char *dsn, const char *words)
{
	return check_refuse(c, code, dsn, "<%s>: %s rejected: %s", c->subject, c->class, words);
}

static enum outcome refuse_about(struct check *c, enum subject about, int code, const char *dsn,
                                 const char *words)
{
	return check_refuse(c, code, dsn, "<%s>: %s rejected: %s", check_value(c, about),
	                    check_class(c, about), words);
}

static int number(const struct check *c, enum maincf_parameter p)
{
	return (int)maincf_number(check_cf(c), p);
}

/* --- general --- */

RUNS(run_permit)
{
	(void)r;
	(void)argument;
	check_looked(c, "everything that comes as far as this entry is permitted");
	return PERMIT;
}

RUNS(run_reject)
{
	(void)r;
	(void)argument;
	check_looked(c, "everything that comes as far as this entry is refused");
	return refuse_subject(c, number(c, MAINCF_REJECT_CODE), "5.7.1", "Access denied");
}

RUNS(run_defer)
{
	(void)r;
	(void)argument;
	check_looked(c, "everything that comes as far as this entry is put off");
	return refuse_subject(c, number(c, MAINCF_DEFER_CODE), "4.3.2", "Try again later");
}

RUNS(run_defer_if_permit)
{
	(void)r;
	(void)argument;
	check_looked(c, "what would be permitted from here on is deferred");
	return check_defer_if_permit(c, false, 450, "4.7.0",
	                             "<%s>: %s rejected: defer_if_permit requested", c->subject,
	                             c->class);
}

RUNS(run_defer_if_reject)
{
	(void)r;
	(void)argument;
	check_looked(c, "what would be refused from here on is deferred");
	check_defer_if_reject(c, 450, "4.7.0", "<%s>: %s rejected: defer_if_reject requested",
	                      c->subject, c->class);
	return DUNNO;
}

RUNS(run_sleep)
{
	unsigned long seconds = 0;

	(void)r;
	if (span_number(argument, SLEEP_MAX, &seconds) != 0)
		seconds = SLEEP_MAX;
	c->m->sleep_ms += (int64_t)seconds * PRACTICE_SECOND_MS;
	check_looked(c, "Postfix waits " SPAN_FMT " seconds here, a practice host a tenth of that",
	             SPAN_ARG(argument));
	return DUNNO;
}

RUNS(run_unauth_pipelining)
{
	(void)r;
	(void)argument;
	check_looked(c, c->f->pipelined ? "the client sent more before it had read an answer for "
	                                  "which it must wait"
	                                : "the client waited where it must wait");
	if (!c->f->pipelined)
		return DUNNO;
	return refuse_subject(c, 503, "5.5.0", "Improper use of SMTP command pipelining");
}

RUNS(run_plaintext)
{
	(void)r;
	(void)argument;
	check_looked(c, c->f->tls ? "the session is encrypted" : "the session is not encrypted");
	if (c->f->tls)
		return DUNNO;
	return check_refuse(c, number(c, MAINCF_PLAINTEXT_REJECT_CODE), "4.7.1",
	                    "Session encryption is required");
}

RUNS(run_multi_bounce)
{
	bool null = c->f->sender && !*c->f->sender;

	(void)r;
	(void)argument;
	check_looked(c, "the sender is %s, and there are %zu recipients before this one",
	             null ? "empty: this is a bounce" : "not empty", c->f->recipients);
	if (!null || c->f->recipients <= (c->f->at != RESTRICT_AT_RCPT))
		return DUNNO;
	return refuse_subject(c, number(c, MAINCF_MULTI_RECIPIENT_BOUNCE_REJECT_CODE), "5.5.3",
	                      "Multi-recipient bounce");
}

/* --- the client --- */

RUNS(run_unknown_client)
{
	(void)r;
	(void)argument;
	if (c->f->client_status == PEER_OK) {
		check_looked(c, "%s is %s, and that name leads back to the address", c->f->client,
		             c->f->client_name);
		return DUNNO;
	}
	check_looked(c, "%s has no name that leads back to this address", c->f->client);
	return check_refuse(
	        c,
	        c->f->client_status == PEER_NONE ? number(c, MAINCF_UNKNOWN_CLIENT_REJECT_CODE)
	                                         : 450,
	        "4.7.25", "Client host rejected: cannot find your hostname, [%s]", c->f->client);
}

RUNS(run_unknown_reverse)
{
	(void)r;
	(void)argument;
	if (c->f->reverse_status == PEER_OK) {
		check_looked(c, "%s has the name %s", c->f->client, c->f->reverse_name);
		return DUNNO;
	}
	check_looked(c, "%s has no name in DNS (PTR)", c->f->client);
	return check_refuse(
	        c,
	        c->f->reverse_status == PEER_NONE ? number(c, MAINCF_UNKNOWN_CLIENT_REJECT_CODE)
	                                          : 450,
	        "4.7.1", "Client host rejected: cannot find your reverse hostname, [%s]",
	        c->f->client);
}

RUNS(run_mynetworks)
{
	const char *list = maincf_text(check_cf(c), MAINCF_MYNETWORKS);

	(void)r;
	(void)argument;
	if (site_lists_address(c->f->site, list, span_of(c->f->client))) {
		check_looked(c, "%s is in mynetworks (%s)", c->f->client, list);
		return PERMIT;
	}
	check_looked(c, "%s is not in mynetworks", c->f->client);
	return DUNNO;
}

RUNS(run_inet_interfaces)
{
	struct net_address client;

	(void)r;
	(void)argument;
	check_looked(c, "%s is not an address of this host", c->f->client);
	if (net_address_parse(span_of(c->f->client), 0, &client) != 0)
		return DUNNO;
	for (size_t i = 0; i < c->f->site->address_count; i++) {
		if (!net_address_equal(&client, &c->f->site->addresses[i]))
			continue;
		check_looked(c, "%s is an address of this host", c->f->client);
		return PERMIT;
	}
	return DUNNO;
}

RUNS(run_sasl)
{
	(void)r;
	(void)argument;
	if (c->f->auth_enabled && c->f->user) {
		check_looked(c, "you have authenticated as %s", c->f->user);
		return PERMIT;
	}
	check_looked(c, "you have not authenticated");
	return DUNNO;
}

RUNS(run_clientcerts)
{
	(void)r;
	(void)argument;
	check_looked(c, "you have shown no client certificate");
	return DUNNO;
}

/* --- the name in HELO --- */

static struct span without_dot(struct span name)
{
	if (name.n > 1 && name.p[name.n - 1] == '.' && name.p[name.n - 2] != '.')
		name.n--;
	return name;
}

/* A bare address or "[address]". */
static enum outcome check_literal(struct check *c)
{
	struct span name = span_of(c->f->helo);

	if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
		name = span_from(name.p + 1, name.n - 2);
	if (span_starts_nocase(name, SPAN("IPv6:")))
		name = span_skip(name, 5);
	if (name_is_address(name)) {
		check_looked(c, "%s is an address", c->f->helo);
		return DUNNO;
	}
	check_looked(c, "%s should be an address and is none", c->f->helo);
	return refuse_about(c, ABOUT_HELO, number(c, MAINCF_INVALID_HOSTNAME_REJECT_CODE), "5.5.2",
	                    "invalid ip address");
}

RUNS(run_invalid_helo)
{
	struct span name;

	(void)r;
	(void)argument;
	if (!c->f->helo)
		return DUNNO;
	if (c->f->helo[0] == '[')
		return check_literal(c);
	name = without_dot(span_of(c->f->helo));
	if (name_is_hostname(name, false) || name_is_address(name)) {
		check_looked(c, "%s has the form of a host name", c->f->helo);
		return DUNNO;
	}
	check_looked(c, "%s cannot be a host name", c->f->helo);
	return refuse_about(c, ABOUT_HELO, number(c, MAINCF_INVALID_HOSTNAME_REJECT_CODE), "5.5.2",
	                    "Invalid name");
}

RUNS(run_non_fqdn_helo)
{
	struct span name;

	(void)r;
	(void)argument;
	if (!c->f->helo)
		return DUNNO;
	if (c->f->helo[0] == '[')
		return check_literal(c);
	name = without_dot(span_of(c->f->helo));
	if (name_is_hostname(name, c->f->utf8) && span_find(name, '.') < name.n) {
		check_looked(c, "%s is a name with a domain", c->f->helo);
		return DUNNO;
	}
	check_looked(c, "%s is not a host name with a domain", c->f->helo);
	return refuse_about(c, ABOUT_HELO, number(c, MAINCF_NON_FQDN_REJECT_CODE), "5.5.2",
	                    "need fully-qualified hostname");
}

RUNS(run_naked_ip)
{
	enum outcome o;

	(void)r;
	(void)argument;
	if (!c->f->helo || c->f->helo[strspn(c->f->helo, "0123456789.:")])
		return DUNNO;
	o = check_literal(c);
	return o == DUNNO ? PERMIT : o;
}

/* --- addresses --- */

RUNS(run_non_fqdn_address)
{
	const char *address = check_value(c, r->about),
	           *at = address ? strrchr(address, '@') : NULL;
	struct span domain = span_of(at ? at + 1 : "");

	(void)argument;
	if (!address || (r->about == ABOUT_SENDER && !*address))
		return DUNNO;
	if (domain.n > 0 && domain.p[0] == '[' && domain.p[domain.n - 1] == ']')
		return DUNNO;
	domain = without_dot(domain);
	if (name_is_hostname(domain, c->f->utf8) && span_find(domain, '.') < domain.n) {
		check_looked(c, "<%s> has a complete domain", address);
		return DUNNO;
	}
	check_looked(c, "<%s> has no complete domain", address);
	return refuse_about(c, r->about, number(c, MAINCF_NON_FQDN_REJECT_CODE), "4.5.2",
	                    "need fully-qualified address");
}

/* --- senders and logins --- */

/* Whether one of the owners is the user; false also when nobody owns the address. */
static bool is_owner(struct span owners, const char *user)
{
	struct span word;

	while (maincf_word(&owners, &word))
		if (span_eq_nocase(word, span_of(user)))
			return true;
	return false;
}

static enum maps_result find_owners(struct check *c, const char **owners)
{
	const char *tables = maincf_text(check_cf(c), MAINCF_SMTPD_SENDER_LOGIN_MAPS);
	enum maps_result result;
	struct resolved to;

	site_resolve(c->f->site, span_of(c->f->sender), &to);
	result = site_find_address(c->f->site, tables, span_of(to.address), owners);
	resolved_release(&to);
	return result;
}

static enum outcome judge_owner(struct check *c, bool unowned_is_fine)
{
	const char *owners = "";
	enum maps_result found;

	if (!c->f->auth_enabled || !c->f->user || !c->f->sender || !*c->f->sender ||
	    !*maincf_text(check_cf(c), MAINCF_SMTPD_SENDER_LOGIN_MAPS))
		return DUNNO;
	found = find_owners(c, &owners);
	if (found == MAPS_ERROR)
		return check_server_error(c, "smtpd_sender_login_maps cannot be read");
	if (found == MAPS_NONE && unowned_is_fine)
		return DUNNO;
	if (found == MAPS_FOUND && is_owner(span_of(owners), c->f->user))
		return DUNNO;
	check_looked(c, "smtpd_sender_login_maps does not give <%s> to %s", c->f->sender,
	             c->f->user);
	return check_refuse(c, 553, "5.7.1", "<%s>: Sender address rejected: not owned by user %s",
	                    c->f->sender, c->f->user);
}

RUNS(run_login_auth)
{
	(void)r;
	(void)argument;
	return judge_owner(c, false);
}

RUNS(run_login_unauth)
{
	const char *owners = "";

	(void)r;
	(void)argument;
	if (!maincf_yes(check_cf(c), MAINCF_SMTPD_SASL_AUTH_ENABLE) || c->f->user ||
	    !c->f->sender || !*c->f->sender ||
	    !*maincf_text(check_cf(c), MAINCF_SMTPD_SENDER_LOGIN_MAPS))
		return DUNNO;
	if (find_owners(c, &owners) != MAPS_FOUND)
		return DUNNO;
	check_looked(c, "smtpd_sender_login_maps gives <%s> to %s, and you have not authenticated",
	             c->f->sender, owners);
	return check_refuse(c, 553, "5.7.1", "<%s>: Sender address rejected: not logged in",
	                    c->f->sender);
}

RUNS(run_login_known)
{
	return c->f->user ? judge_owner(c, true) : run_login_unauth(c, r, argument);
}
