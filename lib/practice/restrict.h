/*
 * restrict: Postfix's smtpd access restrictions: the lists of main.cf, and what their entries say
 * (SMTPD_ACCESS_README, access(5)).
 *
 * No I/O: names are looked up in the practice world. A refusal is a reply line in Postfix's words;
 * everything that was looked at goes into the reasons. The facts are borrowed.
 */
#ifndef PRACTICE_RESTRICT_H
#define PRACTICE_RESTRICT_H

#include <stdbool.h>
#include <stddef.h>

#include "practice/reasons.h"
#include "practice/site.h"
#include "practice/world.h"

enum peer_status { PEER_OK, PEER_NONE, PEER_UNSURE }; /* of the name of the client's address */

struct restrict_facts {
	const struct site *site;
	const struct world *world;
	const char *client;      /* its address */
	const char *client_name; /* proven both ways, or "unknown" */
	enum peer_status client_status;
	const char *reverse_name; /* what its address says it is, or "unknown" */
	enum peer_status reverse_status;
	/* NULL: not given yet */
	const char *helo, *sender, *recipient, *etrn;
	const char *user;  /* who has logged in */
	bool auth_enabled; /* logins are possible now */
	bool tls, utf8;
	bool pipelined; /* the client sent more where it had to wait */
	size_t recipients;
	enum {
		RESTRICT_AT_CONNECT,
		RESTRICT_AT_RCPT,
		RESTRICT_AT_VRFY,
		RESTRICT_AT_DATA,
		RESTRICT_AT_END
	} at;
};

struct restrict_deferral {
	bool active;
	int code;
	char *dsn, *text;
};

/* What outlives one command. Zero at the start of a session. */
struct restrict_memory {
	struct restrict_deferral if_permit, if_reject;
	bool after_client, after_helo, after_sender; /* if_permit, as each stage left it */
	bool sender_checked, recipient_checked;
	int64_t sleep_ms;        /* by the restriction "sleep" */
	bool discard;            /* access: DISCARD */
	char *reply;             /* of the last refusal: "554 5.7.1 …" */
	struct buf *prepend;     /* access: PREPEND; NULL: not wanted */
	struct reasons *reasons; /* borrowed */
};
void restrict_memory_release(struct restrict_memory *m);
/* The transaction is over. */
void restrict_memory_reset(struct restrict_memory *m);

/* 0: nothing against it; -1: m->reply says what. What smtpd_delay_reject puts off is the caller's
 * to put off; restrict_rcpt() and restrict_etrn() catch up with it. */
int restrict_client(const struct restrict_facts *f, struct restrict_memory *m);
int restrict_helo(const struct restrict_facts *f, struct restrict_memory *m);
int restrict_mail(const struct restrict_facts *f, struct restrict_memory *m);
int restrict_rcpt(const struct restrict_facts *f, struct restrict_memory *m);
int restrict_data(const struct restrict_facts *f, struct restrict_memory *m);
int restrict_end(const struct restrict_facts *f, struct restrict_memory *m);
int restrict_etrn(const struct restrict_facts *f, struct restrict_memory *m);

/* What is wrong with the lists of a main.cf: names that no restriction has, arguments that are
 * missing, tables that cannot be opened, and lists without which Postfix does not start. 0, or -1.
 */
int restrict_check(const struct site *site, const char *path, struct diags *ds);

/* The names that a practice client may have: in practice DNS, proven both ways. *name and *reverse
 * are heap strings. */
void restrict_name_client(const struct world *w, const char *address, char **name,
                          enum peer_status *name_status, char **reverse,
                          enum peer_status *reverse_status);

#endif
