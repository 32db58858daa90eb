/*
 * notes: the words of lessons/notes/<lang>.txt, found by kind and name.
 *
 * Owns the record it reads; all texts are borrowed from it. Kinds and names are compared without
 * case. The kinds, and the keys that each may have, are described at the top of en.txt and checked
 * when the file is read.
 */
#ifndef EXPLAIN_NOTES_H
#define EXPLAIN_NOTES_H

#include "base/record.h"

struct notes {
	struct record *record;
	const struct record_section **sorted; /* by kind, then name */
	size_t count;
};

/* 0, or -1 and at least one fault in ds; then nothing is to be released. */
int notes_load(struct notes *n, const char *path, struct diags *ds);
void notes_release(struct notes *n);

const struct record_section *notes_find(const struct notes *n, const char *kind, const char *name);
/* The same with a name that is a span (a keyword of a server, for example). */
const struct record_section *notes_find_span(const struct notes *n, const char *kind,
                                             struct span name);

#endif
