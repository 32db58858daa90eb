/*
 * Which domains this host answers for, and which of their users there are
 * (reject_unauth_destination, reject_unlisted_recipient and what they are part of).
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "practice/restrict_state.h"
#include "practice/world_state.h"

static int number(const struct check *c, enum maincf_parameter p)
{
	return (int)maincf_number(check_cf(c), p);
}

/* --- relaying --- */

static const char *const class_lists[] = {
        [ADDRESS_LOCAL] = "mydestination",
        [ADDRESS_VIRTUAL_ALIAS] = "virtual_alias_domains",
        [ADDRESS_VIRTUAL_MAILBOX] = "virtual_mailbox_domains",
        [ADDRESS_RELAY] = "relay_domains",
};

bool check_auth_destination(struct check *c, const char *recipient, char **why)
{
	struct resolved to;
	const char *domain;
	bool ours = false;

	site_resolve(c->f->site, span_of(recipient), &to);
	domain = to.address + to.domain;
	if (to.routed && !maincf_yes(check_cf(c), MAINCF_ALLOW_UNTRUSTED_ROUTING)) {
		*why = world_text("<%s> asks to be passed on to another domain, and "
		                  "allow_untrusted_routing = no",
		                  recipient);
	} else if (to.class != ADDRESS_ELSEWHERE) {
		ours = true;
		*why = world_text("%s is in %s", domain, class_lists[to.class]);
	} else {
		*why = world_text("%s is in neither mydestination nor relay_domains", domain);
	}
	resolved_release(&to);
	return ours;
}

static bool look_at_destination(struct check *c)
{
	char *why = NULL;
	bool ours = check_auth_destination(c, c->f->recipient, &why);

	check_looked(c, "%s", why);
	free(why);
	return ours;
}

RUNS(run_permit_auth)
{
	(void)r;
	(void)argument;
	if (!c->f->recipient)
		return DUNNO;
	return look_at_destination(c) ? PERMIT : DUNNO;
}

static enum outcome refuse_relay(struct check *c, int code, const char *dsn)
{
	if (!c->f->recipient || look_at_destination(c))
		return DUNNO;
	return check_refuse(c, code, dsn, "<%s>: Relay access denied", c->f->recipient);
}

RUNS(run_unauth)
{
	(void)r;
	(void)argument;
	return refuse_relay(c, number(c, MAINCF_RELAY_DOMAINS_REJECT_CODE), "5.7.1");
}

RUNS(run_defer_unauth)
{
	(void)r;
	(void)argument;
	return refuse_relay(c, number(c, MAINCF_RELAY_DOMAINS_REJECT_CODE) - 100, "4.7.1");
}

RUNS(run_relay_domains)
{
	const char *list = maincf_text(check_cf(c), MAINCF_RELAY_DOMAINS);

	(void)r;
	(void)argument;
	if (site_lists_name(c->f->site, list, span_of(c->f->client_name),
	                    site_parents(c->f->site, "relay_domains"))) {
		check_looked(c, "%s is in relay_domains", c->f->client_name);
		return PERMIT;
	}
	if (!c->f->recipient)
		return DUNNO;
	if (look_at_destination(c))
		return PERMIT;
	return check_refuse(c, number(c, MAINCF_RELAY_DOMAINS_REJECT_CODE), "5.7.1",
	                    "<%s>: %s rejected: Relay access denied", c->f->recipient,
	                    check_class(c, ABOUT_RECIPIENT));
}

/* --- users --- */

/* The tables that know the users of a class, what refuses the others, and how. */
static const struct {
	enum maincf_parameter maps, code;
	const char *table;
} users[] = {
        [ADDRESS_LOCAL] = {MAINCF_LOCAL_RECIPIENT_MAPS, MAINCF_UNKNOWN_LOCAL_RECIPIENT_REJECT_CODE,
                           "local recipient table"},
        [ADDRESS_VIRTUAL_MAILBOX] = {MAINCF_VIRTUAL_MAILBOX_MAPS,
                                     MAINCF_UNKNOWN_VIRTUAL_MAILBOX_REJECT_CODE,
                                     "virtual mailbox table"},
        [ADDRESS_RELAY] = {MAINCF_RELAY_RECIPIENT_MAPS, MAINCF_UNKNOWN_RELAY_RECIPIENT_REJECT_CODE,
                           "relay recipient table"},
        [ADDRESS_VIRTUAL_ALIAS] = {MAINCF_VIRTUAL_ALIAS_MAPS,
                                   MAINCF_UNKNOWN_VIRTUAL_ALIAS_REJECT_CODE, "virtual alias table"},
};

