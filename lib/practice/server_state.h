/*
 * server_state: what the files of the practice server share. Nobody else includes it.
 */
#ifndef PRACTICE_SERVER_STATE_H
#define PRACTICE_SERVER_STATE_H

#include "practice/fault.h"
#include "practice/queue.h"
#include "practice/restrict.h"
#include "practice/server.h"
#include "practice/voice.h"
#include "smtp/dot.h"

#define SERVER_ANSWER_MAX 12289 /* RFC 4954 §4, and the CR */
#define SERVER_HELD_MAX   (1u << 20)
#define SERVER_LINE_MAX   65536        /* the most that line_length_limit may be */
#define SERVER_RCPT_MAX   1000000      /* the most that smtpd_recipient_limit may be */
#define SERVER_SIZE_MAX   (64UL << 20) /* where message_size_limit is 0, or more */

enum server_phase {
	SERVER_COMMANDS,
	SERVER_TEXT,  /* after DATA's 354 */
	SERVER_CHUNK, /* inside the bytes of a BDAT */
	SERVER_AUTH,  /* after a 334: the line is an answer */
	SERVER_TLS,   /* TLS is being started: what comes is dropped */
	SERVER_MUTE,  /* nothing is read or said any more, and the connection stays */
	SERVER_DONE,  /* nothing more is read */
};

struct server_recipient {
	char *address; /* as given, without brackets; with a domain */
	char *orcpt;   /* as given; or NULL */
	unsigned notify;
};

#define SERVER_COMMANDS_MAX 16 /* rows of the table of commands, and one for all others */

struct server_count {
	unsigned total, good;
};

/* DSN parameters of the command that is being read; the spans are good until its end. */
struct server_dsn {
	bool notify, orcpt, envid, ret; /* was given */
	unsigned notify_bits;
	struct span orcpt_text, envid_text;
	enum queue_return returns;
};

enum server_bare_lf { BARE_LF_LAX, BARE_LF_NORMALIZE, BARE_LF_REJECT };

struct server_names { /* of the client */
	char *name, *reverse;
	enum peer_status name_status, reverse_status;
};

struct server_chunks {            /* BDAT, RFC 3030 */
	bool open;                /* a BDAT was accepted in this transaction */
	bool failed;              /* an earlier one was refused: what follows is dropped */
	bool last;                /* the chunk that is being read is the last */
	bool refused;             /* by smtpd_data_restrictions */
	bool keep;                /* its bytes belong to the message */
	unsigned long size, left; /* of the chunk that is being read */
};

struct practice_server {
	struct world *world;
	struct world_host *host;
	const struct site *site;
	char client[NET_ADDRESS_TEXT];
	struct server_names names;
	enum server_bare_lf bare_lf;
	unsigned discarded;      /* EHLO keywords: bits of server_ehlo.c */
	struct reasons *reasons; /* of the command that is being judged */
	struct restrict_memory memory;
	struct buf prepended;
	char *denied;   /* smtpd_client_restrictions without smtpd_delay_reject: the reply */
	bool pipelined; /* more came where the client had to wait */
	bool more;      /* bytes came behind the line that is being judged */
	enum server_phase phase;
	unsigned port;
	struct buf line; /* the line as far as it came; of AUTH it is a secret */
	bool line_cut;   /* it was longer than what is taken */
	struct buf out;
	size_t told; /* of out */
	practice_server_fn *watch;
	void *watch_arg;
	unsigned errors, junk;
	unsigned long commands;
	int64_t delay_ms;  /* before the output is sent */
	struct buf held;   /* what came meanwhile */
	unsigned pid;      /* in the log */
	const char *where; /* the last command, as the log has it */
	struct server_count counts[SERVER_COMMANDS_MAX];
	size_t counted; /* the command that is being counted */
	bool counting;
	unsigned failures; /* refused commands */
	unsigned failures_before;
	/* the session */
	char *helo;
	bool esmtp;
	bool tls;
	struct sasl_server *sasl; /* while a login goes on */
	char *user;               /* who has logged in, or NULL */
	char *method;             /* how */
	/* the transaction */
	char *sender; /* NULL: none is open */
	bool utf8;    /* SMTPUTF8 was asked for */
	struct server_dsn dsn;
	char *envid;
	enum queue_return returns;
	struct queue_message *mail; /* from the first recipient on */
	char *first_recipient;
	unsigned long announced; /* by SIZE */
	struct server_recipient *recipients;
	size_t recipient_count, recipient_room; /* each address once */
	size_t accepted, overshoot;             /* RCPT commands */
	struct buf text;                        /* the message as far as it came */
	struct smtp_dot_reader dot;
	int lax;   /* server_text.c */
	bool bare; /* a bare LF came in the text */
	struct server_chunks chunks;
};

void server_greet(struct practice_server *s);          /* the banner, or why there is none */
void server_forget_session(struct practice_server *s); /* the transaction too */
/* Answers; `what` is the part of the line that the reply is about. server_refuse() also counts an
 * error. */
void server_say(struct practice_server *s, enum practice_reply reply, struct span what);
void server_refuse(struct practice_server *s, enum practice_reply reply, struct span what);
void server_say_bytes(struct practice_server *s, enum practice_reply reply, unsigned long bytes,
                      const char *id);
