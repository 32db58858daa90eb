/*
 * condition: "reply verb=MAIL class=2": what must have happened, and whether it did.
 *
 * The first word is the kind of event:
 *
 *     reply     the server answered a line         sent      a line, or raw bytes, left
 *     closed    the connection ended               tls       a TLS handshake was completed
 *     local     a command after "/" was run        answer    /answer was typed
 *     replayed  /replay ended as expected          now       any of these: only the state counts
 *
 * Each further word is a test; all must hold. `key=a,b` means one of these, `key!=a` none of them,
 * `key>=1` at least. In quotes blanks and commas mean themselves: `has="Subject: *"`. The keys:
 *
 *     verb=HELO,EHLO    what was answered or sent, by the names in lib/smtp/verb.c
 *     class=2           the first digit of the reply
 *     code=354          the reply code
 *     enhanced=5.7.1    the enhanced status code
 *     state=ready       the state of the conversation after it, by the names in smtp/dialogue.h
 *     accepted>=1       recipients that were accepted; also accepted=0
 *     refused>=1        recipients that were refused
 *     waiting>=1        commands that were sent and have no reply yet
 *     typed=no-colon    what was odd in the typed command, by the names in smtp/command.h
 *     text=command      what a message line looks like: header, headers-end, no-header, command,
 *                       local-command, almost-dot, stuffing, too-long, end, plain
 *     raw=any           what was sent with /raw: any, bare-lf, bare-cr
 *     message=eight-bit what the message so far has: header, eight-bit, stuffed, too-long,
 *                       encoded-word
 *     secure=tls,auth   TLS is on; somebody is logged in
 *
 * and those whose values are patterns (`*` any text, `?` any byte), compared without case:
 *
 *     host=mx.*         the server that we talk to      helo=NAME      as it was accepted
 *     sender=<>         of the open envelope            to=ADDRESS     accepted recipients
 *     address=ADDRESS   in the command                  parameter=SIZE* of MAIL or RCPT
 *     offered=SIZE      keywords of EHLO's reply        line=TEXT      the line that was sent
 *     command=mx        the local command               argument=TEXT  what stood behind it, or
 *     is=TEXT           the answer                                     behind the verb
 *
 * and those that look into the practice world, at one mailbox or host, which is named before them:
 *
 *     mailbox=ADDRESS   has=TEXT: a line of its newest message; mails>=1: how many it holds
 *     at=HOST           cf="mynetworks = *": a parameter of its main.cf as it is now
 */
#ifndef LESSON_CONDITION_H
#define LESSON_CONDITION_H

#include "base/record.h"
#include "practice/world.h"
#include "session/conversation.h"

#define LESSON_TESTS_MAX 8

enum lesson_event {
	LESSON_REPLY,
	LESSON_SENT,
	LESSON_CLOSED,
	LESSON_TLS,
	LESSON_LOCAL,
	LESSON_ANSWER,
	LESSON_REPLAYED,
	LESSON_NOW,
};

enum lesson_secure { LESSON_SECURE_TLS, LESSON_SECURE_AUTH };
enum lesson_raw { LESSON_RAW_ANY, LESSON_RAW_BARE_LF, LESSON_RAW_BARE_CR };
enum lesson_message {
	LESSON_MESSAGE_HEADER,
	LESSON_MESSAGE_EIGHT_BIT,
	LESSON_MESSAGE_STUFFED,
	LESSON_MESSAGE_TOO_LONG,
	LESSON_MESSAGE_ENCODED_WORD,
};
#define LESSON_BIT(x) (1u << (x))

/* What happened, and where to look for more. Borrowed: for one judgement. */
struct lesson_facts {
	enum lesson_event event; /* not NOW */
	enum smtp_verb verb;
	int code;
	struct smtp_enhanced enhanced;
	enum smtp_state state;
	size_t accepted, refused, waiting;
	unsigned typed; /* bit set of enum smtp_typing_fault */
	enum smtp_text_look look;
	bool in_text;                  /* `look` tells something */
	unsigned raw, message, secure; /* bit sets of the enums above */
	const char *host;              /* or NULL */
	struct span line, address, parameters, argument, command;
	const struct smtp_dialogue *dialogue; /* or NULL */
	const struct world *world;            /* or NULL */
};

struct lesson_key;
struct lesson_test {
	const struct lesson_key *key;
	char operation;      /* '=', '!' or '>' */
	unsigned long value; /* a number, or a bit set */
	char *text;          /* patterns, parted by LF */
};

struct lesson_condition {
	enum lesson_event event;
	struct lesson_test tests[LESSON_TESTS_MAX];
	size_t count;
	char *mailbox, *host; /* of has, mails, cf; or NULL */
};

/* Reads the value of a field. 0, or -1 and a fault at the word that is wrong; to be released in
 * either case. */
int lesson_condition_read(struct lesson_condition *c, const struct record *r,
                          const struct record_section *s, const struct record_field *f,
                          struct diags *ds);
void lesson_condition_release(struct lesson_condition *c);
bool lesson_condition_holds(const struct lesson_condition *c, const struct lesson_facts *facts);
/* The facts of a conversation's event. False: it is none that lessons look at. */
bool lesson_facts_read(struct lesson_facts *facts, const struct conversation_event *ev,
                       const struct smtp_dialogue *d);
/* What the dialogue (or NULL) tells at any time. */
void lesson_facts_look(struct lesson_facts *facts, const struct smtp_dialogue *d);
/* The facts of a conversation in which nothing was typed: the server greeted. */
void lesson_facts_untouched(struct lesson_facts *facts);

#endif
