/*
 * site: a mail server as its main.cf describes it: parameters and look-up tables.
 *
 * What the files of the practice server ask again and again: whether a list matches a name, and
 * which class of address something is (ADDRESS_CLASS_README). A site owns its main.cf and its
 * tables; the addresses are borrowed.
 */
#ifndef PRACTICE_SITE_H
#define PRACTICE_SITE_H

#include <stdbool.h>

#include "net/address.h"
#include "practice/maincf.h"
#include "practice/maps.h"

struct site {
	struct maincf *cf;
	struct maps *maps;
	struct greylist *greylist;           /* borrowed; NULL: there is none */
	const struct net_address *addresses; /* of the host: inet_interfaces */
	size_t address_count;
};

void site_release(struct site *site);

/* Lists of names: "name", ".name" (what is below it), "!name", "type:table"; `parents`: a name
 * matches what is below it, too. */
bool site_lists_name(const struct site *site, const char *list, struct span name, bool parents);
/* Lists of addresses and networks, as mynetworks. */
bool site_lists_address(const struct site *site, const char *list, struct span address);
/* Whether parent_domain_matches_subdomains names this parameter. */
bool site_parents(const struct site *site, const char *parameter);

enum address_class {
	ADDRESS_LOCAL,           /* mydestination, and the host's own addresses */
	ADDRESS_VIRTUAL_ALIAS,   /* virtual_alias_domains */
	ADDRESS_VIRTUAL_MAILBOX, /* virtual_mailbox_domains */
	ADDRESS_RELAY,           /* relay_domains */
	ADDRESS_ELSEWHERE,       /* all other */
};

struct resolved {
	enum address_class class;
	char *address; /* complete: local@domain, local part without quotes */
	size_t domain; /* where its domain begins */
	bool routed;   /* the local part asks to be passed on: user%elsewhere@here */
	bool malformed;
};

/* The address as Postfix's rewriting and resolving leave it; without quotes. */
void site_resolve(const struct site *site, struct span address, struct resolved *out);
void resolved_release(struct resolved *r);
/* Whether mail for the domain is delivered here, whoever sent it. */
bool site_is_local(const struct site *site, struct span domain);

/* mail_addr_find: user+ext@domain, user@domain, then user for domains that are local, @domain. */
enum maps_result site_find_address(const struct site *site, const char *tables, struct span address,
                                   const char **value);

#endif
