/*
 * learn: `smtptalk learn [LESSON]`: a talk on the practice internet with a lesson beside it.
 */
#ifndef UI_LEARN_H
#define UI_LEARN_H

#include <stdbool.h>

#include "ui/options.h"

int learn_main(const struct options *o, bool utf8, struct diags *ds);

#endif
