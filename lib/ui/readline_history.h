/*
 * readline_history: the lines that readline brings back with its arrow keys, and their file.
 *
 * The list is readline's own, and global.
 */
#ifndef UI_READLINE_HISTORY_H
#define UI_READLINE_HISTORY_H

#include "ui/input.h"

void readline_history_load(const char *path); /* NULL: there is no file */
void readline_history_forget(void);           /* the file's name; its lines stay */
/* As in struct input_ops. */
void readline_history_add(struct input *in, struct span line);
void readline_history_each(struct input *in, void (*fn)(void *arg, const char *line), void *arg);

#endif
