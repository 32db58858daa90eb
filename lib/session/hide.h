/*
 * hide: what a recording may keep of a line that a client sends.
 *
 * Which lines hold a secret is mask.h's judgement, also for lines that go out in one write. What is
 * hidden becomes a reference (ref.h) that makes the same bytes again where there is one:
 * ${plain:'alice',password}, ${login-pass:password}, ${xoauth2:'alice',token}; ${login-user:user}
 * for the name in AUTH LOGIN, since people type their password there; ${secret:answer} for all
 * else, such as SCRAM, whose answers are good for one login only. A second value gets a second
 * name, "password_2". What was hidden once is a secret from then on, wherever it comes back.
 */
#ifndef SESSION_HIDE_H
#define SESSION_HIDE_H

#include "session/vars.h"
#include "smtp/dialogue.h"

struct hide {
	struct session_vars *vars; /* the secrets that are known; borrowed */
	bool login;                /* an AUTH has no last reply yet */
	bool text_over;            /* the lone dot is sent, the dialogue does not know yet */
};

/* Judges a line without its line end, which is about to be sent; d may be NULL. True when only the
 * first `shown` bytes of it may be kept: `reference` gets what stands for the rest. */
bool hide_line(struct hide *h, const struct smtp_dialogue *d, struct span line, size_t *shown,
               struct buf *reference);
void hide_replied(struct hide *h, int code);
/* Takes the secrets of others over, under their names where these are free. */
void hide_know(struct hide *h, const struct session_vars *others);

#endif
