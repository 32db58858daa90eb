/*
 * file: session files (DESIGN §4): who says what, in order, with places for messages.
 *
 * A session_file owns its strings. Reading reports every fault as file:line:column (up to
 * DIAGS_MAX). Limits: regular files of SESSION_FILE_MAX bytes, SESSION_STEPS_MAX steps.
 *
 *     C: text   S: text        a line, literally; "C:" alone is an empty line
 *     C! bytes  S! bytes       exactly these bytes, no line end; \r \n \t \0 \\ \xHH
 *     C & S: <negotiate TLS>
 *     C: or S:  <close> <reset> <sleep 2s> <nothing 2s> <stall 2s>
 *
 * Durations are "2s", "0.1s" or "200ms", at most an hour. '#' in the first column is a comment,
 * blank lines are nothing, indentation that all lines share is taken away, and so is a CR at the
 * end of a line. Other prose in <…> is passed over with a warning. S* S~ S= S? compare replies,
 * which only a client does, and "@" lines are directives: both are refused with a sentence.
 */
#ifndef SESSION_FILE_H
#define SESSION_FILE_H

#include <stdint.h>

#include "base/diag.h"
#include "base/span.h"

#define SESSION_FILE_MAX  (16u << 20)
#define SESSION_STEPS_MAX 200000u

enum session_step_type {
	SESSION_CLIENT_LINE, /* C: text   (text + CRLF) */
	SESSION_SERVER_LINE, /* S: text   (text + CRLF) */
	SESSION_CLIENT_RAW,  /* C! bytes  (decoded; no line end) */
	SESSION_SERVER_RAW,  /* S! bytes */
	SESSION_TLS,         /* C & S: <negotiate TLS> */
	SESSION_CLOSE,       /* C: <close> or S: <close>; `client` says who */
	SESSION_RESET,       /* close with a RST */
	SESSION_SLEEP,       /* ms */
	SESSION_NOTHING,     /* ms: the peer must stay silent */
	SESSION_STALL,       /* read nothing for ms */
};

struct session_step {
	enum session_step_type type;
	bool client; /* which side the step belongs to */
	char *text;  /* bytes, NUL-terminated; may hold NUL, see len */
	size_t len;
	int64_t ms;
	unsigned line, column;
};

struct session_file {
	char *path;
	struct session_step *steps;
	size_t count, room;
	struct diags warnings; /* prose that was passed over */
};

/* NULL when there was any fault; then ds has at least one. */
struct session_file *session_file_load(const char *path, struct diags *ds);
struct session_file *session_file_parse(const char *path, struct span text, struct diags *ds);
void session_file_free(struct session_file *f);

#endif
