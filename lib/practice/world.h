/*
 * world: the practice internet's geography: zones, hosts, users and their mailboxes.
 *
 * Loaded from lessons/world/: the master files in `zones/`, and a folder in `hosts/` for each host
 * (its form is described in hosts/README). The world owns everything, and lives in the process:
 * nothing here touches the network. Addresses are from the documentation ranges and exist only
 * inside.
 */
#ifndef PRACTICE_WORLD_H
#define PRACTICE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/diag.h"
#include "base/span.h"
#include "net/address.h"
#include "net/dns.h"
#include "practice/site.h"

struct world;

struct world *world_load(const char *datadir, struct diags *ds); /* NULL and ds on any fault */
void world_free(struct world *w);

enum host_behaviour {
	HOST_SERVES,
	HOST_DEAD,    /* SYN is never answered: dials time out */
	HOST_REFUSES, /* connection refused */
};

/* Where a host may listen; the port decides what it does there. */
#define WORLD_PORT_RELAY       25  /* mail for its own domains, from everybody */
#define WORLD_PORT_SUBMISSIONS 465 /* mail from its users, TLS at once (RFC 8314 §3.3) */
#define WORLD_PORT_SUBMISSION  587 /* mail from its users, STARTTLS (RFC 6409) */
#define WORLD_PORTS_MAX        3

/* What is wrong with the certificate that a host shows. */
enum host_certificate {
	CERTIFICATE_NONE, /* it does no TLS */
	CERTIFICATE_GOOD,
	CERTIFICATE_EXPIRED,
	CERTIFICATE_NOT_YET,
	CERTIFICATE_WRONG_NAME,
	CERTIFICATE_SELF_SIGNED,
	CERTIFICATE_INCOMPLETE, /* the intermediate is not sent */
	CERTIFICATE_COUNT
};

enum host_attack { /* by somebody on the way to it */
	           ATTACK_NONE,
	           ATTACK_STRIP,  /* STARTTLS is made unreadable, both ways */
	           ATTACK_INJECT, /* replies in clear behind the 220 to STARTTLS */
};

enum host_tlsa { /* what the DNS says of its key (RFC 6698) */
	         TLSA_NONE,
	         TLSA_GOOD,
	         TLSA_WRONG, /* a digest of another key */
};

struct world_message {
	char *sender;    /* envelope sender, "" for null */
	char *recipient; /* as given in RCPT */
	char *text; /* as delivered: Return-Path, Delivered-To and Received on top; CRLF line ends
	             */
	size_t len;
	char *queue_id;
	char *file;      /* "/var/mail/bob", "/home/bob/Maildir/new/…" */
	char *from_line; /* "From me@there.test  Tue Nov 24 20:01:00 2026": of an mbox, else NULL */
	time_t when;
};

struct world_mailbox {
	char *address;  /* "bob@school.test" */
	char *password; /* to log in with; NULL: this user cannot */
	struct world_message *messages;
	size_t count, room;
};

struct fault; /* what it does wrong: fault.h */
struct tls_context;
struct world_voice; /* how a host puts its replies into words: voice.h */

struct world_host {
	char *name; /* myhostname */
	const struct world_voice *voice;
	struct net_address *addresses;
	size_t address_count;
	enum host_behaviour behaviour;
	struct world_mailbox *mailboxes; /* one for each user */
	size_t mailbox_count;
	unsigned long next_id;
	unsigned ports[WORLD_PORTS_MAX];
	struct site sites[WORLD_PORTS_MAX]; /* main.cf, as it is for each port */
	size_t port_count;
	struct greylist *greylist;
	char *folder;  /* where its main.cf is */
	char *aliases; /* its file /etc/aliases, once somebody has edited it */
	bool open;     /* tables outside the folder are read, where main.cf has their whole path */
	enum host_certificate certificate;
	enum host_attack attack;
	enum host_tlsa tlsa;
	unsigned char tlsa_data[35]; /* the record: usage, selector, matching, digest */
	bool refuses_unproven;       /* mail that neither SPF nor DKIM proves */
	struct fault *faults;
	size_t fault_count;
	char *mechanisms;        /* "PLAIN LOGIN": what AUTH takes, NULL: there is no AUTH */
	bool login_first;        /* on 587 and 465 MAIL is refused until a user has logged in */
	struct tls_context *tls; /* made at first use: world_host_tls() */
};

const struct dns_zone *const *world_zones(const struct world *w, size_t *count);
struct world_host *world_host_at(const struct world *w, const struct net_address *a); /* or NULL */
struct world_host *world_host_named(const struct world *w, const char *name);         /* or NULL */
bool world_host_listens(const struct world_host *h, unsigned port);
/* The host's main.cf for that port; the first port's when it does not listen there. */
const struct site *world_host_site(const struct world_host *h, unsigned port);
/* Changes a parameter of a host, "name = value", on all its ports, until the world is freed. 0, or
 * -1 and ds; then nothing is changed. */
int world_host_set(struct world_host *h, struct span text, struct diags *ds);
/* Adds a host that a folder describes (host, main.cf, users, aliases); warnings too go to ds. 0, or
 * -1 when there are faults. */
int world_add_folder(struct world *w, const char *datadir, const char *folder, struct diags *ds);
/* Adds a host for a Postfix's own main.cf: FOLDER/main.cf, and FOLDER/users where it is there (a
 * name a line, and a password). It listens on port 25 only; the practice certificate stands for its
 * own. A file that main.cf names by its whole path is read from the folder when one of that name is
 * there, else from that path; nothing is started. NULL and ds when main.cf cannot be read; else ds
 * has what a practice host does otherwise than that Postfix would. */
struct world_host *world_add_postfix(struct world *w, const char *datadir, const char *folder,
                                     struct diags *ds);
/* What the host is for: the first sentence of its main.cf's first comment; heap, "" when there is
 * none. */
char *world_host_purpose(const struct world_host *h);
/* Adds the zones and the hosts of another world folder: `zones/` with *.zone files, `hosts/` with
 * a folder for each host; either may be missing. 0, or -1 when there are faults. */
int world_add(struct world *w, const char *datadir, const char *folder, struct diags *ds);
/* Why the last command to any host was answered as it was, a line for each step; "": nothing was
 * decided. Borrowed until the next command. */
const char *world_why(const struct world *w);
/* An answer from the zone whose origin is the longest match; NO_NAME when no zone has it. What the
 * file `dns` says of a name goes before. */
struct dns_answer *world_answer(const struct world *w, const char *name, enum dns_type type);
/* The mailbox of an address ("bob@school.test", case of the domain and of the local part ignored as
 * Postfix does), or NULL; *host (may be NULL) is where it lives. */
struct world_mailbox *world_mailbox(const struct world *w, struct span address,
                                    struct world_host **host);
/* All mailboxes that hold mail, for /mailbox without a name. */
void world_each_mailbox(const struct world *w, void (*fn)(void *arg, const struct world_mailbox *m),
                        void *arg);

#endif
