/*
 * accept_edit: what becomes of the lines of a text, by their numbers; private to accept.c.
 */
#ifndef SESSION_ACCEPT_EDIT_H
#define SESSION_ACCEPT_EDIT_H

#include <stdbool.h>

#include "base/buf.h"

struct accept_edit {
	unsigned line;
	bool drop;                /* the line itself goes */
	char separator;           /* else: what stands behind its code; 0: as it is */
	struct buf before, after; /* lines around it, LF between them */
};

struct accept_edits {
	struct accept_edit *list; /* by rising line */
	size_t count, room;
};

void accept_edits_release(struct accept_edits *e);
/* The one of that line, made when there is none; good until the next is asked for. */
struct accept_edit *accept_edit_at(struct accept_edits *e, unsigned line);
/* Both 0, or -1: out is full. New lines have the indentation and the line end of the line that they
 * stand beside. */
int accept_edits_apply(const struct accept_edits *e, struct span old, struct buf *out);
int accept_edits_diff(const struct accept_edits *e, const char *path, struct span old,
                      struct buf *out);

#endif
