/*
 * rules: lessons/notes/rules as a table, and which rule wins.
 *
 * A rule matches when each pattern that it has matches; the rule with the highest score wins, the
 * earlier one of two equal ones. The score follows from the kinds of pattern that a rule has, in
 * the order that is described at the top of the rules file. Owns its record; borrows the notes,
 * which must live longer.
 */
#ifndef EXPLAIN_RULES_H
#define EXPLAIN_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/record.h"
#include "explain/notes.h"
#include "smtp/dialogue.h"

#define RULE_LIST_MAX 16

struct rule_enhanced {
	int class, subject; /* -1: any */
	int detail, last;   /* from detail to last; -1: any */
};

struct rule {
	const char *id;
	const struct record_section *section, *note;
	uint32_t verbs, states, faults, reply_faults; /* bit sets; 0: any */
	unsigned classes;                             /* bits 2 to 5; 0: any */
	int codes[RULE_LIST_MAX];
	struct rule_enhanced enhanced[RULE_LIST_MAX];
	const char *text[RULE_LIST_MAX], *host[RULE_LIST_MAX];
	size_t code_count, enhanced_count, text_count, host_count;
	bool unsolicited, null_sender;
	unsigned score;
};

struct rules {
	struct record *record;
	struct rule *list;
	size_t count, room;
};

/* What the rules look at. */
struct rule_case {
	int code;
	struct smtp_enhanced enhanced;
	enum smtp_verb verb;
	enum smtp_state state;
	uint32_t faults, reply_faults;
	bool unsolicited;
	bool null_sender;    /* MAIL FROM:<> was typed */
	struct span text;    /* all lines, joined by blanks, without enhanced codes */
	struct span host[3]; /* banner, name we connected to, name in the EHLO reply */
};

/* 0, or -1 and at least one fault in ds; then nothing is to be released. */
int rules_load(struct rules *r, const char *path, const struct notes *n, struct diags *ds);
void rules_release(struct rules *r);

bool rule_matches(const struct rule *rule, const struct rule_case *c);
/* The winner, or NULL. `rival` (may be NULL) is another rule of the same score, or NULL. */
const struct rule *rules_best(const struct rules *r, const struct rule_case *c,
                              const struct rule **rival);

#endif
