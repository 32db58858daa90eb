/*
 * typing: what was odd in a typed line, said in the light of the server's answer.
 */
#ifndef EXPLAIN_TYPING_H
#define EXPLAIN_TYPING_H

#include "explain/fill.h"

/* Fills out->typing, and out->suggest when the refusal is about the line's form and a better line
 * is known. Both stay NULL when there is nothing to say. */
void typing_explain(const struct fill *f, struct explanation *out);

#endif
