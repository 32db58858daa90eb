/*
 * server_state: what the files of the practice server share. Nobody else includes it.
 */
#ifndef PRACTICE_SERVER_STATE_H
#define PRACTICE_SERVER_STATE_H

#include "practice/server.h"
#include "practice/voice.h"
#include "smtp/dot.h"

/* main.cf's defaults */
#define SERVER_LINE_MAX      2048  /* line_length_limit */
#define SERVER_ANSWER_MAX    12289 /* RFC 4954 §4, and the CR */
#define SERVER_RCPT_MAX      1000  /* smtpd_recipient_limit */
#define SERVER_OVERSHOOT_MAX 1000  /* smtpd_recipient_overshoot_limit */
#define SERVER_ERRORS_MAX    20    /* smtpd_hard_error_limit */
#define SERVER_JUNK_MAX      100   /* smtpd_junk_command_limit */
#define SERVER_HOPS_MAX      50    /* hopcount_limit */

enum server_phase {
	SERVER_COMMANDS,
	SERVER_TEXT,  /* after DATA's 354 */
	SERVER_CHUNK, /* inside the bytes of a BDAT */
	SERVER_AUTH,  /* after a 334: the line is an answer */
	SERVER_TLS,   /* TLS is being started: what comes is dropped */
	SERVER_DONE,  /* nothing more is read */
};

struct server_recipient {
	char *address; /* as given, without brackets; with a domain */
	struct world_mailbox *mailbox;
};

struct server_chunks {            /* BDAT, RFC 3030 */
	bool open;                /* a BDAT was accepted in this transaction */
	bool failed;              /* an earlier one was refused: what follows is dropped */
	bool last;                /* the chunk that is being read is the last */
	bool keep;                /* its bytes belong to the message */
	unsigned long size, left; /* of the chunk that is being read */
	unsigned long total;
};

struct practice_server {
	struct world *world;
	struct world_host *host;
	char client[NET_ADDRESS_TEXT];
	enum server_phase phase;
	unsigned port;
	struct buf line; /* the line as far as it came; of AUTH it is a secret */
	bool line_cut;   /* it was longer than what is taken */
	struct buf out;
	unsigned errors, junk;
	/* the session */
	char *helo;
	bool esmtp;
	bool tls;
	struct sasl_server *sasl; /* while a login goes on */
	char *user;               /* who has logged in, or NULL */
	/* the transaction */
	char *sender; /* NULL: none is open */
	bool utf8;    /* SMTPUTF8 was asked for */
	struct server_recipient *recipients;
	size_t recipient_count, recipient_room; /* each address once */
	size_t accepted, overshoot;             /* RCPT commands */
	struct buf text;                        /* the message as far as it came */
	struct smtp_dot_reader dot;
	struct server_chunks chunks;
};

void server_forget_session(struct practice_server *s); /* the transaction too */
/* Answers; `what` is the part of the line that the reply is about. server_refuse() also counts an
 * error. */
void server_say(struct practice_server *s, enum practice_reply reply, struct span what);
void server_refuse(struct practice_server *s, enum practice_reply reply, struct span what);
void server_say_bytes(struct practice_server *s, enum practice_reply reply, unsigned long bytes,
                      const char *id);
void server_forget_transaction(struct practice_server *s);
char *server_queue_id(struct world_host *host); /* a new one; heap */

/* One row a verb of the server. `junk`: counts towards SERVER_JUNK_MAX. `in_clear`: allowed where
 * TLS must come first (RFC 3207 §4). */
struct server_command {
	const char *word;
	void (*run)(struct practice_server *s, struct span arguments);
	bool junk, in_clear;
};
const struct server_command *server_command_find(struct span word); /* NULL: not recognized */

/* server_tls.c */
bool server_offers_tls(const struct practice_server *s);
bool server_demands_tls(const struct practice_server *s); /* before nearly every command */
bool server_starts_in_tls(const struct practice_server *s);
void server_starttls(struct practice_server *s, struct span arguments);

/* server_auth.c */
bool server_offers_auth(const struct practice_server *s);
bool server_demands_auth(const struct practice_server *s); /* before MAIL */
void server_auth(struct practice_server *s, struct span arguments);
void server_auth_answer(struct practice_server *s, struct span line);

/* server_mail.c */
void server_mail(struct practice_server *s, struct span arguments);
void server_rcpt(struct practice_server *s, struct span arguments);
void server_data(struct practice_server *s, struct span arguments);
void server_take_message(struct practice_server *s); /* the text is complete */
/* Judges an address as RCPT and VRFY do: the mailbox, or NULL and *why. */
struct world_mailbox *server_judge(struct practice_server *s, struct span address,
                                   enum practice_reply *why);

/* server_chunk.c */
void server_bdat(struct practice_server *s, struct span arguments);
void server_chunk_feed(struct practice_server *s, struct span *bytes);

/* server_path.c: what Postfix takes for a path, which is more than RFC 5321 allows */
struct server_path {
	struct span address; /* without brackets and source route; empty for <> */
	struct span local, domain;
	struct span options; /* what follows the path */
};
/* "FROM:<a@b> SIZE=1", `label` is "FROM:" or "TO:". 0; -1: the syntax of the command is wrong;
 * -2: the address cannot be one. */
int server_path_parse(struct span arguments, const char *label, struct server_path *out);
int server_address_parse(struct span text, struct server_path *out); /* 0 or -2 */
bool server_domain_valid(struct span domain);

/* server_deliver.c: the message into the mailboxes. */
enum practice_reply server_deliver(struct practice_server *s, const char *id);

#endif
