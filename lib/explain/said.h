/*
 * said: what a log or a bounce tells of a reply, in the middle of its own words.
 *
 *     host mx.example[192.0.2.1] said: 550 5.1.1 <x@y>: User unknown (in reply to RCPT TO command)
 *
 * Nothing is copied: all spans borrow from what was read.
 */
#ifndef EXPLAIN_SAID_H
#define EXPLAIN_SAID_H

#include "explain/explain.h"

struct explain_said {
	enum smtp_verb verb; /* COUNT: not known what was answered */
	int code;            /* 0: no reply of a server, or none that is quoted */
	struct smtp_enhanced enhanced;
	struct span text; /* the reply's words, or the whole */
	struct span host; /* who said it; may be empty */
};

/* Finds the reply in a text, its command and its host. Where there is none, the text is the words.
 */
void explain_said_read(struct span text, struct explain_said *out);
/* The verdict; `retry` times in the text count. Nothing is allocated for the caller. */
void explain_said_judge(const struct explain *e, const struct explain_said *s,
                        struct explain_verdict *out);
/* The words, too: brief, full, source, doing, proof, label, verdict. */
void explain_said_words(const struct explain *e, const struct explain_said *s,
                        struct explanation *out);

#endif
