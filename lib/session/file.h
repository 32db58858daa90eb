/*
 * file: session files (DESIGN §4): who says what, in order, with places for messages.
 *
 * A session_file owns its strings. Reading reports every fault as file:line:column (up to
 * DIAGS_MAX). Limits: regular files of SESSION_FILE_MAX bytes, SESSION_STEPS_MAX steps.
 * Understood now: C: S: C! S! and, between them, <negotiate TLS>, <close>, <sleep 2s>, <nothing
 * 2s>; S* S~ S= S? are comparison forms for replay. "@" directives are refused with a sentence.
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
	SESSION_RESET,       /* S: <reset>: close with a RST */
	SESSION_SLEEP,       /* ms */
	SESSION_NOTHING,     /* ms: the peer must stay silent */
	SESSION_STALL,       /* S: <stall 2s>: read nothing for ms */
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
};

struct session_file *session_file_load(const char *path, struct diags *ds);
struct session_file *session_file_parse(const char *path, struct span text, struct diags *ds);
void session_file_free(struct session_file *f);

#endif
