/*
 * serve_log: what happens on the ports of the practice internet, a line an event.
 */
#ifndef UI_SERVE_LOG_H
#define UI_SERVE_LOG_H

#include "practice/link.h"
#include "ui/view.h"

/* Refusals, messages, logins, TLS, and who came and went; with `each` every answer, and all of why.
 * Passwords are not shown. */
void serve_log_show(struct view *v, const struct link_event *ev, bool each);

#endif
