/*
 * places_show: the places of the practice internet as a list, for who has not said where to go.
 */
#ifndef UI_PLACES_SHOW_H
#define UI_PLACES_SHOW_H

#include "ui/options.h"

/* On standard output. The exit status; faults go to ds. */
int places_show(const struct options *o, struct diags *ds);

#endif
