/*
 * width: how many columns text takes on a terminal, and breaking text into lines by it.
 *
 * Text is UTF-8 and has passed display_add(). Owns nothing.
 */
#ifndef UI_WIDTH_H
#define UI_WIDTH_H

#include "base/buf.h"
#include "base/span.h"

int width_of(struct span text);

/* Appends text in lines of at most `columns`, each ended by LF; the first begins with `first`, the
 * others with `rest` (their visible widths are given, since they may hold colour). It is broken at
 * blanks only: a word that is wider than a line stays whole, so that it can be copied. LF in the
 * text begins a new line with `first`. */
struct width_margin {
	const char *first, *rest;
	int first_width, rest_width;
};
void width_wrap(struct buf *out, struct span text, int columns, const struct width_margin *m);

#endif
