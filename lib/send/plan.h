/*
 * plan: what the options of `smtptalk send` come to: whom to speak to, how, and what to send.
 *
 * Owns its strings. What is missing is asked for through `ask`; what cannot be done is a fault with
 * the exit status that swaks has for it.
 */
#ifndef SEND_PLAN_H
#define SEND_PLAN_H

#include <stdint.h>

#include "base/buf.h"
#include "send/message_spec.h"
#include "send/option.h"

enum { /* exit codes of swaks, which `smtptalk send` has too */
       SEND_EXIT_OK = 0,
       SEND_EXIT_USAGE = 1,
       SEND_EXIT_CONNECT = 2,
       SEND_EXIT_CLOSED = 6,
       SEND_EXIT_MISSING = 10,
       SEND_EXIT_GREETING = 21,
       SEND_EXIT_HELO = 22,
       SEND_EXIT_MAIL = 23,
       SEND_EXIT_RCPT = 24,
       SEND_EXIT_DATA = 25,
       SEND_EXIT_MESSAGE = 26,
       SEND_EXIT_QUIT = 27,
       SEND_EXIT_AUTH = 28,
       SEND_EXIT_TLS = 29,
       SEND_EXIT_PRDR = 30,
       SEND_EXIT_HELO_TLS = 32,
       SEND_EXIT_XCLIENT = 33,
       SEND_EXIT_HELO_XCLIENT = 34,
       SEND_EXIT_PROXY = 35,
};

enum send_protocol { SEND_SMTP, SEND_ESMTP, SEND_LMTP };

/* Where --quit-after and its like end it, in the order of a dialogue. */
enum send_point {
	SEND_POINT_NONE,
	SEND_POINT_CONNECT,
	SEND_POINT_FIRST_HELO,
	SEND_POINT_XCLIENT,
	SEND_POINT_TLS,
	SEND_POINT_HELO,
	SEND_POINT_AUTH,
	SEND_POINT_MAIL,
	SEND_POINT_RCPT,
	SEND_POINT_DATA,
	SEND_POINT_DOT,
};

enum send_need { SEND_REQUIRED, SEND_OPTIONAL, SEND_OPTIONAL_STRICT };

struct send_mechanism {
	char *name; /* as the server calls it */
	char *type; /* what it is: a name of sasl.h */
};

struct send_xclient {
	char *text;       /* what follows XCLIENT */
	char *attributes; /* the names that the server must offer, parted by blanks; "" for a raw
	                     one */
};

struct send_plan {
	enum send_protocol protocol;
	char *helo;
	char *server; /* or NULL: the MX of `domain` */
	char *domain; /* of the last recipient, or --copy-routing; may be NULL */
	char *socket;
	unsigned port;
	int family; /* 0, 4 or 6 */
	char *local_interface;
	unsigned local_port;
	int64_t timeout_ms; /* 0: RFC 5321's patience */
	bool dns_yes;       /* --yes */

	bool tls, tls_on_connect, tls_verify;
	enum send_need tls_need;
	char *tls_name, *tls_ca, *tls_sni, *tls_cert, *tls_key, *tls_cipher;
	unsigned tls_versions; /* bit set of enum tls_version; 0: as ever */
	bool tls_show_certificate;
	char *tls_certificate_file;

	bool auth, auth_any;
	enum send_need auth_need;
	struct send_mechanism *mechanisms;
	size_t mechanisms_count, mechanisms_room;
	char *user;          /* NULL: not known yet */
	struct buf password; /* secret */
	bool password_known;
	bool auth_plaintext;
	char *auth_hidden; /* what is shown instead of a password */

	enum send_point quit_after, drop_after, drop_after_send;
	bool pipeline, prdr, bdat;
	unsigned long count;
	char *dsn_notify, *dsn_ret, *dsn_envid;

	struct send_xclient *xclient;
	size_t xclient_count, xclient_room;
	enum send_need xclient_need;
	bool xclient_no_verify, xclient_before_tls;
	char *xforward;   /* what follows XFORWARD, or NULL */
	struct buf proxy; /* the bytes that come before everything; empty: none */

	struct message_spec message;
};

struct send_asker {
	/* Asks a person: appends what was typed to `out`. 0, or -1: there is nobody to ask. */
	int (*ask)(void *arg, const char *prompt, bool secret, struct buf *out);
	/* All of standard input, once. 0, or -1 and d. */
	int (*input)(void *arg, struct buf *out, struct diag *d);
	void *arg;
	const char *host; /* what this machine is called */
	const char *user; /* who runs it */
	const char *date; /* of the message */
	const char *message_id;
};

/* 0, or -1, d and *status, the exit status. `o` may get values that were asked for. */
int send_plan_make(struct send_plan *p, struct send_options *o, const struct send_asker *asker,
                   int *status, struct diag *d);
void send_plan_init(struct send_plan *p);
void send_plan_release(struct send_plan *p);

const char *send_protocol_name(enum send_protocol p);
const char *send_point_name(enum send_point p); /* "" for NONE */

/* --- the files that make it up, private to this folder --- */
struct send_planner {
	struct send_plan *plan;
	struct send_options *options;
	const struct send_asker *asker;
	int *status;
	struct diag *d;
	struct buf input; /* standard input, once it was read */
	bool input_read;
};
int send_plan_message(struct send_planner *m); /* plan_message.c */
int send_plan_proxy(struct send_planner *m);   /* plan_proxy.c */
int send_plan_xclient(struct send_planner *m); /* likewise */
int send_plan_auth(struct send_planner *m);    /* plan_auth.c */
int send_plan_tls(struct send_planner *m);     /* likewise */
/* "HOST:PORT", "[HOST]:PORT", "HOST/PORT", "[HOST]" or "HOST": *port is only set when there is one.
 */
void send_cut_server(const char *text, char **host, char **port);

#endif
