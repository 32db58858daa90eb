/*
 * condition: "reply verb=MAIL class=2": what must have happened, and whether it did.
 *
 * The first word is the kind of event: `reply`, or `sent` (a line left). Each further word is a
 * test; all must hold. `key=a,b` means one of these. The keys:
 *
 *     verb=HELO,EHLO    what was answered or sent, by the names in lib/smtp/verb.c
 *     class=2           the first digit of the reply
 *     code=354          the reply code
 *     enhanced=5.7.1    the enhanced status code
 *     state=ready       the state of the conversation after it, by the names in smtp/dialogue.h
 *     accepted>=1       recipients that were accepted; also accepted=0
 *     refused>=1        recipients that were refused
 *     typed=no-colon    what was odd in the typed command, by the names in smtp/command.h
 *     text=command      what a message line looks like: header, headers-end, no-header, command,
 *                       local-command, almost-dot, stuffing, too-long, end, plain
 */
#ifndef LESSON_CONDITION_H
#define LESSON_CONDITION_H

#include "base/record.h"
#include "session/conversation.h"

#define LESSON_TESTS_MAX 8

/* What happened, in numbers. */
struct lesson_facts {
	bool reply; /* else a line was sent */
	enum smtp_verb verb;
	int code;
	struct smtp_enhanced enhanced;
	enum smtp_state state;
	size_t accepted, refused;
	unsigned typed; /* bit set of enum smtp_typing_fault */
	enum smtp_text_look look;
	bool in_text; /* `look` tells something */
};

struct lesson_key;
struct lesson_condition {
	bool reply;
	struct {
		const struct lesson_key *key;
		bool at_least;
		unsigned long value; /* a number, or a bit set */
	} tests[LESSON_TESTS_MAX];
	size_t count;
};

/* Reads the value of a field. 0, or -1 and a fault at the word that is wrong. */
int lesson_condition_read(struct lesson_condition *c, const struct record *r,
                          const struct record_section *s, const struct record_field *f,
                          struct diags *ds);
bool lesson_condition_holds(const struct lesson_condition *c, const struct lesson_facts *facts);
/* The facts of a SENT or REPLY event. */
void lesson_facts_read(struct lesson_facts *facts, const struct conversation_event *ev,
                       const struct smtp_dialogue *d);
/* The facts of a conversation in which nothing was typed: the server greeted. */
void lesson_facts_untouched(struct lesson_facts *facts);

#endif
