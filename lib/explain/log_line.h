/*
 * log_line: one line of a mail log, taken apart as far as every program's lines are alike.
 *
 *     Nov 24 03:05:03 mx postfix/smtp[123]: TEXT              RFC 3164, journalctl
 *     2026-11-24T03:05:03.1+00:00 mx postfix/smtp[123]: TEXT  the same with an ISO date
 *     <22>1 2026-11-24T03:05:03Z mx postfix/smtp 123 - - TEXT RFC 5424
 *     2026-11-24 03:05:03 1abcDE-0002Kf-AB <= a@b …           Exim's own main log
 *
 * Borrows from the line.
 */
#ifndef EXPLAIN_LOG_LINE_H
#define EXPLAIN_LOG_LINE_H

#include <stdbool.h>

#include "base/span.h"

enum log_program { LOG_OTHER, LOG_POSTFIX, LOG_EXIM, LOG_SENDMAIL };

struct log_line {
	enum log_program program;
	struct span stamp;  /* date and time, up to the second: "Nov 24 03:05:03" */
	struct span clock;  /* its "03:05:03" */
	struct span daemon; /* "smtp" of postfix/smtp or postfix-out/smtp; else the whole tag */
	struct span pid;    /* may be empty */
	struct span text;
};

/* False: this is no line of a log. */
bool log_line_read(struct span line, struct log_line *out);

#endif
