/*
 * Tables of names, so that a file with a reason that is not on the list is refused where it is
 * read, and everything else compares numbers.
 */
#include "explain/reason.h"

static const char *const reasons[EXPLAIN_REASON_COUNT] = {"",
#define X(NAME, name) name,
                                                          EXPLAIN_REASONS(X)
#undef X
};

static const char *const sides[EXPLAIN_SIDE_COUNT] = {
        "", "you", "your-server", "your-records", "their-server", "their-user", "network",
};

#define V(NAME) (1u << SMTP_VERB_##NAME)

/* The first verb of a stage is its usual one. */
static const struct stage {
	const char *name;
	enum smtp_verb verb;
	unsigned verbs;
} stages[EXPLAIN_STAGE_COUNT] = {
        {"", SMTP_VERB_COUNT, 0},
        {"connection", SMTP_VERB_CONNECT, V(CONNECT)},
        {"HELO", SMTP_VERB_EHLO, V(HELO) | V(EHLO) | V(LHLO)},
        {"MAIL", SMTP_VERB_MAIL, V(MAIL)},
        {"RCPT", SMTP_VERB_RCPT, V(RCPT)},
        {"DATA", SMTP_VERB_DATA, V(DATA) | V(BDAT)},
        {"end of data", SMTP_VERB_MESSAGE, V(MESSAGE)},
        {"STARTTLS", SMTP_VERB_STARTTLS, V(STARTTLS)},
        {"AUTH", SMTP_VERB_AUTH, V(AUTH) | V(ANSWER)},
};

/* Other names of the same things. */
static const struct {
	const char *name;
	enum explain_stage stage;
} aliases[] = {
        {"banner", EXPLAIN_STAGE_CONNECTION},   {"greeting", EXPLAIN_STAGE_CONNECTION},
        {"connect", EXPLAIN_STAGE_CONNECTION},  {"EHLO", EXPLAIN_STAGE_HELO},
        {"LHLO", EXPLAIN_STAGE_HELO},           {"end-of-data", EXPLAIN_STAGE_END_OF_DATA},
        {"message", EXPLAIN_STAGE_END_OF_DATA}, {"BDAT", EXPLAIN_STAGE_DATA},
};

static int find(const char *const *names, int count, struct span name)
{
	for (int i = 1; i < count; i++)
		if (span_eq_nocase(span_of(names[i]), name))
			return i;
	return 0;
}

const char *explain_reason_name(enum explain_reason r)
{
	return (unsigned)r < EXPLAIN_REASON_COUNT ? reasons[r] : "";
}

enum explain_reason explain_reason_find(struct span name)
{
	return (enum explain_reason)find(reasons, EXPLAIN_REASON_COUNT, name);
}

const char *explain_side_name(enum explain_side s)
{
	return (unsigned)s < EXPLAIN_SIDE_COUNT ? sides[s] : "";
}

enum explain_side explain_side_find(struct span name)
{
	return (enum explain_side)find(sides, EXPLAIN_SIDE_COUNT, name);
}

const char *explain_stage_name(enum explain_stage s)
{
	return (unsigned)s < EXPLAIN_STAGE_COUNT ? stages[s].name : "";
}

enum explain_stage explain_stage_find(struct span name)
{
	for (int i = 1; i < EXPLAIN_STAGE_COUNT; i++)
		if (span_eq_nocase(span_of(stages[i].name), name))
			return (enum explain_stage)i;
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (span_eq_nocase(span_of(aliases[i].name), name))
			return aliases[i].stage;
	return EXPLAIN_STAGE_NONE;
}

enum explain_stage explain_stage_of(enum smtp_verb verb)
{
	for (int i = 1; verb < SMTP_VERB_COUNT && i < EXPLAIN_STAGE_COUNT; i++)
		if ((stages[i].verbs >> verb) & 1u)
			return (enum explain_stage)i;
	return EXPLAIN_STAGE_NONE;
}

unsigned explain_stage_verbs(enum explain_stage s)
{
	return (unsigned)s < EXPLAIN_STAGE_COUNT ? stages[s].verbs : 0;
}

enum smtp_verb explain_stage_verb(enum explain_stage s)
{
	return (unsigned)s < EXPLAIN_STAGE_COUNT ? stages[s].verb : SMTP_VERB_COUNT;
}

int explain_retry_read(struct span word, long *out)
{
	static const struct {
		char unit;
		long seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	unsigned long number;

	if (span_eq_nocase(word, SPAN("final")) || span_eq_nocase(word, SPAN("ordinary"))) {
		*out = word.p[0] == 'f' || word.p[0] == 'F' ? EXPLAIN_RETRY_FINAL
		                                            : EXPLAIN_RETRY_ORDINARY;
		return 0;
	}
	for (size_t i = 0; word.n > 1 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (word.p[word.n - 1] != units[i].unit)
			continue;
		if (span_number(span_first(word, word.n - 1), 9999, &number) < 0 || number == 0)
			return -1;
		*out = (long)number * units[i].seconds;
		return 0;
	}
	return -1;
}
