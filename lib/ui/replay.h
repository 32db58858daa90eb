/*
 * replay: `smtptalk replay FILE…`: plays session files against servers and compares the answers.
 *
 * Exit status: 1 or 2 when an option, a file or a variable is at fault; else 4 when a reply was not
 * the expected one; else 3 when a connection, TLS or the time failed; else 0. What is wrong with
 * the options or the files is found before anything is sent.
 */
#ifndef UI_REPLAY_H
#define UI_REPLAY_H

#include <stdbool.h>

#include "ui/options.h"

int replay_main(const struct options *o, bool utf8, struct diags *ds);

#endif
