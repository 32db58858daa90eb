/*
 * places: where one can go on the practice internet, and what for: lessons/world/<lang>.txt.
 *
 * Owns its strings. In the order of the file.
 */
#ifndef PRACTICE_PLACES_H
#define PRACTICE_PLACES_H

#include <stddef.h>

#include "base/diag.h"

struct place {
	char *target;  /* what to type: bob@school.test, submission.test:587 */
	char *purpose; /* one line */
};

struct places {
	struct place *list;
	size_t count, room;
};

/* In that language when there is such a file, else in English. 0, or -1 and ds; release in either
 * case. */
int places_load(const char *datadir, const char *lang, struct places *out, struct diags *ds);
void places_release(struct places *p);

#endif
