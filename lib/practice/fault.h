/*
 * fault: what a practice host does wrong on purpose: hangs up, falls silent, waits, or says
 * something else at a certain point of the conversation.
 *
 * Written "STAGE ACTION" in the host's record:
 *   STAGE   connect, a verb (RCPT), every (command), after-N (commands: at the next), text (within
 * the message), end (of the message) ACTION  drop, silent, wait 300ms, wait 2s, say 421 4.3.2 text
 * At the end of a message drop and silent come after the mail was taken: only the answer is lost
 * (RFC 1047). A fault owns its strings. Nothing here waits; FAULT_WAIT_MAX bounds what the loop
 * does.
 */
#ifndef PRACTICE_FAULT_H
#define PRACTICE_FAULT_H

#include <stdint.h>

#include "base/span.h"

#define FAULTS_MAX     8
#define FAULT_WAIT_MAX 30000 /* ms */

enum fault_stage {
	FAULT_CONNECT,
	FAULT_EVERY,
	FAULT_AFTER,
	FAULT_VERB,
	FAULT_TEXT,
	FAULT_END,
};
enum fault_action { FAULT_DROP, FAULT_SILENT, FAULT_WAIT, FAULT_SAY };

struct fault {
	enum fault_stage stage;
	unsigned long after; /* AFTER: commands */
	char *verb;          /* VERB */
	enum fault_action action;
	int64_t ms;  /* WAIT */
	char *reply; /* SAY */
};

/* NULL, or what is wrong (static); then nothing is kept. */
const char *fault_parse(struct span text, struct fault *out);
void fault_release(struct fault *f);

#endif
