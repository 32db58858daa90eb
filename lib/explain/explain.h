/*
 * explain: from an exchange and its context to the words beside it.
 *
 * Rules and words are data: `rules` and `en.txt` in lessons/notes/ (their form is described at the
 * top of each). The most specific rule wins: this host's or this wording's own, then enhanced code
 * with verb, then code with verb, then enhanced code, then code, then class. What the user typed
 * wrongly is a second note, with the server's answer in hand. An explanation never says more than
 * is known; where nothing fits, it says what the class digit and the enhanced code still tell.
 *
 * Everything that goes into an explanation is already safe to show. Explanations own their strings
 * (explanation_release).
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "base/diag.h"
#include "explain/verdict.h"
#include "smtp/dialogue.h"

struct explain;

/* Reads notes/rules and notes/<lang>.txt (fallback en) in the data folder. NULL and ds on any
 * fault. */
struct explain *explain_load(const char *datadir, const char *lang, struct diags *ds);
void explain_free(struct explain *e);
/* Prepares for many thousands of replies, as in a log: costs some milliseconds once. */
void explain_expect_many(struct explain *e);

struct explain_context {
	enum smtp_state state; /* when the line was sent */
	enum smtp_state after; /* after its reply */
	enum smtp_verb verb;
	const struct smtp_command *command;           /* as typed; NULL for pseudo verbs */
	const struct smtp_reply *reply;               /* NULL: only the typed line is known */
	const struct smtp_envelope *envelope;         /* after the reply; may be NULL */
	const struct smtp_capabilities *capabilities; /* may be NULL */
	struct span banner;  /* text of the greeting's first line; may be empty */
	const char *server;  /* the host name we connected to; may be NULL */
	const char *domain;  /* the mail domain the user asked for; may be NULL */
	const char *me;      /* a name to suggest for HELO */
	const char *mailbox; /* the address the user gave as target, for RCPT; may be NULL */
	bool unsolicited;
	bool encrypted, logged_in;
	bool submission; /* the port is for people who log in: 587, 465 (RFC 8314 §3) */
};

struct explanation {
	char *label;   /* "250 2.1.0", "250" */
	char *brief;   /* one sentence or two: what it means for this command */
	char *full;    /* a short paragraph, which does not repeat `brief`; may be NULL */
	char *source;  /* "RFC 5321 §4.1.1.2" */
	char *rule;    /* the id of the rule that won */
	char *typing;  /* what was odd in the typed line, in the light of the answer; or NULL */
	char *next;    /* what to type or do next; or NULL */
	char *suggest; /* the very line that TAB types; or NULL */
	char *doing;   /* what to do about it, for somebody who is not at the prompt; or NULL */
	char *proof;   /* what would prove it; or NULL */
	struct explain_verdict verdict; /* all zero when there was no reply */
};

void explanation_release(struct explanation *x);

/* Explains a reply to a line. Never fails: the class note is always there. */
void explain_reply(const struct explain *e, const struct explain_context *c,
                   struct explanation *out);
/* The words for a side: "theirs: the mailbox of the recipient"; NULL: there are none. */
const char *explain_side_text(const struct explain *e, enum explain_side side);
/* The verdict alone: fast, and nothing is allocated for the caller. c->reply must be there. */
void explain_judge(const struct explain *e, const struct explain_context *c,
                   struct explain_verdict *out);
/* What may be typed next, from the state alone (only next and suggest are filled). */
void explain_next(const struct explain *e, const struct explain_context *c,
                  struct explanation *out);
/* A message line that was just sent: a remark, or NULL when there is none. Heap. */
char *explain_text_line(const struct explain *e, enum smtp_text_look look, struct span line,
                        const struct explain_context *c);
/* Each EHLO keyword of the server in one line: "PIPELINING: …"; unknown ones are said to be. Heap
 * strings through the callback, one call a keyword. */
void explain_capabilities(const struct explain *e, const struct smtp_capabilities *c,
                          void (*fn)(void *arg, const char *keyword, const char *argument,
                                     const char *text),
                          void *arg);
/* `topic`: a verb, an EHLO keyword, a reply code, an enhanced code, or a whole reply line. 0, or -1
 * when nothing is known about it. `brief`, `full`, `source` and `label` are filled. */
int explain_topic(const struct explain *e, struct span topic, struct explanation *out);
/* What failing to connect means: `id` is a [note …] id such as "all-timed-out". NULL if unknown.
 * Only for fixed ids that the program itself uses; the lint proves that each exists. */
int explain_note(const struct explain *e, const char *id, const struct explain_context *c,
                 struct explanation *out);

#endif
