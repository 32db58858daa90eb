/*
 * mail: a message as it lies in a file, cut into header fields and body (RFC 5322 §2.1).
 *
 * Owns a copy of the text with CRLF line ends, whatever the file had: signatures are made over that
 * form. The spans point into it. The first line of an mbox ("From …") is left out. A message
 * without an empty line is all header. Limits: MAIL_MAX bytes, MAIL_FIELDS_MAX fields.
 */
#ifndef CHECK_MAIL_H
#define CHECK_MAIL_H

#include <stdbool.h>

#include "base/buf.h"

#define MAIL_MAX        (64u << 20)
#define MAIL_FIELDS_MAX 2000u

struct mail_field {
	struct span whole; /* with its line ends */
	struct span name;  /* without blanks before the colon */
	struct span value; /* after the colon, folded as it was, without the last line end */
};

struct mail {
	struct buf text;
	struct mail_field *fields;
	size_t count, room;
	struct span body; /* p NULL: there is no empty line */
	bool had_lf;      /* some line ended with LF only */
};

/* NULL, or what is wrong (static): then nothing is kept. */
const char *mail_read(struct span text, struct mail *out);
void mail_release(struct mail *m);
/* The n-th field of that name, from the top; NULL: there are not so many. */
const struct mail_field *mail_field_at(const struct mail *m, const char *name, size_t n);
size_t mail_field_count(const struct mail *m, const char *name);
/* Appends the value unfolded (§2.2.3) and trimmed. */
void mail_unfold(struct span value, struct buf *out);
/* The domain of the first mailbox in From, heap, in the case it has; NULL: there is none. */
char *mail_from_domain(const struct mail *m);
/* Whether the text begins as a message does: with a field, or "From ". */
bool mail_looks_like(struct span text);

#endif
