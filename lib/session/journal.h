/*
 * journal: the last exchanges of a session, in memory, for who wants to keep them afterwards.
 *
 * Takes copies of whole exchanges as a recording has them, without secrets. Holds JOURNAL_MAX
 * bytes and JOURNAL_LINES lines that are no comments, less than a
 * session file may: when one more does not fit, the oldest go, and are counted.
 */
#ifndef SESSION_JOURNAL_H
#define SESSION_JOURNAL_H

#include "base/buf.h"

#define JOURNAL_MAX   (12u << 20)
#define JOURNAL_LINES 180000u

struct journal {
	struct buf text;
	struct journal_piece {
		size_t length, lines;
		bool exchange; /* not only notes */
	} * pieces;            /* of text, in order */
	size_t count, room;
	size_t lines;
	size_t kept, lost; /* exchanges: in text, and those that had to go */
};

void journal_init(struct journal *j);
void journal_release(struct journal *j);
void journal_add(struct journal *j, struct span piece, bool exchange);

#endif