void server_fail(struct practice_server *s);                        /* counts an error */
void server_say_text(struct practice_server *s, const char *reply); /* a restriction's */
void server_refuse_text(struct practice_server *s, const char *reply);
/* server_voice.c: says a restriction's reply in the words of the host's voice; false: it has none.
 */
bool server_say_in_voice(struct practice_server *s, const char *reply);
void server_forget_transaction(struct practice_server *s);
unsigned long server_size_limit(const struct practice_server *s);
const struct maincf *server_cf(const struct practice_server *s);

/* One row a verb of the server. `junk`: counts towards smtpd_junk_command_limit. `in_clear`:
 * allowed where TLS must come first (RFC 3207 §4). `last`: the client must wait for the answer. */
struct server_command {
	const char *word;
	void (*run)(struct practice_server *s, struct span arguments);
	bool junk, in_clear, last;
};
const struct server_command *server_command_find(struct span word); /* NULL: not recognized */
const char *server_command_name(size_t i);                          /* NULL past the end */
size_t server_command_index(const struct server_command *c);        /* NULL: behind the last */

/* server_fault.c. True: the fault has happened instead of what would happen. */
bool server_fault(struct practice_server *s, enum fault_stage stage, struct span verb);
void server_end_message(struct practice_server *s); /* server_take_message() or a fault */
bool server_waits(struct practice_server *s, struct span bytes); /* then it keeps them */
void server_slow_down(struct practice_server *s);

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

/* server_judge.c: what the restrictions say; the refusal has been sent when it is false. */
bool server_may_connect(struct practice_server *s);
bool server_may_greet(struct practice_server *s, const char *name);
bool server_may_send(struct practice_server *s, const char *sender);
bool server_may_receive(struct practice_server *s, const char *recipient, bool vrfy);
bool server_may_etrn(struct practice_server *s, const char *domain);
/* 0, or -1: the caller says s->memory.reply. */
int server_judge_data(struct practice_server *s);
int server_judge_end(struct practice_server *s);

/* server_proof.c: the milters, once the message is there. 0, or -1: the caller says
 * s->memory.reply. */
int server_judge_proof(struct practice_server *s);

/* server_why.c: the reasons of what main.cf does not decide. */
void server_explain(struct practice_server *s, enum practice_reply reply);

/* server_log.c: smtpd's lines in the log. */
void server_log_connect(struct practice_server *s);
void server_log_disconnect(struct practice_server *s);
void server_log_client(struct practice_server *s);
/* A restriction's refusal: "554 5.7.1 …". */
void server_log_reject(struct practice_server *s, const char *reply,
                       const struct restrict_facts *f);
/* What a reply that no restriction gave means for the log. */
void server_log_reply(struct practice_server *s, enum practice_reply reply, struct span what,
                      struct span words);
/* The command begins; its end is when the server waits for the next. */
void server_count_begin(struct practice_server *s, const struct server_command *command);
void server_count_end(struct practice_server *s);

/* server_ehlo.c */
unsigned server_discarded_keywords(const char *words);
void server_add_keywords(struct practice_server *s); /* behind "250-name" */
enum server_keyword {
	KEYWORD_PIPELINING,
	KEYWORD_SIZE,
	KEYWORD_VRFY,
	KEYWORD_ETRN,
	KEYWORD_STARTTLS,
	KEYWORD_AUTH,
	KEYWORD_ENHANCEDSTATUSCODES,
	KEYWORD_8BITMIME,
	KEYWORD_DSN,
	KEYWORD_SMTPUTF8,
	KEYWORD_CHUNKING,
	KEYWORD_COUNT
};
bool server_offers(const struct practice_server *s, enum server_keyword k);

/* server_option.c: parameters of MAIL and RCPT. True when all are fine; else refused. */
bool server_mail_options(struct practice_server *s, struct span options);
bool server_rcpt_options(struct practice_server *s, struct span options);
bool server_option_utf8(const struct practice_server *s, struct span options); /* is it there? */

/* server_text.c: the text of DATA, up to its end as smtpd_forbid_bare_newline sees it. */
bool server_text_read(struct practice_server *s, struct span *bytes);

/* server_chunk.c */
void server_bdat(struct practice_server *s, struct span arguments);
void server_chunk_feed(struct practice_server *s, struct span *bytes);

/* server_path.c: what Postfix takes for a path, which is more than RFC 5321 allows */
struct server_path {
	struct span address; /* without brackets and source route; empty for <> */
	struct span local, domain;
	struct span options; /* what follows the path */
	bool bracketed;      /* as RFC 5321 wants it: <address>, no route */
};
/* "FROM:<a@b> SIZE=1", `label` is "FROM:" or "TO:". 0; -1: the syntax of the command is wrong;
 * -2: the address cannot be one. */
int server_path_parse(struct span arguments, const char *label, struct server_path *out);
int server_address_parse(struct span text, struct server_path *out); /* 0 or -2 */
bool server_domain_valid(struct span domain);
/* The address as restrictions see it: without quotes. Heap. */
char *server_path_internal(const struct server_path *path);

/* server_deliver.c: the message into the queue. */
enum practice_reply server_deliver(struct practice_server *s);
/* The first recipient was accepted: there is a queue id now. */
void server_open_mail(struct practice_server *s);

#endif
