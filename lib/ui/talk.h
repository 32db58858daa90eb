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
	/* After an event was shown and explained; d is NULL when the conversation is over. */
	void (*observe)(void *arg, struct talk *t, const struct conversation_event *ev,
	                const struct smtp_dialogue *d);
	/* One of the local commands that are a lesson's: /hint, /answer, … */
	void (*command)(void *arg, struct talk *t, const char *name, struct span arguments);
	/* After any other local command; "replayed" when /replay ended as expected. */
	void (*used)(void *arg, struct talk *t, const char *name, struct span arguments);
	/* It is the user's turn and no line waits. True: now one does. */
	bool (*idle)(void *arg, struct talk *t);
	void *arg;
};

struct talk_settings {
	const struct options *options;
	bool utf8;                      /* the terminal can show it */
	bool practice;                  /* on the practice internet */
	int explain;                    /* enum options_explain: what AUTO means here */
	const struct talk_hooks *hooks; /* or NULL */
	struct world *world;            /* taken over: the practice internet to use; or NULL */
	bool stays;                     /* as at a terminal: it does not end with the connection */
	bool unattended;                /* with `stays`: nothing is read and nothing is shown */
};

/* NULL and ds when the practice internet cannot be loaded or an option makes no sense. */
struct talk *talk_new(const struct talk_settings *s, struct diags *ds);
void talk_free(struct talk *t);
/* Talks to the target (taken over; NULL: nobody yet) until the user or the input ends it. Gives the
 * exit status. */
int talk_run(struct talk *t, struct target *take);
/* From within the hooks: a line as if it had been entered. */
void talk_enter(struct talk *t, struct span line);
/* Likewise a local command, with or without its slash: also inside a message. */
void talk_command(struct talk *t, struct span line);
void talk_finish(struct talk *t);
/* Hangs up, forgets what waits, and begins again in another world (taken over) with that target
 * (taken over; NULL: nobody yet). Not from within `observe`. */
void talk_restart(struct talk *t, struct world *world, struct target *take);
/* Of the conversation that is open, or NULL; where it leads to, or NULL. */
const struct smtp_dialogue *talk_dialogue(const struct talk *t);
const char *talk_server(const struct talk *t);
struct world *talk_world(const struct talk *t); /* the practice internet, or NULL */
struct view *talk_view(struct talk *t);
/* The signal that asked for the end, or 0. */
int talk_death(const struct talk *t);
/* A command of the shell: words are the target. Gives the exit status. */
int talk_main(const struct options *o, bool utf8, struct diags *ds);

#endif
