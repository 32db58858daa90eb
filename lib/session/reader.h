/*
 * reader: what the parts of the session-file reader share; private to this folder.
 *
 * file.c cuts a file into lines and finds each line's mark, steps.c knows what stands behind the
 * marks, directives.c what stands behind "@", text.c escapes and references. One session_reader a
 * file, an included file's points to the one that includes it. Nothing stops at a fault.
 */
#ifndef SESSION_READER_H
#define SESSION_READER_H

#include <stdbool.h>
#include <sys/types.h>

#include "session/file.h"

struct session_reader {
	struct session_file *file;
	struct diags *ds;
	const char *path; /* of what is read; the session_file's */
	const struct session_reader *includer;
	unsigned depth;
	bool known; /* the next two say which file this is */
	dev_t device;
	ino_t inode;

	size_t indent;
	struct span line; /* without common indentation and line end */
	unsigned number;  /* of the line */
	size_t first;     /* how many steps the file had before */
	bool begun;       /* a line was read that is no comment */
	bool directives;  /* "@smtptalk 1" was the first of them */
	bool recording;   /* it was made by a recorder, */
	bool ended;       /* and has its last line */
	bool faulty;      /* some line was, or one of an included file */
	enum session_level level;
};

/* A fault, or a warning, at a byte of the line. */
struct diag *session_fault(struct session_reader *r, const char *at, const char *what);
struct diag *session_warning(struct session_reader *r, const char *at, const char *what);

/* Takes the step's strings over, also when there is no place for it. */
void session_add_step(struct session_reader *r, struct session_step *take, const char *at);
void session_step_release(struct session_step *s);

/* text.c: fills text, len and refs of `s`. Escapes are read in the lines with "!" and "=". 0, or -1
 * after a fault. */
int session_read_text(struct session_reader *r, struct span text, bool escapes,
                      struct session_step *s);
/* "2s", "0.1s", "200ms". 0 or -1. */
int session_read_duration(struct span text, int64_t *ms);
struct span session_skip_blank(struct span s); /* without the one blank behind a mark */

/* steps.c: a line with a mark; false when it has none. */
bool session_read_step(struct session_reader *r);
/* directives.c: a line that begins with "@". */
void session_read_directive(struct session_reader *r);
/* file.c: reads all lines of `text`; the path must be set. */
void session_read_lines(struct session_reader *r, struct span text);

#endif
