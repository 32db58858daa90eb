/*
 * history: the file that remembers command lines between runs, readable by its owner only.
 *
 * What may be remembered is the caller's decision; a failure to write is silent, since a missing
 * memory must not disturb a conversation.
 */
#ifndef UI_HISTORY_H
#define UI_HISTORY_H

#include "base/span.h"

/* $XDG_STATE_HOME/smtptalk/history; heap, or NULL when there is no home. */
char *history_path(void);
/* Makes the file and its folder when they are missing. */
void history_append(const char *path, struct span line);

#endif
