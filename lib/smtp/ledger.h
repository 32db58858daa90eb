/*
 * ledger: the lines that were sent and have no reply yet, oldest first; private to this folder.
 *
 * Owns copies of the lines. Holds SMTP_LEDGER_MAX of them; what is sent beyond that is only
 * counted, and stands in the ledger as UNKNOWN lines at its end.
 */
#ifndef SMTP_LEDGER_H
#define SMTP_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp/command.h"

struct smtp_ledger_entry {
	enum smtp_verb verb;
	bool is_command; /* `command` is filled; its spans borrow from `line` */
	struct smtp_command command;
	char *line;
	size_t len;
	size_t replies; /* how many are still to come: more than one only after LMTP's dot */
};

struct smtp_ledger {
	struct smtp_ledger_entry *list;
	size_t start, end, room; /* the entries are list[start] … list[end - 1] */
	size_t uncounted;        /* lines beyond the limit */
};

void smtp_ledger_release(struct smtp_ledger *l); /* leaves it empty; zeroed is empty, too */
void smtp_ledger_add_command(struct smtp_ledger *l, struct span line);
/* CONNECT, MESSAGE or ANSWER. */
void smtp_ledger_add_pseudo(struct smtp_ledger *l, enum smtp_verb verb, size_t replies);
size_t smtp_ledger_count(const struct smtp_ledger *l);
/* The oldest, NULL when there is none or it is one of the uncounted. */
struct smtp_ledger_entry *smtp_ledger_first(struct smtp_ledger *l);
/* Makes the oldest a pseudo verb: what it was sent as turned out to be something else. */
void smtp_ledger_turn_first(struct smtp_ledger *l, enum smtp_verb verb, size_t replies);
/* One reply to the oldest came: the entry, without it in the ledger when that was its last reply.
 * The caller releases it. False when the ledger is empty. */
bool smtp_ledger_answer(struct smtp_ledger *l, struct smtp_ledger_entry *out);
void smtp_ledger_entry_release(struct smtp_ledger_entry *e);
/* Whether one of them has that verb. */
bool smtp_ledger_has(const struct smtp_ledger *l, enum smtp_verb verb);

#endif
