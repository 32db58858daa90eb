/*
 * send: `smtptalk send`: one message, with the options of swaks.
 */
#ifndef UI_SEND_H
#define UI_SEND_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"
#include "ui/options.h"

/* The words of `o` are its own options (send/option.h). The exit status is one of swaks'. */
int send_main(const struct options *o, bool utf8, struct diags *ds);
void send_help(struct buf *out);

#endif
