/*
 * nearest: the name in a list that a mistyped one was probably meant to be.
 *
 * Owns nothing. ASCII case is ignored.
 */
#ifndef UI_NEAREST_H
#define UI_NEAREST_H

#include <stddef.h>

#include "base/span.h"

/* The name of place i in some list; valid as long as the list is. */
typedef const char *nearest_name_fn(size_t i);

/* The closest of `count` names, at most two edits away (one for names of up to three letters), or
 * NULL. */
const char *nearest_find(struct span typed, nearest_name_fn *name, size_t count);

#endif
