/*
 * dot: transparency of message text (RFC 5321 §4.5.2), the receiving side and the sending side.
 *
 * The receiver takes bytes in any segmentation. Nothing but CRLF . CRLF ends a message (RFC 5321
 * §4.1.1.4); a bare LF or CR is kept and counted, not taken for a line end.
 */
#ifndef SMTP_DOT_H
#define SMTP_DOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

struct smtp_dot_reader {
	int state;      /* private; zero at the start of a message */
	size_t bare_lf; /* how many LF without CR came */
	size_t bare_cr;
	size_t longest; /* longest line in bytes, without its end */
	size_t line;    /* private */
};

/* Takes bytes from *in and appends the message text (dots removed, line ends kept as CRLF) to out.
 * True at the end of the message; *in then keeps what follows it. When out is full the rest is
 * taken and dropped; out->full says so. */
bool smtp_dot_read(struct smtp_dot_reader *d, struct span *in, struct buf *out);
/* Appends text, stuffed, with line ends made CRLF and the final "." line. 0, or -1: out is full. */
int smtp_dot_write(struct span text, struct buf *out);

struct smtp_dot_writer { /* private; zero at the start of a message */
	bool inside;     /* a line is open */
	bool after_cr;
};

/* The same in pieces: text that may be cut anywhere, then the end. Both: 0, or -1: out is full. */
int smtp_dot_write_piece(struct smtp_dot_writer *w, struct span piece, struct buf *out);
int smtp_dot_write_end(struct smtp_dot_writer *w, struct buf *out);

#endif
