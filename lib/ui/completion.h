/*
 * completion: which whole lines could be meant by the beginning that is typed.
 *
 * Pure functions. The result is a NULL-ended list of heap strings, itself on the heap, or NULL when
 * there is nothing. The first string is what the line becomes; when several lines could be meant,
 * that is what they begin with in common, and the lines themselves follow.
 * Case of what is typed does not matter; nothing of a peer that is not plain ASCII is offered.
 */
#ifndef UI_COMPLETION_H
#define UI_COMPLETION_H

#include "explain/explain.h"

/* Local commands; `bare`: at the local> prompt, where the slash is not needed. */
char **completion_commands(struct span typed, bool bare);
/* SMTP lines that are legal in c->state: verbs, then addresses, then parameters offered. */
char **completion_smtp(struct span typed, const struct explain_context *c);

#endif
