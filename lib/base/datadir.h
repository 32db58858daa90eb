/*
 * datadir: where lessons/ is: $SMTPTALK_DATA, else beside the program (a build tree), else where
 * `make install` put it.
 */
#ifndef BASE_DATADIR_H
#define BASE_DATADIR_H

#include "base/diag.h"

/* The folder that holds course/, notes/ and world/; heap. NULL and d (DIAG_INPUT) when there is
 * none; the sentence names every place that was looked at. */
char *datadir_find(struct diag *d);

#endif
