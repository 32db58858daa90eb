/*
 * talk_tls: TLS and logins in a talk: what the files of a talk share about them.
 *
 * talk_tls.c makes the handshake and judges it, talk_dane.c looks up TLSA records before it,
 * talk_auth.c watches what is typed and answered around AUTH, talk_login.c is /auth.
 */
#ifndef UI_TALK_TLS_H
#define UI_TALK_TLS_H

#include "net/dane.h"
#include "net/tls_policy.h"
#include "ui/talk_state.h"

/* Why no login goes out in the clear, and what to do, in the same words wherever it is refused. */
#define TALK_CLEAR_LOGIN                                                                           \
	"there is no TLS, and base64 is not encryption: everybody on the way could read the login"
#define TALK_CLEAR_HINT "STARTTLS and EHLO come before it; --auth-in-clear sends it all the same"

/* --- talk_tls.c --- */
void talk_tls_connected(struct talk *t); /* TLS before the greeting, where it was asked for */
void talk_tls_begin(struct talk *t);     /* STARTTLS was accepted */
bool talk_tls_is_busy(const struct talk *t);
void talk_tls_ended(struct talk *t, const struct conversation_event *ev); /* CONVERSATION_TLS */
/* What a reply means for TLS: EHLO after it compared with before, STARTTLS that is missing. */
void talk_tls_replied(struct talk *t, const struct smtp_event *ev);
/* Whether the policy forbids this line now; says so. */
bool talk_tls_forbids(struct talk *t, const struct smtp_command *cmd);
/* Why the server at the other end is not proven to be who it should be (heap), or NULL: it is. */
char *talk_tls_doubt(const struct talk *t);
void talk_tls_forget(struct talk *t); /* the connection is gone; the last report stays for /tls */
void talk_tls_free(struct talk *t);

/* --- talk_dane.c --- */
/* False: there is nothing to look up, and `done` will not be called. */
bool talk_dane_begin(struct talk *t, void (*done)(struct talk *t, struct dane_result *take));
void talk_dane_cancel(struct talk *t);

/* --- talk_auth.c --- */
/* Keeps what is about to be sent, when it is a secret, to say beside it what it says. */
void talk_auth_typed(struct talk *t, struct span line);
void talk_auth_sent(struct talk *t, const struct conversation_event *ev);
void talk_auth_replied(struct talk *t, const struct smtp_event *ev);
/* Whether what is typed now may be a password. */
bool talk_auth_is_secret(const struct talk *t);
bool talk_auth_hides(const struct talk *t, struct span line);
bool talk_auth_raw_hides(const struct talk *t, struct span bytes); /* that /raw just sent */

/* --- talk_login.c --- */
bool talk_login_runs(const struct talk *t);
/* Any reply but 334 ends it, and is judged; a 334 is answered once everything about it was said. */
void talk_login_ended(struct talk *t, const struct smtp_event *ev);
void talk_login_continue(struct talk *t, const struct smtp_event *ev);
/* What the line that /auth just sent says; NULL when it was not /auth's. */
const char *talk_login_means(const struct talk *t);
void talk_login_stop(struct talk *t); /* forgets it, and wipes its secrets */

#endif