/* Found, or not, in one of the tables that come before the class's own. */
static enum maps_result find_early(struct check *c, struct span address, bool sender)
{
	static const enum maincf_parameter tables[] = {
	        MAINCF_RECIPIENT_CANONICAL_MAPS, MAINCF_CANONICAL_MAPS, MAINCF_VIRTUAL_ALIAS_MAPS,
	        MAINCF_SENDER_CANONICAL_MAPS};
	enum maps_result result = MAPS_NONE;
	const char *value;

	for (size_t i = 0; i < 3u + sender && result == MAPS_NONE; i++)
		result = site_find_address(c->f->site, maincf_text(check_cf(c), tables[i]), address,
		                           &value);
	return result;
}

static bool is_always_known(struct span address)
{
	static const char *const names[] = {"postmaster", "mailer-daemon", "double-bounce"};
	struct span local = span_first(address, span_find(address, '@'));

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_eq_nocase(local, span_of(names[i])))
			return true;
	return false;
}

static enum maps_result find_user(struct check *c, const struct resolved *to)
{
	const char *maps, *value;

	if (to->class == ADDRESS_ELSEWHERE)
		return MAPS_FOUND;
	maps = maincf_text(check_cf(c), users[to->class].maps);
	if (to->class == ADDRESS_VIRTUAL_ALIAS)
		return MAPS_NONE;
	if (!*maps || (to->class == ADDRESS_LOCAL && is_always_known(span_of(to->address))))
		return MAPS_FOUND;
	return site_find_address(c->f->site, maps, span_of(to->address), &value);
}

static enum outcome refuse_user(struct check *c, const char *address, enum subject about,
                                const struct resolved *to)
{
	bool named = maincf_yes(check_cf(c), MAINCF_SHOW_USER_UNKNOWN_TABLE_NAME);

	check_looked(c, "%s is in %s, and <%s> is not in %s (%s)", to->address + to->domain,
	             class_lists[to->class], to->address, maincf_name(users[to->class].maps),
	             maincf_text(check_cf(c), users[to->class].maps));
	return check_refuse(c, number(c, users[to->class].code),
	                    about == ABOUT_SENDER ? "5.1.0" : "5.1.1",
	                    "<%s>: %s rejected: User unknown%s%s", address, check_class(c, about),
	                    named ? " in " : "", named ? users[to->class].table : "");
}

enum outcome check_unlisted(struct check *c, const char *address, enum subject about)
{
	enum outcome o = DUNNO;
	enum maps_result known;
	struct resolved to;

	if (!c->warn && about == ABOUT_SENDER)
		c->m->sender_checked = true;
	else if (!c->warn)
		c->m->recipient_checked = true;
	site_resolve(c->f->site, span_of(address), &to);
	known = find_early(c, span_of(to.address), about == ABOUT_SENDER);
	if (known == MAPS_NONE)
		known = find_user(c, &to);
	if (known == MAPS_ERROR)
		o = check_server_error(c, "a table of users cannot be read");
	else if (known == MAPS_NONE)
		o = refuse_user(c, address, about, &to);
	else
		check_looked(c, "<%s> is known, or not for this host to know", address);
	resolved_release(&to);
	return o;
}

RUNS(run_unlisted)
{
	const char *address = check_value(c, r->about);
	bool done = r->about == ABOUT_SENDER ? c->m->sender_checked : c->m->recipient_checked;

	(void)argument;
	if (!address || !*address || done)
		return DUNNO;
	return check_unlisted(c, address, r->about);
}
