/*
 * writer: writes session files: what was said, as lines that read back to the same bytes.
 *
 * A line that ended in CRLF and can be read in a file becomes "C: text" or "S: text"; all else (no
 * line end, control bytes, what is not UTF-8 or would not show, text that looks like a step in <…>)
 * becomes "C! bytes" or "S! bytes". With variables the file begins with "@smtptalk 1" and every
 * secret is written as its reference. Nothing is owned; a write fails only by out's cap: 0 or -1.
 */
#ifndef SESSION_WRITER_H
#define SESSION_WRITER_H

#include "session/vars.h"

#define SESSION_NAMED_MIN 4u

struct session_writer {
	struct buf *out;
	const struct session_vars *vars; /* NULL: a plain file, without "@smtptalk 1" */
	bool names;  /* a value of any other variable, of SESSION_NAMED_MIN bytes at least, is
	                written as its reference, too */
	size_t lost; /* how many secrets stood in a form that no reference makes: those lines do
	                not read back to the same bytes */
};

/* The first line, when there must be one. */
int session_write_start(struct session_writer *w);
/* What one side sent, in any number of lines. Give whole lines where you can. */
int session_write_bytes(struct session_writer *w, bool client, struct span bytes);
/* A client's line of which only the first part may be kept: `reference`, as it is written in a
 * file, stands for the rest. `end`: its line end, CRLF unless it had another or none. */
int session_write_hidden(struct session_writer *w, struct span shown, struct span reference,
                         struct span end);
/* The text of a step as a file has it, after its mark and up to the line end: references as they
 * were written, and with `raw` all that needs it as an escape. */
int session_write_text(struct session_writer *w, const struct session_step *s, bool raw);
/* A comment, each of its lines; made safe to show. */
int session_write_note(struct session_writer *w, struct span text);
/* A step in <…>: its type, client, verify, ms and text count. */
int session_write_step(struct session_writer *w, const struct session_step *s);
/* "@set NAME = VALUE"; with variables only. */
int session_write_set(struct session_writer *w, struct span name, struct span value);

#endif
