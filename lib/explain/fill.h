/*
 * fill: a text of en.txt with this conversation's own data in it.
 *
 *     {name}           the value; nothing when there is none
 *     {name|fallback}  the value, else the fallback, which may hold placeholders itself
 *     [[ … ]]          left out whole when a placeholder inside it has no value
 *
 * Every value passes display_add() here and nowhere else: what comes out is safe to show.
 */
#ifndef EXPLAIN_FILL_H
#define EXPLAIN_FILL_H

#include "explain/explain.h"
#include "explain/notes.h"

/* A value beside those of values.h, not yet safe. */
struct fill_extra {
	const char *name, *value;
};

struct fill {
	const struct explain_context *context;
	const struct notes *notes;
	struct span keyword, argument; /* of one EHLO keyword; empty p: of the command */
	struct span line;              /* a line of message text */
	const char *suggest;           /* already filled */
	const char *meaning;           /* of the enhanced code: our own words */
	const struct fill_extra *extra;
	size_t extra_count;
};

/* Heap; NULL when text is NULL or nothing is left of it. */
char *fill_text(const struct fill *f, const char *text);

#endif
