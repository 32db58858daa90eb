/*
 * course: the course of a sending: which stage comes next, and what is said in it.
 *
 * It does no I/O. A stage is a piece of a session file; who plays it tells what came of it, and
 * asks for the next. The whole session file is the course of a server that grants everything.
 * Which stage follows which, and with what exit status it ends, is what swaks does.
 */
#ifndef SEND_COURSE_H
#define SEND_COURSE_H

#include "send/plan.h"
#include "session/vars.h"
#include "session/writer.h"
#include "smtp/capability.h"
#include "smtp/verb.h"

#define SEND_CHUNK 65536u /* bytes of a BDAT */

enum send_stage {
	SEND_STAGE_BEGIN,
	SEND_STAGE_CONNECT, /* PROXY, TLS before the greeting, the greeting */
	SEND_STAGE_HELO,    /* EHLO or LHLO; HELO of SMTP */
	SEND_STAGE_OLD_HELO,
	SEND_STAGE_XCLIENT,
	SEND_STAGE_XCLIENT_HELO,
	SEND_STAGE_STARTTLS,
	SEND_STAGE_TLS_HELO,
	SEND_STAGE_AUTH, /* one mechanism; the player makes the login */
	SEND_STAGE_XFORWARD,
	SEND_STAGE_MAIL, /* with PIPELINING all up to DATA or QUIT */
	SEND_STAGE_RCPT,
	SEND_STAGE_DATA,
	SEND_STAGE_MESSAGE,
	SEND_STAGE_CHUNK, /* one BDAT */
	SEND_STAGE_DROP,  /* the connection is closed */
	SEND_STAGE_QUIT,
	SEND_STAGE_OVER, /* `status` is the exit status */
	SEND_STAGE_COUNT
};
const char *send_stage_name(enum send_stage s);

struct send_outcome { /* of one exchange */
	enum smtp_verb verb;
	int code; /* 0: none came */
};

struct send_course {
	const struct send_plan *plan;
	enum send_stage stage;
	int status;
	bool failed;                 /* a stage was refused: `status` is settled */
	const char *trouble;         /* why it is not as it was asked for, a sentence; or NULL */
	bool tls;                    /* the connection is encrypted */
	bool esmtp;                  /* EHLO or LHLO was accepted */
	bool xclient_done, tls_done; /* or passed over */
	bool pipelined;              /* the last MAIL stage held all */
	size_t mechanism;            /* that is tried, of the plan's */
	bool auth_tried;
	size_t accepted; /* recipients */
	size_t refused;
	unsigned long message;      /* that is sent, from 0 */
	unsigned long taken;        /* messages that the server took */
	bool chunks_over;           /* the last BDAT was sent */
	struct send_message_needs { /* known when the message was made */
		bool eightbit, utf8;
	} needs;
	struct smtp_capabilities offers; /* of the last EHLO */
	bool ideal;                      /* the server is imagined: it offers everything */
};

void send_course_init(struct send_course *c, const struct send_plan *p);
void send_course_release(struct send_course *c);

/* What came of the stage: `list` has the exchanges in order. Sets the next one. */
void send_course_take(struct send_course *c, const struct send_outcome *list, size_t count);
/* The handshake failed. */
void send_course_tls_failed(struct send_course *c);
/* The login was accepted, refused, or cannot be made. */
void send_course_logged_in(struct send_course *c, bool yes);
/* The connection ended, by time or otherwise. */
void send_course_lost(struct send_course *c, bool timeout);

/* Whether the server offers it; of an ideal one always. */
bool send_course_offers(const struct send_course *c, const char *keyword);
bool send_course_offers_word(const struct send_course *c, const char *keyword, struct span word);
/* The mechanism that AUTH is to use. */
const struct send_mechanism *send_course_mechanism(const struct send_course *c);
/* How many recipients the envelope has, and each of them. */
size_t send_course_recipients(const struct send_plan *p);
const char *send_course_recipient(const struct send_plan *p, size_t i);

/* Whether MAIL and what follows go out in one write. */
bool send_course_groups(const struct send_course *c);
/* Writes the stage as a piece of a session file. Not for MESSAGE and CHUNK, whose bytes the player
 * has, and not for AUTH. 0, or -1 and d: an address cannot be sent. */
int send_course_write(const struct send_course *c, struct session_writer *w, struct diag *d);
/* The replies to a message. */
void send_course_write_replies(const struct send_course *c, struct session_writer *w);
/* A login with this mechanism, where a session file can hold one: 0, or -1. */
int send_course_write_login(const struct send_mechanism *m, const char *user,
                            struct session_writer *w);

/* The whole session file, with "<open …>". `next` appends the next piece of the message as it goes
 * out, *end with the last. `vars` holds the password as a secret. 0, or -1 and d. */
#define SEND_PASSWORD "password" /* the variable that holds it */
typedef int send_piece_fn(void *arg, struct buf *out, bool *end, struct diag *d);
int send_course_print(const struct send_plan *p, const struct send_message_needs *needs,
                      struct session_vars *vars, send_piece_fn *next, void *arg, struct buf *out,
                      struct diag *d);

#endif
