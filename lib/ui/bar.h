/*
 * bar: how far a long run has come, on standard error: a bar on a terminal, which is taken away
 * when something is printed; a plain line now and then otherwise.
 *
 *     # [==========>                   ] 12 of 36, 1 failed, 4 s
 *
 * A run that is over soon shows nothing: less than BAR_AFTER_MS on a terminal, than BAR_LINE_MS
 * elsewhere.
 */
#ifndef UI_BAR_H
#define UI_BAR_H

#include <stddef.h>

#include "ui/view.h"

#define BAR_AFTER_MS 1000
#define BAR_LINE_MS  30000

struct bar;

/* `unit` is what is counted, such as "files". Borrows the view, whose guard it takes. */
struct bar *bar_new(struct loop *l, struct view *v, const char *unit, size_t total);
void bar_free(struct bar *b);                            /* takes it away; NULL is allowed */
void bar_set(struct bar *b, size_t done, size_t failed); /* shown at the next tick */

#endif
