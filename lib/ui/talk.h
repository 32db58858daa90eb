/*
 * talk: a conversation by hand: resolve, show the route, connect, send what is typed, show and
 * explain what comes back.
 *
 * One talk has one conversation at a time; /connect opens the next one. Everything runs on the
 * talk's own loop, inside talk_run().
 */
#ifndef UI_TALK_H
#define UI_TALK_H

#include <stdbool.h>

#include "base/diag.h"
#include "session/conversation.h"
#include "ui/options.h"
#include "ui/target.h"

struct talk;
struct view;

/* What a lesson adds. */
struct talk_hooks {
	/* After a SENT or REPLY event was shown and explained. */
	void (*observe)(void *arg, struct talk *t, const struct conversation_event *ev,
	                const struct smtp_dialogue *d);
	void (*hint)(void *arg, struct talk *t); /* /hint */
	void *arg;
};

struct talk_settings {
	const struct options *options;
	bool utf8;                      /* the terminal can show it */
	bool practice;                  /* on the practice internet */
	int explain;                    /* enum options_explain: what AUTO means here */
	const struct talk_hooks *hooks; /* or NULL */
};

/* NULL and ds when the practice internet cannot be loaded or an option makes no sense. */
struct talk *talk_new(const struct talk_settings *s, struct diags *ds);
void talk_free(struct talk *t);
/* Talks to the target (taken over; NULL: nobody yet) until the user or the input ends it. Gives the
 * exit status. */
int talk_run(struct talk *t, struct target *take);
struct view *talk_view(struct talk *t);
/* The signal that asked for the end, or 0. */
int talk_death(const struct talk *t);
/* A command of the shell: words are the target. Gives the exit status. */
int talk_main(const struct options *o, bool utf8, struct diags *ds);

#endif
