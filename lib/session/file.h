/*
 * file: session files (DESIGN §4): who says what, in order, with places for messages.
 *
 * A session_file owns its strings. Reading reports every fault as file:line:column (up to
 * DIAGS_MAX). Limits: regular files of SESSION_FILE_MAX bytes; with what they include,
 * SESSION_STEPS_MAX steps, SESSION_DEPTH_MAX levels and SESSION_INCLUDES_MAX includes.
 *
 *     C: text   S: text        a line, literally; "C:" alone is an empty line
 *     C! bytes  S! bytes       exactly these bytes, no line end; \r \n \t \0 \\ \xHH
 *     S* glob   S~ ERE         a line of a reply as a pattern (glob.h, pattern.h)
 *     S= line                  a line, byte for byte, with the escapes of S!
 *     S? text                  a reply that may come or not
 *     C* glob                  any line that matches; only a server can play it
 *     C & S: <negotiate TLS [verify=no]>
 *     C: or S:  <close> <reset> <sleep 2s> <nothing 2s> <stall 2s>
 *     C:        <open HOST[:PORT]> <file PATH>
 *
 * Durations are "2s", "0.1s" or "200ms", at most an hour. '#' in the first column is a comment,
 * blank lines are nothing, indentation that all lines share is taken away, and so is a CR at the
 * end of a line. Other prose in <…> is passed over with a warning.
 * Of a recording (recording.h) that ends before its last line, the whole exchanges are read, and a
 * warning says so.
 *
 * A first line "@smtptalk 1" turns on ${…} (ref.h), where "$$" is one dollar sign, and
 *
 *     @set NAME = VALUE        @require KEYWORD [ARGUMENT]   @match LEVEL
 *     @retry CODE TIMES DELAY  @timeout DURATION             @include FILE     @echo TEXT
 *
 * @match and "@smtptalk 1" hold for the file they stand in; an included file has its own. A path is
 * relative to the folder of the file that names it.
 */
#ifndef SESSION_FILE_H
#define SESSION_FILE_H

#include <stdint.h>

#include "base/diag.h"
#include "base/span.h"
#include "session/ref.h"

#define SESSION_FILE_MAX     (16u << 20)
#define SESSION_STEPS_MAX    200000u
#define SESSION_DEPTH_MAX    8
#define SESSION_INCLUDES_MAX 200u
#define SESSION_RETRIES_MAX  1000

/* How much of a reply must be as expected; compare.h says what each compares. */
enum session_level {
	SESSION_MATCH_CLASS,
	SESSION_MATCH_CODE,
	SESSION_MATCH_STATUS, /* the default */
	SESSION_MATCH_TEXT,
	SESSION_MATCH_EXACT,
	SESSION_MATCH_COUNT
};
const char *session_level_name(enum session_level l);
/* The level of that name, or SESSION_MATCH_COUNT. */
enum session_level session_level_find(struct span name);

enum session_step_type {
	SESSION_CLIENT_LINE,     /* C: text   (text + CRLF) */
	SESSION_SERVER_LINE,     /* S: text   (text + CRLF) */
	SESSION_CLIENT_RAW,      /* C! bytes  (decoded; no line end) */
	SESSION_SERVER_RAW,      /* S! bytes */
	SESSION_CLIENT_GLOB,     /* C* glob */
	SESSION_SERVER_GLOB,     /* S* glob */
	SESSION_SERVER_REGEX,    /* S~ ERE; `pattern` when it has no refs */
	SESSION_SERVER_EXACT,    /* S= line   (decoded; text + CRLF) */
	SESSION_SERVER_OPTIONAL, /* S? text   (text + CRLF) */
	SESSION_TLS,             /* C & S: <negotiate TLS>; `verify` */
	SESSION_OPEN,            /* text: HOST[:PORT] */
	SESSION_CLOSE,           /* C: <close> or S: <close>; `client` says who */
	SESSION_RESET,           /* close with a RST */
	SESSION_SLEEP,           /* ms */
	SESSION_NOTHING,         /* ms: the peer must stay silent */
	SESSION_STALL,           /* read nothing for ms */
	SESSION_MESSAGE,         /* text: the path as written; session_step_path() finds it */
	SESSION_SET,             /* name, text: the value */
	SESSION_REQUIRE,         /* text: keyword and argument */
	SESSION_RETRY,           /* code, times, ms: from here on */
	SESSION_TIMEOUT,         /* ms: for every wait from here on */
	SESSION_ECHO,            /* text */
	SESSION_STEP_COUNT
};

struct session_pattern;

struct session_step {
	enum session_step_type type;
	bool client; /* which side the step belongs to */
	bool verify; /* TLS: the certificate must be right */
	char *text;  /* bytes without the refs, NUL-terminated; may hold NUL, see len */
	size_t len;
	struct session_ref *refs; /* in the order of their places in text */
	size_t refs_count;
	struct session_pattern *pattern;
	enum session_level level; /* of the server's lines */
	char *name;
	char code[4]; /* "450"; an 'x' stands for any digit */
	unsigned long times;
	int64_t ms;
	const char *path; /* of the file that it stands in; session_file's */
	unsigned line, column;
};

struct session_file {
	char *path;
	char **included; /* the paths of the included files */
	size_t included_count, included_room;
	struct session_step *steps;
	size_t count, room;
	bool directives;       /* it begins with "@smtptalk 1" */
	struct diags warnings; /* prose that was passed over, a recording that was cut off */
};

/* NULL when there was any fault; then ds has at least one. */
struct session_file *session_file_load(const char *path, struct diags *ds);
struct session_file *session_file_parse(const char *path, struct span text, struct diags *ds);
void session_file_free(struct session_file *f);

/* Whether that side can play all of the file: 0, or -1 and a fault for each step that it cannot. */
int session_file_check_side(const struct session_file *f, bool client, struct diags *ds);
/* "path:line:column", safe to show; heap. */
char *session_step_place(const struct session_step *s);
/* The path that the step means by `path`: beside the file that it stands in, unless it is absolute;
 * heap. */
char *session_step_path(const struct session_step *s, struct span path);

#endif
