/*
 * restrict_state: what the files of the restrictions share. Nobody else includes it.
 */
#ifndef PRACTICE_RESTRICT_STATE_H
#define PRACTICE_RESTRICT_STATE_H

#include "practice/restrict.h"

#define RESTRICT_DEPTH_MAX 100

enum outcome { DUNNO, PERMIT, REFUSE };

/* What a restriction is about, and what it calls that in a reply. */
enum subject {
	ABOUT_ANY, /* of what the list is about */
	ABOUT_CLIENT,
	ABOUT_REVERSE,
	ABOUT_HELO,
	ABOUT_SENDER,
	ABOUT_RECIPIENT,
	ABOUT_ETRN,
	ABOUT_USER
};

struct check {
	const struct restrict_facts *f;
	struct restrict_memory *m;
	const char *list;    /* the parameter's name */
	const char *entry;   /* as it is written, with its argument */
	const char *subject; /* what general replies are about: "<subject>: class rejected" */
	const char *class;
	const char *table_word; /* what a bare type:table stands for, or NULL */
	int depth, warn;        /* warn_if_reject at this depth; 0: no */
	char *looked;           /* by the entry that is running; heap */
};

enum argument { ARG_NONE, ARG_TABLE, ARG_DOMAIN, ARG_NUMBER, ARG_SERVICE };

struct restriction {
	const char *name;
	enum argument argument;
	enum subject about;
	enum outcome (*run)(struct check *c, const struct restriction *r, struct span argument);
};
const struct restriction *restriction_find(struct span name); /* or NULL */

/* --- restrict_reply.c --- */
void check_forget(struct restrict_deferral *d);
const struct maincf *check_cf(const struct check *c);
/* The value of a subject; NULL: there is none yet. */
const char *check_value(const struct check *c, enum subject about);
const char *check_class(const struct check *c, enum subject about);
/* What the subject is called in "<…>: … rejected": heap. */
char *check_shown(const struct check *c, enum subject about);
void check_looked(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "code dsn text" is the reply: REFUSE, or DUNNO under warn_if_reject. */
enum outcome check_refuse(struct check *c, int code, const char *dsn, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
enum outcome check_defer_if_permit(struct check *c, bool now, int code, const char *dsn,
                                   const char *format, ...) __attribute__((format(printf, 5, 6)));
void check_defer_if_reject(struct check *c, int code, const char *dsn, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* 451 4.3.5: main.cf is wrong; `why` is for people. */
enum outcome check_server_error(struct check *c, const char *why);
/* Runs the words of a list: restrict.c. */
enum outcome check_list(struct check *c, struct span words);
int check_code(const char *digits); /* the number that three digits are */
/* Splits "5.7.1 text" into both parts; the code is `fallback` when there is none; dsn[10]. */
struct span check_split_dsn(struct span text, const char *fallback, char *dsn);
/* Postfix's corrections of x.1.x codes that do not suit what they are about. */
const char *check_fix_dsn(char *dsn, enum subject about, const char *class);

/* --- restrict_access.c --- */
enum outcome check_access_result(struct check *c, struct span value, const char *shown,
                                 const char *class, struct span key);
/* A table asked for a domain and what it is below, and for an address and its networks. */
enum outcome check_domain_table(struct check *c, struct span table, struct span domain,
                                const char *shown, const char *class, bool *found);
enum outcome check_address_table(struct check *c, struct span table, struct span address,
                                 const char *shown, const char *class, bool *found);
/* An OK for a name that the client chooses is a hole. */
enum outcome check_forbid_permit(struct check *c, enum outcome o);

/* --- restrict_unlisted.c --- */
enum outcome check_unlisted(struct check *c, const char *address, enum subject about);
bool check_auth_destination(struct check *c, const char *recipient, char **why);

/* --- restrict_name.c: syntax of names --- */
bool name_is_hostname(struct span name, bool utf8);
bool name_is_address(struct span text);

/* --- the functions of the rows: restrict_simple.c, _access, _dns, _lists, _policy --- */
#define RUNS(name)                                                                                 \
	enum outcome name(struct check *c, const struct restriction *r, struct span argument)
RUNS(run_permit);
RUNS(run_reject);
RUNS(run_defer);
RUNS(run_defer_if_permit);
RUNS(run_defer_if_reject);
RUNS(run_sleep);
RUNS(run_unauth_pipelining);
RUNS(run_plaintext);
RUNS(run_multi_bounce);
RUNS(run_unknown_client);
RUNS(run_unknown_reverse);
RUNS(run_mynetworks);
RUNS(run_inet_interfaces);
RUNS(run_sasl);
RUNS(run_clientcerts);
RUNS(run_invalid_helo);
RUNS(run_non_fqdn_helo);
RUNS(run_naked_ip);
RUNS(run_non_fqdn_address);
RUNS(run_unlisted);
RUNS(run_permit_auth);
RUNS(run_unauth);
RUNS(run_defer_unauth);
RUNS(run_relay_domains);
RUNS(run_login_known);
RUNS(run_login_unauth);
RUNS(run_login_auth);
RUNS(run_access_namadr);
RUNS(run_access_domain);
RUNS(run_access_mail);
RUNS(run_access_user);
RUNS(run_access_ccert);
RUNS(run_access_a);
RUNS(run_access_mx);
RUNS(run_access_ns);
RUNS(run_unknown_helo);
RUNS(run_unknown_address);
RUNS(run_unverified);
RUNS(run_rbl);
RUNS(run_maps_rbl);
RUNS(run_rhsbl);
RUNS(run_dnswl);
RUNS(run_rhswl);
RUNS(run_mx_backup);
RUNS(run_policy);

#endif
