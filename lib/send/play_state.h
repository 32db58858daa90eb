/*
 * play_state: what play.c (the stages) and play_login.c (AUTH) share; private to this folder.
 */
#ifndef SEND_PLAY_STATE_H
#define SEND_PLAY_STATE_H

#include "send/play.h"
#include "session/runner.h"
#include "smtp/sasl.h"

struct send_play {
	struct send_play_settings s;
	struct loop *loop;
	struct send_course course;
	struct conversation *talk;
	struct session_vars *vars;
	struct session_file *file; /* the stage that is played */
	struct runner *runner;
	struct send_outcome *outcomes;
	size_t count, room;
	struct loop_timer *next;
	struct buf text;

	struct sasl_client *sasl; /* a login is under way */
	size_t round;             /* answers that were sent */
	char *mechanism;
	struct buf says;

	struct buf chunk; /* of BDAT: what was read and not sent yet */
	bool chunk_end;
	bool message_ready;
	size_t awaited; /* more replies to the message (PRDR) */
	struct loop_timer *patience;

	struct diag fault;
	bool ended; /* the connection */
	bool timeout;
	const char *how; /* it ended */
	bool over, freed;
	unsigned busy;
};

void send_play_emit(struct send_play *p, struct send_event *ev);
/* The stage is over; the next begins when the loop turns. */
void send_play_go_on(struct send_play *p);
void send_play_give_up(struct send_play *p, int status);

/* --- play_message.c --- */
int send_play_read_message(void *arg, struct buf *out, bool *end, struct diag *d); /* runner.h */
/* 0, or -1 and p->fault. */
int send_play_make_message(struct send_play *p);
void send_play_begin_round(struct send_play *p);
int send_play_write_message(struct send_play *p, struct session_writer *w);
int send_play_write_chunk(struct send_play *p, struct session_writer *w);

/* --- play_login.c --- */
void send_login_begin(struct send_play *p);
void send_login_replied(struct send_play *p, const struct smtp_event *ev);
void send_login_stop(struct send_play *p);

#endif
