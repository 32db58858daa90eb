/*
 * The oldest half goes at once, so that a long session does not move the rest with every exchange.
 */
#include "session/journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/recording.h"

void journal_init(struct journal *j)
{
	*j = (struct journal){.count = 0};
	buf_init(&j->text, JOURNAL_MAX);
}

void journal_release(struct journal *j)
{
	buf_release(&j->text);
	free(j->pieces);
}

static void forget(struct journal *j, const struct journal_piece *p, size_t *bytes)
{
	*bytes += p->length;
	j->lines -= p->lines;
	j->lost += p->exchange;
	j->kept -= p->exchange;
}

/* Until half is free, and as much as wanted. */
static void make_room(struct journal *j, size_t bytes, size_t lines)
{
	size_t n = 0, gone = 0;

	if (j->text.len + bytes <= JOURNAL_MAX && j->lines + lines <= JOURNAL_LINES)
		return;
	while (n < j->count &&
	       (j->text.len - gone > JOURNAL_MAX / 2 || j->text.len - gone + bytes > JOURNAL_MAX ||
	        j->lines > JOURNAL_LINES / 2 || j->lines + lines > JOURNAL_LINES))
		forget(j, &j->pieces[n++], &gone);
	buf_drop(&j->text, gone);
	j->count -= n;
	memmove(j->pieces, j->pieces + n, j->count * sizeof(*j->pieces));
}

void journal_add(struct journal *j, struct span piece, bool exchange)
{
	struct journal_piece p = {piece.n, recording_lines(piece), exchange};

	if (piece.n == 0)
		return;
	make_room(j, p.length, p.lines);
	if (p.lines > JOURNAL_LINES || buf_addspan(&j->text, piece) < 0) {
		j->lost += exchange;
		return;
	}
	j->pieces = mem_grow(j->pieces, j->count, &j->room, sizeof(*j->pieces));
	j->pieces[j->count++] = p;
	j->lines += p.lines;
	j->kept += exchange;
}
