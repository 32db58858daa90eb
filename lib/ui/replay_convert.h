/*
 * replay_convert: `smtptalk replay --import PASTE` and `--export FORM FILE`: nothing is connected
 * to.
 *
 * What is made goes to standard output or to --output, what a paste did not hold to standard error.
 * Exit status: 0; 1 for the options; 2 when the input cannot be read or the form cannot express it.
 */
#ifndef UI_REPLAY_CONVERT_H
#define UI_REPLAY_CONVERT_H

#include <stdbool.h>

#include "session/file.h"
#include "ui/options.h"

bool replay_is_conversion(const struct options *o);
int replay_convert(const struct options *o, struct diags *ds);
/* session_file_load(), and of a paste in the form of another program the one sentence that says how
 * it becomes a session file. */
struct session_file *replay_load_file(const char *path, struct diags *ds);

#endif
