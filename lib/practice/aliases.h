/*
 * aliases: a practice host's file /etc/aliases (aliases(5)): read, edited, compiled.
 *
 * What is edited lives in the host; no file is changed. As with Postfix, an edited file means
 * nothing before `newaliases` has compiled it. The text has at most ALIASES_MAX bytes.
 */
#ifndef PRACTICE_ALIASES_H
#define PRACTICE_ALIASES_H

#include "base/buf.h"
#include "practice/world.h"

#define ALIASES_MAX (64u << 10)

/* Appends the file as it is now; nothing when the host has none. */
void world_aliases_read(const struct world_host *h, struct buf *out);
/* "name: value" replaces the lines of that name, or is added; "name:" removes them. 0; -1: it is no
 * such line, or the file is full. */
int world_aliases_edit(struct world_host *h, struct span line);
/* Compiles alias_database, so that look-ups find what the file says. How many aliases it has. */
size_t world_newaliases(struct world_host *h);
/* Whether alias_maps uses what newaliases compiles. */
bool world_aliases_used(const struct world_host *h);

/* For the tables (maps.h): the edited text of a file; NULL: it was not edited. */
const char *aliases_edited(void *host, struct span name);

#endif
