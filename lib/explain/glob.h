/*
 * glob: the patterns of Text: and Host: in lessons/notes/rules.
 *
 * A pattern may stand anywhere in the text; `*` is any run of bytes (also none), `^` is where a
 * word of ASCII letters, digits and _ begins or ends, a backslash takes the meaning from the byte
 * after it. Case is ASCII case. Time is at most pattern × text.
 */
#ifndef EXPLAIN_GLOB_H
#define EXPLAIN_GLOB_H

#include <stdbool.h>

#include "base/span.h"

bool explain_glob_matches(const char *pattern, struct span text);
/* How many bytes of it must stand in the text: of two patterns that match, the heavier says more.
 */
size_t explain_glob_weight(const char *pattern);

#endif
