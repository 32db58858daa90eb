/*
 * send_state: what the files of `smtptalk send` share; nobody else includes it.
 *
 * send.c is the way through it, send_ask.c asks for what is missing, send_dial.c connects and
 * plays, send_show.c shows what happens, as a session (view.h) or as swaks does (send_marks.c),
 * send_report.c keeps it for --json, send_dump.c is what only tells something.
 */
#ifndef UI_SEND_STATE_H
#define UI_SEND_STATE_H

#include "explain/explain.h"
#include "net/connector.h"
#include "net/route.h"
#include "practice/world.h"
#include "send/plan.h"
#include "send/play.h"
#include "ui/options.h"
#include "ui/view.h"

struct send_report;

struct send_show {
	struct view *view;
	bool marks; /* as swaks shows it */
	bool json;
	bool hide_send, hide_receive, hide_info, hide_all, suppress_data, raw, utf8;
	bool no_send_marks, no_receive_marks, no_info_marks;
	bool plaintext;     /* of logins */
	int lapse;          /* 0: none, 1: in milliseconds, 2: in seconds */
	int silent;         /* 0 to 3 */
	bool seen_fault;    /* --silent 1: from now on all is shown */
	bool tls;           /* what is sent now is encrypted */
	size_t lines, size; /* of the message that is being sent */
	struct buf partial; /* its last line, that is not whole yet */
};

struct ui_send {
	struct options options; /* the general ones; borrowed strings */
	struct send_options own;
	struct send_plan plan;
	struct send_show show;
	struct loop *loop;
	struct network *network;
	struct world *world;
	struct tls_context *tls;
	struct route_search *search;
	struct route *route;
	struct connector *connector;
	size_t host; /* of the route, that is connected to */
	struct send_play *play;
	struct loop_timer *next; /* something that is done when the loop turns */
	char *where;             /* "host[address]:port" */
	char *server;            /* its name */
	char *me, *user;
	struct buf stamp_date, stamp_id;
	struct explain *notes;
	bool notes_tried;
	int explain; /* enum options_explain: OFF, SHORT or FULL */
	struct send_report *report;
	bool input_read;
	int status;
	bool greeted; /* the server's greeting was a 220 */
};

/* --- send_ask.c --- */
struct send_asker;
void send_ask_init(struct ui_send *u, struct send_asker *a);
/* The user and the password of a login that is wanted, before anybody is connected to. 0, or -1 and
 * d. */
int send_ask_credentials(struct ui_send *u, struct diag *d);

/* --- send_dial.c --- */
/* Looks up, connects and plays; then u->status is the exit status. */
void send_dial(struct ui_send *u);
void send_dial_release(struct ui_send *u);

/* --- send_show.c --- */
enum send_shown { SEND_SHOWN_INFO, SEND_SHOWN_FAULT, SEND_SHOWN_SENT, SEND_SHOWN_CAME };
/* Whether a line of this kind is shown now; `fault`: it tells of something that went wrong. */
bool send_shows(struct send_show *s, enum send_shown kind, bool fault);
void send_show_init(struct ui_send *u, bool utf8);
void send_show_info(struct ui_send *u, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void send_show_fault(struct ui_send *u, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void send_show_event(struct ui_send *u, const struct send_event *ev);

/* --- send_marks.c --- */
/* A text of lines, each behind the mark for its kind, on standard output or, a fault, on standard
 * error. */
void send_mark(struct send_show *s, enum send_shown kind, bool fault, struct span text);
void send_mark_raw(struct send_show *s, enum send_shown kind, struct span bytes);

/* --- send_explain.c --- */
void send_explain_reply(struct ui_send *u, const struct send_event *ev);
/* The explanation, for the report; false: there is none. To be released. */
bool send_explain_judge(struct ui_send *u, const struct send_event *ev, struct explanation *x);

/* --- send_report.c --- */
struct send_report *send_report_new(void);
void send_report_free(struct send_report *r);
void send_report_event(struct ui_send *u, const struct send_event *ev);
void send_report_trouble(struct ui_send *u, const char *text);
void send_report_write(struct ui_send *u, struct buf *out);

/* --- send_dump.c --- */
/* --support, --version, --dump, --dump-mail, --print-session. True: it was one of them, and
 * u->status is set. */
bool send_tells(struct ui_send *u, struct diag *d);
int send_make_message(void *arg, bool eightbit, bool utf8, struct send_outgoing **out,
                      struct diag *d);

#endif
