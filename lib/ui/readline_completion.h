/*
 * readline_completion: TAB on a line that has something on it: whole lines, asked from the handler.
 */
#ifndef UI_READLINE_COMPLETION_H
#define UI_READLINE_COMPLETION_H

#include "ui/input.h"

/* All three are borrowed; *local tells whose prompt is open. */
void readline_completion_use(const struct input_handler *h, void *arg, const bool *local);

#endif
