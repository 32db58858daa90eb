/*
 * runner_state: what runner.c (the walk and the replies) and runner_steps.c (one function a step)
 * share; private to this folder.
 */
#ifndef SESSION_RUNNER_STATE_H
#define SESSION_RUNNER_STATE_H

#include "session/runner.h"

struct runner_reply { /* one that came and was not compared yet */
	struct smtp_reply reply;
	enum smtp_verb verb;
	size_t number;
	int64_t us; /* since its command was sent */
};

struct runner {
	struct loop *loop;
	const struct session_file *file;
	struct session_vars *vars;
	struct runner_settings settings;
	struct runner_result result;
	int64_t since;

	size_t at;      /* the step */
	size_t sent_at; /* of the first step of what was sent last, file->count: nothing */
	bool alone;     /* that was one line */

	struct conversation *talk; /* NULL: no connection */
	bool lent;                 /* it is the owner's */
	bool past;                 /* what stands before the client's first step is over */
	bool opening;              /* the owner was asked for one */
	bool greeted;              /* the greeting was compared, or will be with the file's S: */
	bool ended;                /* of `talk` the last event came */
	struct diag why;           /* how it ended */
	size_t lost;               /* commands that had no reply then */
	bool tls_first;            /* before the greeting, whatever the file says */
	bool tls_started, tls_ended;

	struct runner_reply *replies; /* in the order in which they came */
	size_t replies_count, replies_room;
	size_t replies_came; /* in all */

	struct expected expected; /* of the run at `at` */
	size_t next;              /* the one of them that is awaited */
	bool built;

	struct buf out;                  /* what is being sent; of a message the piece */
	struct session_message *message; /* that is being sent, or NULL */
	size_t out_at;                   /* how much of it was */
	size_t out_steps;                /* how many steps it is */
	bool out_built;

	const struct session_step *retry; /* @retry that holds, or NULL */
	unsigned long retries_left;

	struct loop_timer *timer;
	bool due;
	bool noted;   /* the result is a mismatch, and the play went on */
	bool leaving; /* the result is decided; only a clean end is left */
	bool over;
	unsigned busy; /* within walk() or a callback */
	bool freed;
};

enum runner_step_end { RUNNER_STEP_WAITS, RUNNER_STEP_DONE, RUNNER_STEP_OVER };

/* runner_steps.c: does what can be done for the step at r->at. DONE: it is complete, `at` is past
 * it. OVER: the result was decided with runner_fail() or runner_skip(). */
enum runner_step_end runner_step(struct runner *r);
/* runner_replies.c: compares what came with the run at r->at. */
enum runner_step_end runner_compare_run(struct runner *r);
void runner_drop_reply(struct runner *r); /* the oldest */
void runner_forget_expected(struct runner *r);

/* runner.c */
void runner_let_go(struct runner *r); /* of the conversation */
void runner_emit(struct runner *r, struct runner_event *ev);
void runner_wait(struct runner *r, int64_t ms); /* sets the timer unless it is set; then r->due */
void runner_end_wait(struct runner *r);
int64_t runner_patience(const struct runner *r);
/* Decides that it is a mismatch, unless something worse comes. */
void runner_note_mismatch(struct runner *r, const struct session_step *s, const char *what);
/* Both decide the result, once. Always OVER. */
enum runner_step_end runner_fail(struct runner *r, enum runner_end end, enum diag_kind kind,
                                 const struct session_step *s, const char *what);
enum runner_step_end runner_fail_with(struct runner *r, const struct diag *d,
                                      const struct session_step *s);

#endif
