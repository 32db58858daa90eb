/*
 * One table row a verb, so that help, time limits and parsing cannot disagree about what exists.
 * Looking a name up walks the table: there are twenty rows, and the longest line costs more.
 */
#include "smtp/verb.h"

static const struct smtp_verb_info verbs[SMTP_VERB_COUNT] = {
        [SMTP_VERB_UNKNOWN] = {"unknown", "", "RFC 5321 §4.2.4", 300},
        [SMTP_VERB_CONNECT] = {"connection", "", "RFC 5321 §3.1", 300},
        [SMTP_VERB_HELO] = {"HELO", "HELO name", "RFC 5321 §4.1.1.1", 300},
        [SMTP_VERB_EHLO] = {"EHLO", "EHLO name", "RFC 5321 §4.1.1.1", 300},
        [SMTP_VERB_LHLO] = {"LHLO", "LHLO name", "RFC 2033 §4.1", 300},
        [SMTP_VERB_MAIL] = {"MAIL", "MAIL FROM:<address> [parameter …]", "RFC 5321 §4.1.1.2", 300},
        [SMTP_VERB_RCPT] = {"RCPT", "RCPT TO:<address> [parameter …]", "RFC 5321 §4.1.1.3", 300},
        [SMTP_VERB_DATA] = {"DATA", "DATA", "RFC 5321 §4.1.1.4", 120},
        [SMTP_VERB_MESSAGE] = {"message", ".", "RFC 5321 §4.1.1.4", 600},
        [SMTP_VERB_BDAT] = {"BDAT", "BDAT size [LAST]", "RFC 3030 §2", 600},
        [SMTP_VERB_RSET] = {"RSET", "RSET", "RFC 5321 §4.1.1.5", 300},
        [SMTP_VERB_NOOP] = {"NOOP", "NOOP [text]", "RFC 5321 §4.1.1.9", 300},
        [SMTP_VERB_VRFY] = {"VRFY", "VRFY user", "RFC 5321 §4.1.1.6", 300},
        [SMTP_VERB_EXPN] = {"EXPN", "EXPN list", "RFC 5321 §4.1.1.7", 300},
        [SMTP_VERB_HELP] = {"HELP", "HELP [topic]", "RFC 5321 §4.1.1.8", 300},
        [SMTP_VERB_ETRN] = {"ETRN", "ETRN domain", "RFC 1985 §5", 300},
        [SMTP_VERB_STARTTLS] = {"STARTTLS", "STARTTLS", "RFC 3207 §4", 300},
        [SMTP_VERB_AUTH] = {"AUTH", "AUTH mechanism [initial-response]", "RFC 4954 §4", 300},
        [SMTP_VERB_ANSWER] = {"answer", "base64 or *", "RFC 4954 §4", 300},
        [SMTP_VERB_QUIT] = {"QUIT", "QUIT", "RFC 5321 §4.1.1.10", 300},
};

const struct smtp_verb_info *smtp_verb_info(enum smtp_verb verb)
{
	unsigned i = (unsigned)verb;

	return &verbs[i < SMTP_VERB_COUNT ? i : SMTP_VERB_UNKNOWN];
}

static bool is_pseudo(unsigned i)
{
	return i == SMTP_VERB_CONNECT || i == SMTP_VERB_MESSAGE || i == SMTP_VERB_ANSWER;
}

enum smtp_verb smtp_verb_find(struct span name)
{
	for (unsigned i = SMTP_VERB_CONNECT; i < SMTP_VERB_COUNT && name.n > 0; i++) {
		struct span own;

		/* Most rows differ in the first letter: this is asked for every line, often. */
		if ((verbs[i].name[0] | 0x20) != (name.p[0] | 0x20))
			continue;
		own = span_of(verbs[i].name);
		/* "message" is one of ours; a user's "MESSAGE" is a word that no server knows. */
		if (is_pseudo(i) ? span_eq(own, name) : span_eq_nocase(own, name))
			return (enum smtp_verb)i;
	}
	return SMTP_VERB_UNKNOWN;
}
