/*
 * talk_state: what the files that make up a talk share; nobody else includes it.
 *
 * talk_input.c keeps the lines moving, talk_open.c finds and connects, talk_events.c shows what the
 * conversation tells, talk_end.c says how it ended, talk_record.c tells the recorder what happens,
 * talk_replay.c is /replay, talk_why.c is /why,
 * talk_tls.h has the files for TLS and logins,
 * signals.c hears the terminal's signals, and local_*.c are the local commands.
 */
#ifndef UI_TALK_STATE_H
#define UI_TALK_STATE_H

#include "base/lines.h"
#include "explain/explain.h"
#include "net/connector.h"
#include "net/route.h"
#include "practice/world.h"
#include "ui/input.h"
#include "ui/progress.h"
#include "ui/talk.h"
#include "ui/view.h"

#define TALK_SIGNALS 8

struct talk_tls;
struct talk_dane;
struct talk_login;
struct talk_replay;
struct talk_why;
struct recorder;

struct talk {
	struct talk_settings s;
	struct loop *loop;
	struct world *world; /* the practice internet, or NULL */
	struct network *network;
	struct view *view;
	struct input *input; /* NULL until it is needed */
	struct loop_timer *input_soon;
	struct loop_signal *signals[TALK_SIGNALS];
	struct progress progress;

	struct explain *notes;
	struct explanation last; /* of the last reply, for /explain */
	char *suggest;           /* what TAB types on an empty line */
	char *me;                /* the name to suggest for HELO */

	struct target target;
	struct route_search *search; /* for the target */
	struct route_search *lookup; /* for /mx */
	struct route *route;
	struct connector *connector;
	char *attempt; /* where, of the last address that failed */
	struct conversation *conversation;
	char *server; /* the name of the host that we are connected to */
	char *where;  /* "host[address]:port" */

	struct talk_tls *tls;       /* NULL until there is some */
	struct talk_dane *dane;     /* TLSA records are being looked up */
	struct talk_login *login;   /* /auth is under way */
	struct talk_replay *replay; /* /replay is under way */
	struct talk_why *why;       /* what was refused last, for /why; NULL until needed */
	struct recorder *recorder;
	char *record_path; /* a file that is asked about, */
	void (*record_what)(struct talk *t, const char *path, bool overwrite); /* and what for */
	struct buf typed; /* an AUTH line or answer that is being sent */

	struct lines lines;                       /* entered, not yet sent or run */
	void (*answer)(struct talk *t, bool yes); /* the next line answers a question */
	/* The next line is a secret for it; p == NULL: given up. */
	void (*on_secret)(struct talk *t, struct span secret);
	size_t skipped;      /* lines of message text left out */
	size_t mailboxes;    /* counted by /mailbox */
	size_t refused;      /* commands that were, in a pipe */
	char *first_refusal; /* the first of them: where, and the reply */
	char *first_reply;

	int status;
	int death;         /* a signal to die of when the terminal is put back; 0: none */
	int timeout;       /* seconds; 0: defaults */
	int explain;       /* OPTIONS_EXPLAIN_OFF, _SHORT or _FULL */
	int tab_told;      /* how often "(TAB types it)" was said */
	int attempt_error; /* its errno, as long as it was not told */
	unsigned faults;   /* reply faults told in this conversation */

	bool interactive;    /* it goes on after the end of a connection */
	bool terminal;       /* lines are edited on a terminal */
	bool finished;       /* the loop is to end */
	bool on_start;       /* the target of the command line is being opened */
	bool connected_once; /* some connection was made */
	bool closing;        /* by us */
	bool mx_secure;      /* DNSSEC vouches for the way to this host */
	bool pumping;        /* inside talk_pump() */
	bool skipping;       /* DATA was refused: message text must not go out as commands */
	bool told;           /* a sentence about the failure was said */
	bool notes_tried;
	bool ascii_told;
};

/* --- talk.c --- */
bool talk_is_ready(const struct talk *t);
bool talk_is_connected(const struct talk *t);
enum smtp_state talk_state(const struct talk *t); /* CLOSED when there is no conversation */
/* A failure of the connection: the sentence, and status 3. */
void talk_fail(struct talk *t, const struct diag *d);
void talk_set_status(struct talk *t, int status);
void talk_set_explain(struct talk *t, int level);
/* The notes, loaded when they are first needed; NULL after a fault, which was told. */
const struct explain *talk_notes(struct talk *t);
void talk_context(const struct talk *t, struct explain_context *c);

/* --- talk_input.c --- */
void talk_pump(struct talk *t); /* sends or runs what can be, then asks for more */
void talk_start_input(struct talk *t);
/* The next line answers it; ^C is no. */
void talk_ask(struct talk *t, void (*answer)(struct talk *t, bool yes), const char *question);
void talk_answer(struct talk *t, bool yes);
/* Tells the lesson, if there is one. */
void talk_used(struct talk *t, const char *name, struct span arguments);
void talk_forget_question(struct talk *t); /* what it was about is gone */

/* --- talk_open.c --- */
int talk_open(struct talk *t, struct target *take, struct diag *d); /* 0, or -1 and d */
bool talk_cancel(struct talk *t); /* stops looking and connecting; false: there was nothing */
bool talk_is_opening(const struct talk *t);
void talk_disconnect(struct talk *t);                  /* forgets the conversation */
int talk_find_network(struct talk *t, struct diag *d); /* makes sure that there is one */

/* --- talk_events.c --- */
void talk_event(void *arg, const struct conversation_event *ev);
void talk_show_explanation(struct talk *t, const struct explanation *x);
void talk_show_next(struct talk *t);

/* --- talk_end.c --- */
void talk_say_broken(struct talk *t, const struct conversation_event *ev);
void talk_say_timeout(struct talk *t, const struct conversation_event *ev);
void talk_say_injected(struct talk *t, const struct conversation_event *ev);
void talk_say_closed(struct talk *t, const struct conversation_event *ev);
/* A failure of the connection, with its place: after that verb, unless it is UNKNOWN. */
void talk_fail_after(struct talk *t, enum smtp_verb verb, const char *what, const char *hint);
void talk_say_gave_up(struct talk *t, const struct connector_event *ev);
void talk_say_refusals(struct talk *t);
void talk_say_unsent(struct talk *t);
void talk_note(struct talk *t, const char *id); /* a fixed note, when explanations are on */

/* --- signals.c --- */
void talk_hear_signals(struct talk *t);
void talk_ignore_signals(struct talk *t);

#endif
