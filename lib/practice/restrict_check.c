/*
 * What can be told of restriction lists before anybody connects. Postfix tells the same in its log,
 * at the first mail that meets the fault, or does not start at all.
 */
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "practice/restrict_state.h"

static const enum maincf_parameter lists[] = {
        MAINCF_SMTPD_CLIENT_RESTRICTIONS,      MAINCF_SMTPD_HELO_RESTRICTIONS,
        MAINCF_SMTPD_SENDER_RESTRICTIONS,      MAINCF_SMTPD_RELAY_RESTRICTIONS,
        MAINCF_SMTPD_RECIPIENT_RESTRICTIONS,   MAINCF_SMTPD_DATA_RESTRICTIONS,
        MAINCF_SMTPD_END_OF_DATA_RESTRICTIONS, MAINCF_SMTPD_ETRN_RESTRICTIONS,
};
static const enum maincf_parameter tables[] = {
        MAINCF_LOCAL_RECIPIENT_MAPS, MAINCF_VIRTUAL_ALIAS_MAPS,       MAINCF_VIRTUAL_MAILBOX_MAPS,
        MAINCF_RELAY_RECIPIENT_MAPS, MAINCF_SMTPD_SENDER_LOGIN_MAPS,  MAINCF_RBL_REPLY_MAPS,
        MAINCF_CANONICAL_MAPS,       MAINCF_RECIPIENT_CANONICAL_MAPS, MAINCF_SENDER_CANONICAL_MAPS,
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct checking {
	const struct site *site;
	const char *path, *list;
	struct diags *ds;
	bool required; /* something that keeps strangers from relaying was found */
	int result;
};

static void complain(struct checking *c, struct span word, const char *what)
{
	char *shown = display_dup(word, 80);

	diags_add(c->ds, DIAG_INPUT, c->path, "%s: %s: %s", c->list, shown, what);
	free(shown);
	c->result = -1;
}

static bool is_required(struct span word)
{
	static const char *const names[] = {
	        "reject_unauth_destination", "defer_unauth_destination", "reject", "defer",
	        "defer_if_permit",           "check_relay_domains"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (span_eq_nocase(word, span_of(names[i])))
			return true;
	return false;
}

static void check_words(struct checking *c, struct span words, int depth);

static bool check_class_name(struct checking *c, struct span word, int depth)
{
	struct span rest = span_of(maincf_text(c->site->cf, MAINCF_SMTPD_RESTRICTION_CLASSES));
	struct span name;

	while (maincf_word(&rest, &name)) {
		char *value;

		if (!span_eq(name, word))
			continue;
		value = maincf_lookup(c->site->cf, name);
		if (value && depth < 10)
			check_words(c, span_of(value), depth + 1);
		free(value);
		return true;
	}
	return span_eq_nocase(word, SPAN("warn_if_reject")) ||
	       span_eq_nocase(word, SPAN("reject_sender_login_mismatch"));
}

static void check_argument(struct checking *c, const struct restriction *r, struct span word,
                           struct span *rest)
{
	struct span argument = {NULL, 0};

	if (r->argument == ARG_NONE)
		return;
	if (!maincf_word(rest, &argument))
		complain(c, word, "what must follow this restriction is missing");
	else if (r->argument == ARG_TABLE && !maps_is_table(argument))
		complain(c, word, "a table, type:name, must follow this restriction");
	else if (r->argument == ARG_SERVICE && !maps_is_table(argument))
		complain(c, word, "a server, such as inet:127.0.0.1:10023, must follow it");
	else if (r->argument == ARG_TABLE &&
	         maps_check(c->site->maps, argument, c->path, c->ds) != 0)
		c->result = -1;
}

static void check_words(struct checking *c, struct span words, int depth)
{
	struct span word;

	while (maincf_word(&words, &word)) {
		const struct restriction *r = restriction_find(word);

		c->required = c->required || is_required(word);
		if (r)
			check_argument(c, r, word, &words);
		else if (maps_is_table(word))
			c->result |= maps_check(c->site->maps, word, c->path, c->ds);
		else if (!check_class_name(c, word, depth))
			complain(c, word, "there is no such restriction");
	}
}

int restrict_check(const struct site *site, const char *path, struct diags *ds)
{
	struct checking c = {.site = site, .path = path, .ds = ds};
	bool required = false;

	for (size_t i = 0; i < COUNT(lists); i++) {
		c.list = maincf_name(lists[i]);
		c.required = false;
		check_words(&c, span_of(maincf_text(site->cf, lists[i])), 0);
		if (lists[i] == MAINCF_SMTPD_RELAY_RESTRICTIONS ||
		    lists[i] == MAINCF_SMTPD_RECIPIENT_RESTRICTIONS)
			required = required || c.required;
	}
	for (size_t i = 0; i < COUNT(tables); i++)
		c.result |=
		        maps_check(site->maps, span_of(maincf_text(site->cf, tables[i])), path, ds);
	c.result |= maps_check_aliases(site->maps,
	                               span_of(maincf_text(site->cf, MAINCF_ALIAS_MAPS)), path, ds);
	if (required)
		return c.result;
	diags_add(ds, DIAG_INPUT, path,
	          "neither smtpd_relay_restrictions nor smtpd_recipient_restrictions keeps "
	          "strangers from relaying: one of them needs reject_unauth_destination, "
	          "defer_unauth_destination, reject, defer or defer_if_permit, or Postfix does not "
	          "start");
	return -1;
}
