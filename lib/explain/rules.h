/*
 * rules: lessons/notes/rules as a table, and which rule wins.
 *
 * A rule matches when each pattern that it has matches. Two questions are asked of those that
 * match: which has the words that fit best, and which of those with a Reason: is to be trusted
 * most. Each has its order, which follows from the kinds of pattern of a rule and is described at
 * the top of the rules file; of two equal ones the earlier wins. Owns its records; borrows the
 * notes, which must live longer.
 */
#ifndef EXPLAIN_RULES_H
#define EXPLAIN_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/record.h"
#include "explain/gram.h"
#include "explain/notes.h"
#include "explain/provider.h"
#include "explain/reason.h"
#include "smtp/dialogue.h"

#define RULE_LIST_MAX    8
#define RULE_TEXT_MAX    96 /* wordings that say the same come in large families */
#define RULE_PARTS       16
#define RULES_MAX        4096
#define RULES_WORDS      (RULES_MAX / 64) /* of a bit set of rules */
#define RULES_TEXT_MAX   16384
#define RULES_TEXT_WORDS (RULES_TEXT_MAX / 64)

struct rule_enhanced {
	int16_t class, subject; /* -1: any */
	int16_t detail, last;   /* from detail to last; -1: any */
};

struct rule {
	const char *id;
	const struct record *record; /* the file that it is in */
	const struct record_section *section;
	const struct record_section *note;            /* NULL: it gives a reason and no words */
	uint32_t verbs, states, faults, reply_faults; /* bit sets; 0: any */
	unsigned classes;                             /* bits 2 to 5; 0: any */
	uint16_t codes[RULE_LIST_MAX];
	struct rule_enhanced enhanced[RULE_LIST_MAX];
	const char *host[RULE_LIST_MAX];
	const char **text;
	size_t code_count, enhanced_count, text_count, text_room, host_count;
	bool unsolicited, null_sender, guess;
	uint64_t providers; /* bit set; 0: any */
	enum explain_reason reason;
	enum explain_side side; /* NONE: that of the reason */
	long retry;             /* EXPLAIN_RETRY_UNSET: that of the reason */
	const char *source;     /* NULL: that of the words */
	uint32_t words, trust;  /* the two orders */
};

/* [reason …]: what holds for a reason unless a rule says otherwise. */
struct rule_reason {
	enum explain_side side;
	long retry;
	enum explain_reason after_content; /* what it becomes at the end of data; NONE: it stays */
};

/* A Text: line of a rule. */
struct rule_pattern {
	const char *text;
	uint16_t rule;
};

struct rules {
	struct record *record; /* the file with the tables; its parts are beside it */
	struct record *parts[RULE_PARTS];
	size_t part_count;
	struct rule *list;
	size_t count, room;
	struct providers providers;
	struct rule_reason reasons[EXPLAIN_REASON_COUNT];
	/* Every Text: of every rule, in the order of the rules, and where to find those that may
	 * match. */
	struct rule_pattern *patterns;
	size_t pattern_count;
	struct gram_index texts;           /* empty until rules_index() */
	uint64_t always[RULES_TEXT_WORDS]; /* patterns that the index does not find */
	uint64_t textless[6][RULES_WORDS]; /* rules without Text:, by the first digit of the code */
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
	int provider;        /* who is speaking; -1: unknown */
};

/* A rule that won, and another one that has as good a claim (NULL: none has). */
struct rule_winner {
	const struct rule *rule, *rival;
	const char *pattern; /* the Text: that matched; NULL: the rule has none */
};

/* Reads the file and those that it names in [part …]. 0, or -1 and at least one fault in ds; then
 * nothing is to be released. */
int rules_load(struct rules *r, const char *path, const struct notes *n, struct diags *ds);
void rules_release(struct rules *r);

/* Reads one key of a rule; a fault is put into ds. */
void rule_read_field(const struct record *rec, struct rule *r, const struct record_field *f,
                     struct diags *ds);
/* Once, when all rules are read: what rules_match() looks them up by. */
void rules_list(struct rules *r);
/* Takes some milliseconds to make rules_match() quick for the many replies of a log: a single one
 * is found as soon without it. The answers are the same. */
void rules_index(struct rules *r);
/* The winners; their rule is NULL when there is none. */
void rules_match(const struct rules *r, const struct rule_case *c, struct rule_winner *words,
                 struct rule_winner *reason);

#endif
